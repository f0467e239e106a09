#include "analysis/conform.h"

#include "analysis/sync_coarse.h"
#include "analysis/sync_fine.h"
#include "analysis/sync_foreground.h"
#include "analysis/sync_judge.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kWindow_s = 1.6;
constexpr double kHop_s = 0.01;  // of the match along a shot

/// Windows of the guide that lie on one line in a source.
struct Run {
  double begin_s = 0, end_s = 0;  // middles of its first and last window
  double lead_s = 0;              // source second minus guide second
  double strength = 0;
  int windows = 0;
};

std::vector<Run> runs_of(std::vector<WindowPeak> peaks, double hop_s) {
  // Same lead, neighbouring in time: sorted by lead, cut where it jumps, then cut where time does.
  std::sort(peaks.begin(), peaks.end(), [](const WindowPeak& a, const WindowPeak& b) {
    const double x = a.other_s - a.at_s, y = b.other_s - b.at_s;
    return x != y ? x < y : a.at_s < b.at_s;
  });
  std::vector<Run> runs;
  for (std::size_t i = 0; i < peaks.size();) {
    std::size_t j = i + 1;
    const auto lead = [&](std::size_t k) { return peaks[k].other_s - peaks[k].at_s; };
    while (j < peaks.size() && lead(j) - lead(j - 1) < 0.002 && lead(j) - lead(i) < 0.02) ++j;
    std::vector<WindowPeak> group(peaks.begin() + static_cast<std::ptrdiff_t>(i), peaks.begin() + static_cast<std::ptrdiff_t>(j));
    i = j;
    std::sort(group.begin(), group.end(), [](const WindowPeak& a, const WindowPeak& b) { return a.at_s < b.at_s; });
    Run run;
    double squares = 0, leads = 0;
    const auto close = [&] {
      if (run.windows > 0) {
        run.strength = std::sqrt(squares);
        run.lead_s = leads / squares;
        runs.push_back(run);
      }
      run = {};
      squares = leads = 0;
    };
    for (const WindowPeak& p : group) {
      if (run.windows > 0 && p.at_s - run.end_s > kWindow_s + 2 * hop_s) close();
      if (run.windows == 0) run.begin_s = p.at_s;
      run.end_s = p.at_s;
      ++run.windows;
      squares += p.height * p.height;
      leads += p.height * p.height * (p.other_s - p.at_s);
    }
    close();
  }
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.strength > b.strength; });
  return runs;
}

struct Shot {
  int source = 0;
  double begin_s = 0, end_s = 0;
  FineResult fine;
  SyncResult judged;
  double likeness = 0;  // upper quartile of the match inside
  bool copy = false;    // the guide is this recording, not another microphone (likeness alone may be the room's)
};

/// Stretch of the largest sum of (match - threshold).
std::pair<std::size_t, std::size_t> best_stretch(const std::vector<float>& match, double threshold) {
  double best = -1, sum = 0;
  std::size_t start = 0, from = 0, to = 0;
  for (std::size_t i = 0; i < match.size(); ++i) {
    if (sum <= 0) sum = 0, start = i;
    sum += match[i] - threshold;
    if (sum > best) best = sum, from = start, to = i + 1;
  }
  return {from, to};
}

Result<void> find_ends(SampleSource& guide, SampleSource& source, Shot& shot, double before_s, double after_s) {
  const double begin = std::max(0.0, shot.begin_s - before_s), end = std::min(static_cast<double>(guide.length().value) / guide.rate().hz, shot.end_s + after_s);
  TWOPOP_TRY(const std::vector<float> match, match_along(guide, source, shot.fine.line, begin, end, kHop_s, shot.fine.inverted));
  std::vector<float> inside;
  for (std::size_t i = 0; i < match.size(); ++i) {
    const double at = begin + static_cast<double>(i) * kHop_s;
    if (at >= shot.begin_s && at <= shot.end_s) inside.push_back(match[i]);
  }
  if (inside.empty()) return {};
  const auto upper = inside.begin() + static_cast<std::ptrdiff_t>(inside.size() * 3 / 4);
  std::nth_element(inside.begin(), upper, inside.end());
  shot.likeness = *upper;
  // A copy of the guide itself ends where half of it is gone; another microphone is only alike while somebody speaks.
  const double threshold = shot.likeness > 0.5 ? 0.5 * shot.likeness : std::max(0.06, 0.35 * shot.likeness);
  const auto [from, to] = best_stretch(match, threshold);
  if (to > from) {
    shot.begin_s = begin + static_cast<double>(from) * kHop_s;
    shot.end_s = begin + static_cast<double>(to - 1) * kHop_s;
  }
  return {};
}

