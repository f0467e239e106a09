#include "analysis/loop_plan.h"

#include "analysis/detail/align_joint.h"
#include "analysis/detail/ambience_frames.h"
#include "core/random.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace twopop::analysis {
namespace {

constexpr double kLeastUsable_s = 0.06;
constexpr std::size_t kMostPieces = 1000;
constexpr double kAlignReach_s = 0.010;
// In units of the recording's own distance between neighbouring regions:
constexpr double kStaleness = 2;   ///< cost of hearing again what was heard last
constexpr double kDice = 0.4;      ///< spread of the draw among equally good joins

/// Pieces, joins and crossfades measured in hops of the analysis frames.
class Planner {
 public:
  Planner(AudioView<const float> recording, SampleRate rate, const LoopSettings& settings, std::span<const SampleRange> allowed)
      : settings_(settings), rate_(rate), length_(recording.frames()), mono_(detail::mono_of(recording)), dice_(settings.seed, 0x100b) {
    facts_.events = find_events(recording, rate);
    std::vector<SampleRange> parts(allowed.begin(), allowed.end());
    if (parts.empty()) parts.push_back({SamplePosition{0}, SamplePosition{length_}});
    double usable = 0, longest = 0;
    for (SampleRange& part : parts) {
      part = intersection(part, {SamplePosition{0}, SamplePosition{length_}});
      usable += seconds(part.length(), rate);
    }
    usable_s_ = usable;
    double calmest = 0;
    for (const SampleRange& run : calm_runs(parts)) calmest = std::max(calmest, seconds(run.length(), rate));
    for (const SampleRange& run : parts) longest = std::max(longest, seconds(run.length(), rate));
    avoid_events_ = calmest >= kLeastUsable_s;  // nothing but events: then they are the ambience
    if (!avoid_events_) calmest = longest;
    if (settings.without_events) longest = calmest;
    longest_s_ = std::min(settings.longest_piece_s, 0.9 * longest);
    // A bed that is heard between events must be made of pieces that fit between them.
    shortest_s_ = std::min({settings.shortest_piece_s, longest_s_ / 3, 0.6 * calmest});
    const double crossfade = std::min(settings.crossfade_s, shortest_s_ / 2.5);
    frames_ = detail::ambience_frames(recording, rate, std::clamp(crossfade / 2, 0.003, 0.043));
    hop_ = frames_.bands.hop;
    fade_ = std::max<std::int64_t>(2, std::llround(crossfade * rate.hz / static_cast<double>(hop_)));
    shortest_ = std::max<std::int64_t>(2 * fade_ + 1, hops(shortest_s_));
    longest_ = std::max(shortest_ + 1, hops(longest_s_));
    mark(parts);
  }

  double usable_s() const { return usable_s_; }

  Result<LoopFacts> plan() {
    measure_regions();
    if (entries_.empty())
      return Error{Code::InvalidArgument, fmt::format("no stretch of {:.3f} s in the recording can be looped", seconds(SampleCount{shortest_ * hop_}, rate_)),
                   "give a longer recording or longer pauses"};
    const auto turn = static_cast<std::int64_t>(settings_.turn_s * rate_.hz / static_cast<double>(hop_));
    std::int64_t enter = first_entry(), at = 0, shift = 0;
    const std::int64_t first = enter;
    double correlation = 0;
    std::vector<double> distances;
    auto& pieces = facts_.plan.list.pieces;
    facts_.plan.list.cyclic = true;
    while (true) {
      const bool last = at >= turn || pieces.size() >= kMostPieces;
      const Join join = last ? close(enter, first, at) : next_join(enter, at);
      distances.push_back(join.distance);
      const std::int64_t begin = enter * hop_ + shift;
      std::int64_t end = (join.leave + fade_) * hop_;
      const std::int64_t fade = fade_ * hop_, reach = static_cast<std::int64_t>(kAlignReach_s * rate_.hz);
      pieces.push_back({SamplePosition{begin}, SampleCount{end - begin}, SampleCount{fade}, correlation});
      if (last) {
        // The first piece lies where it lies: move the end of the last one instead.
        const SamplePosition target = pieces.front().source_begin;
        const detail::Alignment aligned = detail::align_joint(mono_, target.value, end - fade, fade, reach);
        pieces.back().length = SampleCount{pieces.back().length.value + aligned.shift};
        pieces.front().correlation = std::clamp(aligned.correlation, 0.0, 1.0);
        break;
      }
      const detail::Alignment aligned = detail::align_joint(mono_, end - fade, join.enter * hop_, fade, reach);
      shift = aligned.shift;
      correlation = std::clamp(aligned.correlation, 0.0, 1.0);
      at += join.leave - enter;
      enter = join.enter;
    }
    summarise(distances);
    TWOPOP_CHECK(dsp::check(facts_.plan.list, SampleCount{length_}));
    return std::move(facts_);
  }

