#include "analysis/detail/speech_frames.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace twopop::analysis::detail {
namespace {

constexpr double kWindowS = 0.040;
constexpr float kSteadyRise = 1.006f;   // per 10 ms: 2.6 dB a second
constexpr float kSteadyExcess = 2.5f;   // the follower runs along the minima of a smoothed power
constexpr double kLowestPitchHz = 70.0, kHighestPitchHz = 420.0;

int power_of_two_from(int n) {
  int p = 16;
  while (p < n) p *= 2;
  return p;
}

int factor_for(SampleRate rate) { return std::max(1, rate.hz / 14000); }
double internal_hz(SampleRate rate) { return static_cast<double>(rate.hz) / factor_for(rate); }
int window_for(SampleRate rate) { return static_cast<int>(kWindowS * internal_hz(rate)) / 2 * 2; }
int lag_most_for(SampleRate rate) { return static_cast<int>(internal_hz(rate) / kLowestPitchHz) + 1; }

}  // namespace

SpeechFrames::SpeechFrames(SampleRate rate)
    : rate_(rate),
      factor_(factor_for(rate)),
      internal_hz_(internal_hz(rate)),
      window_(window_for(rate)),
      lag_least_(static_cast<int>(internal_hz(rate) / kHighestPitchHz)),
      lag_most_(lag_most_for(rate)),
      fft_(power_of_two_from(window_for(rate) + lag_most_for(rate) + 1)) {
  if (factor_ > 1) {
    const int count = 16 * factor_ + 1;
    double sum = 0;
    for (int i = 0; i < count; ++i) {  // windowed sinc, pass band to 0.42 of the internal rate
      const double t = i - (count - 1) / 2.0, x = 0.90 * t / factor_;
      const double w = 0.42 - 0.5 * std::cos(2 * std::numbers::pi * i / (count - 1)) + 0.08 * std::cos(4 * std::numbers::pi * i / (count - 1));
      taps_.push_back(static_cast<float>((t == 0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x)) * w));
      sum += taps_.back();
    }
    for (float& t : taps_) t = static_cast<float>(t / sum);
    line_.assign(2 * taps_.size(), 0.0f);
  }
  ring_.assign(2 * static_cast<std::size_t>(window_), 0.0f);
  const auto n = static_cast<std::size_t>(fft_.size());
  work_.resize(n), spectrum_.resize(n / 2 + 1), magnitude_.assign(n / 2 + 1, 0.0f);
  lively_ = smooth_ = steady_ = magnitude_;
  double power = 0;
  for (int i = 0; i < window_; ++i) {
    hann_.push_back(static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / window_)));
    power += static_cast<double>(hann_.back()) * hann_.back();
  }
  scale_ = 2.0 / (power * fft_.size());  // sum over bins of |X|^2 x scale = mean square
  for (int lag = 0; lag <= lag_most_ + 1; ++lag) {
    double r = 0;
    for (int i = 0; i + lag < window_; ++i) r += static_cast<double>(hann_[i]) * hann_[i + lag];
    window_correlation_.push_back(static_cast<float>(r / power));
  }
  const double hz_per_bin = internal_hz_ / fft_.size();
  for (double edge : kSpeechBandEdgesHz)
    band_begin_.push_back(std::min(static_cast<int>(edge / hz_per_bin + 0.5), fft_.size() / 2));
  voice_begin_ = static_cast<int>(90.0 / hz_per_bin);
  voice_end_ = std::min(static_cast<int>(3600.0 / hz_per_bin), fft_.size() / 2);
}

void SpeechFrames::push(AudioView<const float> block) {
  const float share = 1.0f / static_cast<float>(std::max(1, block.channels()));
  for (std::int64_t i = 0; i < block.frames(); ++i) {
    float x = 0;
    for (int c = 0; c < block.channels(); ++c) x += block.at(c, i);
    x *= share;
    energy_ += static_cast<double>(x) * x;
    ++length_;
    // Energy cell k covers [k, k + 1) x 10 ms.
    const auto cell = static_cast<std::int64_t>(energies_.size());
    if (length_ * 100 >= (cell + 1) * rate_.hz) {
      energies_.push_back(static_cast<float>(energy_ * 100 / rate_.hz));
      energy_ = 0;
    }
    take(x);
  }
}

void SpeechFrames::take(float x) {
  if (factor_ == 1) return low_sample(x);
  const std::size_t n = taps_.size();
  line_[line_at_] = line_[line_at_ + n] = x;
  if (++line_at_ == n) line_at_ = 0;
  if (++phase_ < factor_) return;
  phase_ = 0;
  float lanes[4] = {};
  const float* from = line_.data() + line_at_;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (std::size_t l = 0; l < 4; ++l) lanes[l] += from[i + l] * taps_[i + l];
  float sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  for (; i < n; ++i) sum += from[i] * taps_[i];
  low_sample(sum);
}

