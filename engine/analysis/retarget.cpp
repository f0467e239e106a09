#include "analysis/retarget.h"

#include "analysis/detail/align_joint.h"
#include "analysis/detail/band_frames.h"
#include "analysis/detail/retarget_path.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kClearBeat = 1.5;     ///< clarity under which a beat is not trusted
constexpr double kGrid_s = 0.5;        ///< for music without a beat
constexpr double kAlign_s = 0.010;
constexpr double kCutFade_s = 0.25;    ///< over a tail that had to be cut

struct Grid {
  std::vector<std::int64_t> points;
  std::vector<int> place_in_bar;
};

Grid grid_of(const BeatTrack& beats, std::int64_t length, SampleRate rate) {
  Grid grid;
  const bool clear = beats.clarity >= kClearBeat && beats.beats.size() >= 8;
  grid.points.push_back(0);
  grid.place_in_bar.push_back(-1);
  if (clear) {
    for (std::size_t i = 0; i < beats.beats.size(); ++i) {
      const std::int64_t at = beats.beats[i].value;
      if (at < rate.hz / 10 || at > length - rate.hz / 10) continue;
      grid.points.push_back(at);
      grid.place_in_bar.push_back(((static_cast<int>(i) - beats.first_downbeat) % beats.beats_per_bar + beats.beats_per_bar) % beats.beats_per_bar);
    }
  } else {
    const auto step = static_cast<std::int64_t>(kGrid_s * rate.hz);
    for (std::int64_t at = step; at + step / 2 < length; at += step) {
      grid.points.push_back(at);
      grid.place_in_bar.push_back(-1);
    }
  }
  grid.points.push_back(length);
  return grid;
}

/// Starts of intervals, as beat_features wants them.
std::vector<SamplePosition> starts_of(const std::vector<std::int64_t>& grid) {
  std::vector<SamplePosition> starts;
  for (std::size_t i = 0; i + 1 < grid.size(); ++i) starts.push_back({grid[i]});
  return starts;
}

class Builder {
 public:
  Builder(const std::vector<float>& mono, SampleRate rate, const RetargetSettings& settings, const detail::JumpTable& table)
      : mono_(mono), rate_(rate), settings_(settings), table_(table), length_(static_cast<std::int64_t>(mono.size())) {}

  RetargetPlan build(const std::vector<detail::Run>& runs) {
    RetargetPlan plan;
    plan.length = settings_.length;
    std::int64_t heard = 0;
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const std::int64_t end = point(runs[r].last + 1);
      if (r == 0) {
        const std::int64_t begin = point(runs[r].first);
        plan.list.pieces.push_back({SamplePosition{begin}, SampleCount{end - begin}, {}, 0});
        heard = end - begin;
        continue;
      }
      // The crossfade ends on the beat: the stroke is wholly that of the new place.
      const std::int64_t leave = point(runs[r - 1].last + 1), enter = point(runs[r].first);
      std::int64_t fade = std::min({static_cast<std::int64_t>(settings_.crossfade_s * rate_.hz), enter, plan.list.pieces.back().length.value / 3});
      fade = std::max<std::int64_t>(0, std::min(fade, (end - enter) / 3));
      const auto reach = std::min(static_cast<std::int64_t>(kAlign_s * rate_.hz), enter - fade);
      const std::int64_t around = std::min({2 * fade, length_ - (leave - fade), length_ - (enter - fade)});
      const detail::Alignment aligned = detail::align_joint(mono_, leave - fade, enter - fade, around, reach);
      const std::int64_t begin = enter - fade + aligned.shift;
      plan.list.pieces.push_back({SamplePosition{begin}, SampleCount{end - begin}, SampleCount{fade}, std::clamp(aligned.correlation, 0.0, 1.0)});
      const double score = std::clamp(1 - table_.cost(runs[r - 1].last, runs[r].first), 0.0, 1.0);
      plan.splices.push_back({SamplePosition{heard - fade / 2}, SamplePosition{leave}, SamplePosition{enter + aligned.shift}, score, aligned.correlation, SampleCount{aligned.shift}});
      plan.worst_score = std::min(plan.worst_score, score);
      heard += end - begin - fade;
    }
    fit_tail(plan, heard);
    return plan;
  }

 private:
  std::int64_t point(std::int64_t i) const { return table_.grid[static_cast<std::size_t>(i)]; }

  /// Exactly the length: what is too long is cut off the tail, what is too short gets more of the piece, or silence after its end.
  void fit_tail(RetargetPlan& plan, std::int64_t heard) const {
    const std::int64_t miss = heard - plan.length.value;
    plan.absorbed = SampleCount{miss};
    dsp::SplicePiece& last = plan.list.pieces.back();
    bool cut = !settings_.keep_end;
    if (miss > 0) {
      last.length = SampleCount{std::max(last.fade_in.value + 1, last.length.value - miss)};
      cut = true;
    } else if (miss < 0) {
      const std::int64_t more = std::min(-miss, length_ - (last.source_begin.value + last.length.value));
      last.length = SampleCount{last.length.value + more};
    }
    if (cut) {
      const auto wanted = static_cast<std::int64_t>((settings_.keep_end ? kCutFade_s : settings_.end_fade_s) * rate_.hz);
      plan.fade_out = SampleCount{std::min(wanted, plan.length.value / 2)};
    }
    if (!settings_.keep_start && last.source_begin.value > 0) plan.fade_in = SampleCount{std::min<std::int64_t>(rate_.hz / 50, plan.length.value / 4)};
  }

  const std::vector<float>& mono_;
  SampleRate rate_;
  const RetargetSettings& settings_;
  const detail::JumpTable& table_;
  std::int64_t length_;
};

}  // namespace

