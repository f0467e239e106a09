#include "analysis/onsets.h"

#include "analysis/detail/band_frames.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twopop::analysis {
namespace {

constexpr double kFrame_s = 0.0213, kHop_s = 0.005;
constexpr int kLag = 2;             ///< frames back to compare with: half a frame
constexpr double kPeak_s = 0.03;    ///< a peak is the greatest within this to both sides
constexpr double kThreshold_s = 0.35;
constexpr std::int64_t kSettling_ms = 350;
constexpr Decibels kSettlingFall{18};
constexpr std::int64_t kLeadHops = 12;
constexpr float kFloor = 1e-4f;     ///< of the recording's loud power: -40 dB is silence

/// Band magnitudes, compressed: log10(1 + amplitude / floor), where the floor hangs on the recording's own level.
std::vector<float> compressed(const detail::BandFrames& frames) {
  std::vector<float> loud;
  for (std::int64_t n = 0; n < frames.frames; ++n) loud.push_back(std::accumulate(frames.row(n), frames.row(n) + frames.bands, 0.0f));
  if (loud.empty()) return {};
  const auto top = loud.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(loud.size() - 1) * 0.98);
  std::nth_element(loud.begin(), top, loud.end());
  const float floor = std::max(*top * kFloor, 1e-14f) / static_cast<float>(frames.bands);
  std::vector<float> out(frames.power.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.5f * std::log10(1 + frames.power[i] / floor);
  return out;
}

/// SuperFlux: rise over the greatest of three neighbouring bands, `kLag` frames ago.
std::vector<float> flux_of(const std::vector<float>& bands, std::int64_t frames, int count) {
  std::vector<float> flux(static_cast<std::size_t>(frames), 0.0f);
  for (std::int64_t n = kLag; n < frames; ++n) {
    const float* now = bands.data() + n * count;
    const float* then = bands.data() + (n - kLag) * count;
    float sum = 0;
    for (int b = 0; b < count; ++b) {
      const float before = std::max({then[std::max(0, b - 1)], then[b], then[std::min(count - 1, b + 1)]});
      sum += std::max(0.0f, now[b] - before);
    }
    flux[static_cast<std::size_t>(n)] = sum / static_cast<float>(count);
  }
  return flux;
}

double median_of(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How far the bands rise at a time: means over 25 ms after against 40 ms before, in octaves, the greatest of them.
double rise_at(const detail::BandFrames& frames, std::int64_t n) {
  double most = 0;
  const std::int64_t before0 = std::max<std::int64_t>(0, n - 10), before1 = std::max<std::int64_t>(1, n - kLag);
  const std::int64_t after0 = n, after1 = std::min(frames.frames, n + 5);
  if (before1 <= before0 || after1 <= after0) return 0;
  double total_after = 0;
  for (std::int64_t k = after0; k < after1; ++k) total_after += std::accumulate(frames.row(k), frames.row(k) + frames.bands, 0.0);
  for (int low = 0; low < frames.bands; low += 6) {
    const int high = std::min(frames.bands, low + 6);
    double before = 0, after = 0;
    for (std::int64_t k = before0; k < before1; ++k) before += std::accumulate(frames.row(k) + low, frames.row(k) + high, 0.0);
    for (std::int64_t k = after0; k < after1; ++k) after += std::accumulate(frames.row(k) + low, frames.row(k) + high, 0.0);
    // A band that carries nothing of the hit (30 dB down) says nothing.
    if (after < 1e-3 * total_after) continue;
    before /= static_cast<double>(before1 - before0);
    after /= static_cast<double>(after1 - after0);
    most = std::max(most, 10 * std::log10((after + 1e-14) / (before + 1e-14)));
  }
  return most;
}

/// Whether the sound falls by 10 dB within half a second after frame n.
bool dies_away(const detail::BandFrames& frames, std::int64_t n) {
  const auto level = [&](std::int64_t k) { return std::accumulate(frames.row(k), frames.row(k) + frames.bands, 1e-14); };
  double loudest = 0, softest = 1e30;
  for (std::int64_t k = n; k < std::min(frames.frames, n + 100); ++k) {
    if (k < n + 20) loudest = std::max(loudest, level(k));
    softest = std::min(softest, level(k));
  }
  return n + 20 > frames.frames || softest < 0.1 * loudest;
}

/// The envelope of the differentiated sound in steps of half a millisecond: attacks are brighter than what rings before.
class AttackFinder {
 public:
  AttackFinder(const std::vector<float>& mono, SampleRate rate)
      : mono_(mono), step_(std::max<std::int64_t>(1, rate.hz / 2000)), rate_(rate.hz) {}

  /// First sample of the attack near `about`: going back from the envelope's peak, the place where it came out of
  /// what was before, or rose to within 12 dB of the peak.
  std::int64_t start(std::int64_t about) const {
    const std::int64_t from = about - rate_ * 40 / 1000, to = about + rate_ * 35 / 1000;
    std::vector<double> envelope;
    for (std::int64_t at = from; at < to; at += step_) envelope.push_back(energy(at, at + step_));
    const auto quiet_end = envelope.begin() + static_cast<std::ptrdiff_t>(envelope.size() / 5);
    const double before = std::accumulate(envelope.begin(), quiet_end, 0.0) / static_cast<double>(quiet_end - envelope.begin());
    // The first strong peak: a step's heel, though its toe be louder.
    const double greatest = *std::max_element(envelope.begin(), envelope.end());
    std::size_t peak = 0;
    while (peak + 1 < envelope.size() && !(envelope[peak] >= 0.3 * greatest && envelope[peak] >= envelope[peak + 1])) ++peak;
    const double threshold = std::max(4 * before, 0.06 * envelope[peak]);
    std::size_t k = peak;
    while (k > 0 && envelope[k - 1] > threshold) --k;
    return std::max<std::int64_t>(0, from + static_cast<std::int64_t>(k) * step_);
  }

 private:
  double energy(std::int64_t begin, std::int64_t end) const {
    double sum = 0;
    const auto length = static_cast<std::int64_t>(mono_.size());
    for (std::int64_t i = std::max<std::int64_t>(1, begin); i < std::min(end, length); ++i) {
      const double d = static_cast<double>(mono_[static_cast<std::size_t>(i)]) - mono_[static_cast<std::size_t>(i - 1)];
      sum += d * d;
    }
    return sum / static_cast<double>(end - begin);
  }
  const std::vector<float>& mono_;
  std::int64_t step_, rate_;
};

}  // namespace

std::vector<Onset> find_onsets(AudioView<const float> sound, SampleRate rate, const OnsetSettings& settings) {
  // Silence before, so that a hit on the very first sample is an onset like others.
  const std::int64_t hop = std::max<std::int64_t>(1, std::llround(kHop_s * rate.hz)), lead = kLeadHops * hop;
  std::vector<float> mono = detail::mono_of(sound);
  if (static_cast<std::int64_t>(mono.size()) < rate.hz / 50) return {};
  mono.insert(mono.begin(), static_cast<std::size_t>(lead), 0.0f);
  const auto length = static_cast<std::int64_t>(mono.size());
  const detail::BandFrames frames =
      detail::band_frames(mono.data(), length, rate, detail::frame_size_for(kFrame_s, rate), hop, {60, 16000, 8});
  const std::vector<float> flux = flux_of(compressed(frames), frames.frames, frames.bands);

  // A threshold that follows the recording, and stands on what its strong onsets reach.
  std::vector<float> peaks;
  const auto reach = static_cast<std::int64_t>(kPeak_s / kHop_s), window = static_cast<std::int64_t>(kThreshold_s / kHop_s);
  std::vector<std::int64_t> at;
  for (std::int64_t n = 0; n < frames.frames; ++n) {
    const auto begin = flux.begin() + std::max<std::int64_t>(0, n - reach), end = flux.begin() + std::min(frames.frames, n + reach + 1);
    const float here = flux[static_cast<std::size_t>(n)];
    if (here <= 0 || here < *std::max_element(begin, end) || (n > 0 && flux[static_cast<std::size_t>(n - 1)] == here)) continue;
    at.push_back(n);
    peaks.push_back(here);
  }
  if (peaks.empty()) return {};
  std::vector<float> sorted = peaks;
  std::sort(sorted.begin(), sorted.end());
  const double strong = sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * 0.9)];

  const AttackFinder attack(mono, rate);
  std::vector<Onset> onsets;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const std::int64_t n = at[i];
    const double usual = median_of({flux.begin() + std::max<std::int64_t>(0, n - window), flux.begin() + std::min(frames.frames, n + window + 1)});
    const double threshold = (1.3 * usual + 0.22 * strong) / settings.sensitivity;
    if (peaks[i] < threshold) continue;
    const double rise = rise_at(frames, n);
    if (rise < settings.least_rise_db) continue;
    const std::int64_t start = std::max<std::int64_t>(0, attack.start(n * hop) - lead);
    // Sound that is just there from the start is no hit; one that dies away after it is.
    if (start < 4 * hop && !dies_away(frames, n)) continue;
    const Onset found{SamplePosition{start}, peaks[i] / threshold, rise};
    const auto gap = static_cast<std::int64_t>(settings.least_gap_s * rate.hz);
    if (!onsets.empty() && found.at.value - onsets.back().at.value < gap) {
      // The first of two that belong together is where the hit starts, unless it is a mere scrape before it.
      if (found.strength > 2 * onsets.back().strength) onsets.back() = found;
    } else {
      onsets.push_back(found);
    }
  }
  return onsets;
}

