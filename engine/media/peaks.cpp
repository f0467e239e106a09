#include "media/peaks.h"

#include "core/result.h"

#include <algorithm>
#include <cmath>

namespace twopop::media {
namespace {

/// Sums as a running mean, so that joining does not depend on how samples came in portions of whole peaks.
struct Join {
  float least = 0, most = 0;
  double energy = 0;
  std::int64_t samples = 0;

  void add(const Peak& peak, std::int64_t n) {
    if (n <= 0) return;
    least = samples ? std::min(least, peak.least) : peak.least;
    most = samples ? std::max(most, peak.most) : peak.most;
    energy += static_cast<double>(peak.mean_square) * static_cast<double>(n);
    samples += n;
  }
  Peak peak() const { return {least, most, samples ? static_cast<float>(energy / static_cast<double>(samples)) : 0.0f}; }
};

}  // namespace

float Peak::rms() const { return std::sqrt(mean_square); }

std::int64_t PeakPyramid::samples_of(std::int64_t peak) const { return std::clamp<std::int64_t>(length_ - peak * kSamplesAPeak, 0, kSamplesAPeak); }

void PeakPyramid::add(std::span<const float> samples) {
  if (samples.empty()) return;
  if (levels_.empty()) levels_.emplace_back();
  auto& base = levels_[0];
  const std::size_t from = base.empty() ? 0 : base.size() - 1;
  while (!samples.empty()) {
    const std::int64_t within = length_ % kSamplesAPeak;
    if (within == 0) base.push_back({samples[0], samples[0], 0.0f});
    Peak& peak = base.back();
    const auto n = std::min<std::size_t>(samples.size(), static_cast<std::size_t>(kSamplesAPeak - within));
    double energy = static_cast<double>(peak.mean_square) * static_cast<double>(within);
    for (const float x : samples.first(n)) {
      peak.least = std::min(peak.least, x);
      peak.most = std::max(peak.most, x);
      energy += static_cast<double>(x) * x;
    }
    peak.mean_square = static_cast<float>(energy / static_cast<double>(within + static_cast<std::int64_t>(n)));
    length_ += static_cast<std::int64_t>(n);
    samples = samples.subspan(n);
  }
  refresh_levels(from);
}

void PeakPyramid::append(const PeakPyramid& next) {
  TWOPOP_ASSERT(length_ % kSamplesAPeak == 0);
  if (next.length_ == 0) return;
  if (levels_.empty()) levels_.emplace_back();
  const std::size_t from = levels_[0].size();
  levels_[0].insert(levels_[0].end(), next.levels_[0].begin(), next.levels_[0].end());
  length_ += next.length_;
  refresh_levels(from);
}

PeakPyramid PeakPyramid::of(std::span<const Peak> peaks, SampleCount length) {
  PeakPyramid pyramid;
  TWOPOP_ASSERT(static_cast<std::int64_t>(peaks.size()) == (length.value + kSamplesAPeak - 1) / kSamplesAPeak);
  pyramid.levels_.emplace_back(peaks.begin(), peaks.end());
  pyramid.length_ = length.value;
  pyramid.refresh_levels(0);
  return pyramid;
}

/// Joins again whatever stands above peak `from` of level 0.
void PeakPyramid::refresh_levels(std::size_t from) {
  std::int64_t span = kSamplesAPeak;
  for (std::size_t level = 1; levels_[level - 1].size() > 1; ++level) {
    if (levels_.size() == level) levels_.emplace_back();
    const auto& below = levels_[level - 1];
    auto& here = levels_[level];
    const std::size_t size = (below.size() + kJoined - 1) / kJoined;
    // A level that did not exist is made from its start.
    from = std::min(from / static_cast<std::size_t>(kJoined), here.size());
    here.resize(size);
    for (std::size_t i = from; i < size; ++i) {
      Join join;
      for (std::size_t j = i * kJoined; j < std::min(below.size(), (i + 1) * kJoined); ++j)
        join.add(below[j], std::clamp<std::int64_t>(length_ - static_cast<std::int64_t>(j) * span, 0, span));
      here[i] = join.peak();
    }
    span *= kJoined;
  }
}

std::vector<Peak> PeakPyramid::view(SampleRange range, int bins) const {
  std::vector<Peak> out(static_cast<std::size_t>(std::max(0, bins)));
  const std::int64_t samples = range.length().value;
  if (bins <= 0 || samples <= 0 || levels_.empty()) return out;
  // The coarsest level that still has a peak a bin.
  std::size_t level = 0;
  std::int64_t span = kSamplesAPeak;
  while (level + 1 < levels_.size() && span * kJoined * bins <= samples) {
    ++level;
    span *= kJoined;
  }
  const auto& peaks = levels_[level];
  for (int i = 0; i < bins; ++i) {
    const std::int64_t begin = range.begin.value + mul_div(samples, i, bins, Rounding::Floor);
    const std::int64_t end = std::max(begin + 1, range.begin.value + mul_div(samples, i + 1, bins, Rounding::Floor));
    if (end <= 0) continue;
    const std::int64_t first = std::max<std::int64_t>(0, begin) / span;
    const std::int64_t last = std::min<std::int64_t>(static_cast<std::int64_t>(peaks.size()), std::max((end + span / 2) / span, first + 1));
    Join join;
    for (std::int64_t p = first; p < last; ++p)
      join.add(peaks[static_cast<std::size_t>(p)], std::clamp<std::int64_t>(length_ - p * span, 0, span));
    out[static_cast<std::size_t>(i)] = join.peak();
  }
  return out;
}

}  // namespace twopop::media
