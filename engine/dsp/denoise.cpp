#include "dsp/denoise.h"

#include "core/exact_math.h"
#include "core/lanes.h"
#include "dsp/detail/lsa_gain.h"
#include "dsp/fft.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace twopop::dsp {
namespace {

constexpr int kOverlap = 4;                 // frames that hear each sample
constexpr double kSegmentS = 60.0;          // long clips are worked on in pieces of this length ...
constexpr double kContextS = 4.0;           // ... that see so much of their neighbours
constexpr float kPriorSpeech = 31.6f;       // 15 dB: a-priori ratio of the speech presence test (Gerkmann and Hendriks 2012, IV)
constexpr double kTrackS = 0.0717;         // their smoothing: 0.8 per 16 ms
constexpr double kStuckS = 0.152;           // their safety net: 0.9 per 16 ms
constexpr double kDecisionS = 0.396;        // decision-directed 0.98 per 8 ms
constexpr float kLeastPrior = 0.0032f;      // -25 dB
constexpr float kMostRatio = 1e4f;
constexpr float kTiny = 1e-20f;

/// 32 ms, taken to the nearest power of two.
int transform_size(SampleRate rate) {
  int n = 64;
  while (n * 1.4142 < 0.032 * rate.hz) n *= 2;
  return n;
}

std::vector<float> root_hann(int n) {
  std::vector<float> w(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) w[i] = static_cast<float>(exact::sin(exact::kPi * (i + 0.5) / n));
  return w;
}

float smoothing(double time_s, double hop_s) { return static_cast<float>(exact::exp(-hop_s / time_s)); }

/// The frames of one channel: frame k starts at sample (k - kOverlap + 1) x hop.
class Frames {
 public:
  explicit Frames(SampleRate rate) : size(transform_size(rate)), hop(size / kOverlap), fft_(size), window_(root_hann(size)), work_(static_cast<std::size_t>(size)) {}
  const int size, hop;
  int bins() const { return fft_.bins(); }
  std::int64_t count(std::int64_t samples) const { return samples > 0 ? (samples + hop - 1) / hop + kOverlap - 1 : 0; }
  std::int64_t start(std::int64_t k) const { return (k - kOverlap + 1) * hop; }

  void analyse(const float* x, std::int64_t n, std::int64_t k, std::complex<float>* spectrum) {
    const std::int64_t at = start(k);
    for (int i = 0; i < size; ++i) work_[i] = at + i >= 0 && at + i < n ? x[at + i] * window_[i] : 0.0f;
    fft_.forward(work_.data(), spectrum);
  }
  void add(const std::complex<float>* spectrum, std::int64_t k, float* out, std::int64_t n) {
    fft_.inverse(spectrum, work_.data());
    const std::int64_t at = start(k);
    constexpr float kNorm = 2.0f / kOverlap;  // squares of the window over all frames that hear a sample
    for (int i = 0; i < size; ++i)
      if (at + i >= 0 && at + i < n) out[at + i] += work_[i] * window_[i] * kNorm;
  }

 private:
  RealFft<float> fft_;
  std::vector<float> window_, work_;
};

/// frames x bins.
struct Plane {
  Plane(std::int64_t frames, int bins) : bins_(static_cast<std::size_t>((bins + 7) / 8 * 8)), data(static_cast<std::size_t>(frames) * bins_, kTiny) {}
  float* row(std::int64_t k) { return data.data() + static_cast<std::size_t>(k) * bins_; }
  std::size_t bins_;
  std::vector<float> data;
};

/// One step of the tracker: noise power after hearing `power`, by the probability that speech is present.
void track(const float* power, float* noise, float* presence, int bins, float follow, float stuck) {
  constexpr float kShare = kPriorSpeech / (1 + kPriorSpeech) * 1.442695f;
  for (int b = 0; b < bins; b += 8) {
    const Float8 p = load<Float8>(power + b), n = load<Float8>(noise + b);
    Float8 speech = 1.0f / (1.0f + (1.0f + kPriorSpeech) * exact::fast_exp2(-kShare * (p / n)));
    Float8 mean = load<Float8>(presence + b);
    mean = stuck * mean + (1.0f - stuck) * speech;
    store(presence + b, mean);
    const Int8 is_stuck = mean > 0.99f;
    speech = is_stuck ? lesser_of(speech, splat8(0.99f)) : speech;
    store(noise + b, greater_of(follow * n + (1.0f - follow) * (speech * n + (1.0f - speech) * p), splat8(kTiny)));
  }
}

/// Per bin: a low percentile of the power along the clip, brought up to the mean of noise (exponential distribution).
std::vector<float> quiet_power(Plane& power, std::int64_t frames, int bins) {
  std::vector<float> out(power.bins_, kTiny), column;
  const std::int64_t every = std::max<std::int64_t>(1, frames / 400);
  for (int b = 0; b < bins; ++b) {
    column.clear();
    for (std::int64_t k = 0; k < frames; k += every) column.push_back(power.row(k)[b]);
    if (column.empty()) continue;
    const auto at = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 5);
    std::nth_element(column.begin(), at, column.end());
    out[static_cast<std::size_t>(b)] = std::max(kTiny, *at / 0.223f);  // 20 % of an exponential lie under 0.223 of its mean
  }
  return out;
}

