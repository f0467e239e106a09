#include "analysis/feet.h"

#include "analysis/detail/picture_field.h"
#include "core/result.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace twopop::analysis {
namespace {

using detail::Backdrop;
using detail::Field;
using detail::FieldSize;
using detail::Spot;

constexpr double kStillFrame = 0.15;      ///< mean change, grey levels: what is less is the frame before, shown again
constexpr int kMoves = 12;                ///< change of a point from frame to frame, grey levels
constexpr int kStandsOut = 20;            ///< from the backdrop, grey levels
constexpr double kRest_s = 0.17;          ///< a foot on the floor stays at least so long
constexpr double kGather_s = 0.1;         ///< heel, sole and toe come down within it
constexpr double kFresh_s = 0.35;         ///< ago the floor was still to be seen where the foot is
constexpr double kOneFoot_s = 0.22;       ///< settled spots so close in time are one contact
constexpr double kLeastStep_s = 0.25;     ///< of two contacts closer than this the larger stays
constexpr double kTravel_s = 0.6;
constexpr double kFurthestNeighbour_s = 1.0;
// Shares of the figure's height.
constexpr double kFootZone = 0.2, kBelowSole = 0.05, kOneFootApart = 0.15, kLeastTravel = 0.05, kMostWidth = 1.1;
// Shares of its square.
constexpr double kLeastFoot = 0.0012, kSureFoot = 0.004, kMostFoot = 0.03;
constexpr double kLeastFigure = 0.33;     ///< of the picture's height
constexpr int kEdge = 3;                  ///< points at the bottom where what is below the frame comes in
constexpr double kMostAtEdge = 0.22;      ///< width of what the frame's bottom cuts, of the figure's height: a leg, no body
constexpr double kLeaves_s = 1.0;         ///< after which whoever stood there has gone on
constexpr double kLeft = 0.4;             ///< of the figure's height: what moves is no longer above the spot
constexpr double kShadow = 0.6;           ///< of the floor's light: a shadow leaves more of it
constexpr double kSameSet = 0.7;          ///< share of points in which two shots of one set-up agree
constexpr int kShifts = 6;                ///< of a point where the camera moves, grey levels: sets are often flat
constexpr double kUnrest = 0.25;          ///< share of the points that shift: the camera does

/// A spot that came to rest in the lowest part of a figure.
struct Settled {
  std::size_t frame = 0;
  double x = 0, y = 0, area = 0, height = 0;
};

/// What a figure was like at a frame.
struct Figure {
  double x = 0, top = 0, bottom = 0;
  double height() const { return bottom - top + 1; }
};

int apart(std::uint8_t a, std::uint8_t b) { return std::abs(int{a} - int{b}); }

/// A shot, or a piece of a long one.
class Shot {
 public:
  Shot(const std::vector<Field>& frames, const std::vector<double>& times, FieldSize size) : frames_(frames), times_(times), size_(size) {}

  double length_s() const { return times_.empty() ? 0 : times_.back() - times_.front(); }

  bool camera_moves() const {
    std::vector<double> share;
    for (std::size_t j = 1; j < frames_.size(); ++j) {
      std::size_t moved = 0;
      for (std::size_t p = 0; p < size_.points(); ++p) moved += apart(frames_[j][p], frames_[j - 1][p]) > kShifts;
      share.push_back(static_cast<double>(moved) / static_cast<double>(size_.points()));
    }
    if (share.empty()) return false;
    std::nth_element(share.begin(), share.begin() + static_cast<std::ptrdiff_t>(share.size() / 2), share.end());
    return share[share.size() / 2] > kUnrest;
  }

