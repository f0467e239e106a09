#include "analysis/detail/speech_features.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis::detail {
namespace {

using Track = std::vector<float>;

/// Mean over [i - reach, i + reach], cut at the ends.
Track mean_around(const Track& x, int reach) {
  const int n = static_cast<int>(x.size());
  Track out(x.size());
  double sum = 0;
  int begin = 0, end = 0;
  for (int i = 0; i < n; ++i) {
    while (end < std::min(n, i + reach + 1)) sum += x[end++];
    while (begin < i - reach) sum -= x[begin++];
    out[i] = static_cast<float>(sum / (end - begin));
  }
  return out;
}

Track max_around(const Track& x, int reach) {
  const int n = static_cast<int>(x.size());
  Track out(x.size());
  std::vector<int> queue(x.size() + 1);
  int head = 0, tail = 0, end = 0;
  for (int i = 0; i < n; ++i) {
    for (; end < std::min(n, i + reach + 1); ++end) {
      while (tail > head && x[queue[tail - 1]] <= x[end]) --tail;
      queue[tail++] = end;
    }
    while (queue[head] < i - reach) ++head;
    out[i] = x[queue[head]];
  }
  return out;
}

Track spread_around(const Track& x, int reach) {
  Track square(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) square[i] = x[i] * x[i];
  const Track mean = mean_around(x, reach);
  Track out = mean_around(square, reach);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::sqrt(std::max(0.0f, out[i] - mean[i] * mean[i]));
  return out;
}

/// Low percentile of a band's level within 3 s to both sides, worked out every 100 ms; of what is not mute, where that is enough to tell.
/// Frame i of `level` is frame `first` + i of `mute`.
Track floor_of(const Track& level, const std::vector<bool>& mute, std::size_t first) {
  constexpr int kReach = 300, kEvery = 10, kEnough = 150;
  constexpr double kPercentile = 0.15;
  const int n = static_cast<int>(level.size());
  struct Counts {
    std::array<int, 256> cells{};
    int all = 0;
  };
  Counts sounding, still;
  const auto count = [&](int i, int by) {
    Counts& counts = mute[first + static_cast<std::size_t>(i)] ? still : sounding;
    counts.cells[static_cast<std::size_t>(std::clamp((level[i] + 120.0f) * 2.0f, 0.0f, 255.0f))] += by;
    counts.all += by;
  };
  Track out(level.size());
  int begin = 0, end = 0;
  for (int i = 0; i < n; i += kEvery) {
    while (end < std::min(n, i + kReach)) count(end++, 1);
    while (begin < i - kReach) count(begin++, -1);
    const bool enough = sounding.all >= kEnough;
    const int wanted = static_cast<int>(kPercentile * (sounding.all + (enough ? 0 : still.all)));
    const auto in_cell = [&](std::size_t c) { return sounding.cells[c] + (enough ? 0 : still.cells[c]); };
    int seen = 0, c = 0;
    while (c < 255 && (seen += in_cell(static_cast<std::size_t>(c))) <= wanted) ++c;
    for (int k = i; k < std::min(n, i + kEvery); ++k) out[k] = -120.0f + 0.5f * static_cast<float>(c);
  }
  return out;
}

}  // namespace

std::vector<bool> mute_frames(const SpeechFrameList& frames) {
  constexpr double kNothing_db = -95;
  constexpr std::size_t kLeast = 100;
  std::vector<bool> out(frames.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= frames.size(); ++i) {
    bool nothing = i < frames.size();
    for (int b = 0; nothing && b < kSpeechBands; ++b) nothing = frames[i].band_db(b) < kNothing_db;
    if (nothing) continue;
    if (i - begin >= kLeast) std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(i), true);
    begin = i + 1;
  }
  return out;
}

std::vector<SpeechFeatureVector> speech_features(const SpeechFrameList& frames, const std::vector<bool>& mute, std::size_t begin, std::size_t end) {
  const std::size_t first = begin - std::min(begin, kSpeechReach), n = std::min(frames.size(), end + kSpeechReach) - first;
  Track low(n), middle(n), high(n), wide(n), lowest(n), level(n, 0.0f), voiced(n);
  for (int b = 0; b < kSpeechBands; ++b) {
    Track band(n);
    for (std::size_t i = 0; i < n; ++i) band[i] = static_cast<float>(frames[first + i].band_db(b));
    const Track smooth = mean_around(band, 1);
    const Track floor = floor_of(mean_around(band, 3), mute, first);
    for (std::size_t i = 0; i < n; ++i) {
      // A floor under -95 dBFS is an editor's silence or a quiet converter, not a room.
      const float over = std::clamp(smooth[i] - std::max(floor[i], -95.0f), 0.0f, 30.0f);
      if (b < 2) lowest[i] += over / 2;
      if (b >= 2 && b < 8) low[i] += over / 6;
      if (b >= 8 && b < 15) middle[i] += over / 7;
      if (b >= 15) high[i] += over / 5;
      wide[i] += over > 6.0f ? 1.0f / kSpeechBands : 0.0f;
      if (b >= 1 && b < 17) level[i] += static_cast<float>(std::pow(10.0, 0.1 * band[i]));
    }
  }
  Track over(n), lag(n), tonal(n);
  for (std::size_t i = 0; i < n; ++i) {
    level[i] = static_cast<float>(10.0 * std::log10(level[i] + 1e-12f));
    over[i] = (6 * low[i] + 7 * middle[i] + 5 * high[i]) / 18;
    const float gate = std::clamp((low[i] + middle[i]) / 2 / 6.0f, 0.0f, 1.0f);
    voiced[i] = gate * static_cast<float>(frames[first + i].voicing) / 255.0f;
    tonal[i] = static_cast<float>(frames[first + i].tonal) / 255.0f;
    lag[i] = static_cast<float>(frames[first + i].lag);
  }
  const Track over_near = mean_around(over, 6), over_far = mean_around(over, 40), modulation = spread_around(over, 50);
  const Track voiced_near = mean_around(voiced, 3), voiced_most = max_around(mean_around(voiced, 3), 25), voiced_share = mean_around(voiced, 100);
  const Track peak = max_around(mean_around(level, 5), 1000);
  const Track tonal_near = mean_around(tonal, 3), tonal_far = mean_around(tonal, 100), tonal_spread = spread_around(tonal, 100);
  // Pitch that stands still over half a second is music or a machine.
  Track glide(n, 0.0f);
  for (std::size_t i = 1; i < n; ++i) glide[i] = voiced[i] > 0.4f && voiced[i - 1] > 0.4f ? std::min(8.0f, std::fabs(lag[i] - lag[i - 1])) : 0.0f;
  const Track moves = mean_around(glide, 30);
  std::vector<SpeechFeatureVector> out;
  out.reserve(end - begin);
  for (std::size_t i = begin - first; i < end - first; ++i)
    out.push_back({low[i] / 10, middle[i] / 10, high[i] / 10, wide[i], over_near[i] / 10, over_far[i] / 10, modulation[i] / 5,
                   voiced_near[i], std::min(voiced_most[i], 0.6f), voiced_share[i], std::max(-50.0f, level[i] - peak[i]) / 20, moves[i],
                   tonal_near[i], tonal_far[i], tonal_spread[i]});
  return out;
}

}  // namespace twopop::analysis::detail
