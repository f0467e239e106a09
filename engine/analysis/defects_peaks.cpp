#include "analysis/detail/defects_detectors.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis::detail {
namespace {

constexpr float kLeastLevel = 0.03f;         // -30 dBFS: below it steps of 16 bits make flat tops
constexpr float kFullScale = 0.9998f;
constexpr float kSixteenBitStep = 1.01f / 32768.0f;

}  // namespace

FlatTops::FlatTops(SampleRate rate)
    : rate_(rate), around_(rate.hz / 100), near_run_(std::max<std::int64_t>(4, rate.hz / 7000)) {}

/// The wave rises by at least `least` within `reach` samples before the run, and falls as much after it; one of both twice as much.
bool FlatTops::corners(const float* x, std::int64_t begin, std::int64_t end, float least, int reach) const {
  const float sign = x[begin] < 0 ? -1.0f : 1.0f;
  const float rise = sign * (x[begin] - x[begin - reach]), fall = sign * (x[end - 1] - x[end - 1 + reach]);
  return std::min(rise, fall) >= least && std::max(rise, fall) >= 2.0f * least;
}

bool FlatTops::highest(const Stretch& stretch, std::int64_t begin, std::int64_t end, float tolerance) const {
  const float sign = stretch.x[begin] < 0 ? -1.0f : 1.0f;
  const float limit = std::fabs(stretch.x[begin]) * (1.0f + tolerance);
  const std::int64_t from = std::max(begin - around_, -stretch.margin), to = std::min(end + around_, stretch.count + stretch.margin);
  for (std::int64_t i = from; i < to; ++i)
    if (sign * stretch.x[i] > limit) return false;
  return true;
}

void FlatTops::judge(const Stretch& s) {
  const float* x = s.x;
  const std::int64_t last = s.count + s.margin - 4;
  for (std::int64_t i = std::max<std::int64_t>(0, free_from_ - s.begin.value); i < s.count; ++i) {
    const float level = std::fabs(x[i]);
    if (level < kLeastLevel) continue;
    if (std::fabs(x[i + 1] - x[i]) > 0.01f * level || std::fabs(x[i + 2] - x[i]) > 0.01f * level) continue;
    auto run_within = [&](float tolerance) {
      std::int64_t end = i + 1;
      while (end < last && std::fabs(x[end] - x[i]) <= tolerance) ++end;
      return end;
    };
    const float exact = std::max(kSixteenBitStep, 2e-4f * level);
    const std::int64_t exact_end = run_within(exact);
    const bool full = level >= kFullScale && exact_end - i >= 3;
    bool certain = full;
    std::int64_t end = exact_end;
    if (!full && !(exact_end - i >= 3 && corners(x, i, exact_end, 4.0f * exact, 1) && highest(s, i, exact_end, 0.005f))) {
      end = run_within(0.01f * level);
      if (end - i < near_run_ || !corners(x, i, end, 0.03f * level, 2) || !highest(s, i, end, 0.02f)) continue;
    } else {
      certain = full || end - i >= 6;
    }
    tops_.push_back({s.begin + SampleCount{i}, end - i, level, certain, end == exact_end});
    i = end - 1;
  }
  free_from_ = tops_.empty() ? free_from_ : tops_.back().begin.value + tops_.back().length;
}

void FlatTops::finish(int channel, std::vector<Defect>& out) {
  // A clipped wave is always cut at the same level: exact tops that agree with three others are no chance.
  std::vector<float> levels;
  for (const Top& top : tops_)
    if (top.exact) levels.push_back(top.level);
  std::sort(levels.begin(), levels.end());
  for (Top& top : tops_) {
    const float near = std::max(kSixteenBitStep, 5e-4f * top.level);
    if (top.exact && std::upper_bound(levels.begin(), levels.end(), top.level + near) -
                             std::lower_bound(levels.begin(), levels.end(), top.level - near) >= 4)
      top.certain = true;
  }
  // Otherwise it comes in clusters; a lone short top may be chance.
  const std::int64_t bridge = rate_.hz / 5;
  for (std::size_t first = 0; first < tops_.size();) {
    std::size_t end = first + 1;
    while (end < tops_.size() && (tops_[end].begin - tops_[end - 1].begin).value < bridge) ++end;
    std::int64_t samples = 0;
    double level = 0.0;
    bool certain = false;
    for (std::size_t i = first; i < end; ++i) {
      samples += tops_[i].length;
      level = std::max(level, static_cast<double>(tops_[i].level));
      certain = certain || tops_[i].certain;
    }
    if (certain || end - first >= 3) {
      const SampleRange range{tops_[first].begin, tops_[end - 1].begin + SampleCount{tops_[end - 1].length}};
      out.push_back({DefectKind::Clipping, range, channel, level_of(level).value, samples});
    }
    first = end;
  }
}

Gaps::Gaps(SampleRate rate)
    : rate_(rate),
      edge_(std::max<std::int64_t>(8, rate.hz / 1000)),
      least_(std::max<std::int64_t>(8, rate.hz / 1000)),
      least_held_(rate.hz * 3 / 1000),
      wide_(rate.hz / 50),
      long_(rate.hz / 2) {}

double Gaps::rms(const float* from, const float* to) const {
  double sum = 0.0;
  for (const float* x = from; x < to; ++x) sum += static_cast<double>(*x) * static_cast<double>(*x);
  return std::sqrt(sum / static_cast<double>(std::max<std::int64_t>(1, to - from)));
}

void Gaps::judge(const Stretch& s) {
  constexpr double kEdge = 0.002, kSound = 0.002;  // -54 dBFS
  for (std::int64_t i = 0; i < s.count; ++i) {
    const bool near_zero = std::fabs(s.x[i]) <= kSixteenBitStep;
    if (run_ > 0 && (zero_ ? near_zero : s.x[i] == s.x[i - 1])) {
      ++run_;
      if (run_ == (zero_ ? least_ : least_held_)) {
        const float* start = s.x + i + 1 - run_;
        before_ = rms(start - edge_, start);
        sound_before_ = rms(start - wide_, start);
      }
      continue;
    }
    if (run_ >= (zero_ ? least_ : least_held_) && seen_ + i > run_) {
      const double after = rms(s.x + i, s.x + i + edge_), sound_after = rms(s.x + i, s.x + i + wide_);
      const bool cut = before_ > kEdge && before_ > 0.25 * sound_before_, back = after > kEdge && after > 0.25 * sound_after;
      const bool sounds = sound_before_ > kSound && sound_after > kSound;
      if (sounds && (run_ < long_ ? cut || back : cut && back)) {
        const SamplePosition end = s.begin + SampleCount{i};
        found_.push_back({DefectKind::Dropout, {end - SampleCount{run_}, end}, -1, 1000.0 * seconds(SampleCount{run_}, rate_), 1});
      }
    }
    run_ = 1;
    zero_ = near_zero;
  }
  seen_ += s.count;
}

void Gaps::finish(int channel, std::vector<Defect>& out) {
  for (Defect& d : found_) {
    d.channel = channel;
    out.push_back(d);
  }
}

}  // namespace twopop::analysis::detail
