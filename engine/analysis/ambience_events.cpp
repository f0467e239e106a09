#include "analysis/loop_plan.h"

#include "analysis/detail/ambience_frames.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace detail {

AmbienceFrames ambience_frames(AudioView<const float> recording, SampleRate rate, double frame_s) {
  AmbienceFrames out;
  const int size = frame_size_for(frame_s, rate);
  out.bands = BandFrames{};
  for (int c = 0; c < recording.channels(); ++c) {
    const BandFrames one = band_frames(recording.channel(c), recording.frames(), rate, size, size / 2, {60, 16000, 3});
    if (c == 0) {
      out.bands = one;
    } else {
      for (std::size_t i = 0; i < one.power.size(); ++i) out.bands.power[i] += one.power[i];
    }
  }
  // 60 dB under the mean of the loudest band nothing is heard beside it.
  double loudest = 1e-20;
  for (int b = 0; b < out.bands.bands; ++b) {
    double sum = 0;
    for (std::int64_t n = 0; n < out.bands.frames; ++n) sum += out.bands.row(n)[b];
    loudest = std::max(loudest, sum / static_cast<double>(std::max<std::int64_t>(1, out.bands.frames)));
  }
  out.floor = static_cast<float>(loudest * 1e-6);
  out.level.reserve(out.bands.power.size());
  for (const float power : out.bands.power) out.level.push_back(10 * std::log10(power + out.floor));
  return out;
}

}  // namespace detail

namespace {

constexpr double kBed_s = 6;          ///< the bed is judged within this much around
constexpr double kBedShare = 0.15;    ///< of the time nothing but the bed is heard, at least
constexpr double kLeastExcess_db = 9, kSurelyExcess_db = 20;
constexpr int kBandsTogether = 3;     ///< an event stands out in this many bands at least
constexpr double kMerge_s = 0.1, kPad_s = 0.05;

float percentile(std::vector<float>& values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// For each frame, how far its bands stand over their bed: the third greatest excess.
std::vector<float> excess_of(const detail::AmbienceFrames& frames, double frame_s) {
  const int bands = frames.bands.bands;
  const std::int64_t count = frames.bands.frames;
  const auto reach = static_cast<std::int64_t>(kBed_s / 2 / frame_s), stride = std::max<std::int64_t>(1, reach / 8);
  std::vector<float> excess(static_cast<std::size_t>(count)), bed, row(static_cast<std::size_t>(bands));
  for (std::int64_t block = 0; block < count; block += stride) {
    const std::int64_t from = std::max<std::int64_t>(0, block - reach), to = std::min(count, block + stride + reach);
    bed.clear();
    for (int b = 0; b < bands; ++b) {
      std::vector<float> around;
      for (std::int64_t n = from; n < to; ++n) around.push_back(frames.level[static_cast<std::size_t>(n * bands + b)]);
      bed.push_back(percentile(around, kBedShare));
    }
    for (std::int64_t n = block; n < std::min(count, block + stride); ++n) {
      for (int b = 0; b < bands; ++b) row[static_cast<std::size_t>(b)] = frames.level[static_cast<std::size_t>(n * bands + b)] - bed[static_cast<std::size_t>(b)];
      std::sort(row.rbegin(), row.rend());
      excess[static_cast<std::size_t>(n)] = row[static_cast<std::size_t>(std::min(kBandsTogether, bands) - 1)];
    }
  }
  // The mean of three frames: one loud frame of noise is none.
  std::vector<float> smooth(excess.size());
  for (std::size_t n = 0; n < excess.size(); ++n)
    smooth[n] = (excess[n == 0 ? 0 : n - 1] + excess[n] + excess[std::min(n + 1, excess.size() - 1)]) / 3;
  return smooth;
}

}  // namespace

std::vector<AmbienceEvent> find_events(AudioView<const float> recording, SampleRate rate) {
  if (recording.frames() < rate.hz / 10 || recording.channels() == 0) return {};
  const detail::AmbienceFrames frames = detail::ambience_frames(recording, rate, 0.043);
  const double frame_s = static_cast<double>(frames.bands.hop) / rate.hz;
  const std::vector<float> excess = excess_of(frames, frame_s);
  std::vector<float> sorted = excess;
  const double middle = percentile(sorted, 0.5), spread = percentile(sorted, 0.75) - percentile(sorted, 0.25);
  const double threshold = std::clamp(middle + std::max(5.0, 2.5 * spread), kLeastExcess_db, kSurelyExcess_db);
  std::vector<AmbienceEvent> events;
  const auto merge = static_cast<std::int64_t>(kMerge_s * rate.hz), pad = static_cast<std::int64_t>(kPad_s * rate.hz);
  for (std::size_t n = 0; n < excess.size(); ++n) {
    if (excess[n] < threshold) continue;
    const std::int64_t at = static_cast<std::int64_t>(n) * frames.bands.hop;
    const SampleRange range{SamplePosition{std::max<std::int64_t>(0, at - pad)},
                            SamplePosition{std::min(recording.frames(), at + frames.bands.hop + pad)}};
    if (!events.empty() && range.begin.value - events.back().range.end.value < merge) {
      events.back().range.end = range.end;
      events.back().above_db = std::max<double>(events.back().above_db, excess[n]);
    } else {
      events.push_back({range, excess[n]});
    }
  }
  return events;
}

}  // namespace twopop::analysis
