#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"
#include "dsp/coefficients.h"
#include "dsp/futz.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace twopop::dsp {

struct EqStep {
  FilterSettings filter;
};
/// Changes pitch, keeps length. -24 .. 24 semitones.
struct PitchStep {
  double semitones = 0;
};
/// Changes length, keeps pitch: 2 is twice as long. 1/8 .. 8.
struct StretchStep {
  double factor = 1;
};
struct ReverseStep {};
/// Convolves with an impulse response named by `impulse`, scaled to energy 1 in its loudest channel; the tail lengthens the clip.
struct ConvolveStep {
  std::string impulse;
  double wet_db = 0;
  double dry_db = -100;  ///< -100 and below: no dry sound
};
struct FutzStep {
  FutzSettings settings;
};
struct GainStep {
  double gain_db = 0;
};

using EffectStep = std::variant<EqStep, PitchStep, StretchStep, ReverseStep, ConvolveStep, FutzStep, GainStep>;
/// In the order in which they are applied.
using EffectChain = std::vector<EffectStep>;

/// Gives the impulse response that a ConvolveStep names, at the clip's rate.
using ImpulseSource = std::function<Result<AudioBuffer<float>>(const std::string& name)>;

/// Length of a clip after the chain, without running it; `impulse_length` says how long the named response is.
SampleCount length_after(SampleCount length, const EffectChain& chain, const std::function<SampleCount(const std::string&)>& impulse_length);

/// A whole clip through a chain. Length changes by stretch and by convolution tails only, exactly as length_after says.
/// Fails with InvalidArgument on a value out of range, naming the step by its number; with whatever `impulses` says.
Result<AudioBuffer<float>> apply_chain(AudioBuffer<float> clip, SampleRate rate, const EffectChain& chain,
                                       const ImpulseSource& impulses = {});

}  // namespace twopop::dsp
