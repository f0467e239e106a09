#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/time.h"

#include <array>
#include <cstdint>
#include <tuple>

namespace twopop::dsp {

/// The small loudspeaker or wall through which a sound is heard.
enum class FutzPreset { Telephone, Radio, Television, NextRoom, Megaphone };
constexpr auto names_of(FutzPreset) {
  return std::array{EnumName{FutzPreset::Telephone, "telephone"}, EnumName{FutzPreset::Radio, "radio"},
                    EnumName{FutzPreset::Television, "television"}, EnumName{FutzPreset::NextRoom, "next-room"},
                    EnumName{FutzPreset::Megaphone, "megaphone"}};
}

struct FutzSettings {
  FutzPreset preset = FutzPreset::Radio;
  double amount = 1;      ///< 0 the dry sound .. 1 all through the preset
  double drive_db = 0;    ///< into the saturation, on top of the preset's own
  double room = 0.5;      ///< share of the preset's small room, 0 .. 1
  std::uint32_t seed = 1; ///< of the room's reflections

  bool operator==(const FutzSettings&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("preset", &FutzSettings::preset, "What it is heard through"),
                           field("amount", &FutzSettings::amount, "0 dry, 1 all of it", {0, 1}),
                           field("drive_db", &FutzSettings::drive_db, "Extra drive into the saturation", {-20, 20}),
                           field("room", &FutzSettings::room, "Share of the room it stands in", {0, 1}),
                           field("seed", &FutzSettings::seed, "Of the room's reflections"));
  }
};

/// The response of a generated small room or of sound through a wall: exponentially decaying noise with early
/// reflections, deterministic by seed, energy 1. `decay_s` is its RT60.
AudioBuffer<float> small_room_response(SampleRate rate, double decay_s, double darkness, std::uint32_t seed);

/// The whole clip through a preset; keeps its length and, within 1 dB, its RMS level. Band limits and resonances per
/// preset stand in futz.cpp with their sources. Fails with InvalidArgument on settings out of range.
Result<AudioBuffer<float>> futz(AudioView<const float> clip, SampleRate rate, const FutzSettings& settings);

}  // namespace twopop::dsp
