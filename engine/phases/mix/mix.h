#pragma once

#include "phases/track.h"

#include <map>
#include <optional>

namespace twopop::phases {

/// What the mix is made of.
struct MixInput {
  std::vector<Track> tracks;  ///< of all phases, in the order of operations
  std::vector<Cover> covers;
  signal::Signal room_tone;   ///< Compiled::room_tone of the dialogue phase; may be null
};

/// The whole film as signals: what the tracks of all phases become on their way through strips, buses and the master.
/// In the film's layout, film time. Buses, gains and the mix are stored; the rest is these multiplied, made when heard.
struct MixGraph {
  std::map<session::Id, signal::Signal> strips;  ///< tracks after their strips, by id
  std::map<Stem, signal::Signal> buses;   ///< before the master: "dialogue bus"
  std::map<Stem, signal::Signal> stems;   ///< as delivered: they sum to `mix`
  std::optional<signal::Signal> production_effects;  ///< lifted out of the dialogue stem where wanted; then it sums too
  signal::Signal gain;                    ///< g(t) of everything that works on the whole mix, one channel
  signal::Signal mix;
  signal::Signal music_and_effects;       ///< with a limiter of its own, at the same master gain
};

/// Builds the graph. Pure. `ceiling` is that of the limiters. Of the document it needs rate, layout, length, mix and delivery.
MixGraph build_mix(const session::Document& document, const MixInput& input, DbTp ceiling);

/// A track before its stem's bus: covers, equaliser, compressor, place, fader.
signal::Signal strip_signal(const session::Document& document, const Track& track, const std::vector<const Cover*>& covers);

/// Level of a role against the dialogue, in LU, and the reason for it.
struct Balance {
  Lu against_dialogue{};
  const char* reason = "";
};
Balance balance_of(Role role);

/// One-channel gain over time of a true-peak limiter that hears `sum`. To be stored before it is used.
signal::Signal limiter_gain(signal::Signal sum, DbTp ceiling, SampleRate rate);

Layout layout_of(const session::Document& document);

}  // namespace twopop::phases
