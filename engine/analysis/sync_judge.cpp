#include "analysis/sync_judge.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

/// Height that the best of so many chance lags reaches (maximum of Gaussians, leading term).
double chance_height(double lags) { return std::sqrt(2 * std::log(std::max(lags, 10.0))); }

}  // namespace

// Fitted to 400 pairs of unrelated recordings (speech, music, ambience, effects, other takes of the same sentences against a
// film's guide and a long take: none above height 10.4 with 0.08 shared) and to made pairs of 3 to 20 s in measured rooms at 0 to
// 15 dB over field noise. Under different moments with one loop of noise under both, heights reach 40 and shares 0.6; but what is loud
// in one is not loud in the other: their likeness is worth -0.2 to 0.05, that of same moments (an auditorium, birds and 0 dB of noise
// included) 0.12 to 0.9 (sync_foreground.h; made films of bench/film_kits_bench.cpp, made pairs of three minutes and the film kit).
void judge(SyncResult& result, double lags, const SyncOptions& options) {
  const double height = result.score - (chance_height(lags) - chance_height(220 * 4000.0));
  double odds = 1.1 * (height - 10.5) + 30 * (result.shared - 0.12);
  const double by_bed = 80 * (result.shared - 0.06);
  const double ratio = result.runner_up ? result.runner_up->score / std::max(result.score, 1e-9) : 0;
  const double by_repeat = 4 - 25 * (ratio - 0.7);
  const double by_words = 40 * (result.foreground - 0.1);
  // The same sentence said again is loud at much the same times, and one of many lags may lie where two of its sounds agree by chance
  // (height 12.4, waveforms 0.03; same moments 0.05 at height 124 in an auditorium, 0.4 at 50 among birds).
  const double by_take = 0.8 * (height - 14) + 60 * (result.waveform - 0.06);
  const bool bed = std::min(by_bed, by_words) < std::min(odds, 0.0), repeat = by_repeat < std::min({odds, by_bed, by_words, by_take, 0.0});
  odds = std::clamp(std::min({odds, by_bed, by_words, by_take, by_repeat}), -9.0, 9.0);
  result.confidence = 1 / (1 + std::exp(-odds));
  result.placed = result.confidence >= options.placed_from;
  const std::string second = result.runner_up ? fmt::format("; the second-best place, {:.3f} s, reaches {:.1f}", result.runner_up->offset_s, result.runner_up->score) : "";
  if (result.placed) {
    result.reason = fmt::format("{} of {} windows on one line, height {:.1f}, {:.0f} % of the foreground shared{}", result.windows_used, result.windows_tried,
                                result.score, 100 * result.shared, second);
  } else if (repeat) {
    result.reason = fmt::format("it fits at {:.3f} s (height {:.1f}) hardly better than elsewhere{}: the same sound repeats", result.offset_s, result.score, second);
  } else if (bed) {
    result.reason = fmt::format("at {:.3f} s {:.0f} % of the foreground is shared, but what is loud in the one is not loud in the other (height {:.1f}): a common background, not the same moment{}",
                                result.offset_s, 100 * result.shared, result.score, second);
  } else {
    result.reason = fmt::format("the best place, {:.3f} s, reaches height {:.1f} with {:.0f} % of the foreground shared: no better than chance over so many places{}",
                                result.offset_s, result.score, 100 * result.shared, second);
  }
}

}  // namespace twopop::analysis
