#include "analysis/loudness.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr std::int64_t kMomentarySteps = 40;
constexpr std::int64_t kShortTermSteps = 300;
constexpr std::int64_t kGateHop = 10;
constexpr double kAbsoluteGate = -70.0;

double loudness_of(double mean_square) { return mean_square > 0.0 ? -0.691 + 10.0 * std::log10(mean_square) : kNoLoudness; }
double mean_square_of(double loudness) { return std::pow(10.0, (loudness + 0.691) / 10.0); }

/// Sums of energy over any run of steps.
class Windows {
 public:
  explicit Windows(const LoudnessBlocks& blocks) : blocks_(blocks), until_(blocks.energy().size() + 1) {
    for (std::size_t i = 0; i < blocks.energy().size(); ++i) until_[i + 1] = until_[i] + blocks.energy()[i];
  }
  std::int64_t count() const { return static_cast<std::int64_t>(until_.size()) - 1; }
  /// Mean square of steps [end - length, end), counted from the first of the stretch; what lies before it is silence.
  double mean_square(std::int64_t end, std::int64_t length) const {
    const double sum = until_[static_cast<std::size_t>(end)] - until_[static_cast<std::size_t>(std::max<std::int64_t>(end - length, 0))];
    return std::max(0.0, sum) / static_cast<double>(samples(end, length));
  }
  std::int64_t samples(std::int64_t end, std::int64_t length) const {
    const std::int64_t first = blocks_.first_step();
    return (blocks_.grid().start_of(first + end) - blocks_.grid().start_of(first + end - length)).value;
  }
  /// Calls f(end, mean square) for each whole window that starts on a hundred milliseconds and lies in the stretch.
  template <class F>
  void each_whole(std::int64_t length, F&& f) const {
    const LoudnessGrid& grid = blocks_.grid();
    std::int64_t begin = mul_div(blocks_.first_step(), 1, kGateHop, Rounding::Ceiling) * kGateHop;
    if (grid.start_of(begin) < blocks_.range().begin) begin += kGateHop;
    for (; grid.start_of(begin + length) <= blocks_.range().end; begin += kGateHop) {
      const std::int64_t end = begin + length - blocks_.first_step();
      f(end, mean_square(end, length));
    }
  }

 private:
  const LoudnessBlocks& blocks_;
  std::vector<double> until_;
};

double greatest_window(const LoudnessBlocks& blocks, std::int64_t length) {
  const Windows windows(blocks);
  double most = 0.0;
  for (std::int64_t end = 1; end <= windows.count(); ++end) most = std::max(most, windows.mean_square(end, length));
  return loudness_of(most);
}

std::vector<float> series(const LoudnessBlocks& blocks, std::int64_t length, int every_steps) {
  const Windows windows(blocks);
  std::vector<float> values;
  for (std::int64_t end = every_steps; end <= windows.count(); end += every_steps)
    values.push_back(static_cast<float>(loudness_of(windows.mean_square(end, length))));
  return values;
}

}  // namespace

Lufs integrated_loudness(const LoudnessBlocks& blocks) {
  const Windows windows(blocks);
  const double absolute = mean_square_of(kAbsoluteGate);
  std::vector<double> passed;
  double sum = 0.0;
  windows.each_whole(kMomentarySteps, [&](std::int64_t, double ms) {
    if (ms < absolute) return;
    passed.push_back(ms);
    sum += ms;
  });
  if (passed.empty()) return {kNoLoudness};
  const double relative = 0.1 * sum / static_cast<double>(passed.size());
  double gated = 0.0;
  std::int64_t count = 0;
  for (const double ms : passed)
    if (ms >= relative) {
      gated += ms;
      ++count;
    }
  return {count ? loudness_of(gated / static_cast<double>(count)) : kNoLoudness};
}

Lufs dialogue_loudness(const LoudnessBlocks& blocks, std::span<const SampleRange> speech) {
  const Windows windows(blocks);
  const double absolute = mean_square_of(kAbsoluteGate);
  double sum = 0.0;
  std::int64_t count = 0;
  std::size_t next = 0;
  windows.each_whole(kMomentarySteps, [&](std::int64_t end, double ms) {
    const std::int64_t last = blocks.first_step() + end;
    const SampleRange block{blocks.grid().start_of(last - kMomentarySteps), blocks.grid().start_of(last)};
    while (next < speech.size() && speech[next].end <= block.begin) ++next;
    std::int64_t spoken = 0;
    for (std::size_t i = next; i < speech.size() && speech[i].begin < block.end; ++i)
      spoken += intersection(speech[i], block).length().value;
    if (2 * spoken < block.length().value || ms < absolute) return;
    sum += ms;
    ++count;
  });
  return {count ? loudness_of(sum / static_cast<double>(count)) : kNoLoudness};
}

