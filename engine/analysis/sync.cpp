#include "analysis/sync.h"

#include "analysis/sync_fine.h"
#include "analysis/sync_foreground.h"
#include "analysis/sync_judge.h"
#include "analysis/sync_steps.h"
#include "media/media.h"

#include <algorithm>
#include <cmath>
#include <future>

namespace twopop::analysis {
namespace {

/// Line through the points that stood out when a hypothesis was followed; the hypothesis itself where too few did.
ClockLine line_through(const std::vector<TrackedPoint>& points, const ClockLine& start, double max_drift) {
  std::vector<DelayPoint> delays;
  for (const TrackedPoint& p : points)
    if (p.height > 5.5) delays.push_back({p.reference_s, p.file_s - start.file_at(p.reference_s), 4e-4 / p.height + 5e-5});
  if (delays.empty()) return start;
  const FittedLine fit = fit_line(delays, {max_drift * 1.2, 0, 60e-6});
  ClockLine line;
  line.slope = start.slope + fit.slope;
  line.offset_s = fit.middle_s - (start.file_at(fit.middle_s) + fit.delay_s) / (1 + line.slope);
  return line;
}

/// Closer than this, two answers are one place and its echoes.
constexpr double kSamePlace_s = 0.1;

struct Candidate {
  Hypothesis hypothesis;
  ClockLine line;
  std::vector<TrackedPoint> points;
  FineResult fine;
};

/// From seconds of the streams to seconds of the files' clocks.
void onto_file_clocks(SyncResult& r, double reference_start_s, double file_start_s) {
  const double slope = 1 + r.drift_ppm * 1e-6;
  r.offset_s += reference_start_s - file_start_s / slope;
  if (r.runner_up) r.runner_up->offset_s += reference_start_s - file_start_s;
  r.overlap_begin_s += reference_start_s;
  r.overlap_end_s += reference_start_s;
  for (SyncStep& s : r.steps) s.at_s += reference_start_s;
  for (SyncWindow& w : r.windows) w.at_s += reference_start_s;
}

}  // namespace

double SyncResult::file_second(double reference_s) const {
  double at = (reference_s - offset_s) * (1 + drift_ppm * 1e-6);
  for (const SyncStep& s : steps)
    if (reference_s >= s.at_s) at += s.step_s;
  return at;
}

double SyncResult::reference_second(double file_s) const {
  const double slope = 1 + drift_ppm * 1e-6;
  double slipped = 0, at = file_s / slope + offset_s;
  for (const SyncStep& s : steps) {
    const double after = (file_s - slipped - s.step_s) / slope + offset_s;
    if (after < s.at_s) break;  // before the step, or in a stretch that the file repeats or lacks
    slipped += s.step_s;
    at = after;
  }
  return at;
}

Result<SyncResult> sync_pair(SampleSource& reference, SampleSource& file, const SyncOptions& options) {
  SyncResult result;
  const auto policy = options.threads > 1 ? std::launch::async : std::launch::deferred;
  Result<SyncTrack> reference_track = SyncTrack();
  auto reading = std::async(policy, [&] { reference_track = make_track(reference); });
  auto file_track = make_track(file);
  reading.get();
  if (!reference_track) return std::move(reference_track).error();
  if (!file_track) return std::move(file_track).error();

  const double reference_start = reference.start_s(), file_start = file.start_s();
  CoarseOptions coarse;
  coarse.max_drift = options.max_drift_ppm * 1e-6;
  coarse.threads = options.threads;
  if (options.expected_offset_s) {
    coarse.expected_offset_s = *options.expected_offset_s - reference_start + file_start;
    coarse.expected_within_s = options.expected_within_s;
  }
  const double shorter_s = std::min(reference_track->duration_s, file_track->duration_s);
  if (reference_track->silent || file_track->silent || shorter_s < 0.5) {
    result.reason = shorter_s < 0.5 ? fmt::format("only {:.2f} s of sound to compare: at least 0.5 s is needed", shorter_s)
                                    : fmt::format("the {} is silent between 120 Hz and 1.85 kHz", reference_track->silent ? "reference" : "file");
    return result;
  }
  const std::vector<Hypothesis> hypotheses = coarse_search(*reference_track, *file_track, coarse);

  std::vector<Candidate> candidates;
  for (const Hypothesis& h : hypotheses) {
    // Far weaker ones are only named as runners-up.
    if (!candidates.empty() && (h.strength < 0.5 * hypotheses[0].strength || candidates.size() >= 3)) break;
    Candidate c;
    c.hypothesis = h;
    const double overlap = std::min(reference_track->duration_s, h.line.reference_at(file_track->duration_s)) - std::max(0.0, h.line.reference_at(0));
    const double window = overlap > 60 ? 4.0 : std::clamp(overlap / 3, 1.5, 4.0);
    c.points = follow(*reference_track, *file_track, h.line, window, 64, 0.006, coarse.max_drift);
    c.line = line_through(c.points, h.line, coarse.max_drift);
    FineOptions fine;
    fine.threads = options.threads;
    if (hypotheses.size() > 1 && hypotheses[1].strength >= 0.5 * hypotheses[0].strength) fine.most_windows = 16;
    TWOPOP_TRY(c.fine, refine(reference, file, c.line, -1e9, 1e9, fine));
    candidates.push_back(std::move(c));
  }
  if (candidates.empty()) {
    result.reason = "no lag stands out of chance in any window";
    return result;
  }
  const auto best = std::max_element(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.fine.height < b.fine.height; });
  Candidate chosen = *best;
  if (candidates.size() > 1) {
    FineOptions fine;
    fine.threads = options.threads;
    const double height = chosen.fine.height;
    TWOPOP_TRY(chosen.fine, refine(reference, file, chosen.fine.line, -1e9, 1e9, fine));
    chosen.fine.height = std::max(chosen.fine.height, height);
  }
  // Windows off the line, or a strong answer a little aside, ask whether samples were lost on the way.
  int strong = 0, aside_of_line = 0;
  for (const TrackedPoint& p : chosen.points) {
    if (p.height < 8) continue;
    ++strong;
    if (std::abs(p.file_s - chosen.fine.line.file_at(p.reference_s)) > 3e-4) ++aside_of_line;
  }
  const bool torn = aside_of_line * 100 > strong * 15 || chosen.fine.used * 100 < chosen.fine.windows * 85 ||
                    std::any_of(hypotheses.begin(), hypotheses.end(), [&](const Hypothesis& h) {
                      const double aside = std::abs(h.line.offset_s - chosen.hypothesis.line.offset_s);
                      return aside > 0.001 && aside < 1.0 && h.height > 8 && h.strength > 0.3 * chosen.hypothesis.strength;
                    });
  if (options.find_steps && torn) {
    TWOPOP_TRY(const bool stepped, find_steps(reference, file, *reference_track, *file_track, chosen.fine, options, result.steps));
    static_cast<void>(stepped);
  }