/// A short recording read once and kept: the stretches of coded files are then at hand without decoding anew.
class Held final : public SampleSource {
 public:
  static Result<std::unique_ptr<Held>> of(SampleSource& source) {
    auto held = std::make_unique<Held>();
    held->rate_ = source.rate();
    held->start_s_ = source.start_s();
    held->samples_.resize(static_cast<std::size_t>(source.length().value));
    TWOPOP_CHECK(source.read({0}, held->samples_));
    held->view_ = source_of(held->samples_, held->rate_);
    return held;
  }
  SampleRate rate() const override { return rate_; }
  SampleCount length() const override { return view_->length(); }
  double start_s() const override { return start_s_; }
  Result<void> read(SamplePosition begin, std::span<float> out) override { return view_->read(begin, out); }

 private:
  SampleRate rate_{};
  double start_s_ = 0;
  std::vector<float> samples_;
  std::unique_ptr<SampleSource> view_;
};

constexpr double kHeld_s = 300;

/// A stretch this far below what a recording is loud in is its background.
constexpr double kPause_db = 25;
/// The same background lies under many moments: a copy must share this much of its foreground too.
constexpr double kCopyShares = 0.25;
constexpr double kQuietCopy = 0.8;
/// Waveforms of a copy agree where it is loud (0.9); those of another microphone in the same room less (0.2 to 0.5).
constexpr double kCopyPhase = 0.7;

double overlap(const Shot& a, const Shot& b) { return std::min(a.end_s, b.end_s) - std::max(a.begin_s, b.begin_s); }

SyncResult as_result(const FineResult& fine) {
  SyncResult r;
  r.offset_s = fine.line.offset_s;
  r.drift_ppm = fine.line.slope * 1e6;
  r.score = fine.height;
  r.shared = fine.shared;
  r.windows_tried = fine.windows;
  r.windows_used = fine.used;
  r.inverted = fine.inverted;
  return r;
}

/// One clock per source: slopes of its shots, weighted by how sure each is.
void share_drift(std::vector<Shot>& shots) {
  for (Shot& shot : shots) {
    double weights = 0, sum = 0;
    for (const Shot& other : shots) {
      if (other.source != shot.source) continue;
      const double w = 1 / (other.fine.fit.slope_error * other.fine.fit.slope_error + 1e-16);
      weights += w;
      sum += w * other.judged.drift_ppm * 1e-6;
    }
    shot.judged.drift_interval_ppm = 1.96e6 / std::sqrt(weights);
    const double slope = sum / weights, middle = shot.fine.fit.middle_s, at = shot.fine.line.file_at(middle);
    shot.fine.line.slope = slope;
    shot.fine.line.offset_s = middle - at / (1 + slope);
  }
}

}  // namespace

SyncResult as_sync(const ConformSegment& segment) {
  SyncResult r;
  r.placed = segment.source >= 0;
  r.drift_ppm = segment.drift_ppm;
  r.drift_interval_ppm = segment.drift_interval_ppm;
  r.offset_s = segment.cut_begin_s - segment.source_begin_s / (1 + segment.drift_ppm * 1e-6);
  r.confidence = segment.confidence;
  r.score = segment.score;
  r.shared = segment.shared;
  r.foreground = segment.foreground;
  r.overlap_begin_s = segment.cut_begin_s;
  r.overlap_end_s = segment.cut_end_s;
  r.windows = segment.windows;
  r.windows_tried = static_cast<int>(r.windows.size());
  double squares = 0;
  for (const SyncWindow& w : r.windows) {
    if (!w.on_line) continue;
    ++r.windows_used;
    squares += w.left_s * w.left_s;
  }
  if (r.windows_used > 0) r.residual_rms_ms = std::sqrt(squares / r.windows_used) * 1e3;
  r.reason = segment.reason;
  return r;
}

