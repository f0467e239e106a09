#pragma once

#include "analysis/beats.h"

#include <cstdint>
#include <vector>

namespace twopop::analysis::detail {

/// A piece of music as intervals between grid points, and what it costs to go on elsewhere than it does.
struct JumpTable {
  std::vector<std::int64_t> grid;  ///< samples: 0, beats, end; one more than intervals
  std::vector<float> unlike;       ///< intervals x intervals: distance of what is heard in them, 1 for two drawn at random
  std::vector<int> place_in_bar;   ///< of each interval; -1 where unknown

  std::int64_t intervals() const { return static_cast<std::int64_t>(grid.size()) - 1; }
  /// Cost of hearing interval `to` after interval `from`; 0 for the one that follows anyway, about 1 for two drawn at random.
  double cost(std::int64_t from, std::int64_t to) const;
};

JumpTable jump_table(const std::vector<std::int64_t>& grid, const std::vector<BeatFeature>& features, const std::vector<int>& place_in_bar);

struct PathWanted {
  std::int64_t length = 0;        ///< samples
  std::int64_t shortest_run = 0;
  bool keep_start = true, keep_end = true;
  SampleRate rate{};
};

/// First and last interval of a stretch that is heard without a jump.
struct Run {
  std::int64_t first = 0, last = 0;
};

/// The cheapest way through the piece that lasts about `length`: dynamic programming over intervals x elapsed time.
/// Empty where there is none (the piece has too few intervals).
std::vector<Run> cheapest_path(const JumpTable& table, const PathWanted& wanted);

}  // namespace twopop::analysis::detail
