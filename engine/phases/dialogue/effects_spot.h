#pragma once

#include "phases/heard.h"
#include "phases/phase.h"

namespace twopop::phases {

/// A channel of a placed recording.
struct PlacedChannel {
  session::Id placement;
  const session::Placement* placed = nullptr;
  int channel = 0;
  int rank = 0;                       ///< 0 recorder, 1 camera, 2 the picture's own sound
  Heard heard;
  std::vector<SampleRange> speech;    ///< film time, pads included, within the placement
};

/// Something that was heard on set and is no speech: a door, a cup, a step. Seconds of the file.
struct SetEvent {
  double begin_s = 0, onset_s = 0, end_s = 0;
  double over_room_db = 0;            ///< its loudest 50 ms over the quiet fifth of the minute around it
  double strength = 0;                ///< of its onset (analysis/onsets.h)
  double speech = 0;                  ///< greatest probability of speech within it
};
/// Events of a channel, found minute by minute from the start of the file: a fact.
Result<std::vector<SetEvent>> events_in(const Context& context, const session::Id& media, int channel);

/// Clips of production effects: clear events of the placed sound far from any speech, heard by more than one microphone where
/// more than one was there (what only one hears is a rub or a knock at that microphone). They become clips of that role, which
/// the mix lifts into M&E. What is unsure becomes a finding. Never touches clips that exist.
Result<void> spot_effects(const Context& context, const std::vector<PlacedChannel>& channels, Proposal& proposal);

}  // namespace twopop::phases