Lu loudness_range(const LoudnessBlocks& blocks) {
  const Windows windows(blocks);
  const double absolute = mean_square_of(kAbsoluteGate);
  std::vector<double> passed;
  double sum = 0.0;
  windows.each_whole(kShortTermSteps, [&](std::int64_t, double ms) {
    if (ms < absolute) return;
    passed.push_back(ms);
    sum += ms;
  });
  if (passed.empty()) return {0.0};
  const double relative = 0.01 * sum / static_cast<double>(passed.size());
  std::erase_if(passed, [&](double ms) { return ms < relative; });
  std::sort(passed.begin(), passed.end());
  // Nearest rank, as in the reference code of Tech 3342.
  auto percentile = [&](double share) {
    return passed[static_cast<std::size_t>(std::lround(share * static_cast<double>(passed.size() - 1)))];
  };
  return {loudness_of(percentile(0.95)) - loudness_of(percentile(0.10))};
}

Lufs max_momentary(const LoudnessBlocks& blocks) { return {greatest_window(blocks, kMomentarySteps)}; }
Lufs max_short_term(const LoudnessBlocks& blocks) { return {greatest_window(blocks, kShortTermSteps)}; }

std::vector<float> momentary_series(const LoudnessBlocks& blocks, int every_steps) {
  return series(blocks, kMomentarySteps, every_steps);
}
std::vector<float> short_term_series(const LoudnessBlocks& blocks, int every_steps) {
  return series(blocks, kShortTermSteps, every_steps);
}

std::vector<float> integrated_series(const LoudnessBlocks& blocks) {
  // The relative gate moves with the mean, so past blocks can come and go: they are kept in a histogram of 0.01 LU, whose
  // sums of counts and energies are asked for above the gate (two Fenwick trees).
  constexpr int kBins = 10000;  // -70 .. +30 LUFS
  std::vector<double> energy(kBins + 1), count(kBins + 1);
  auto add = [&](int bin, double ms) {
    for (int i = bin + 1; i <= kBins; i += i & -i) {
      energy[static_cast<std::size_t>(i)] += ms;
      count[static_cast<std::size_t>(i)] += 1.0;
    }
  };
  auto below = [&](int bin) {
    std::pair<double, double> sums{};
    for (int i = bin; i > 0; i -= i & -i) {
      sums.first += energy[static_cast<std::size_t>(i)];
      sums.second += count[static_cast<std::size_t>(i)];
    }
    return sums;
  };
  auto bin_of = [](double loudness) {
    return std::clamp(static_cast<int>(std::floor((loudness - kAbsoluteGate) * 100.0)), 0, kBins - 1);
  };
  const Windows windows(blocks);
  std::vector<float> values(static_cast<std::size_t>(windows.count() / kGateHop), static_cast<float>(kNoLoudness));
  double sum = 0.0, blocks_passed = 0.0;
  std::size_t filled = 0;
  float latest = static_cast<float>(kNoLoudness);
  windows.each_whole(kMomentarySteps, [&](std::int64_t end, double ms) {
    const auto at = static_cast<std::size_t>(end / kGateHop);
    for (; filled + 1 < at && filled < values.size(); ++filled) values[filled] = latest;
    const double loudness = loudness_of(ms);
    if (loudness >= kAbsoluteGate) {
      add(bin_of(loudness), ms);
      sum += ms;
      blocks_passed += 1.0;
    }
    if (blocks_passed == 0.0) return;
    const auto [quiet_energy, quiet_count] = below(bin_of(loudness_of(sum / blocks_passed) - 10.0));
    latest = static_cast<float>(loudness_of((sum - quiet_energy) / (blocks_passed - quiet_count)));
  });
  for (; filled < values.size(); ++filled) values[filled] = latest;
  return values;
}

LoudnessFigures loudness_figures(const LoudnessBlocks& blocks) {
  return {integrated_loudness(blocks), loudness_range(blocks), max_momentary(blocks),
          max_short_term(blocks),      blocks.true_peak(),     blocks.sample_peak()};
}

}  // namespace twopop::analysis