class Cleaner {
 public:
  Cleaner(SampleRate rate, const DenoiseSettings& settings, const NoiseProfile& profile)
      : rate_(rate), settings_(settings), profile_(profile), frames_(rate) {}

  /// Works on all of `x`; adds the result of frames [first, last) into `out`.
  void run(const float* x, std::int64_t n, std::int64_t first, std::int64_t last, float* out) {
    const std::int64_t count = frames_.count(n);
    const int bins = frames_.bins(), padded = (bins + 7) / 8 * 8;
    const double hop_s = static_cast<double>(frames_.hop) / rate_.hz;
    Plane power(count, bins), noise(count, bins), prior(count, bins);
    std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(bins));
    for (std::int64_t k = 0; k < count; ++k) {
      frames_.analyse(x, n, k, spectrum.data());
      float* p = power.row(k);
      for (int b = 0; b < bins; ++b) p[b] = std::max(kTiny, spectrum[b].real() * spectrum[b].real() + spectrum[b].imag() * spectrum[b].imag());
    }
    follow_noise(power, noise, count, bins, padded, hop_s);

    // A-priori ratio, decision-directed, from the past and from the future; their mean sees onsets and decays alike.
    const float keep = smoothing(kDecisionS, hop_s);
    std::vector<float> before(power.bins_), gain(power.bins_);
    const auto direct = [&](std::int64_t k, bool backwards) {
      const float *p = power.row(k), *d = noise.row(k);
      float* xi = prior.row(k);
      for (int b = 0; b < padded; b += 8) {
        const Float8 gamma = lesser_of(load<Float8>(p + b) / load<Float8>(d + b), splat8(kMostRatio));
        const Float8 past = load<Float8>(&before[static_cast<std::size_t>(b)]);
        const Float8 ratio = greater_of(keep * past + (1 - keep) * greater_of(gamma - 1.0f, splat8(0)), splat8(kLeastPrior));
        const Float8 wiener = ratio / (1.0f + ratio);
        const Float8 g = wiener * factor_(wiener * gamma);
        store(&before[static_cast<std::size_t>(b)], lesser_of(g * g * gamma, splat8(kMostRatio)));
        store(xi + b, backwards ? 0.5f * (load<Float8>(xi + b) + ratio) : ratio);
      }
    };
    for (std::int64_t k = 0; k < count; ++k) direct(k, false);
    std::fill(before.begin(), before.end(), 0.0f);
    for (std::int64_t k = count; k-- > 0;) direct(k, true);

    const float floor = static_cast<float>(exact::gain_of_db(-amount(power, noise, count, bins)));
    for (std::int64_t k = std::max<std::int64_t>(0, first); k < std::min(count, last); ++k) {
      frames_.analyse(x, n, k, spectrum.data());
      const float *p = power.row(k), *d = noise.row(k), *xi = prior.row(k);
      for (int b = 0; b < padded; b += 8) {
        const Float8 ratio = load<Float8>(xi + b), wiener = ratio / (1.0f + ratio);
        const Float8 g = wiener * factor_(wiener * lesser_of(load<Float8>(p + b) / load<Float8>(d + b), splat8(kMostRatio)));
        store(&gain[static_cast<std::size_t>(b)], lesser_of(greater_of(g, splat8(floor)), splat8(1.0f)));
      }
      for (int b = 0; b < bins; ++b) spectrum[b] *= gain[static_cast<std::size_t>(b)];
      frames_.add(spectrum.data(), k, out, n);
    }
  }

 private:
  void follow_noise(Plane& power, Plane& noise, std::int64_t count, int bins, int padded, double hop_s) {
    std::vector<float> start = profile_.power.empty() ? quiet_power(power, count, bins) : profile_.power;
    start.resize(noise.bins_, kTiny);
    for (float& v : start) v = std::max(v, kTiny);
    if (!settings_.track && !profile_.power.empty()) {
      for (std::int64_t k = 0; k < count; ++k) std::copy(start.begin(), start.end(), noise.row(k));
      return;
    }
    const float follow = smoothing(kTrackS, hop_s), stuck = smoothing(kStuckS, hop_s);
    std::vector<float> state = start, presence(noise.bins_, 0.5f);
    for (std::int64_t k = 0; k < count; ++k) {
      track(power.row(k), state.data(), presence.data(), padded, follow, stuck);
      std::copy(state.begin(), state.end(), noise.row(k));
    }
    std::fill(presence.begin(), presence.end(), 0.5f);
    // Backwards from where the forward run ended; speech that one direction took for noise, the other often did not.
    for (std::int64_t k = count; k-- > 0;) {
      track(power.row(k), state.data(), presence.data(), padded, follow, stuck);
      float* d = noise.row(k);
      for (int b = 0; b < padded; b += 8) {
        const Float8 a = load<Float8>(d + b), c = load<Float8>(state.data() + b);
        store(d + b, lesser_of(0.5f * (a + c), 2.0f * lesser_of(a, c)));
      }
    }
  }

  /// Reduction in dB: all of it under 20 dB of signal to noise, none from 40 dB.
  double amount(Plane& power, Plane& noise, std::int64_t count, int bins) const {
    if (!settings_.adaptive) return settings_.reduction.value;
    std::vector<double> signals;
    double background = 0;
    for (std::int64_t k = 0; k < count; ++k) {
      double p = 0, d = 0;
      for (int b = 1; b < bins; ++b) p += power.row(k)[b], d += noise.row(k)[b];
      signals.push_back(std::max(0.0, p - d));
      background += d;
    }
    if (signals.empty()) return 0;
    // Mean of the loudest third stands for the speech.
    std::sort(signals.begin(), signals.end());
    double loud = 0;
    const std::size_t third = std::max<std::size_t>(1, signals.size() / 3);
    for (std::size_t i = signals.size() - third; i < signals.size(); ++i) loud += signals[i];
    const double snr = 10 * exact::log10((loud / static_cast<double>(third) + 1e-18) / (background / static_cast<double>(count) + 1e-18));
    return settings_.reduction.value * std::clamp((40.0 - snr) / 20.0, 0.0, 1.0);
  }

  SampleRate rate_;
  const DenoiseSettings& settings_;
  const NoiseProfile& profile_;
  Frames frames_;
  detail::LsaFactor factor_;
};

}  // namespace