Result<RetargetPlan> plan_retarget(AudioView<const float> music, SampleRate rate, const RetargetSettings& settings) {
  return plan_retarget(music, rate, settings, track_beats(music, rate));
}

Result<RetargetPlan> plan_retarget(AudioView<const float> music, SampleRate rate, const RetargetSettings& settings, const BeatTrack& beats) {
  if (settings.length.value < 1)
    return Error{Code::InvalidArgument, fmt::format("a cue of {} samples", settings.length.value), "give it a length"};
  if (music.frames() < rate.hz)
    return Error{Code::InvalidArgument, fmt::format("a piece of {:.2f} s is too short to be fitted", seconds(SampleCount{music.frames()}, rate)),
                 "use it as an effect, or choose a longer piece"};
  const std::vector<float> mono = detail::mono_of(music);
  const Grid grid = grid_of(beats, music.frames(), rate);
  const detail::JumpTable table = detail::jump_table(grid.points, beat_features(music, rate, starts_of(grid.points)), grid.place_in_bar);
  detail::PathWanted wanted{settings.length.value, 0, settings.keep_start, settings.keep_end, rate};
  // A cue of a few seconds cannot hold long runs.
  wanted.shortest_run = std::min(static_cast<std::int64_t>(settings.shortest_run_s * rate.hz), settings.length.value / 3);
  std::vector<detail::Run> runs = detail::cheapest_path(table, wanted);
  if (runs.empty()) {
    // As much as there is room for, from the start.
    std::int64_t last = 0;
    while (last + 1 < table.intervals() && table.grid[static_cast<std::size_t>(last) + 1] < settings.length.value) ++last;
    runs = {{0, last}};
  }
  RetargetPlan plan = Builder(mono, rate, settings, table).build(runs);
  plan.tempo_bpm = beats.clarity >= kClearBeat ? beats.tempo_bpm : 0;
  TWOPOP_CHECK(dsp::check(plan.list, SampleCount{music.frames()}));
  return plan;
}

Result<void> render_retarget(const RetargetPlan& plan, SamplePosition begin, const dsp::SourceReader& source, AudioView<float> out) {
  TWOPOP_CHECK(dsp::render_splices(plan.list, begin, source, out));
  const std::int64_t rise = plan.fade_in.value, fall = plan.fade_out.value, length = plan.length.value;
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    const std::int64_t at = begin.value + i;
    double gain = at < 0 || at >= length ? 0 : 1;
    if (at >= 0 && at < rise) gain *= (static_cast<double>(at) + 0.5) / static_cast<double>(rise);
    if (at < length && at >= length - fall) {
      const double x = (static_cast<double>(length - at) - 0.5) / static_cast<double>(fall);
      gain *= x * x * (3 - 2 * x);
    }
    if (gain != 1)
      for (int c = 0; c < out.channels(); ++c) out.at(c, i) *= static_cast<float>(gain);
  }
  return {};
}

}  // namespace twopop::analysis
