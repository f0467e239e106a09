#include "analysis/sync_group.h"

#include "analysis/sync_line.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twopop::analysis {
namespace {

/// second of one clip = scale x second of another + shift.
struct Affine {
  double scale = 1, shift = 0;
  double at(double x) const { return scale * x + shift; }
  Affine inverse() const { return {1 / scale, -shift / scale}; }
};
/// First b, then a.
Affine after(const Affine& a, const Affine& b) { return {a.scale * b.scale, a.scale * b.shift + a.shift}; }

Affine of_pair(const SyncResult& r) {
  const double scale = 1 + r.drift_ppm * 1e-6;
  return {scale, -r.offset_s * scale};
}

/// What a room may move the delay of one short clip by: direct sound and its first reflections change places.
constexpr double kRoom_s = 1.5e-4;

double trust(const GroupPair& pair) { return pair.result.confidence * std::min(pair.result.score, 1000.0); }

class Forest {
 public:
  explicit Forest(std::size_t size) : root_(size), from_root_(size) { std::iota(root_.begin(), root_.end(), std::size_t{0}); }
  bool together(std::size_t a, std::size_t b) const { return root_[a] == root_[b]; }
  /// Second of b at a second of a, along the tree.
  Affine between(std::size_t a, std::size_t b) const { return after(from_root_[b], from_root_[a].inverse()); }
  void join(std::size_t a, std::size_t b, const Affine& b_of_a) {
    const std::size_t gone = root_[b], kept = root_[a];
    const Affine move = after(from_root_[b].inverse(), after(b_of_a, from_root_[a]));  // gone root's second at kept root's
    for (std::size_t i = 0; i < root_.size(); ++i)
      if (root_[i] == gone) root_[i] = kept, from_root_[i] = after(from_root_[i], move);
  }

 private:
  std::vector<std::size_t> root_;
  std::vector<Affine> from_root_;
};

}  // namespace

std::optional<SharedClock> shared_clock(const std::vector<ClockPoint>& clips) {
  if (clips.empty()) return std::nullopt;
  double weights = 0, sum = 0;
  std::vector<DelayPoint> points;
  for (const ClockPoint& clip : clips) {
    const double sd = std::max(clip.drift_interval_ppm, 1e-3) / 2;
    weights += 1 / (sd * sd);
    sum += clip.drift_ppm / (sd * sd);
    if (clip.timed) points.push_back({clip.x_s, clip.y_s - clip.x_s, std::max(clip.error_s, kRoom_s)});
  }
  const SharedClock mean{sum / weights, 2 / std::sqrt(weights), false};
  if (points.size() < 2) return mean;
  const FittedLine line = fit_line(points, {1e-3, 0, 60e-6});
  // Labels that only name the frame scatter by milliseconds: they say nothing about the clock.
  for (const DelayPoint& p : points)
    if (std::abs(p.delay_s - line.delay_s - line.slope * (p.at_s - line.middle_s)) > 5e-4) return mean;
  return SharedClock{line.slope * 1e6, 2 * line.slope_error * 1e6, true};
}