std::vector<Hit> split_at_hits(AudioView<const float> sound, SampleRate rate, const OnsetSettings& settings) {
  const std::vector<Onset> onsets = find_onsets(sound, rate, settings);
  const std::vector<float> mono = detail::mono_of(sound);
  const auto length = static_cast<std::int64_t>(mono.size());
  const std::int64_t block = std::max<std::int64_t>(1, rate.hz / 100), lead = rate.hz / 200;
  const auto rms = [&](std::int64_t begin, std::int64_t end) {
    double sum = 0;
    for (std::int64_t i = begin; i < std::min(end, length); ++i) sum += static_cast<double>(mono[static_cast<std::size_t>(i)]) * mono[static_cast<std::size_t>(i)];
    return std::sqrt(sum / static_cast<double>(std::max<std::int64_t>(1, std::min(end, length) - begin)));
  };
  std::vector<Hit> hits;
  for (std::size_t i = 0; i < onsets.size(); ++i) {
    Hit hit;
    hit.onset = onsets[i].at;
    hit.strength = onsets[i].strength;
    const std::int64_t begin = std::max<std::int64_t>(i == 0 ? 0 : hits.back().range.end.value, hit.onset.value - lead);
    const std::int64_t last = i + 1 < onsets.size() ? onsets[i + 1].at.value - lead : length;
    double loudest = 0;
    for (std::int64_t at = hit.onset.value; at < last; at += block) loudest = std::max(loudest, rms(at, std::min(last, at + 5 * block)));
    hit.level = level_of(loudest);
    // What is left of the hit before (a heel rolling off, grains that settle) is not another.
    if (!hits.empty() && (hit.onset - hits.back().onset).value < rate.hz * kSettling_ms / 1000 &&
        hits.back().level - hit.level > kSettlingFall) {
      hits.back().range.end = SamplePosition{last};
      continue;
    }
    // Over where 60 ms in a row stay 40 dB under the loudest.
    std::int64_t end = last;
    int quiet = 0;
    for (std::int64_t at = hit.onset.value; at < last; at += block) {
      quiet = rms(at, std::min(last, at + block)) < 0.01 * loudest ? quiet + 1 : 0;
      if (quiet == 6) {
        end = at + block;
        break;
      }
    }
    hit.range = {SamplePosition{begin}, SamplePosition{std::max(begin + 1, end)}};
    hits.push_back(hit);
  }
  return hits;
}

}  // namespace twopop::analysis