 private:
  struct Join {
    std::int64_t leave = 0, enter = 0;
    double distance = 0;
  };

  std::int64_t hops(double s) const { return std::max<std::int64_t>(1, static_cast<std::int64_t>(s * rate_.hz / static_cast<double>(hop_))); }

  /// Allowed stretches between events.
  std::vector<SampleRange> calm_runs(const std::vector<SampleRange>& parts) const {
    std::vector<SampleRange> out;
    for (const SampleRange& part : parts) {
      SamplePosition from = part.begin;
      for (const AmbienceEvent& event : facts_.events) {
        if (!event.range.overlaps(part)) continue;
        if (event.range.begin > from) out.push_back({from, event.range.begin});
        from = std::max(from, event.range.end);
      }
      if (from < part.end) out.push_back({from, part.end});
    }
    return out;
  }

  /// What each hop of the recording holds: whether it may be heard, and which event.
  void mark(const std::vector<SampleRange>& parts) {
    const std::int64_t count = length_ / hop_;
    allowed_.assign(static_cast<std::size_t>(count + 1), false);
    event_.assign(static_cast<std::size_t>(count + 1), -1);
    for (const SampleRange& part : parts)
      for (std::int64_t n = (part.begin.value + hop_ - 1) / hop_; (n + 1) * hop_ <= part.end.value; ++n) allowed_[static_cast<std::size_t>(n)] = true;
    for (std::size_t e = 0; e < facts_.events.size(); ++e)
      for (std::int64_t n = facts_.events[e].range.begin.value / hop_; n <= std::min(count, facts_.events[e].range.end.value / hop_); ++n)
        event_[static_cast<std::size_t>(n)] = static_cast<int>(e);
    if (settings_.without_events && avoid_events_)
      for (std::size_t n = 0; n < event_.size(); ++n)
        if (event_[n] >= 0) allowed_[n] = false;
    last_heard_.assign(static_cast<std::size_t>(count + 1), kNever);
    event_heard_.assign(facts_.events.size(), kNever);
  }

  bool calm(std::int64_t n) const {
    return allowed_[static_cast<std::size_t>(n)] && (!avoid_events_ || event_[static_cast<std::size_t>(n)] < 0);
  }

  /// Mean band levels over each crossfade region, where one may lie; and how unlike neighbouring regions are.
  void measure_regions() {
    const std::int64_t count = length_ / hop_;
    const int bands = frames_.bands.bands;
    regions_.assign(static_cast<std::size_t>(count + 1) * static_cast<std::size_t>(bands), 0.0f);
    region_ok_.assign(static_cast<std::size_t>(count + 1), false);
    // A hop beside the ends is left over for the alignment.
    const std::int64_t spare = 1 + static_cast<std::int64_t>(kAlignReach_s * rate_.hz) / hop_;
    for (const bool strict : {true, false}) {
      for (std::int64_t n = 0; n + fade_ <= count; ++n) {
        bool ok = true;
        for (std::int64_t k = n; k < n + fade_ && ok; ++k) ok = strict ? calm(k) : static_cast<bool>(allowed_[static_cast<std::size_t>(k)]);
        for (std::int64_t k = 1; k <= spare && ok; ++k)
          ok = n - k >= 0 && n + fade_ + k - 1 < count && allowed_[static_cast<std::size_t>(n - k)] && allowed_[static_cast<std::size_t>(n + fade_ + k - 1)];
        if (!ok) continue;
        region_ok_[static_cast<std::size_t>(n)] = true;
        for (int b = 0; b < bands; ++b) {
          float sum = 0;
          for (std::int64_t k = n; k <= n + fade_; ++k) sum += frames_.bands.row(std::min(k, frames_.bands.frames - 1))[b];
          regions_[static_cast<std::size_t>(n * bands + b)] = 10 * std::log10(sum / static_cast<float>(fade_ + 1) + frames_.floor);
        }
      }
      find_entries();
      if (!entries_.empty()) break;  // joins within events only where there is no other place
    }
    std::vector<double> own;
    for (std::int64_t n = 0; n + 2 * fade_ <= count; n += std::max<std::int64_t>(1, fade_ / 2))
      if (region_ok_[static_cast<std::size_t>(n)] && region_ok_[static_cast<std::size_t>(n + fade_)]) own.push_back(distance(n, n + fade_));
    std::sort(own.begin(), own.end());
    if (!own.empty()) {
      facts_.own_distance_median_db = own[own.size() / 2];
      facts_.own_distance_p90_db = own[own.size() * 9 / 10];
    }
  }

