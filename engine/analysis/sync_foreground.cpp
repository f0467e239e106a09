#include "analysis/sync_foreground.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kLoud_db = 12, kOverBackground_db = 10, kMostUnder_db = 30;
constexpr double kLeastRange_db = 8;  // a recording with less has no words that stand out of its background
constexpr double kHop_s = 0.05;
constexpr double kMost_s = 60;

}  // namespace

double ForegroundSide::margin() const {
  const double background = std::max(0.0, rest);
  return std::max(loud - 0.35 * background + 0.02, loud - 2 * background * std::pow(10, -over_db / 20));
}

Result<ForegroundMatch> foreground_match(SampleSource& reference, const SyncTrack& reference_track, SampleSource& file, const SyncTrack& file_track, const ClockLine& line,
                                         double begin_s, double end_s, bool inverted) {
  ForegroundMatch found;
  const double middle = (begin_s + end_s) / 2, begin = std::max(begin_s, middle - kMost_s / 2), end = std::min(end_s, middle + kMost_s / 2);
  if (end - begin < kHop_s) return found;
  TWOPOP_TRY(const std::vector<float> match, match_along(reference, file, line, begin, end, kHop_s, inverted));
  const auto blocks = static_cast<std::ptrdiff_t>(match.size());
  const auto measure = [&](const SyncTrack& track, auto second_of) {
    const bool tells = track.loud_db() - track.quiet_db() >= kLeastRange_db;
    ForegroundSide side;
    for (const double least : {track.loud_db() - kLoud_db, std::max(track.quiet_db() + kOverBackground_db, track.loud_db() - kMostUnder_db)}) {
      side = {};
      double loud_power = 1e-20, rest_power = 1e-20;
      for (std::ptrdiff_t i = 0; i < blocks; ++i) {
        const double level = track.level_db(second_of(begin + static_cast<double>(i) * kHop_s)), power = std::pow(10, level / 10);
        const bool loud = level >= least;
        (loud ? side.loud : side.rest) += match[static_cast<std::size_t>(i)];
        (loud ? loud_power : rest_power) += power;
        side.blocks += loud;
      }
      const auto rest = static_cast<double>(std::max<std::ptrdiff_t>(1, blocks - side.blocks)), loud = static_cast<double>(std::max(1, side.blocks));
      side.loud /= loud, side.rest /= rest;
      side.over_db = 10 * std::log10(loud_power / loud / (rest_power / rest));
      side.tells = tells;
      if (side.blocks >= ForegroundMatch::kLeastBlocks) return side;
    }
    side = {};
    side.tells = tells;
    return side;
  };
  found.reference = measure(reference_track, [](double at) { return at; });
  found.file = measure(file_track, [&](double at) { return line.file_at(at); });
  return found;
}

}  // namespace twopop::analysis
