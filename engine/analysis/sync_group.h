#pragma once

#include "analysis/sync.h"

#include <functional>

namespace twopop::analysis {

/// One file among many that recorded the same event.
struct GroupClip {
  std::string name;
  std::string device;  ///< clips of one device share a clock: one drift. Empty: a device of its own
  std::function<Result<std::unique_ptr<SampleSource>>()> open;
  std::optional<double> start_of_day_s;  ///< by its own timecode
};

/// What one comparison of two clips gave.
struct GroupPair {
  int reference = 0, file = 0;  ///< indices of clips
  SyncResult result;
  bool dropped = false;
  double cycle_residual_ms = 0;  ///< how far it is from what the others say together
  std::string why_dropped;
};

/// A clip on the timeline: timeline second t is at second (t - offset_s) x (1 + drift_ppm x 1e-6) of it.
struct GroupPlace {
  bool placed = false;
  double offset_s = 0, drift_ppm = 0, drift_interval_ppm = 0;
  double confidence = 0;
  std::vector<SyncStep> steps;
  std::string reason;
};

struct GroupResult {
  std::vector<GroupPlace> places;  ///< as the clips were given
  std::vector<GroupPair> pairs;    ///< every comparison made
  std::vector<std::string> log;    ///< what was dropped, and why
};

/// One clip's share in what is known of two clocks: second x of one is about second (1 + drift) x + constant of the other.
struct ClockPoint {
  double drift_ppm = 0, drift_interval_ppm = 0;  ///< as the clip shows by itself
  bool timed = false;                            ///< whether x and y are seconds of clocks that run on between clips
  double x_s = 0, y_s = 0;
  double error_s = 1e-3;
};

struct SharedClock {
  double drift_ppm = 0, drift_interval_ppm = 0;
  bool by_timecode = false;  ///< the clips' distances by timecode proved exact and were used
};

/// Drift that all clips of a device show together: the mean of their own, weighted by how sure each is, or the line through
/// their timed places where these lie on one within half a millisecond. Nothing for no clips.
std::optional<SharedClock> shared_clock(const std::vector<ClockPoint>& clips);

struct GroupOptions {
  SyncOptions pair;
  int anchor = 0;                 ///< the clip whose clock is the timeline's
  double most_cycle_residual_ms = 1.0;
  bool all_pairs = false;         ///< also compare clips that the anchor already placed with one another
};

/// Places many clips of many devices on the anchor's timeline. Clips of one device share their drift, and where two of
/// them carry timecode, their distance. Clips the anchor does not hear are placed through others; where the pairs of a
/// cycle disagree by more than the tolerance, the least sure one is dropped and the log says so.
Result<GroupResult> sync_group(const std::vector<GroupClip>& clips, const GroupOptions& options = {});

}  // namespace twopop::analysis