Result<ConformResult> conform_by_sound(SampleSource& given_guide, const std::vector<ConformSource>& sources, const ConformOptions& options) {
  ConformResult result;
  std::unique_ptr<Held> held_guide;
  if (static_cast<double>(given_guide.length().value) < kHeld_s * given_guide.rate().hz) { TWOPOP_TRY(held_guide, Held::of(given_guide)); }
  SampleSource& guide = held_guide ? *held_guide : given_guide;
  TWOPOP_TRY(const SyncTrack guide_track, make_track(guide));
  const double guide_s = guide_track.duration_s;
  const double hop_s = guide_s > 1200 ? kWindow_s / 2 : kWindow_s / 4;

  std::vector<Shot> shots;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    std::unique_ptr<Held> held;
    if (static_cast<double>(sources[s].sound->length().value) < kHeld_s * sources[s].sound->rate().hz) { TWOPOP_TRY(held, Held::of(*sources[s].sound)); }
    SampleSource& sound = held ? *held : *sources[s].sound;
    TWOPOP_TRY(const SyncTrack track, make_track(sound));
    if (track.silent) {
      result.log.push_back(fmt::format("{} is silent: not looked for in the cut", sources[s].name));
      continue;
    }
    const double pause_db = track.loud_db() - kPause_db;
    const std::vector<Run> runs = runs_of(search_windows(guide_track, track, std::min(kWindow_s, track.duration_s), hop_s, options.pair.threads), hop_s);
    std::vector<Shot> of_source;
    // Refused runs say that those below them are chance too; a few more are tried.
    int refused = 0;
    for (const Run& run : runs) {
      if (run.strength < 6.5 || refused >= 12) break;
      Shot shot;
      shot.source = static_cast<int>(s);
      shot.begin_s = std::max(0.0, run.begin_s - kWindow_s / 2);
      shot.end_s = std::min(guide_s, run.end_s + kWindow_s / 2);
      // Windows at its ends reach beyond the shot by up to three quarters.
      const double trim = std::min(0.5 * kWindow_s, (shot.end_s - shot.begin_s - kWindow_s / 2) / 2);
      if (track.loud_db(shot.begin_s + run.lead_s, shot.end_s + run.lead_s) < pause_db) continue;
      bool known = false;
      for (const Shot& other : of_source) known = known || std::min(other.end_s, shot.end_s - trim) - std::max(other.begin_s, shot.begin_s + trim) > 0.5 * (shot.end_s - shot.begin_s - 2 * trim);
      if (known) continue;
      FineOptions fine;
      fine.threads = options.pair.threads;
      const ClockLine line{-run.lead_s, 0};
      TWOPOP_TRY(shot.fine, refine(guide, sound, line, shot.begin_s + trim, shot.end_s - trim, fine));
      if (shot.fine.windows == 0) continue;
      if (shot.fine.height < 8) {  // chance: see sync_judge.cpp
        ++refused;
        continue;
      }
      TWOPOP_CHECK(find_ends(guide, sound, shot, 3.0, 3.0));
      if (shot.end_s - shot.begin_s < options.shortest_s) continue;
      // The whole of it, now that its ends are known.
      TWOPOP_TRY(shot.fine, refine(guide, sound, shot.fine.line, shot.begin_s, shot.end_s, fine));
      if (shot.fine.windows == 0) continue;
      TWOPOP_TRY(const ForegroundMatch foreground, foreground_match(guide, sound, shot.fine.line, shot.begin_s, shot.end_s, shot.fine.inverted));
      shot.judged = as_result(shot.fine);
      // A copy of a shot in which nobody speaks has no foreground to agree in: it must be like the guide all along.
      const bool quiet_copy = !foreground.heard() && shot.likeness > kQuietCopy;
      shot.judged.foreground = quiet_copy ? shot.likeness : foreground.worth();
      shot.judged.waveform = quiet_copy ? shot.likeness : foreground.phase;
      shot.copy = shot.likeness > 0.5 && (quiet_copy || foreground.phase > kCopyPhase);
      judge(shot.judged, guide_s * kTrackRate * std::max(1.0, track.duration_s / kWindow_s), options.pair);
      if (!shot.judged.placed || (shot.copy && shot.fine.shared < kCopyShares)) {
        ++refused;
        continue;
      }
      of_source.push_back(std::move(shot));
    }
    // One stretch of the cut has one place in a source: the stronger of two stays.
    std::sort(of_source.begin(), of_source.end(), [](const Shot& a, const Shot& b) { return a.fine.height * a.fine.shared > b.fine.height * b.fine.shared; });
    for (std::size_t i = 0; i < of_source.size(); ++i)
      for (std::size_t j = of_source.size(); j-- > i + 1;)
        if (overlap(of_source[i], of_source[j]) > 0.3 * (of_source[j].end_s - of_source[j].begin_s)) of_source.erase(of_source.begin() + static_cast<std::ptrdiff_t>(j));
    if (of_source.empty()) result.log.push_back(fmt::format("{}: no stretch of it was found in the cut", sources[s].name));
    for (Shot& shot : of_source) shots.push_back(std::move(shot));
  }
  share_drift(shots);

  // The guide's own sound (a copy: the camera that shot it) shows the cuts best; other microphones take its ends.
  for (Shot& shot : shots) {
    if (shot.copy) continue;
    for (const Shot& copy : shots)
      if (copy.copy && overlap(shot, copy) > 0.5 * (shot.end_s - shot.begin_s)) shot.begin_s = copy.begin_s, shot.end_s = copy.end_s;
  }
  for (std::size_t i = 0; i < shots.size(); ++i)
    for (std::size_t j = shots.size(); j-- > i + 1;)
      if (shots[i].source == shots[j].source && overlap(shots[i], shots[j]) > 0.3 * (shots[j].end_s - shots[j].begin_s)) shots.erase(shots.begin() + static_cast<std::ptrdiff_t>(j));
  for (Shot& shot : shots) {
    if (options.frame_s) {
      shot.begin_s = std::round(shot.begin_s / *options.frame_s) * *options.frame_s;
      shot.end_s = std::round(shot.end_s / *options.frame_s) * *options.frame_s;
    }
    // Nothing is played from before a source's start or after its end.
    const double source_s = static_cast<double>(sources[static_cast<std::size_t>(shot.source)].sound->length().value) / sources[static_cast<std::size_t>(shot.source)].sound->rate().hz;
    shot.begin_s = std::max({0.0, shot.begin_s, shot.fine.line.reference_at(0)});
    shot.end_s = std::min({guide_s, shot.end_s, shot.fine.line.reference_at(source_s)});
  }
  std::sort(shots.begin(), shots.end(), [](const Shot& a, const Shot& b) {
    const double close = 0.02;
    if (std::abs(a.begin_s - b.begin_s) > close) return a.begin_s < b.begin_s;
    return a.likeness != b.likeness ? a.likeness > b.likeness : a.source < b.source;
  });

  const double guide_start = guide.start_s();
  double covered = 0;
  const auto gap = [&](double begin, double end) {
    if (end - begin < std::max(options.shortest_s / 2, 0.1)) return;
    ConformSegment segment;
    segment.cut_begin_s = begin + guide_start;
    segment.cut_end_s = end + guide_start;
    segment.reason = "no source sounds like this stretch: shot without sound, or its sound is not among the files";
    result.segments.push_back(segment);
  };
  for (const Shot& shot : shots) {
    if (shot.begin_s > covered) gap(covered, shot.begin_s);
    covered = std::max(covered, shot.end_s);
    ConformSegment segment;
    segment.cut_begin_s = shot.begin_s + guide_start;
    segment.cut_end_s = shot.end_s + guide_start;
    segment.source = shot.source;
    segment.source_begin_s = shot.fine.line.file_at(shot.begin_s) + sources[static_cast<std::size_t>(shot.source)].sound->start_s();
    segment.drift_ppm = shot.fine.line.slope * 1e6;
    segment.drift_interval_ppm = shot.judged.drift_interval_ppm;
    segment.confidence = shot.judged.confidence;
    segment.score = shot.fine.height;
    segment.shared = shot.fine.shared;
    segment.foreground = shot.judged.foreground;
    segment.copy = shot.copy;
    segment.windows = windows_beside(shot.fine.seen, [&](double at_s) { return shot.fine.line.file_at(at_s); });
    for (SyncWindow& w : segment.windows) w.at_s += guide_start;
    segment.reason = fmt::format("height {:.1f}, {:.0f} % of the foreground shared, {}", shot.fine.height, 100 * shot.fine.shared,
                                 shot.copy ? "the same recording as the guide" : "another microphone at the same moment");
    result.segments.push_back(segment);
  }
  gap(covered, guide_s);
  return result;
}

