#include "analysis/beats.h"

#include "analysis/detail/band_frames.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twopop::analysis {
namespace {

constexpr double kFrame_s = 0.043, kHop_s = 0.01;
constexpr double kEarly_s = 0.01;              ///< a frame feels an attack before its middle (measured on clicks and scores)
constexpr double kTempoSpread_octaves = 0.9;   ///< of the preference for usual tempi (Ellis 2007, section 3)

/// Onset strength every kHop_s: rise of the compressed bands, high-passed, spread 1 (Ellis 2007, section 2).
std::vector<double> onset_envelope(const detail::BandFrames& frames) {
  float loudest = 1e-12f;
  for (const float p : frames.power) loudest = std::max(loudest, p);
  std::vector<double> envelope(static_cast<std::size_t>(frames.frames), 0.0);
  const auto level = [&](std::int64_t n, int b) { return 10 * std::log10(std::max(frames.row(n)[b], loudest * 1e-8f)); };
  for (std::int64_t n = 1; n < frames.frames; ++n) {
    double sum = 0;
    for (int b = 0; b < frames.bands; ++b) sum += std::max(0.0f, level(n, b) - level(n - 1, b));
    envelope[static_cast<std::size_t>(n)] = sum / frames.bands;
  }
  // The slow part is not rhythm: one second's mean goes.
  const auto half = static_cast<std::ptrdiff_t>(0.5 / kHop_s);
  std::vector<double> sums(envelope.size() + 1, 0.0);
  std::partial_sum(envelope.begin(), envelope.end(), sums.begin() + 1);
  std::vector<double> out(envelope.size());
  for (std::ptrdiff_t n = 0; n < std::ssize(envelope); ++n) {
    const auto a = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, n - half)), b = static_cast<std::size_t>(std::min(std::ssize(envelope), n + half + 1));
    out[static_cast<std::size_t>(n)] = std::max(0.0, envelope[static_cast<std::size_t>(n)] - (sums[b] - sums[a]) / static_cast<double>(b - a));
  }
  const double square = std::inner_product(out.begin(), out.end(), out.begin(), 0.0) / static_cast<double>(std::max<std::size_t>(1, out.size()));
  if (square > 0)
    for (double& v : out) v /= std::sqrt(square);
  return out;
}

/// Beat period in hops, 0 if none: the greatest of the autocorrelation, weighted by how usual a tempo is, and by its
/// support at twice and three times the lag.
double period_of(const std::vector<double>& envelope, const BeatSettings& settings) {
  const int longest = static_cast<int>(60 / settings.slowest_bpm / kHop_s), shortest = static_cast<int>(60 / settings.fastest_bpm / kHop_s);
  const int lags = 4 * longest + 2;
  if (static_cast<int>(envelope.size()) < 2 * longest) return 0;
  std::vector<double> correlation(static_cast<std::size_t>(lags), 0.0);
  for (int lag = 0; lag < lags && lag < static_cast<int>(envelope.size()); ++lag) {
    double sum = 0;
    for (std::size_t n = static_cast<std::size_t>(lag); n < envelope.size(); ++n) sum += envelope[n] * envelope[n - static_cast<std::size_t>(lag)];
    correlation[static_cast<std::size_t>(lag)] = sum / static_cast<double>(envelope.size() - static_cast<std::size_t>(lag));
  }
  const auto around = [&](double lag) {
    const int k = static_cast<int>(std::lround(lag));
    double best = 0;
    for (int i = std::max(1, k - 1); i <= std::min(lags - 1, k + 1); ++i) best = std::max(best, correlation[static_cast<std::size_t>(i)]);
    return best;
  };
  double best = 0;
  int period = 0;
  for (int lag = std::max(2, shortest); lag <= longest; ++lag) {
    const double octaves = std::log2(lag * kHop_s * settings.usual_bpm / 60) / kTempoSpread_octaves;
    const double score = std::exp(-0.5 * octaves * octaves) *
                         (correlation[static_cast<std::size_t>(lag)] + 0.5 * around(2 * lag) + 0.33 * around(3 * lag) + 0.25 * around(4 * lag));
    if (score > best) best = score, period = lag;
  }
  if (period == 0) return 0;
  // A parabola through the peak of the fourth multiple: four times as fine.
  double fine = period;
  for (int multiple : {2, 4}) {
    int k = static_cast<int>(std::lround(fine * multiple));
    for (const int i : {k - 2, k - 1, k + 1, k + 2})
      if (i > 0 && i < lags && correlation[static_cast<std::size_t>(i)] > correlation[static_cast<std::size_t>(k)]) k = i;
    if (k + 1 >= lags) break;
    const double a = correlation[static_cast<std::size_t>(k - 1)], b = correlation[static_cast<std::size_t>(k)], c = correlation[static_cast<std::size_t>(k + 1)];
    const double bend = a - 2 * b + c;
    fine = (k + (bend < 0 ? 0.5 * (a - c) / bend : 0)) / multiple;
  }
  return fine;
}

