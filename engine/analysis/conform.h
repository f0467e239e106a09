#pragma once

#include "analysis/sync.h"

namespace twopop::analysis {

/// A recording that may lie under the cut.
struct ConformSource {
  std::string name;
  SampleSource* sound = nullptr;  ///< kept alive by the caller
};

/// Second t of the cut, within the segment, is at second source_begin_s + (t - cut_begin_s) x (1 + drift_ppm x 1e-6) of the source.
struct ConformSegment {
  double cut_begin_s = 0, cut_end_s = 0;
  int source = -1;  ///< index; -1: nothing matches (a shot without sound, or one whose sound is not among the sources)
  double source_begin_s = 0;
  double drift_ppm = 0, drift_interval_ppm = 0;  ///< half width, 95 %; of all segments of the source together
  double confidence = 0, score = 0, shared = 0, foreground = 0;
  bool copy = false;  ///< the guide is this very recording, not another microphone
  std::vector<SyncWindow> windows;  ///< kMostSyncWindows at most; their seconds are the cut's
  std::string reason;
};

struct ConformOptions {
  SyncOptions pair;
  double shortest_s = 0.4;           ///< shots shorter than this are not looked for
  std::optional<double> frame_s;     ///< picture frame: cuts are moved to the nearest frame where the sound allows it
};

struct ConformResult {
  std::vector<ConformSegment> segments;  ///< in order, covering the cut; several sources may cover one stretch, best first
  std::vector<std::string> log;
};

/// A segment in the words of a comparison of two files: the source against the cut, over the segment.
SyncResult as_sync(const ConformSegment& segment);

/// Finds which stretch of which source lies under each stretch of the cut's guide sound, without an EDL.
Result<ConformResult> conform_by_sound(SampleSource& guide, const std::vector<ConformSource>& sources, const ConformOptions& options = {});

/// An event of an edit decision list, in plain seconds.
struct CutEvent {
  double record_in_s = 0, record_out_s = 0;  ///< of the cut
  int rush = -1;                             ///< index of the rush it shows
  double rush_in_s = 0;                      ///< second of the rush at record_in_s
  double speed = 1.0;
};

/// Where a recording lies under one event, through the rush it shows and the recording's place against that rush.
ConformSegment through_rush(const CutEvent& event, const SyncResult& rush_to_recording, double rush_duration_s, double recording_duration_s);

}  // namespace twopop::analysis