  std::vector<FootContact> contacts(const Backdrop& backdrop) {
    std::vector<double> steps;
    for (std::size_t j = 1; j < times_.size(); ++j) steps.push_back(times_[j] - times_[j - 1]);
    std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2), steps.end());
    const double interval = std::max(1e-3, steps[steps.size() / 2]);
    rest_ = std::max<std::size_t>(2, static_cast<std::size_t>(std::ceil(kRest_s / interval)));
    gather_ = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(kGather_s / interval)));
    fresh_ = std::max<std::size_t>(2, static_cast<std::size_t>(std::lround(kFresh_s / interval)));
    for (std::size_t j = 1; j + 1 < frames_.size(); ++j) look_at(j, backdrop);
    return judged(grouped());
  }

 private:
  void look_at(std::size_t j, const Backdrop& backdrop) {
    const Field& now = frames_[j];
    Field out(size_.points());
    for (std::size_t p = 0; p < out.size(); ++p) out[p] = apart(now[p], backdrop.value[p]) > kStandsOut;
    const Field settled = settled_at(j, out, backdrop);
    // Parts of a figure that are as bright as what is behind them leave gaps in it.
    Field mask = detail::grown(detail::grown(out, size_), size_);
    for (const Spot& spot : detail::spots_of(mask, size_, static_cast<std::size_t>(size_.height) * static_cast<std::size_t>(size_.height) / 200)) {
      const std::optional<Figure> figure = figure_of(spot, j, backdrop);
      if (!figure) continue;
      look_at_feet(spot, *figure, settled, backdrop, j);
    }
  }

  /// Points that changed on the way to frame j, stand out, hold still after it and were floor a moment before.
  Field settled_at(std::size_t j, const Field& out, const Backdrop& backdrop) const {
    const std::size_t last = std::min(frames_.size() - 1, j + rest_), first = j > fresh_ ? j - fresh_ : 0;
    const Field& before = frames_[j > gather_ ? j - gather_ : 0];
    Field settled(size_.points());
    for (std::uint32_t p = 0; p < out.size(); ++p) {
      const std::uint8_t here = frames_[j][p];
      // A shadow dims the floor; a shoe hides it.
      if (!out[p] || apart(here, before[p]) <= kMoves || dimmed(p, j, backdrop)) continue;
      bool rests = true, was_floor = false;
      for (std::size_t k = j + 1; k <= last && rests; ++k) rests = apart(frames_[k][p], here) <= kMoves;
      for (std::size_t k = first; k < j && rests && !was_floor; ++k) was_floor = apart(frames_[k][p], backdrop.value[p]) <= kStandsOut;
      settled[p] = rests && was_floor;
    }
    return settled;
  }

  /// An upright figure that travels, or nothing.
  std::optional<Figure> figure_of(const Spot& spot, std::size_t j, const Backdrop& backdrop) {
    // Its shadow is wide and low: where the body is, most of the points are.
    std::vector<int> columns(static_cast<std::size_t>(size_.width));
    for (const std::uint32_t p : spot.points) ++columns[p % static_cast<std::uint32_t>(size_.width)];
    const auto quantile = [&](double share) {
      double sum = 0;
      for (int x = 0; x < size_.width; ++x) {
        sum += columns[static_cast<std::size_t>(x)];
        if (sum >= share * static_cast<double>(spot.points.size())) return x;
      }
      return size_.width - 1;
    };
    const int left = quantile(0.08), right = quantile(0.92);
    Figure figure{spot.centre_x, static_cast<double>(spot.top), static_cast<double>(spot.bottom)};
    // Of a figure that leaves the picture, the height is what it was a moment ago.
    double height = figure.height(), travel = 0;
    for (auto past = figures_.rbegin(); past != figures_.rend() && times_[j] - times_[past->first] <= kTravel_s; ++past) {
      if (past->first == j || std::fabs(past->second.x - figure.x) > 0.6 * past->second.height()) continue;
      height = std::max(height, past->second.height());
      travel = std::max({travel, std::fabs(past->second.x - figure.x), std::fabs(past->second.top - figure.top)});
    }
    if (figure.height() >= kLeastFigure * size_.height) figures_.push_back({j, figure});
    if (height < kLeastFigure * size_.height || figure.height() < 0.5 * height || right - left > kMostWidth * height || travel < kLeastTravel * height) return std::nullopt;
    // Where the frame cuts a body, its feet are below.
    int cut_left = size_.width, cut_right = -1;
    for (const std::uint32_t p : spot.points) {
      const int x = static_cast<int>(p) % size_.width, y = static_cast<int>(p) / size_.width;
      if (y >= size_.height - kEdge && !dimmed(p, j, backdrop)) cut_left = std::min(cut_left, x), cut_right = std::max(cut_right, x);
    }
    if (cut_right - cut_left > kMostAtEdge * height) return std::nullopt;
    figure.top = figure.bottom - height + 1;
    return figure;
  }

  void look_at_feet(const Spot& spot, const Figure& figure, const Field& settled, const Backdrop& backdrop, std::size_t j) {
    const double height = figure.height();
    Field feet(size_.points());
    for (const std::uint32_t p : spot.points)
      if (settled[p] && static_cast<double>(p / static_cast<std::uint32_t>(size_.width)) >= figure.bottom - kFootZone * height) feet[p] = 1;
    const Field kept = feet;
    Field joined = detail::grown(feet, size_);
    for (Spot& foot : detail::spots_of(joined, size_, 8)) {
      std::erase_if(foot.points, [&](std::uint32_t p) { return !kept[p]; });
      const auto area = static_cast<double>(foot.points.size());
      if (area < std::max(10.0, kLeastFoot * height * height) || area > kMostFoot * height * height) continue;
      if (foot.bottom >= size_.height - kEdge) continue;
      // Below a sole there is nothing of whoever stands on it.
      int lowest = foot.bottom;
      for (const std::uint32_t p : spot.points)
        if (const int x = static_cast<int>(p) % size_.width; x >= foot.left && x <= foot.right && !dimmed(p, j, backdrop)) lowest = std::max(lowest, static_cast<int>(p) / size_.width);
      if (lowest - foot.bottom > kBelowSole * height) continue;
      if (uncovered(foot, height, j)) continue;
      settled_.push_back({j, foot.centre_x, foot.centre_y, area, height});
    }
  }

  bool dimmed(std::uint32_t p, std::size_t j, const Backdrop& backdrop) const {
    return frames_[j][p] < backdrop.value[p] && frames_[j][p] > kShadow * backdrop.value[p];
  }

  /// Whether the spot is ground that came to light: it stays as it is while what moves goes elsewhere. (The backdrop takes
  /// for the set whoever stands in one place for most of a shot.)
  bool uncovered(const Spot& spot, double height, std::size_t j) const {
    for (std::size_t k = j + 1; k < frames_.size() && times_[k] - times_[j] < kLeaves_s; ++k) {
      double sum_x = 0, moved = 0;
      for (std::size_t p = 0; p < size_.points(); ++p)
        if (apart(frames_[k][p], frames_[k - 1][p]) > kMoves) sum_x += static_cast<double>(p % static_cast<std::size_t>(size_.width)), moved += 1;
      if (moved < 30 || std::fabs(sum_x / moved - spot.centre_x) < kLeft * height) continue;
      std::size_t same = 0;
      for (const std::uint32_t p : spot.points) same += apart(frames_[k][p], frames_[j][p]) <= kMoves;
      return 2 * same > spot.points.size();
    }
    return false;
  }

  struct Group {
    std::vector<Settled> parts;
    double area() const {
      return std::max_element(parts.begin(), parts.end(), [](const Settled& a, const Settled& b) { return a.area < b.area; })->area;
    }
    /// What first comes down of the foot, not what of it settles last.
    const Settled& first() const {
      return *std::find_if(parts.begin(), parts.end(), [half = area() / 2.5](const Settled& s) { return s.area >= half; });
    }
  };

  std::vector<Group> grouped() const {
    std::vector<Group> groups;
    for (const Settled& s : settled_) {
      Group* home = nullptr;
      for (Group& g : groups) {
        const Settled& last = g.parts.back();
        if (times_[s.frame] - times_[last.frame] <= kOneFoot_s && std::hypot(last.x - s.x, last.y - s.y) <= kOneFootApart * s.height) home = &g;
      }
      if (!home) home = &groups.emplace_back();
      home->parts.push_back(s);
    }
    return groups;
  }

  std::vector<FootContact> judged(const std::vector<Group>& groups) const {
    struct Candidate {
      FootContact contact;
      double share = 0;
        };
    std::vector<Candidate> found;
    for (const Group& g : groups) {
      const Settled& s = g.first();
      const double from = times_[s.frame - 1], to = times_[s.frame];
      const double within = std::max((to - from) / 2, gather_ > 1 ? kGather_s / 2 : 0.0);
      found.push_back({{(from + to) / 2, within, s.x / size_.width, s.y / size_.height, 0, ""}, g.area() / (s.height * s.height)});
    }
    std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) { return a.contact.time_s < b.contact.time_s; });
    // One walker has one foot at a time.
    for (std::size_t i = 0; i + 1 < found.size();) {
      if (found[i + 1].contact.time_s - found[i].contact.time_s >= kLeastStep_s) {
        ++i;
        continue;
      }
      found.erase(found.begin() + static_cast<std::ptrdiff_t>(found[i].share >= found[i + 1].share ? i + 1 : i));
    }
    std::vector<FootContact> out;
    for (std::size_t i = 0; i < found.size(); ++i) {
      double beside = 1e9;
      if (i > 0) beside = found[i].contact.time_s - found[i - 1].contact.time_s;
      if (i + 1 < found.size()) beside = std::min(beside, found[i + 1].contact.time_s - found[i].contact.time_s);
      FootContact c = found[i].contact;
      const bool walking = beside <= kFurthestNeighbour_s;
      // A lone step may be anything that was put down; small spots may be the hem of a coat.
      c.confidence = 0.49 * std::min(1.0, found[i].share / kSureFoot) + (walking ? 0.3 : 0);
      c.confidence = std::clamp(c.confidence, 0.05, 0.95);
      c.reason = fmt::format("a spot of {:.1f} thousandths of the figure's height squared comes to rest at its foot{}", 1000 * found[i].share,
                             walking ? fmt::format(", {:.2f} s from the next step", beside) : ", with no other step within a second");
      out.push_back(std::move(c));
    }
    return out;
  }

  const std::vector<Field>& frames_;
  const std::vector<double>& times_;
  FieldSize size_;
  std::size_t rest_ = 2, gather_ = 1, fresh_ = 4;
  std::vector<std::pair<std::size_t, Figure>> figures_;
  std::vector<Settled> settled_;
};

}  // namespace