/// Beats as frames: the path of greatest onset strength whose steps keep to the period (Ellis 2007, section 4).
std::vector<std::int64_t> follow(const std::vector<double>& envelope, double period, double tightness) {
  const auto count = static_cast<std::int64_t>(envelope.size());
  std::vector<double> score(envelope.size());
  std::vector<std::int64_t> back(envelope.size(), -1);
  // Smeared a little, so that a beat may be played early or late.
  std::vector<double> local(envelope.size(), 0.0);
  const double width = period / 32;
  const int reach = std::max(1, static_cast<int>(std::lround(2 * width)));
  for (std::int64_t n = 0; n < count; ++n)
    for (int k = -reach; k <= reach; ++k)
      if (n + k >= 0 && n + k < count) local[static_cast<std::size_t>(n)] += std::exp(-0.5 * (k / width) * (k / width)) * envelope[static_cast<std::size_t>(n + k)];
  for (std::int64_t n = 0; n < count; ++n) {
    double best = 0;
    const auto from = n - std::llround(2 * period), to = n - std::llround(period / 2);
    for (std::int64_t p = std::max<std::int64_t>(0, from); p <= to; ++p) {
      const double stray = std::log(static_cast<double>(n - p) / period);
      const double value = score[static_cast<std::size_t>(p)] - tightness * stray * stray;
      if (value > best) best = value, back[static_cast<std::size_t>(n)] = p;
    }
    score[static_cast<std::size_t>(n)] = local[static_cast<std::size_t>(n)] + best;
  }
  // The last beat: the best within the last period and a half.
  std::int64_t at = count - 1;
  for (std::int64_t n = std::max<std::int64_t>(0, count - std::llround(1.5 * period)); n < count; ++n)
    if (score[static_cast<std::size_t>(n)] > score[static_cast<std::size_t>(at)]) at = n;
  std::vector<std::int64_t> beats;
  for (; at >= 0; at = back[static_cast<std::size_t>(at)]) beats.push_back(at);
  std::reverse(beats.begin(), beats.end());
  return beats;
}

/// Bars: which beat of three or of four has the changes of harmony and the strokes.
void find_bars(BeatTrack& track, const std::vector<BeatFeature>& features, const std::vector<double>& strength) {
  if (features.size() < 12) return;
  std::vector<double> change(features.size(), 0.0);
  for (std::size_t i = 1; i < features.size(); ++i) {
    double likeness = 0;
    for (std::size_t k = 0; k < 12; ++k) likeness += features[i].chroma[k] * features[i - 1].chroma[k];
    change[i] = 1 - likeness + 0.15 * strength[i];
  }
  double best = -1;
  for (const int meter : {4, 3})
    for (int phase = 0; phase < meter; ++phase) {
      double on = 0, off = 0;
      int ons = 0, offs = 0;
      for (std::size_t i = 1; i < change.size(); ++i) {
        const bool down = (static_cast<int>(i) - phase) % meter == 0;
        (down ? on : off) += change[i];
        ++(down ? ons : offs);
      }
      // Three must say more than four to be believed: most music is in four.
      const double contrast = (on / std::max(1, ons) - off / std::max(1, offs)) * (meter == 3 ? 0.7 : 1);
      if (contrast > best) best = contrast, track.beats_per_bar = meter, track.first_downbeat = phase;
    }
}

}  // namespace

BeatTrack track_beats(AudioView<const float> music, SampleRate rate, const BeatSettings& settings) {
  BeatTrack track;
  const std::vector<float> mono = detail::mono_of(music);
  const auto length = static_cast<std::int64_t>(mono.size());
  if (length < 2 * rate.hz) return track;
  const std::int64_t hop = std::llround(kHop_s * rate.hz);
  const detail::BandFrames frames = detail::band_frames(mono.data(), length, rate, detail::frame_size_for(kFrame_s, rate), hop, {40, 8000, 5});
  const std::vector<double> envelope = onset_envelope(frames);
  const double period = period_of(envelope, settings);
  if (period <= 0) return track;
  const std::vector<std::int64_t> beats = follow(envelope, period, settings.tightness);
  if (beats.size() < 4) return track;
  // Tempo as played: the middle half of the steps.
  std::vector<std::int64_t> steps;
  for (std::size_t i = 1; i < beats.size(); ++i) steps.push_back(beats[i] - beats[i - 1]);
  std::sort(steps.begin(), steps.end());
  const std::size_t quarter = steps.size() / 4;
  const double step = std::accumulate(steps.begin() + static_cast<std::ptrdiff_t>(quarter), steps.end() - static_cast<std::ptrdiff_t>(quarter), 0.0) /
                      static_cast<double>(steps.size() - 2 * quarter);
  track.tempo_bpm = 60 * rate.hz / (step * static_cast<double>(hop));
  double on = 0, all = 0;
  std::vector<double> strength;
  for (const std::int64_t beat : beats) {
    double most = 0;
    for (std::int64_t n = std::max<std::int64_t>(0, beat - 2); n <= std::min<std::int64_t>(beat + 2, static_cast<std::int64_t>(envelope.size()) - 1); ++n)
      most = std::max(most, envelope[static_cast<std::size_t>(n)]);
    strength.push_back(most);
    on += most;
    track.beats.push_back(SamplePosition{std::min<std::int64_t>(length - 1, beat * hop + std::llround(kEarly_s * rate.hz))});
  }
  all = std::accumulate(envelope.begin(), envelope.end(), 0.0) / static_cast<double>(envelope.size());
  track.clarity = all > 0 ? on / static_cast<double>(beats.size()) / (3 * all) : 0;
  find_bars(track, beat_features(music, rate, track.beats), strength);
  return track;
}