  const FineResult& fine = chosen.fine;
  result.offset_s = fine.line.offset_s;
  result.drift_ppm = fine.line.slope * 1e6;
  // Few windows are stated with errors known beforehand, many with the scatter they show.
  const double t = fine.windows < 8 ? 2.2 : student95(std::max(1, fine.fit.kept - 2));
  result.drift_interval_ppm = std::min(t * fine.fit.slope_error * 1e6, 2 * 60.0);
  result.offset_interval_s = t * fine.fit.delay_error_s;
  result.residual_rms_ms = fine.fit.scatter_s * 1e3;
  result.score = fine.height;
  result.shared = fine.shared;
  result.inverted = fine.inverted;
  result.overlap_begin_s = fine.begin_s;
  result.overlap_end_s = fine.end_s;
  result.windows_used = fine.used;
  result.windows_tried = fine.windows;
  result.windows = windows_beside(fine.seen, [&](double at_s) { return result.file_second(at_s); });
  const double middle = (fine.begin_s + fine.end_s) / 2;
  for (const Candidate& c : candidates)
    if (std::abs(c.fine.line.file_at(middle) - fine.line.file_at(middle)) > kSamePlace_s && (!result.runner_up || c.fine.height > result.runner_up->score)) result.runner_up = SyncRunnerUp{c.fine.line.offset_s, c.fine.height};
  if (!result.runner_up)
    for (const Hypothesis& h : hypotheses)
      if (std::abs(h.line.offset_s - chosen.hypothesis.line.offset_s) > kSamePlace_s) {
        result.runner_up = SyncRunnerUp{h.line.offset_s, result.score * h.strength / hypotheses[0].strength};
        break;
      }
  TWOPOP_TRY(const ForegroundMatch foreground, foreground_match(reference, file, fine.line, fine.begin_s, fine.end_s, fine.inverted));
  result.foreground = foreground.worth();
  result.waveform = foreground.phase;
  onto_file_clocks(result, reference_start, file_start);
  const double places_s = options.expected_offset_s ? 2 * options.expected_within_s : reference_track->duration_s + file_track->duration_s;
  judge(result, places_s * kTrackRate, options);
  return result;
}

Result<SyncResult> sync_files(const std::filesystem::path& reference, const std::filesystem::path& file, const SyncOptions& options) {
  SourceShelf shelf;
  return sync_files(reference, file, shelf, options);
}

Result<SyncResult> sync_files(const std::filesystem::path& reference, const std::filesystem::path& file, SourceShelf& shelf, const SyncOptions& options) {
  TWOPOP_TRY(const int reference_channels, shelf.channels(reference));
  TWOPOP_TRY(const int file_channels, shelf.channels(file));
  const auto tried = [&](int reference_channel, int file_channel) -> Result<SyncResult> {
    TWOPOP_TRY(const auto a, shelf.open(reference, {reference_channel}));
    TWOPOP_TRY(const auto b, shelf.open(file, {file_channel}));
    return sync_pair(*a, *b, options);
  };
  TWOPOP_TRY(SyncResult best, tried(-1, -1));
  if (best.placed) return best;
  // A track of timecode, or two that cancel, may hide the one that matches.
  constexpr int kMostChannels = 16;
  const auto better = [&](int reference_channel, int file_channel) -> Result<void> {
    TWOPOP_TRY(SyncResult other, tried(reference_channel, file_channel));
    if (other.placed && other.confidence > best.confidence) {
      other.reason += reference_channel >= 0 ? fmt::format(" (channel {} of the reference)", reference_channel + 1) : fmt::format(" (channel {} of the file)", file_channel + 1);
      best = std::move(other);
    }
    return {};
  };
  for (int c = 0; c < std::min(file_channels, kMostChannels) && file_channels > 1; ++c) TWOPOP_CHECK(better(-1, c));
  for (int c = 0; c < std::min(reference_channels, kMostChannels) && reference_channels > 1 && !best.placed; ++c) TWOPOP_CHECK(better(c, -1));
  return best;
}

}  // namespace twopop::analysis
