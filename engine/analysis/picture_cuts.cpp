#include "analysis/picture_cuts.h"

#include "core/result.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

namespace twopop::analysis {
namespace {

constexpr int kBlock = 4;           ///< pixels averaged to one
constexpr int kShiftX = 4, kShiftY = 3;
constexpr int kNeighbours = 12;     ///< frames to each side that a cut is compared with
constexpr std::size_t kOutliers = 3;  ///< neighbours that may differ as much: other cuts, flashes
constexpr double kLeastDifference = 4;      ///< grey levels of 255
constexpr double kLeastDecorrelation = 0.03;
constexpr double kLeastRatio = 2.5;
constexpr double kLeastPeak = 1.6;          ///< over the frames right beside it
constexpr double kLeastExposureStep = 2.5;  ///< grey levels by which a whole picture jumps
constexpr int kSteady = 3;                  ///< frames of rest at both ends of a gradual change
constexpr std::array kSpans{8, 12, 16, 24, 32, 48};

using Thumb = std::vector<float>;

struct Difference {
  double level = 0;          ///< mean absolute, grey levels, after the best global shift
  double decorrelation = 0;  ///< 1 - normalised cross-correlation, after the best global shift
  double exposure = 0;       ///< median change, grey levels: what the whole picture did, whoever moves in it
  double unevenness = 0;     ///< spread (inner quartiles) of the change
};

struct Size {
  int width, height;
};

Difference compare(const Thumb& now, const Thumb& before, Size size) {
  Difference best{1e9, 2};
  for (int dy = -kShiftY; dy <= kShiftY; ++dy)
    for (int dx = -kShiftX; dx <= kShiftX; ++dx) {
      const int y0 = std::max(0, dy), y1 = std::min(size.height, size.height + dy);
      const int x0 = std::max(0, dx), x1 = std::min(size.width, size.width + dx);
      if (y1 <= y0 || x1 <= x0) continue;
      float apart = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
      for (int y = y0; y < y1; ++y) {
        const float* p = now.data() + y * size.width;
        const float* q = before.data() + (y - dy) * size.width - dx;
        for (int x = x0; x < x1; ++x) {
          const float a = p[x], b = q[x];
          apart += std::fabs(a - b);
          sum_a += a;
          sum_b += b;
          aa += a * a;
          bb += b * b;
          ab += a * b;
        }
      }
      const double n = static_cast<double>(y1 - y0) * (x1 - x0);
      best.level = std::min(best.level, apart / n);
      const double mean_a = sum_a / n, mean_b = sum_b / n;
      // Four grey levels squared of noise keep two nearly flat pictures from being called different.
      const double correlation = (ab / n - mean_a * mean_b) /
                                 std::sqrt((std::max(0.0, aa / n - mean_a * mean_a) + 4) * (std::max(0.0, bb / n - mean_b * mean_b) + 4));
      best.decorrelation = std::min(best.decorrelation, 1 - correlation);
    }
  Thumb change(now.size());
  for (std::size_t i = 0; i < now.size(); ++i) change[i] = now[i] - before[i];
  std::sort(change.begin(), change.end());
  best.exposure = change[change.size() / 2];
  best.unevenness = change[change.size() * 3 / 4] - change[change.size() / 4];
  return best;
}

double mean_apart(const Thumb& a, const Thumb& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

/// Mean distance of `middle` from the point `share` of the way from a to b.
double off_the_line(const Thumb& a, const Thumb& b, const Thumb& middle, float share) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(middle[i] - (a[i] + share * (b[i] - a[i])));
  return sum / static_cast<double>(a.size());
}

double share_changed(const Thumb& a, const Thumb& b) {
  std::size_t changed = 0;
  for (std::size_t i = 0; i < a.size(); ++i) changed += std::fabs(a[i] - b[i]) > 6 ? 1 : 0;
  return static_cast<double>(changed) / static_cast<double>(a.size());
}

}  // namespace

struct CutDetector::State {
  Size full{}, size{};
  std::int64_t frames = 0;
  std::deque<Thumb> recent;           ///< the last frames, newest at the back
  std::vector<Difference> differences;  ///< of each frame from the one before
  std::vector<bool> returns;          ///< the pictures after this frame are like those before it
  std::vector<PictureCut> gradual;

  static constexpr std::size_t kKept = kSpans.back() + 2 * kSteady + 2;

  const Thumb& ago(int count) const { return recent[recent.size() - 1 - static_cast<std::size_t>(count)]; }

  /// A flash or a single foreign frame: what comes one, two or three frames later is what was there before.
  void look_for_return() {
    for (int gap = 2; gap <= 4; ++gap) {
      if (recent.size() <= static_cast<std::size_t>(gap)) return;
      const std::size_t start = static_cast<std::size_t>(frames) - static_cast<std::size_t>(gap);
      if (returns[start] || differences[start].level < kLeastDifference) continue;
      const Difference back = compare(ago(0), ago(gap), size);
      if (back.level < differences[start].level / 3)
        for (std::size_t i = start; i < returns.size(); ++i) returns[i] = true;
    }
  }

