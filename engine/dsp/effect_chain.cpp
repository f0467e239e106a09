#include "dsp/effect_chain.h"

#include "core/exact_math.h"
#include "dsp/convolver.h"
#include "dsp/stretch.h"
#include "dsp/svf.h"

#include <algorithm>
#include <cmath>

namespace twopop::dsp {
namespace {

std::int64_t stretched_length(std::int64_t length, double factor) { return std::max<std::int64_t>(1, std::llround(static_cast<double>(length) * factor)); }

/// One step after another; each takes the clip and hands back the next.
class Applier {
 public:
  Applier(SampleRate rate, const ImpulseSource& impulses) : rate_(rate), impulses_(impulses) {}

  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const EqStep& step) const {
    TWOPOP_TRY(const SvfCoefficients coefficients, design(step.filter, rate_));
    for (int c = 0; c < clip.channels(); ++c) {
      Svf svf(coefficients);
      for (std::int64_t i = 0; i < clip.frames(); ++i) clip.channel(c)[i] = static_cast<float>(svf.process(clip.channel(c)[i]));
    }
    return clip;
  }
  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const PitchStep& step) const {
    if (!(std::fabs(step.semitones) <= 24))
      return Error{Code::InvalidArgument, fmt::format("pitch by {} semitones", step.semitones), "stay within two octaves"};
    if (step.semitones == 0) return clip;
    return stretch(clip.view(), rate_, {}, {SampleCount{clip.frames()}, step.semitones, false});
  }
  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const StretchStep& step) const {
    if (!(step.factor >= 0.125 && step.factor <= 8))
      return Error{Code::InvalidArgument, fmt::format("stretch by {}", step.factor), "stay within 1/8 .. 8"};
    if (step.factor == 1) return clip;
    return stretch(clip.view(), rate_, {}, {SampleCount{stretched_length(clip.frames(), step.factor)}, 0, false});
  }
  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const ReverseStep&) const {
    for (int c = 0; c < clip.channels(); ++c) std::reverse(clip.channel(c), clip.channel(c) + clip.frames());
    return clip;
  }
  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const ConvolveStep& step) const {
    if (!impulses_) return Error{Code::NotFound, fmt::format("no impulse response named \"{}\"", step.impulse), "add one as impulse"};
    TWOPOP_TRY(AudioBuffer<float> impulse, impulses_(step.impulse));
    if (impulse.empty()) return Error{Code::InvalidArgument, fmt::format("impulse response \"{}\" is empty", step.impulse), "choose another"};
    double energy = 0;
    for (int c = 0; c < impulse.channels(); ++c) {
      double sum = 0;
      for (std::int64_t i = 0; i < impulse.frames(); ++i) sum += static_cast<double>(impulse.channel(c)[i]) * impulse.channel(c)[i];
      energy = std::max(energy, sum);
    }
    if (energy <= 0) return Error{Code::InvalidArgument, fmt::format("impulse response \"{}\" is silent", step.impulse), "choose another"};
    // A response of other channels than the clip serves with its first.
    const bool fits = impulse.channels() == clip.channels();
    TWOPOP_TRY(AudioBuffer<float> wet, convolve(clip.view(), fits ? impulse.view() : impulse.view().select(0, 1)));
    const auto gain = static_cast<float>(exact::gain_of_db(step.wet_db) / std::sqrt(energy));
    const float dry = step.dry_db <= -100 ? 0.0f : static_cast<float>(exact::gain_of_db(step.dry_db));
    for (int c = 0; c < wet.channels(); ++c)
      for (std::int64_t i = 0; i < wet.frames(); ++i) wet.channel(c)[i] = gain * wet.channel(c)[i] + (i < clip.frames() ? dry * clip.channel(c)[i] : 0.0f);
    return wet;
  }
  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const FutzStep& step) const { return futz(clip.view(), rate_, step.settings); }
  Result<AudioBuffer<float>> operator()(AudioBuffer<float> clip, const GainStep& step) const {
    if (!(std::fabs(step.gain_db) <= 96)) return Error{Code::InvalidArgument, fmt::format("gain of {} dB", step.gain_db), "stay within 96 dB"};
    const auto gain = static_cast<float>(exact::gain_of_db(step.gain_db));
    for (int c = 0; c < clip.channels(); ++c)
      for (std::int64_t i = 0; i < clip.frames(); ++i) clip.channel(c)[i] *= gain;
    return clip;
  }

 private:
  SampleRate rate_;
  const ImpulseSource& impulses_;
};

}  // namespace

SampleCount length_after(SampleCount length, const EffectChain& chain, const std::function<SampleCount(const std::string&)>& impulse_length) {
  for (const EffectStep& step : chain) {
    if (const auto* s = std::get_if<StretchStep>(&step)) {
      if (s->factor != 1) length = SampleCount{stretched_length(length.value, s->factor)};
    } else if (const auto* c = std::get_if<ConvolveStep>(&step)) {
      length = length + impulse_length(c->impulse) - SampleCount{1};
    }
  }
  return length;
}

Result<AudioBuffer<float>> apply_chain(AudioBuffer<float> clip, SampleRate rate, const EffectChain& chain, const ImpulseSource& impulses) {
  const Applier apply(rate, impulses);
  for (std::size_t k = 0; k < chain.size(); ++k) {
    if (clip.frames() == 0) return clip;
    auto next = std::visit([&](const auto& step) { return apply(std::move(clip), step); }, chain[k]);
    if (!next) {
      next.error().message = fmt::format("effect step {}: {}", k + 1, next.error().message);
      return std::move(next).error();
    }
    clip = *std::move(next);
  }
  return clip;
}

}  // namespace twopop::dsp