  void find_entries() {
    entries_.clear();
    const auto count = static_cast<std::int64_t>(region_ok_.size());
    for (std::int64_t n = 0; n < count; ++n)
      if (region_ok_[static_cast<std::size_t>(n)] && furthest_leave(n, kNever, false) >= n + shortest_ - fade_) entries_.push_back(n);
  }

  /// The last place where a piece that entered at n may begin to leave; less than n if none. Events heard within the
  /// rest before `at` are not to be heard again where `mind_events`.
  std::int64_t furthest_leave(std::int64_t n, std::int64_t at, bool mind_events) const {
    const auto count = static_cast<std::int64_t>(region_ok_.size());
    const auto rest = hops(settings_.event_rest_s);
    std::int64_t best = n - 1;
    for (std::int64_t k = n; k < std::min(count, n + longest_) && allowed_[static_cast<std::size_t>(k)]; ++k) {
      const int event = event_[static_cast<std::size_t>(k)];
      if (mind_events && event >= 0 && event_heard_[static_cast<std::size_t>(event)] != kNever && at + (k - n) - event_heard_[static_cast<std::size_t>(event)] < rest)
        break;
      if (region_ok_[static_cast<std::size_t>(k)] && k + fade_ <= n + longest_ && k + fade_ < count) best = k;
    }
    // The crossfade behind the leave must be heard as well.
    return best;
  }

  double distance(std::int64_t a, std::int64_t b) const {
    const int bands = frames_.bands.bands;
    const float* p = regions_.data() + a * bands;
    const float* q = regions_.data() + b * bands;
    float sum = 0;
    for (int i = 0; i < bands; ++i) sum += std::fabs(p[i] - q[i]);
    return sum / static_cast<float>(bands);
  }

  /// 0 for what was never heard .. 1 for what is being heard, over a first stretch of a piece.
  double staleness(std::int64_t n, std::int64_t at) const {
    const double memory = std::max(1.0, 0.9 * usable_s_ * rate_.hz / static_cast<double>(hop_));
    double sum = 0;
    for (std::int64_t k = n; k < n + shortest_; k += std::max<std::int64_t>(1, shortest_ / 8)) {
      const std::int64_t heard = last_heard_[static_cast<std::size_t>(std::min<std::int64_t>(k, static_cast<std::int64_t>(last_heard_.size()) - 1))];
      if (heard != kNever) sum += std::max(0.0, 1 - static_cast<double>(at - heard) / memory);
    }
    return sum / 8;
  }

  std::int64_t first_entry() { return entries_[dice_.below(static_cast<std::uint32_t>(entries_.size()))]; }

