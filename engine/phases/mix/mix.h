#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// The whole film as signals: what the tracks of all phases become on their way through strips, buses and the master.
/// In the film's layout, film time. Buses, gains and the mix are stored; the rest is these multiplied, made when heard.
struct MixGraph {
  std::map<Stem, signal::Signal> buses;   ///< before the master: "dialogue bus"
  std::map<Stem, signal::Signal> stems;   ///< as delivered: they sum to `mix`
  std::optional<signal::Signal> production_effects;  ///< lifted out of the dialogue stem where wanted; then it sums too
  signal::Signal gain;                    ///< g(t) of everything that works on the whole mix, one channel
  signal::Signal mix;
  signal::Signal music_and_effects;       ///< with a limiter of its own, at the same master gain
};

/// Builds the graph from the compiled phases (by name). Pure. `ceiling` is that of the limiters.
Result<MixGraph> build_mix(const session::Document& document, const std::map<std::string, const Compiled*>& compiled, DbTp ceiling);

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