  void look_for_gradual() {
    for (int span : kSpans) {
      const int needed = span + 2 * kSteady;
      if (recent.size() <= static_cast<std::size_t>(needed)) return;
      const Thumb &a = ago(span + kSteady), &b = ago(kSteady);
      const double apart = mean_apart(a, b);
      if (apart < 12 || share_changed(a, b) < 0.6) continue;
      // At rest on both sides, moving steadily between: each half covers half the way.
      const double rest = std::max(mean_apart(ago(needed), a), mean_apart(ago(0), b));
      if (rest > 0.25 * apart) continue;
      double off = 0;
      for (float share : {0.25f, 0.5f, 0.75f})
        off = std::max(off, off_the_line(a, b, ago(kSteady + static_cast<int>(std::lround((1 - share) * static_cast<float>(span)))), share));
      if (off > 0.15 * apart) continue;
      if (compare(b, a, size).decorrelation < 0.15) continue;
      const std::int64_t middle = frames - 1 - kSteady - span / 2;
      const double confidence = std::clamp((0.15 - off / apart) / 0.15, 0.1, 0.9);
      if (!gradual.empty() && middle - gradual.back().frame <= span) {
        if (confidence > gradual.back().confidence) gradual.back() = {middle, span, confidence, CutKind::Gradual};
      } else {
        gradual.push_back({middle, span, confidence, CutKind::Gradual});
      }
      return;
    }
  }
};

CutDetector::CutDetector(int width, int height) : state_(std::make_unique<State>()) {
  TWOPOP_ASSERT(width >= 8 * kBlock && height >= 8 * kBlock);
  state_->full = {width, height};
  state_->size = {width / kBlock, height / kBlock};
}
CutDetector::~CutDetector() = default;
CutDetector::CutDetector(CutDetector&&) noexcept = default;
CutDetector& CutDetector::operator=(CutDetector&&) noexcept = default;

void CutDetector::add(std::span<const std::uint8_t> grey) {
  State& s = *state_;
  TWOPOP_ASSERT(grey.size() == static_cast<std::size_t>(s.full.width) * static_cast<std::size_t>(s.full.height));
  Thumb thumb(static_cast<std::size_t>(s.size.width * s.size.height), 0.0f);
  for (int y = 0; y < s.size.height * kBlock; ++y)
    for (int x = 0; x < s.size.width * kBlock; ++x)
      thumb[static_cast<std::size_t>(y / kBlock * s.size.width + x / kBlock)] +=
          static_cast<float>(grey[static_cast<std::size_t>(y * s.full.width + x)]) / (kBlock * kBlock);
  s.differences.push_back(s.recent.empty() ? Difference{} : compare(thumb, s.recent.back(), s.size));
  s.returns.push_back(false);
  s.recent.push_back(std::move(thumb));
  if (s.recent.size() > State::kKept) s.recent.pop_front();
  ++s.frames;
  s.look_for_return();
  s.look_for_gradual();
}

std::vector<PictureCut> CutDetector::finish() {
  State& s = *state_;
  std::vector<PictureCut> cuts;
  const auto count = static_cast<std::int64_t>(s.differences.size());
  const auto at = [&](std::int64_t i) { return s.differences[static_cast<std::size_t>(i)]; };
  // What neighbours usually do: the greatest but for some outliers.
  const auto usual_around = [&](std::int64_t i, auto measure) {
    std::vector<double> around;
    for (std::int64_t j = std::max<std::int64_t>(1, i - kNeighbours); j <= std::min(count - 1, i + kNeighbours); ++j)
      if (j != i) around.push_back(measure(at(j)));
    std::sort(around.rbegin(), around.rend());
    return around.empty() ? 0.0 : around[std::min(kOutliers, around.size() - 1)];
  };
  for (std::int64_t i = 1; i < count; ++i) {
    const Difference here = at(i);
    if (s.returns[static_cast<std::size_t>(i)]) continue;
    // Two takes of one still camera: nothing moves, but the exposure of all of the picture steps.
    const double step = std::fabs(here.exposure);
    if (step >= kLeastExposureStep && here.unevenness < 0.8 * step && here.level >= kLeastDifference &&
        step > 3 * (usual_around(i, [](const Difference& d) { return std::fabs(d.exposure); }) + 0.3) &&
        here.decorrelation < kLeastDecorrelation) {
      cuts.push_back({i, 1, 0.6, CutKind::Hard});
      continue;
    }
    if (here.level < kLeastDifference || here.decorrelation < kLeastDecorrelation) continue;
    const double usual = usual_around(i, [](const Difference& d) { return d.level; });
    const double beside = std::max(i > 1 ? at(i - 1).level : 0, i + 1 < count ? at(i + 1).level : 0);
    const double ratio = here.level / (usual + 0.5), peak = here.level / (beside + 0.5);
    // In the thick of action neighbours differ much as well: there the cut must be a great and lonely step.
    const bool clear = ratio >= kLeastRatio && peak >= kLeastPeak;
    const bool in_action = here.level > 30 && here.decorrelation > 0.25 && peak >= 1.9 && ratio >= 1.6;
    if (!clear && !in_action) continue;
    const double confidence = std::clamp(1 - 1.2 / std::min(ratio, 2 * peak), 0.1, 0.99) * (clear ? 1.0 : 0.8);
    cuts.push_back({i, 1, confidence, CutKind::Hard});
  }
  for (const PictureCut& change : s.gradual) {
    const bool hard_inside = std::any_of(cuts.begin(), cuts.end(), [&](const PictureCut& cut) {
      return cut.kind == CutKind::Hard && std::abs(cut.frame - change.frame) <= change.length;
    });
    if (!hard_inside) cuts.push_back(change);
  }
  std::sort(cuts.begin(), cuts.end(), [](const PictureCut& a, const PictureCut& b) { return a.frame < b.frame; });
  return cuts;
}

}  // namespace twopop::analysis
