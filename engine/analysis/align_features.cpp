#include "analysis/align_features.h"

#include "dsp/fft.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace twopop::analysis {
namespace {

constexpr int kBands = kVoiceBands, kCepstra = 12;
constexpr double kWindow_s = 0.032, kLowest_hz = 120, kHighest_hz = 6500;
constexpr int kSlopeReach = 4;  // frames to both sides

double mel(double hz) { return 1127 * std::log1p(hz / 700); }
double hz_of(double m) { return 700 * std::expm1(m / 1127); }

float percentile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

VoiceFrames voice_frames(AudioView<const float> mono, SampleRate rate, const VoiceDepths& depths) {
  VoiceFrames out;
  const int window = static_cast<int>(kWindow_s * rate.hz);
  int size = 64;
  while (size < window) size *= 2;
  dsp::RealFft<float> fft(size);
  std::vector<float> hann(static_cast<std::size_t>(window)), work(static_cast<std::size_t>(size));
  for (int i = 0; i < window; ++i) hann[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / window));
  std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(fft.bins()));
  const double top = std::min(kHighest_hz, 0.46 * rate.hz);
  std::array<double, kBands + 2> edges{};
  for (int b = 0; b < kBands + 2; ++b) edges[static_cast<std::size_t>(b)] = hz_of(mel(kLowest_hz) + (mel(top) - mel(kLowest_hz)) * b / (kBands + 1));

  const std::int64_t count = mono.frames() > 0 ? (mono.frames() - 1) * 100 / rate.hz + 1 : 0;
  std::vector<std::array<float, kBands>> bands(static_cast<std::size_t>(count));
  const float* x = mono.channel(0);
  for (std::int64_t k = 0; k < count; ++k) {
    const std::int64_t at = k * rate.hz / 100 - window / 2;
    std::fill(work.begin(), work.end(), 0.0f);
    for (int i = 0; i < window; ++i)
      if (at + i >= 0 && at + i < mono.frames()) work[i] = x[at + i] * hann[i];
    fft.forward(work.data(), spectrum.data());
    for (std::size_t b = 0; b < kBands; ++b) {
      double sum = 0;
      const double low = edges[b], centre = edges[b + 1], high = edges[b + 2], bin = static_cast<double>(rate.hz) / size;
      for (int i = static_cast<int>(low / bin) + 1; i < fft.bins() && i * bin < high; ++i) {
        const double f = i * bin;
        sum += (f < centre ? (f - low) / (centre - low) : (high - f) / (high - centre)) * static_cast<double>(std::norm(spectrum[static_cast<std::size_t>(i)]));
      }
      bands[static_cast<std::size_t>(k)][b] = static_cast<float>(10 * std::log10(sum + 1e-12));
    }
  }

  // Loudness over the background, from the bands' mean.
  std::vector<float> level(static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < level.size(); ++k) {
    double sum = 0;
    for (std::size_t b = 0; b < kBands; ++b) sum += std::pow(10.0, 0.1 * bands[k][b]);
    level[k] = static_cast<float>(10 * std::log10(sum + 1e-12));
  }
  const float quiet = percentile(level, 0.05), loud = percentile(level, 0.95);
  const float gate = std::max(quiet + 5.0f, loud - 28.0f);
  for (std::size_t k = 0; k < level.size(); ++k) {
    out.loudness.push_back(std::clamp(level[k] - std::max(quiet, loud - 40.0f), 0.0f, 40.0f));
    out.spoken.push_back(level[k] > gate);
  }

  // Every band is held above a floor under its own loud parts, then taken against its mean over the speech.
  for (std::size_t b = 0; b < kBands; ++b) {
    std::vector<float> spoken;
    for (std::size_t k = 0; k < level.size(); ++k)
      if (out.spoken[k]) spoken.push_back(bands[k][b]);
    const float top_level = percentile(spoken, 0.95);
    std::vector<float> all;
    for (const auto& frame : bands) all.push_back(frame[b]);
    out.over_background[b] = top_level - percentile(std::move(all), 0.10);
    const float floor = top_level - static_cast<float>(depths[b]);
    double mean = 0;
    for (float& v : spoken) mean += std::max(v, floor);
    mean /= std::max<double>(1, static_cast<double>(spoken.size()));
    for (std::size_t k = 0; k < level.size(); ++k) bands[k][b] = std::max(bands[k][b], floor) - static_cast<float>(mean);
  }
  std::vector<std::array<float, kCepstra>> cepstra(static_cast<std::size_t>(count));
  for (std::size_t k = 0; k < cepstra.size(); ++k)
    for (int c = 0; c < kCepstra; ++c) {
      double sum = 0;
      for (int b = 0; b < kBands; ++b) sum += static_cast<double>(bands[k][static_cast<std::size_t>(b)]) * std::cos(std::numbers::pi * (c + 1) * (b + 0.5) / kBands);
      cepstra[k][static_cast<std::size_t>(c)] = static_cast<float>(sum / kBands * (1 + 5.5 * std::sin(std::numbers::pi * (c + 1) / 12.0) / 5.5));
    }
  out.shape.resize(static_cast<std::size_t>(count));
  for (std::int64_t k = 0; k < count; ++k) {
    auto& f = out.shape[static_cast<std::size_t>(k)];
    double energy = 0;
    for (std::size_t c = 0; c < kCepstra; ++c) {
      f[c] = cepstra[static_cast<std::size_t>(k)][c];
      double slope = 0;
      for (std::int64_t d = 1; d <= kSlopeReach; ++d)
        slope += static_cast<double>(d) * (cepstra[static_cast<std::size_t>(std::min(count - 1, k + d))][c] - cepstra[static_cast<std::size_t>(std::max<std::int64_t>(0, k - d))][c]);
      f[kCepstra + c] = static_cast<float>(slope / 10);
      energy += f[c] * f[c] + f[kCepstra + c] * f[kCepstra + c];
    }
    const float scale = static_cast<float>(1 / std::sqrt(energy + 1e-6));
    for (float& v : f) v *= scale;
  }
  return out;
}

}  // namespace twopop::analysis
