#pragma once

#include "analysis/speech.h"
#include "dsp/stretch.h"

#include <string>

namespace twopop::analysis {

struct AlignSettings {
  double least_slope = 0.80;  ///< in speech the take may be squeezed to this ...
  double most_slope = 1.25;   ///< ... and drawn out to this; pauses are free
  double least_score = 0.0;   ///< under this the words are taken to differ; 0: the measured default
};

/// How a take lies against the line it is to replace.
struct Alignment {
  bool same_words = false;  ///< false: refused, `reason` says why
  double score = 0.0;       ///< 0 to 1: how alike the two are along the path, after level and colour are taken out
  dsp::WarpMap map;         ///< samples of the take -> samples of the line; monotone
  double most_stretch = 1.0;     ///< greatest slope within speech
  double least_stretch = 1.0;
  double mean_shift_s = 0.0;     ///< what the map does apart from a constant offset, RMS of its bends
  std::string reason;            ///< one sentence with the figures
};

/// Aligns a take to a line by dynamic time warping over spectral-envelope features (mel cepstra with level and channel
/// removed). Pauses of either side match any pause. Both at `rate`, channel 0; up to two minutes each.
Alignment align_take(AudioView<const float> line, AudioView<const float> take, SampleRate rate,
                     const AlignSettings& settings = {});

}  // namespace twopop::analysis
