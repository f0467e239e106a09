#pragma once

#include "analysis/beats.h"
#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"
#include "dsp/splices.h"

#include <vector>

namespace twopop::analysis {

struct RetargetSettings {
  SampleCount length{};       ///< exact length wanted
  bool keep_start = true;     ///< the cue starts as the piece does
  bool keep_end = true;       ///< the cue ends as the piece does
  double shortest_run_s = 4;  ///< between two joins
  double crossfade_s = 0.06;
  double end_fade_s = 3;      ///< where the end is not kept
};

/// A place where the cue leaves one bar of the piece and goes on in another.
struct RetargetSplice {
  SamplePosition at{};       ///< in the cue: middle of the crossfade
  SamplePosition leave{};    ///< in the piece
  SamplePosition enter{};
  double score = 0;          ///< 0 .. 1: likeness of what would have come to what comes
  double correlation = 0;    ///< of the waveforms in the crossfade, after alignment
  SampleCount shift{};       ///< moved by alignment, within 10 ms
};

struct RetargetPlan {
  dsp::SpliceList list;               ///< renders to exactly `length`
  std::vector<RetargetSplice> splices;
  SampleCount length{};
  SampleCount fade_in{}, fade_out{};  ///< at the ends, where they are not the piece's own
  /// What no choice of joins could take up: spread over the joins as shifts of their grid, or (after) cut off the tail.
  SampleCount absorbed{};
  double tempo_bpm = 0;
  double worst_score = 1;
};

/// Fits a piece of music to an exact length on its own beats, by cutting and joining where it resembles itself
/// (Wenner, Bazin, Sorkine-Hornung, Kim, Gross, "Scalable music: automatic music retargeting and synthesis", Eurographics 2013).
///
/// Works for shorter and longer than the piece. Music without a beat is joined on a grid of half seconds.
/// Fails with InvalidArgument where the length is not positive or the piece is shorter than one second.
Result<RetargetPlan> plan_retarget(AudioView<const float> music, SampleRate rate, const RetargetSettings& settings);

/// Same, on beats already tracked.
Result<RetargetPlan> plan_retarget(AudioView<const float> music, SampleRate rate, const RetargetSettings& settings,
                                   const BeatTrack& beats);

/// [begin, begin + out.frames()) of the fitted cue, ends faded as planned. A pure function of position.
Result<void> render_retarget(const RetargetPlan& plan, SamplePosition begin, const dsp::SourceReader& source,
                             AudioView<float> out);

}  // namespace twopop::analysis