std::vector<BeatFeature> beat_features(AudioView<const float> music, SampleRate rate, const std::vector<SamplePosition>& beats) {
  std::vector<BeatFeature> out(beats.size());
  if (beats.empty()) return out;
  const std::vector<float> mono = detail::mono_of(music);
  const int size = detail::frame_size_for(0.093, rate);
  const std::int64_t hop = size / 4;
  const double bin_hz = static_cast<double>(rate.hz) / size;
  constexpr int kMel = 26;
  std::vector<double> count(beats.size(), 0.0);
  std::vector<std::array<double, 12>> chroma(beats.size());
  std::vector<std::array<double, kMel>> mel(beats.size());
  std::vector<double> power(beats.size(), 0.0);
  // Bins by pitch class (A 440) and by mel band (130 Hz to 8 kHz).
  const auto to_mel = [](double f) { return 2595 * std::log10(1 + f / 700); };
  const double lowest = to_mel(130), step = (to_mel(std::min(8000.0, 0.47 * rate.hz)) - lowest) / (kMel + 1);
  const int bins = size / 2 + 1;
  std::vector<int> pitch(static_cast<std::size_t>(bins), -1);
  std::vector<double> mel_place(static_cast<std::size_t>(bins), -2);
  for (int k = 1; k < bins; ++k) {
    const double f = k * bin_hz;
    if (f > 80 && f < 2000) {
      const int semitone = static_cast<int>(std::lround(12 * std::log2(f / 440))) + 1200;
      pitch[static_cast<std::size_t>(k)] = semitone % 12;
    }
    mel_place[static_cast<std::size_t>(k)] = (to_mel(f) - lowest) / step - 1;
  }
  std::size_t beat = 0;
  detail::each_spectrum(mono.data(), static_cast<std::int64_t>(mono.size()), size, hop, [&](std::int64_t n, const float* p, int) {
    const std::int64_t at = n * hop;
    if (at < beats.front().value) return;
    while (beat + 1 < beats.size() && at >= beats[beat + 1].value) ++beat;
    count[beat] += 1;
    for (int k = 1; k < bins; ++k) {
      const double value = p[k];
      power[beat] += value;
      if (pitch[static_cast<std::size_t>(k)] >= 0) chroma[beat][static_cast<std::size_t>(pitch[static_cast<std::size_t>(k)])] += std::sqrt(value);
      const double place = mel_place[static_cast<std::size_t>(k)];
      const int low = static_cast<int>(std::floor(place));
      if (low >= 0 && low < kMel) mel[beat][static_cast<std::size_t>(low)] += value * (1 - (place - low));
      if (low + 1 >= 0 && low + 1 < kMel) mel[beat][static_cast<std::size_t>(low + 1)] += value * (place - low);
    }
  });
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (count[i] == 0) {
      if (i > 0) out[i] = out[i - 1];
      continue;
    }
    double norm = 1e-12;
    for (const double v : chroma[i]) norm += v * v;
    for (std::size_t k = 0; k < 12; ++k) out[i].chroma[k] = static_cast<float>(chroma[i][k] / std::sqrt(norm));
    for (std::size_t c = 0; c < 13; ++c) {
      double sum = 0;
      for (std::size_t m = 0; m < kMel; ++m)
        sum += 10 * std::log10(mel[i][m] / count[i] + 1e-10) * std::cos(3.14159265358979 * static_cast<double>(c) * (static_cast<double>(m) + 0.5) / kMel);
      out[i].mfcc[c] = static_cast<float>(sum / kMel);
    }
    out[i].level_db = static_cast<float>(10 * std::log10(power[i] / count[i] + 1e-12));
  }
  return out;
}

}  // namespace twopop::analysis
