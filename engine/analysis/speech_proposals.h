#pragma once

#include "analysis/speech.h"
#include "dsp/denoise.h"
#include "dsp/expander.h"

#include <string>

namespace twopop::analysis {

/// Settings that a measurement asks for, and why, in one sentence with the figures.
template <class Settings>
struct Proposed {
  bool wanted = false;      ///< false: the sound is better left alone
  Settings settings{};
  double confidence = 0.0;  ///< 0 to 1
  std::string reason;
};

/// Threshold between the background and the speech: nearer to the background, so that soft word ends stay.
/// Not wanted where the background is inaudible already, or so near to speech that a gate would chop it.
Proposed<dsp::ExpanderSettings> propose_expander(const SpeechMeasure& measure);

/// How much noise reduction the measured signal-to-noise ratio asks for. Not wanted above 40 dB.
Proposed<dsp::DenoiseSettings> propose_denoise(const SpeechMeasure& measure);

}  // namespace twopop::analysis