struct FootSpotter::State {
  FieldSize size;
  std::vector<double> cuts;
  std::size_t next_cut = 0;
  std::vector<Field> frames;       ///< of the shot, those that differ from the one before
  std::vector<double> times;
  std::vector<Backdrop> sets;      ///< set-ups seen so far
  FeetSeen seen;

  void end_of_shot() {
    if (frames.size() >= 8) {
      Shot shot(frames, times, size);
      if (shot.camera_moves()) {
        seen.camera_moves_s += shot.length_s();
      } else {
        seen.looked_at_s += shot.length_s();
        const std::vector<FootContact> found = shot.contacts(backdrop());
        seen.contacts.insert(seen.contacts.end(), found.begin(), found.end());
      }
    }
    frames.clear();
    times.clear();
  }

  /// Of this shot, helped by earlier shots of the same set-up.
  const Backdrop& backdrop() {
    const Backdrop own = detail::backdrop_of(frames, size);
    for (Backdrop& set : sets) {
      std::size_t alike = 0;
      for (std::size_t p = 0; p < size.points(); ++p) alike += apart(set.value[p], own.value[p]) <= kMoves;
      if (static_cast<double>(alike) < kSameSet * static_cast<double>(size.points())) continue;
      for (std::size_t p = 0; p < size.points(); ++p)
        if (own.support[p] > set.support[p]) set.value[p] = own.value[p], set.support[p] = own.support[p];
      return set;
    }
    constexpr std::size_t kMostSets = 32;
    if (sets.size() >= kMostSets) sets.erase(sets.begin());
    return sets.emplace_back(own);
  }
};

