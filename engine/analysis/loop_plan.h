#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"
#include "dsp/loop.h"

#include <cstdint>
#include <span>
#include <vector>

namespace twopop::analysis {

struct LoopSettings {
  std::uint64_t seed = 1;
  /// Length of a turn before the same order of stretches comes back.
  double turn_s = 600;
  /// Stretches of a recording that is long enough; short recordings get shorter ones.
  double shortest_piece_s = 2.0;
  double longest_piece_s = 12.0;
  double crossfade_s = 0.5;
  /// The same single event (a bird, a horn) is not heard again within this time.
  double event_rest_s = 25;
  /// Single events are left out altogether: for room tone under dialogue.
  bool without_events = false;
};

/// A short sound that stands out of the recording around it.
struct AmbienceEvent {
  SampleRange range{};
  double above_db = 0;  ///< over the bed, in the band where it stands out most
};

struct LoopFacts {
  dsp::LoopPlan plan;
  std::vector<AmbienceEvent> events;
  /// Spectral distance over the joins (dB, mean over bands), and between neighbouring windows of the
  /// recording itself: a join is not heard where the first lies within the second's spread.
  double join_distance_db = 0;
  double worst_join_distance_db = 0;
  double own_distance_median_db = 0;
  double own_distance_p90_db = 0;
  int joins = 0;
};

/// Single events in a field recording: band levels that rise over the bed (a running low percentile) by more than the
/// recording's own restlessness.
std::vector<AmbienceEvent> find_events(AudioView<const float> recording, SampleRate rate);

/// Chooses stretches and joins of a recording that follow each other without a seam.
///
/// Joins lie between events, where the band spectra of both sides are alike, aligned by cross-correlation; which
/// stretch comes next is drawn by seed among the best, those unheard for longest first (similarity-chosen grains:
/// Froejd and Horner, "Sound texture synthesis using an overlap-add/granular synthesis approach", JAES 2009; Lu, Wenyin,
/// Zhang, "Audio textures", 2004).
/// `allowed`: the only parts of the recording that may be heard (pauses between words for room tone); empty = all.
/// Fails with InvalidArgument where less than 60 ms may be used.
Result<LoopFacts> plan_loop(AudioView<const float> recording, SampleRate rate, const LoopSettings& settings = {},
                            std::span<const SampleRange> allowed = {});

}  // namespace twopop::analysis