void SpeechFrames::low_sample(float x) {
  const auto at = static_cast<std::size_t>(internal_ % window_);
  ring_[at] = ring_[at + static_cast<std::size_t>(window_)] = x;
  ++internal_;
  // The filter's delay of 8 internal samples is taken off the centre.
  const int delay = factor_ > 1 ? 8 : 0;
  while (next_ * rate_.hz / (100 * factor_) + window_ / 2 + delay <= internal_) analyse();
}

void SpeechFrames::analyse() {
  const float* from = ring_.data() + internal_ % window_;
  for (int i = 0; i < window_; ++i) work_[i] = from[i] * hann_[i];
  std::fill(work_.begin() + window_, work_.end(), 0.0f);
  fft_.forward(work_.data(), spectrum_.data());
  const auto power = [&](int k) { return spectrum_[k].real() * spectrum_[k].real() + spectrum_[k].imag() * spectrum_[k].imag(); };
  SpeechFrame frame;
  for (int b = 0; b < kSpeechBands; ++b) {
    float sum = 0;
    for (int k = band_begin_[b]; k < band_begin_[b + 1]; ++k) sum += power(k);
    const double db = 10.0 * std::log10(sum * scale_ + 1e-12);
    frame.band[static_cast<std::size_t>(b)] = static_cast<std::uint8_t>(std::clamp((db + 120.0) * 2.0 + 0.5, 0.0, 255.0));
  }
  for (int k = voice_begin_; k < voice_end_; ++k) {
    const float p = power(k);
    smooth_[k] = next_ == 0 ? p : 0.8f * smooth_[k] + 0.2f * p;
    steady_[k] = next_ == 0 ? smooth_[k] : std::min(smooth_[k], steady_[k] * kSteadyRise);
    lively_[k] = std::sqrt(std::max(0.0f, p - kSteadyExcess * steady_[k]));
    magnitude_[k] = std::sqrt(p);
  }
  frame.tonal = static_cast<std::uint8_t>(pitch_peak(magnitude_).strength * 255.0f + 0.5f);
  const Peak peak = pitch_peak(lively_);
  frame.voicing = static_cast<std::uint8_t>(peak.strength * 255.0f + 0.5f);
  frame.lag = static_cast<std::uint8_t>(std::clamp(32.0 * std::log(peak.lag / internal_hz_ / 0.002) + 0.5, 0.0, 255.0));
  frames_.push_back(frame);
  ++next_;
}

/// Highest peak of the autocorrelation that a magnitude spectrum stands for (compressed, it weighs all formants alike),
/// over that of the window.
SpeechFrames::Peak SpeechFrames::pitch_peak(const std::vector<float>& magnitude) {
  Peak peak{lag_least_, 0.0f};
  for (int k = 0; k < fft_.bins(); ++k) spectrum_[k] = {magnitude[k], 0.0f};
  fft_.inverse(spectrum_.data(), work_.data());
  if (!(work_[0] > 0)) return peak;
  float best = 0;
  for (int lag = lag_least_; lag <= lag_most_; ++lag) {
    const float r = work_[lag];
    if (r > best && r >= work_[lag - 1] && r >= work_[lag + 1]) best = r, peak.lag = lag;
  }
  peak.strength = std::clamp(best / work_[0] / std::max(0.25f, window_correlation_[peak.lag]), 0.0f, 1.0f);
  return peak;
}

SpeechFrameList SpeechFrames::finish() {
  const std::int64_t wanted = length_ > 0 ? (length_ - 1) * 100 / rate_.hz + 1 : 0;
  while (static_cast<std::int64_t>(frames_.size()) < wanted) {
    const auto before = frames_.size();
    low_sample(0.0f);
    if (frames_.size() == before && internal_ > (wanted + 100) * rate_.hz) break;
  }
  frames_.resize(static_cast<std::size_t>(wanted));
  const std::int64_t left = length_ - static_cast<std::int64_t>(energies_.size()) * rate_.hz / 100;
  if (static_cast<std::int64_t>(energies_.size()) < wanted)
    energies_.push_back(left > 0 ? static_cast<float>(energy_ / static_cast<double>(left)) : 0.0f);
  for (std::size_t i = 0; i < frames_.size(); ++i) frames_[i].power = energies_[std::min(i, energies_.size() - 1)];
  return std::move(frames_);
}

}  // namespace twopop::analysis::detail