FootSpotter::FootSpotter(int width, int height, std::vector<double> cuts_s) : state_(std::make_unique<State>()) {
  TWOPOP_ASSERT(width >= 32 && height >= 18);
  state_->size = {width, height};
  state_->cuts = std::move(cuts_s);
}
FootSpotter::~FootSpotter() = default;
FootSpotter::FootSpotter(FootSpotter&&) noexcept = default;
FootSpotter& FootSpotter::operator=(FootSpotter&&) noexcept = default;

void FootSpotter::add(std::span<const std::uint8_t> grey, double time_s) {
  State& s = *state_;
  TWOPOP_ASSERT(grey.size() == s.size.points());
  bool cut = false;
  while (s.next_cut < s.cuts.size() && s.cuts[s.next_cut] <= time_s + 1e-6) ++s.next_cut, cut = true;
  if (cut || static_cast<int>(s.frames.size()) >= kMostFrames) s.end_of_shot();
  Field field = detail::smoothed(grey, s.size);
  if (!s.frames.empty()) {
    std::int64_t sum = 0;
    for (std::size_t p = 0; p < field.size(); ++p) sum += apart(field[p], s.frames.back()[p]);
    if (static_cast<double>(sum) < kStillFrame * static_cast<double>(field.size())) return;
  }
  s.frames.push_back(std::move(field));
  s.times.push_back(time_s);
}

FeetSeen FootSpotter::finish() {
  state_->end_of_shot();
  return std::move(state_->seen);
}

}  // namespace twopop::analysis
