#include "analysis/detail/retarget_path.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace twopop::analysis::detail {
namespace {

constexpr double kJump = 0.15;         ///< each join costs something: fewer are better
constexpr double kOffBar = 0.5;        ///< going on at another place of the bar
constexpr double kMiss = 1.5, kMissSquared = 6;  ///< per second, and per second squared, that the length is missed by
constexpr std::size_t kCandidates = 24;
constexpr std::int64_t kMostBins = 6000;

double median_of(std::vector<float> values) {
  if (values.empty()) return 1;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return std::max(1e-6f, *middle);
}

/// Two good joins are better than one bad one.
float joint_cost(double unlike) { return static_cast<float>(kJump + unlike * (0.4 + 2 * unlike)); }

struct Jump {
  std::int64_t to, landing;  ///< interval gone to; last interval of the shortest run from there
  float cost;
};

}  // namespace

double JumpTable::cost(std::int64_t from, std::int64_t to) const {
  if (to == from + 1) return 0;
  const std::int64_t n = intervals();
  const auto at = [&](std::int64_t a, std::int64_t b) {
    if (a < 0 || b < 0 || a >= n || b >= n) return 0.8f;
    return unlike[static_cast<std::size_t>(a * n + b)];
  };
  double cost = (at(from + 1, to) + 0.5 * at(from, to - 1) + 0.5 * at(from + 2, to + 1)) / 2;
  const int wanted = from + 1 < n ? place_in_bar[static_cast<std::size_t>(from + 1)] : -1, got = place_in_bar[static_cast<std::size_t>(to)];
  if (wanted >= 0 && got >= 0 && wanted != got) cost += kOffBar;
  return cost;
}

JumpTable jump_table(const std::vector<std::int64_t>& grid, const std::vector<BeatFeature>& features, const std::vector<int>& place_in_bar) {
  JumpTable table;
  table.grid = grid;
  table.place_in_bar = place_in_bar;
  const std::size_t n = features.size();
  std::vector<float> chroma(n * n), mfcc(n * n), level(n * n);
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b) {
      float likeness = 0, apart = 0;
      for (std::size_t k = 0; k < 12; ++k) likeness += features[a].chroma[k] * features[b].chroma[k];
      for (std::size_t k = 1; k < 13; ++k) apart += (features[a].mfcc[k] - features[b].mfcc[k]) * (features[a].mfcc[k] - features[b].mfcc[k]);
      chroma[a * n + b] = 1 - likeness;
      mfcc[a * n + b] = std::sqrt(apart);
      level[a * n + b] = std::min(12.0f, std::fabs(features[a].level_db - features[b].level_db));
    }
  const auto scale_c = static_cast<float>(1 / median_of(chroma)), scale_m = static_cast<float>(1 / median_of(mfcc)),
             scale_l = static_cast<float>(1 / std::max(1.0, median_of(level)));
  table.unlike.resize(n * n);
  for (std::size_t i = 0; i < n * n; ++i) table.unlike[i] = (scale_c * chroma[i] + scale_m * mfcc[i] + 0.5f * scale_l * level[i]) / 2.5f;
  return table;
}

std::vector<Run> cheapest_path(const JumpTable& table, const PathWanted& wanted) {
  const std::int64_t n = table.intervals();
  if (n < 3 || wanted.length < 1) return {};
  const std::int64_t longest_interval = [&] {
    std::int64_t most = 1;
    for (std::int64_t i = 0; i < n; ++i) most = std::max(most, table.grid[static_cast<std::size_t>(i) + 1] - table.grid[static_cast<std::size_t>(i)]);
    return most;
  }();
  const std::int64_t reach = wanted.length + longest_interval;
  const std::int64_t bin = std::max<std::int64_t>(1, reach / kMostBins);
  const std::int64_t bins = reach / bin + 2;
  const auto place = [&](std::int64_t i) { return table.grid[static_cast<std::size_t>(i)] / bin; };

  // The interval with which the shortest run from j ends; n if the piece ends before. The run up to the end always does.
  const auto landing_of = [&](std::int64_t j) {
    std::int64_t last = j;
    while (last + 1 < n && table.grid[static_cast<std::size_t>(last) + 1] - table.grid[static_cast<std::size_t>(j)] < wanted.shortest_run) ++last;
    return last;
  };
  std::vector<std::vector<Jump>> jumps(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<Jump>& from = jumps[static_cast<std::size_t>(i)];
    for (std::int64_t j = 0; j < n; ++j)
      if (std::abs(j - (i + 1)) >= 3) from.push_back({j, landing_of(j), joint_cost(table.cost(i, j))});
    const std::size_t kept = std::min(kCandidates, from.size());
    std::partial_sort(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(kept), from.end(), [](const Jump& a, const Jump& b) {
      return a.cost != b.cost ? a.cost < b.cost : a.to < b.to;
    });
    from.resize(kept);
  }

  struct State {
    float cost = std::numeric_limits<float>::max();
    std::int32_t before = -1;  ///< state from which it was reached
    std::int32_t entered = -1; ///< interval jumped to on the way; -1 for none
  };
  std::vector<State> states(static_cast<std::size_t>(bins * n));
  const auto reached = [&](std::int64_t time, std::int64_t i, float cost, std::int64_t before, std::int64_t entered) {
    if (time >= bins) return;
    State& state = states[static_cast<std::size_t>(time * n + i)];
    if (cost < state.cost) state = {cost, static_cast<std::int32_t>(before), static_cast<std::int32_t>(entered)};
  };
  for (std::int64_t start = 0; start < (wanted.keep_start ? 1 : n); ++start) {
    const std::int64_t first = landing_of(start);
    const bool off_bar = !wanted.keep_start && table.place_in_bar[static_cast<std::size_t>(start)] > 0;
    reached(place(first + 1) - place(start), first, off_bar ? static_cast<float>(kOffBar) : 0.0f, -1, start);
  }
  const double bin_s = static_cast<double>(bin) / wanted.rate.hz;
  float best = std::numeric_limits<float>::max();
  std::int64_t best_state = -1;
  const std::int64_t target = wanted.length / bin;
  for (std::int64_t time = 0; time < bins; ++time)
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t index = time * n + i;
      const State state = states[static_cast<std::size_t>(index)];
      if (state.cost == std::numeric_limits<float>::max()) continue;
      const std::int64_t miss = time - target;
      if (wanted.keep_end ? i == n - 1 : miss >= 0) {
        const double miss_s = static_cast<double>(std::abs(miss)) * bin_s;
      const float cost = state.cost + static_cast<float>(wanted.keep_end ? miss_s * (kMiss + kMissSquared * miss_s) : 0);
        if (cost < best) best = cost, best_state = index;
      }
      if (i + 1 < n) reached(time + place(i + 2) - place(i + 1), i + 1, state.cost, index, -1);
      for (const Jump& jump : jumps[static_cast<std::size_t>(i)])
        reached(time + place(jump.landing + 1) - place(jump.to), jump.landing, state.cost + jump.cost, index, jump.to);
    }
  if (best_state < 0) return {};
  std::vector<Run> runs;
  Run run{-1, best_state % n};
  for (std::int64_t index = best_state; index >= 0;) {
    const State& state = states[static_cast<std::size_t>(index)];
    if (state.entered >= 0) {
      run.first = state.entered;
      runs.push_back(run);
      if (state.before >= 0) run = {-1, state.before % n};
    }
    index = state.before;
  }
  std::reverse(runs.begin(), runs.end());
  return runs;
}

}  // namespace twopop::analysis::detail