  Join next_join(std::int64_t enter, std::int64_t at) {
    for (const bool mind_events : {true, false}) {
      const std::int64_t furthest = furthest_leave(enter, at, mind_events);
      // A drawn length, and what lies near it.
      const std::int64_t low = enter + shortest_ - fade_;
      if (furthest < low) continue;
      const auto wanted = static_cast<std::int64_t>(dice_.uniform(static_cast<double>(low), static_cast<double>(furthest + 1)));
      const std::int64_t from = std::max(low, wanted - hops(1.0)), to = std::min(furthest, wanted + hops(1.0));
      std::vector<std::int64_t> leaves;
      for (std::int64_t k = from; k <= to; ++k)
        if (region_ok_[static_cast<std::size_t>(k)]) leaves.push_back(k);
      if (leaves.empty()) leaves.push_back(furthest);
      // What this piece says must be known before the next is chosen.
      remember(enter, leaves.back() + fade_, at);
      Join best;
      const double own = std::max(0.1, facts_.own_distance_median_db);
      double cheapest = std::numeric_limits<double>::max();
      for (const std::int64_t e : entries_) {
        const double stale = own * (kStaleness * staleness(e, at) + kDice * dice_.uniform(0, 1));
        if (stale >= cheapest || furthest_leave(e, at + leaves.front() - enter, mind_events) < e + shortest_ - fade_) continue;
        for (const std::int64_t leave : leaves) {
          if (std::abs(e - leave) < shortest_ && entries_.size() > 2 * static_cast<std::size_t>(shortest_)) continue;  // that is no join but a stutter
          const double apart = distance(leave, e);
          if (apart + stale < cheapest) cheapest = apart + stale, best = {leave, e, apart};
        }
      }
      if (cheapest < std::numeric_limits<double>::max()) return best;
    }
    // Nothing else is there: the same stretch again.
    const std::int64_t leave = std::max(enter + shortest_ - fade_, furthest_leave(enter, at, false));
    return {leave, entries_.front(), distance(leave, entries_.front())};
  }

  Join close(std::int64_t enter, std::int64_t first, std::int64_t at) {
    Join best{-1, first, std::numeric_limits<double>::max()};
    std::int64_t furthest = furthest_leave(enter, at, true);
    if (furthest < enter + shortest_ - fade_) furthest = furthest_leave(enter, at, false);
    for (std::int64_t leave = enter + shortest_ - fade_; leave <= furthest; ++leave) {
      if (!region_ok_[static_cast<std::size_t>(leave)]) continue;
      const double apart = distance(leave, first);
      if (apart < best.distance) best = {leave, first, apart};
    }
    if (best.leave < 0) best = {furthest, first, distance(furthest, first)};
    return best;
  }

  void remember(std::int64_t from, std::int64_t to, std::int64_t at) {
    for (std::int64_t k = from; k < to; ++k) {
      last_heard_[static_cast<std::size_t>(k)] = at + k - from;
      const int event = event_[static_cast<std::size_t>(k)];
      if (event >= 0) event_heard_[static_cast<std::size_t>(event)] = at + k - from;
    }
  }

  void summarise(const std::vector<double>& distances) {
    facts_.joins = static_cast<int>(distances.size());
    for (const double d : distances) {
      facts_.join_distance_db += d / static_cast<double>(distances.size());
      facts_.worst_join_distance_db = std::max(facts_.worst_join_distance_db, d);
    }
  }

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min() / 2;

  LoopSettings settings_;
  SampleRate rate_;
  std::int64_t length_, hop_ = 0, fade_ = 0, shortest_ = 0, longest_ = 0;
  double usable_s_ = 0, longest_s_ = 0, shortest_s_ = 0;
  bool avoid_events_ = true;
  std::vector<float> mono_;
  RandomStream dice_;
  detail::AmbienceFrames frames_;
  std::vector<bool> allowed_, region_ok_;
  std::vector<int> event_;
  std::vector<float> regions_;
  std::vector<std::int64_t> entries_, last_heard_, event_heard_;
  LoopFacts facts_;
};

}  // namespace

Result<LoopFacts> plan_loop(AudioView<const float> recording, SampleRate rate, const LoopSettings& settings, std::span<const SampleRange> allowed) {
  const double usable = [&] {
    double sum = allowed.empty() ? seconds(SampleCount{recording.frames()}, rate) : 0;
    for (const SampleRange& part : allowed) sum += seconds(intersection(part, {SamplePosition{0}, SamplePosition{recording.frames()}}).length(), rate);
    return sum;
  }();
  if (recording.channels() < 1 || usable < kLeastUsable_s)
    return Error{Code::InvalidArgument, fmt::format("{:.3f} s of sound cannot be looped", usable), "give at least 60 ms"};
  return Planner(recording, rate, settings, allowed).plan();
}

}  // namespace twopop::analysis