Result<GroupResult> sync_group(const std::vector<GroupClip>& clips, const GroupOptions& options) {
  GroupResult group;
  const std::size_t count = clips.size();
  group.places.resize(count);
  if (options.anchor < 0 || static_cast<std::size_t>(options.anchor) >= count)
    return Error{Code::InvalidArgument, fmt::format("the anchor is clip {}, but there are {} clips", options.anchor + 1, count), "name one of the clips"};
  const std::size_t anchor = static_cast<std::size_t>(options.anchor);

  const auto compare = [&](std::size_t a, std::size_t b) -> Result<void> {
    auto reference = clips[a].open();
    auto file = clips[b].open();
    if (!reference || !file) {
      // A file that cannot be read costs itself, not the group.
      const Error& error = !reference ? reference.error() : file.error();
      group.log.push_back(fmt::format("{} and {} were not compared: {}", clips[a].name, clips[b].name, error.sentence()));
      return {};
    }
    auto result = sync_pair(**reference, **file, options.pair);
    if (!result) {
      group.log.push_back(fmt::format("{} and {} were not compared: {}", clips[a].name, clips[b].name, result.error().sentence()));
      return {};
    }
    group.pairs.push_back({static_cast<int>(a), static_cast<int>(b), *std::move(result), false, 0, {}});
    return {};
  };
  std::vector<bool> heard(count);
  heard[anchor] = true;
  for (std::size_t c = 0; c < count; ++c) {
    if (c == anchor) continue;
    TWOPOP_CHECK(compare(anchor, c));
    heard[c] = !group.pairs.empty() && group.pairs.back().file == static_cast<int>(c) && group.pairs.back().result.placed;
  }
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = a + 1; b < count; ++b) {
      if (a == anchor || b == anchor) continue;
      // Two clips of one device were recorded one after the other: they share no moment.
      if (!clips[a].device.empty() && clips[a].device == clips[b].device) continue;
      if (options.all_pairs || !heard[a] || !heard[b]) TWOPOP_CHECK(compare(a, b));
    }

  // Surest first; an edge that closes a cycle must agree with the path that is there (maximum spanning tree).
  std::vector<std::size_t> order(group.pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return trust(group.pairs[a]) > trust(group.pairs[b]); });
  Forest forest(count);
  for (const std::size_t i : order) {
    GroupPair& pair = group.pairs[i];
    if (!pair.result.placed) continue;
    const std::size_t a = static_cast<std::size_t>(pair.reference), b = static_cast<std::size_t>(pair.file);
    const Affine measured = of_pair(pair.result);
    if (!forest.together(a, b)) {
      forest.join(a, b, measured);
      continue;
    }
    const double middle = (pair.result.overlap_begin_s + pair.result.overlap_end_s) / 2;
    pair.cycle_residual_ms = (measured.at(middle) - forest.between(a, b).at(middle)) * 1e3;
    if (std::abs(pair.cycle_residual_ms) <= options.most_cycle_residual_ms) continue;
    pair.dropped = true;
    pair.why_dropped = fmt::format("{} against {} is {:.2f} ms off what surer pairs say together", clips[b].name, clips[a].name, pair.cycle_residual_ms);
    group.log.push_back(pair.why_dropped);
  }

  std::vector<double> middles(count, 0), errors(count, 1e-3);
  for (std::size_t c = 0; c < count; ++c) {
    GroupPlace& place = group.places[c];
    if (!forest.together(anchor, c)) {
      const GroupPair* best = nullptr;
      for (const GroupPair& pair : group.pairs)
        if ((pair.file == static_cast<int>(c) || pair.reference == static_cast<int>(c)) && (!best || pair.result.score > best->result.score)) best = &pair;
      place.reason = best ? best->result.reason : "it could not be compared with any other clip";
      continue;
    }
    const Affine from_anchor = forest.between(anchor, c);
    place.placed = true;
    place.drift_ppm = (from_anchor.scale - 1) * 1e6;
    place.offset_s = -from_anchor.shift / from_anchor.scale;
    place.confidence = 1;
    place.reason = "the anchor";
    place.drift_interval_ppm = c == anchor ? 0 : 120;
    middles[c] = place.offset_s;
    const GroupPair* best = nullptr;
    for (const GroupPair& pair : group.pairs)
      if (!pair.dropped && pair.result.placed && pair.file == static_cast<int>(c) && (!best || trust(pair) > trust(*best))) best = &pair;
    for (const GroupPair& pair : group.pairs)
      if (!pair.dropped && pair.result.placed && pair.reference == static_cast<int>(c) && c != anchor && !best) best = &pair;
    if (best && c != anchor) {
      place.confidence = best->result.confidence;
      place.drift_interval_ppm = best->result.drift_interval_ppm;
      place.reason = fmt::format("against {}: {}", clips[static_cast<std::size_t>(best->file == static_cast<int>(c) ? best->reference : best->file)].name, best->result.reason);
      errors[c] = best->result.offset_interval_s / 2;
      if (best->reference == options.anchor) {
        place.steps = best->result.steps;
        middles[c] = (best->result.overlap_begin_s + best->result.overlap_end_s) / 2;
      }
    }
  }

  std::vector<std::string> devices;
  for (const GroupClip& clip : clips)
    if (!clip.device.empty() && std::find(devices.begin(), devices.end(), clip.device) == devices.end()) devices.push_back(clip.device);
  for (const std::string& device : devices) {
    std::vector<int> own;
    for (std::size_t c = 0; c < count; ++c)
      if (clips[c].device == device && c != anchor && group.places[c].placed) own.push_back(static_cast<int>(c));
    if (own.size() < 2) continue;
    std::vector<ClockPoint> points;
    for (const int c : own) {
      const GroupPlace& place = group.places[static_cast<std::size_t>(c)];
      const auto& start = clips[static_cast<std::size_t>(c)].start_of_day_s;
      const double t = middles[static_cast<std::size_t>(c)];
      points.push_back({place.drift_ppm, place.drift_interval_ppm, start && place.steps.empty(), t,
                        start.value_or(0) + (t - place.offset_s) * (1 + place.drift_ppm * 1e-6), errors[static_cast<std::size_t>(c)]});
    }
    const SharedClock clock = *shared_clock(points);
    for (const int c : own) {
      GroupPlace& place = group.places[static_cast<std::size_t>(c)];
      const double t = middles[static_cast<std::size_t>(c)], at = (t - place.offset_s) * (1 + place.drift_ppm * 1e-6);
      place.drift_ppm = clock.drift_ppm;
      place.drift_interval_ppm = clock.drift_interval_ppm;
      place.offset_s = t - at / (1 + clock.drift_ppm * 1e-6);
    }
    group.log.push_back(fmt::format("{}: {} clips share a drift of {:+.3f} ppm (+-{:.3f}){}", device, own.size(), clock.drift_ppm, clock.drift_interval_ppm,
                                    clock.by_timecode ? ", their timecode keeps their distances" : ""));
  }
  return group;
}

}  // namespace twopop::analysis
