#pragma once

#include "analysis/sync_track.h"

#include <optional>
#include <vector>

namespace twopop::analysis {

/// A straight relation of two clocks: reference second t is file second (t - offset_s) x (1 + slope).
struct ClockLine {
  double offset_s = 0;
  double slope = 0;
  double file_at(double reference_s) const { return (reference_s - offset_s) * (1 + slope); }
  double reference_at(double file_s) const { return file_s / (1 + slope) + offset_s; }
};

/// A place where two tracks may belong together.
struct Hypothesis {
  ClockLine line;
  double strength = 0;   ///< root of the summed squares of its windows' heights
  double height = 0;     ///< its best window, in standard deviations of all lags
  int windows = 0;       ///< windows that speak for it
  int windows_inside = 0;  ///< windows that lie inside the overlap it proposes
};

struct CoarseOptions {
  double max_drift = 300e-6;
  std::optional<double> expected_offset_s;
  double expected_within_s = 2.0;
  int most = 4;  ///< hypotheses returned
  int threads = 2;
};

/// All lags of windows of the shorter track against the longer one; the lags that lie on common lines, best first.
std::vector<Hypothesis> coarse_search(const SyncTrack& reference, const SyncTrack& file, const CoarseOptions& options);

/// Where a short window of one track stands out in another.
struct WindowPeak {
  double at_s = 0;      ///< middle of the window
  double other_s = 0;   ///< the same moment in the other track
  double height = 0;    ///< in standard deviations of all lags
};

/// Every window of `windowed` (length and hop in seconds) against all lags of `other`: the lags that stand out, window by window.
std::vector<WindowPeak> search_windows(const SyncTrack& windowed, const SyncTrack& other, double length_s, double hop_s, int threads);

/// One place near a line where the tracks were compared again.
struct TrackedPoint {
  double reference_s = 0;
  double file_s = 0;
  double height = 0;  ///< in standard deviations of the lags around it
};

/// Follows a hypothesis along the overlap at 4 kHz: one point a window, `reach_s` around the line, which is bent on from
/// the points already found.
std::vector<TrackedPoint> follow(const SyncTrack& reference, const SyncTrack& file, const ClockLine& line, double window_s,
                                 int most_windows, double reach_s, double max_drift);

}  // namespace twopop::analysis
