#include "phases/repair.h"

#include "analysis/speech.h"
#include "dsp/dehum.h"
#include "dsp/denoise.h"
#include "dsp/expander.h"
#include "phases/mix/detail/voices.h"
#include "phases/ranges.h"

namespace twopop::phases {
namespace {

/// Stretches of a sound in which nobody speaks.
std::vector<SampleRange> pauses_of(const analysis::SpeechMeasure& speech) {
  return subtract({{{0}, {speech.length.value}}}, speech.ranges);
}

struct Repair {
  session::DialogueClip clip;
  SampleRange range{};
  SampleRate rate{};

  Result<AudioBuffer<float>> operator()(std::span<const AudioView<const float>> inputs) const {
    AudioBuffer<float> sound(1, inputs[0].frames());
    std::copy_n(inputs[0].channel(0), inputs[0].frames(), sound.channel(0));
    if (clip.dehum.on) {
      dsp::DehumSettings settings;
      settings.fundamental_hz = clip.dehum.fundamental_hz;
      settings.harmonics = clip.dehum.harmonics;
      TWOPOP_TRY(sound, dsp::remove_hum(sound.view(), rate, settings));
    }
    const analysis::SpeechMeasure speech = analysis::measure_speech(sound.view(), rate);
    if (clip.denoise.on) {
      dsp::DenoiseSettings settings;
      settings.reduction = clip.denoise.amount;
      const std::vector<SampleRange> pauses = pauses_of(speech);
      const dsp::NoiseProfile profile = inputs.size() > 1 ? dsp::learn_noise(inputs[1], rate)
                                        : pauses.empty()  ? dsp::NoiseProfile{}
                                                          : dsp::learn_noise(sound.view(), rate, pauses);
      TWOPOP_TRY(sound, dsp::denoise(sound.view(), rate, settings, profile));
    }
    if (clip.expander.on) {
      TWOPOP_TRY(const dsp::GainCurve curve, dsp::gain_curve(sound.view(), rate, detail::settings_of(clip.expander), speech.speech));
      curve.apply(sound.view(), {0});
    }
    AudioBuffer<float> out(1, range.length().value);
    std::copy_n(sound.channel(0) + range.begin.value, out.frames(), out.channel(0));
    return out;
  }
};

}  // namespace

bool wants_repair(const session::DialogueClip& clip) { return clip.dehum.on || clip.denoise.on || clip.expander.on; }

signal::Signal repaired(const session::Id& id, const session::DialogueClip& clip, signal::Signal sound, SampleRange clip_range, signal::Signal room_tone, SampleRate rate) {
  signal::WholeClip whole;
  whole.kind = "repair";
  whole.version = 1;
  whole.label = "dialogue clip " + id;
  whole.extent = clip_range;
  whole.input_ranges = {sound->extent()};
  Hasher hasher;
  hasher.add(clip_range.begin.value).add(rate.hz);
  const session::DehumSettings& h = clip.dehum;
  const session::DenoiseSettings& n = clip.denoise;
  const session::ExpanderSettings& e = clip.expander;
  if (h.on) {
    hasher.add("dehum").add(h.fundamental_hz).add(h.harmonics);
    whole.text += fmt::format("hum of {:.2f} Hz removed; ", h.fundamental_hz);
  }
  if (n.on) {
    hasher.add("denoise").add(n.amount.value);
    whole.text += fmt::format("noise down by up to {:.1f} dB; ", n.amount.value);
  }
  if (e.on) {
    hasher.add("expander").add(e.threshold.value).add(e.ratio).add(e.range.value).add(e.attack_ms).add(e.hold_ms).add(e.release_ms).add(e.hysteresis.value).add(e.look_ahead_ms);
    whole.text += fmt::format("expander under {:.1f} dBFS, {:.1f}:1, at most {:.1f} dB; ", e.threshold.value, e.ratio, e.range.value);
  }
  if (!whole.text.empty()) whole.text.resize(whole.text.size() - 2);
  whole.settings = hasher.finish();
  std::vector<signal::Signal> inputs{std::move(sound)};
  if (n.on && room_tone) {
    whole.input_ranges.push_back(room_tone->extent());
    inputs.push_back(std::move(room_tone));
  }
  whole.work = Repair{clip, clip_range, rate};
  return signal::whole_clip(std::move(inputs), std::move(whole));
}

}  // namespace twopop::phases
