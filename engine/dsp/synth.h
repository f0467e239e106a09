#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/time.h"

#include <array>
#include <cstdint>
#include <tuple>

namespace twopop::dsp {

enum class SynthKind { Sine, White, Pink, Wind, Rain, TwoPop };
constexpr auto names_of(SynthKind) {
  return std::array{EnumName{SynthKind::Sine, "sine"}, EnumName{SynthKind::White, "white"}, EnumName{SynthKind::Pink, "pink"},
                    EnumName{SynthKind::Wind, "wind"}, EnumName{SynthKind::Rain, "rain"},   EnumName{SynthKind::TwoPop, "two-pop"}};
}

/// What a synthesiser is set to. One table for all kinds; what a kind does not use has no effect on it.
struct SynthSettings {
  SynthKind kind = SynthKind::Wind;
  std::uint32_t seed = 1;
  double level_dbfs = -30;     ///< RMS of noises, wind and rain over a minute; peak of sine and two-pop
  double frequency_hz = 1000;  ///< sine and two-pop; whistle of the wind
  double strength = 0.5;       ///< wind: breeze .. storm; rain: drizzle .. downpour
  double gustiness = 0.5;      ///< wind: how far gusts leave the mean
  double howl = 0.3;           ///< wind: share of the whistling at edges
  double drops = 0.5;          ///< rain: share of single drops against the bed
  double brightness = 0.5;     ///< wind and rain: dull .. bright
  double width = 0.8;          ///< 0 the same in all channels .. 1 independent
  double length_s = 0.04;      ///< two-pop: length of the beep (one frame)

  bool operator==(const SynthSettings&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(
        field("kind", &SynthSettings::kind, "What is made"),
        field("seed", &SynthSettings::seed, "Another seed is another wind"),
        field("level_dbfs", &SynthSettings::level_dbfs, "RMS of noises, peak of tones", {-120, 0}),
        field("frequency_hz", &SynthSettings::frequency_hz, "Of tones; whistle of the wind", {20, 20000}),
        field("strength", &SynthSettings::strength, "Breeze to storm, drizzle to downpour", {0, 1}),
        field("gustiness", &SynthSettings::gustiness, "How far gusts leave the mean", {0, 1}),
        field("howl", &SynthSettings::howl, "Whistling of the wind at edges", {0, 1}),
        field("drops", &SynthSettings::drops, "Single drops against the bed of rain", {0, 1}),
        field("brightness", &SynthSettings::brightness, "Dull to bright", {0, 1}),
        field("width", &SynthSettings::width, "0 the same in all channels, 1 independent", {0, 1}),
        field("length_s", &SynthSettings::length_s, "Length of the two-pop's beep", {0.001, 1}));
  }
};

/// Writes [begin, begin + out.frames()) of an endless sound. A pure function of (settings, rate, position): no state, any
/// split into ranges and any order gives the same bits. Overwrites `out`. Rates 8 to 192 kHz.
/// Fails with InvalidArgument on a setting out of its range, naming it.
///
/// Noises are white Philox noise shaped frame by frame (frames fixed to position 0, power-complementary windows); wind
/// adds gusts and moving resonances, rain a Poisson train of bubbles (A. Farnell, "Designing Sound", 2010, ch. 37, 41).
Result<void> render_synth(const SynthSettings& settings, SampleRate rate, SamplePosition begin, AudioView<float> out);

}  // namespace twopop::dsp
