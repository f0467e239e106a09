#pragma once

#include "core/audio.h"
#include "core/time.h"
#include "core/units.h"

#include <vector>

namespace twopop::analysis {

struct OnsetSettings {
  double least_gap_s = 0.08;     ///< of two hits closer than this the stronger stays
  double sensitivity = 1;        ///< above 1 finds weaker hits
  /// A hit must rise at least this far over the level just before it, in the band where it rises most.
  double least_rise_db = 6;
};

/// The instant at which something starts to sound.
struct Onset {
  SamplePosition at{};      ///< first sample of the attack, refined in the time domain to about 1 ms
  double strength = 0;      ///< spectral flux against the recording's own threshold: 1 is just over it
  double rise_db = 0;       ///< level after against level before
};

/// SuperFlux (Boeck and Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013) on a log-frequency filter
/// bank, peaks picked against a running median, then moved to the start of the attack in the waveform.
std::vector<Onset> find_onsets(AudioView<const float> sound, SampleRate rate, const OnsetSettings& settings = {});

/// One hit cut out of a performance: a step, a knock.
struct Hit {
  SampleRange range{};       ///< from just before the attack to where it has died away, or the next begins
  SamplePosition onset{};
  DbFs level{};              ///< RMS of its loudest 50 ms
  double strength = 0;
};

/// Splits a recorded performance at its hits. Ranges do not overlap. Heel and toe of one step, being closer
/// than `least_gap_s` of the settings, stay together,
/// as does what is 18 dB softer than the hit just before it.
std::vector<Hit> split_at_hits(AudioView<const float> sound, SampleRate rate,
                               const OnsetSettings& settings = {.least_gap_s = 0.25});

}  // namespace twopop::analysis
