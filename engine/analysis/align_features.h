#pragma once

#include "core/audio.h"
#include "core/time.h"

#include <array>
#include <cstdint>
#include <vector>

namespace twopop::analysis {

inline constexpr int kVoiceFeatures = 24;

/// What a voice says, 10 ms at a time, with level and colour taken out.
struct VoiceFrames {
  /// Cepstra 1 .. 12 of the mel spectrum and their slopes, of unit length together.
  std::vector<std::array<float, kVoiceFeatures>> shape;
  std::vector<float> loudness;   ///< dB over the quiet parts, 0 .. 40
  std::vector<bool> spoken;      ///< stands out of the background
  std::int64_t count() const { return static_cast<std::int64_t>(shape.size()); }
};

/// Frame i is centred on i x 10 ms. `floor_db`: what lies further under a band's loud parts is levelled out, so that a
/// clean take and a noisy line look alike.
VoiceFrames voice_frames(AudioView<const float> mono, SampleRate rate, double floor_db);

}  // namespace twopop::analysis
