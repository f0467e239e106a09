#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/units.h"

#include <vector>

namespace twopop::dsp {

/// Hum of the electric mains found in a recording.
struct Hum {
  bool present = false;
  double fundamental_hz = 0;        ///< within 0.5 Hz of 50 or 60
  std::vector<double> level_dbfs;   ///< RMS of harmonic 1, 2, ...; -200 where nothing stands out of its surroundings
  DbFs level{-200.0};               ///< all harmonics together, RMS
  Decibels prominence{0.0};         ///< of the strongest harmonic over the sound around it
};

/// Looks for mains hum: power at k x f0 against the neighbourhood, f0 searched within 0.5 Hz of 50 and 60 Hz, over the
/// quietest parts of the recording. Channel 0 alone counts. Needs at least 2 s; shorter clips give no hum.
Hum find_hum(AudioView<const float> clip, SampleRate rate);

struct DehumSettings {
  double fundamental_hz = 50.0;
  int harmonics = 20;
  double block_s = 1.5;  ///< a hum whose level or phase changes faster is not followed
  static constexpr auto fields() {
    return std::make_tuple(
        field("fundamental_hz", &DehumSettings::fundamental_hz, "Mains frequency as measured", {40.0, 70.0}),
        field("harmonics", &DehumSettings::harmonics, "How many harmonics are taken off", {1.0, 60.0}),
        field("block_s", &DehumSettings::block_s, "Length over which the hum is held to be steady", {0.5, 8.0}));
  }
};

/// Subtracts the sinusoids that fit the hum best (least squares, per block of block_s, neighbours overlapping by half).
/// Unlike notches it neither rings nor takes what is beside the harmonics. Harmonics that do not stand out of the
/// sound around them are left alone. Same length, no delay.
Result<AudioBuffer<float>> remove_hum(AudioView<const float> clip, SampleRate rate, const DehumSettings& settings);

}  // namespace twopop::dsp
