#pragma once

#include "core/audio.h"
#include "core/time.h"

#include <array>
#include <cstdint>
#include <vector>

namespace twopop::analysis {

inline constexpr int kVoiceFeatures = 24, kVoiceBands = 26;
/// How far under a band's loud parts something still counts, dB.
using VoiceDepths = std::array<double, kVoiceBands>;

/// What a voice says, 10 ms at a time, with level and colour taken out.
struct VoiceFrames {
  /// Cepstra 1 .. 12 of the mel spectrum and their slopes, of unit length together.
  std::vector<std::array<float, kVoiceFeatures>> shape;
  std::vector<float> loudness;   ///< dB over the quiet parts, 0 .. 40
  std::vector<bool> spoken;      ///< stands out of the background
  VoiceDepths over_background{}; ///< of each band: its loud parts over its quiet ones, dB
  std::int64_t count() const { return static_cast<std::int64_t>(shape.size()); }
};

/// Frame i is centred on i x 10 ms. What lies further under a band's loud parts than `depths` is levelled out, so that a
/// clean take and a noisy line look alike.
VoiceFrames voice_frames(AudioView<const float> mono, SampleRate rate, const VoiceDepths& depths);

}  // namespace twopop::analysis
