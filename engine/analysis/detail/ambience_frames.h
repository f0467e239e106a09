#pragma once

#include "analysis/detail/band_frames.h"

namespace twopop::analysis::detail {

/// Third-octave levels of a field recording, channels added in power; frames half overlapping.
struct AmbienceFrames {
  BandFrames bands;
  std::vector<float> level;  ///< dB, frames x bands, never under the floor
  float floor = 0;           ///< power under which nothing counts
};

AmbienceFrames ambience_frames(AudioView<const float> recording, SampleRate rate, double frame_s);

}  // namespace twopop::analysis::detail