ConformSegment through_rush(const CutEvent& event, const SyncResult& rush_to_recording, double rush_duration_s, double recording_duration_s) {
  ConformSegment segment;
  segment.cut_begin_s = event.record_in_s;
  segment.cut_end_s = event.record_out_s;
  if (std::abs(event.speed - 1) > 1e-6) {
    segment.reason = fmt::format("the shot runs at {:.0f} % speed: production sound does not fit it", event.speed * 100);
    return segment;
  }
  if (!rush_to_recording.placed) {
    segment.reason = rush_to_recording.reason;
    return segment;
  }
  // What the rush shows, and of that what the recording holds.
  const double rush_in = std::max(event.rush_in_s, 0.0), rush_out = std::min(event.rush_in_s + event.record_out_s - event.record_in_s, rush_duration_s);
  const double held_from = rush_to_recording.reference_second(0), held_to = rush_to_recording.reference_second(recording_duration_s);
  const double from = std::max(rush_in, held_from), to = std::min(rush_out, held_to);
  if (to <= from) {
    segment.reason = fmt::format("the recording covers {:.2f} to {:.2f} s of the rush, the shot shows {:.2f} to {:.2f} s", held_from, held_to, rush_in, rush_out);
    return segment;
  }
  segment.cut_begin_s = event.record_in_s + (from - event.rush_in_s);
  segment.cut_end_s = event.record_in_s + (to - event.rush_in_s);
  segment.source = 0;
  segment.source_begin_s = rush_to_recording.file_second(from);
  segment.drift_ppm = rush_to_recording.drift_ppm;
  segment.drift_interval_ppm = rush_to_recording.drift_interval_ppm;
  segment.confidence = rush_to_recording.confidence;
  segment.score = rush_to_recording.score;
  segment.shared = rush_to_recording.shared;
  segment.reason = rush_to_recording.reason;
  return segment;
}

}  // namespace twopop::analysis