NoiseProfile learn_noise(AudioView<const float> clip, SampleRate rate, std::span<const SampleRange> stretches) {
  NoiseProfile profile{rate, {}, 0};
  if (rate.hz < 8000 || clip.channels() == 0) return profile;
  Frames frames(rate);
  const SampleRange whole{{0}, {clip.frames()}};
  if (stretches.empty()) stretches = {&whole, 1};
  std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(frames.bins()));
  std::vector<double> sum(static_cast<std::size_t>(frames.bins()), 0.0);
  std::int64_t count = 0;
  for (const SampleRange& r : stretches) {
    const std::int64_t begin = std::max<std::int64_t>(0, r.begin.value), end = std::min(clip.frames(), r.end.value);
    // Frames that lie wholly within.
    for (std::int64_t k = kOverlap - 1; begin + frames.start(k) + frames.size <= end; ++k, ++count) {
      frames.analyse(clip.channel(0) + begin, end - begin, k, spectrum.data());
      for (std::size_t b = 0; b < sum.size(); ++b) sum[b] += spectrum[b].real() * spectrum[b].real() + spectrum[b].imag() * spectrum[b].imag();
    }
  }
  if (count == 0) return profile;
  for (double s : sum) profile.power.push_back(static_cast<float>(s / static_cast<double>(count)));
  profile.seconds = static_cast<double>(count) * frames.hop / rate.hz;
  return profile;
}

Result<AudioBuffer<float>> denoise(AudioView<const float> clip, SampleRate rate, const DenoiseSettings& settings, const NoiseProfile& profile) {
  if (rate.hz < 8000) return Error{Code::InvalidArgument, fmt::format("denoise: a rate of {} Hz is too low", rate.hz), "use a rate from 8000 Hz"};
  if (!(settings.reduction.value >= 0)) return Error{Code::InvalidArgument, fmt::format("denoise: reduction {} dB", settings.reduction.value), "use 0 dB or more"};
  if (!profile.power.empty() && profile.rate != rate)
    return Error{Code::RateMismatch, fmt::format("denoise: noise learned at {} Hz for a clip at {} Hz", profile.rate.hz, rate.hz), "learn it at the clip's rate"};
  AudioBuffer<float> out(clip.channels(), clip.frames());
  Cleaner cleaner(rate, settings, profile);
  const Frames grid(rate);
  const std::int64_t hops = std::max<std::int64_t>(1, static_cast<std::int64_t>(kSegmentS * rate.hz) / grid.hop);
  const std::int64_t context = static_cast<std::int64_t>(kContextS * rate.hz) / grid.hop + kOverlap;
  const std::int64_t all = grid.count(clip.frames());
  for (int c = 0; c < clip.channels(); ++c) {
    for (std::int64_t first = 0; first < all; first += hops) {
      // Pieces start on the frame grid of the clip, with their neighbours' sound around them.
      const std::int64_t last = first + hops >= all ? all : first + hops;
      const std::int64_t from = std::max<std::int64_t>(0, first - context);
      const std::int64_t begin = from * grid.hop, end = std::min(clip.frames(), (last + context) * grid.hop);
      AudioBuffer<float> piece(1, end - begin);
      cleaner.run(clip.channel(c) + begin, end - begin, first - from, last - from, piece.channel(0));
      float* to = out.channel(c) + begin;
      for (std::int64_t i = 0; i < end - begin; ++i) to[i] += piece.channel(0)[i];
      if (last == all) break;
    }
  }
  return out;
}

}  // namespace twopop::dsp
