#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"
#include "dsp/futz.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace twopop::dsp {

enum class EqShape { LowCut, HighCut, LowShelf, HighShelf, Bell };
constexpr auto names_of(EqShape) {
  return std::array{EnumName{EqShape::LowCut, "low-cut"}, EnumName{EqShape::HighCut, "high-cut"},
                    EnumName{EqShape::LowShelf, "low-shelf"}, EnumName{EqShape::HighShelf, "high-shelf"},
                    EnumName{EqShape::Bell, "bell"}};
}

/// Second-order band of an equaliser.
struct EqStep {
  EqShape shape = EqShape::Bell;
  double frequency_hz = 1000;
  double gain_db = 0;
  double q = 0.7071;
};
/// Changes pitch, keeps length.
struct PitchStep {
  double semitones = 0;
};
/// Changes length, keeps pitch. 2 is twice as long.
struct StretchStep {
  double factor = 1;
};
struct ReverseStep {};
/// Convolves with an impulse response named by `impulse`; the tail lengthens the clip.
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

/// A whole clip through a chain. Length changes by stretch and by convolution tails only.
/// Fails with InvalidArgument on a value out of range, naming the step by its number; with whatever `impulses` says.
Result<AudioBuffer<float>> apply_chain(AudioBuffer<float> clip, SampleRate rate, const EffectChain& chain,
                                       const ImpulseSource& impulses = {});

}  // namespace twopop::dsp
