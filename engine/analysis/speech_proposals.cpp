#include "analysis/speech_proposals.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kInaudibleDbfs = -75.0;  // background that nobody hears under a mix at -23 LUFS
constexpr double kCleanDb = 40.0;         // ratio from which a take is better left alone
constexpr double kLeastExpanderDb = 12.0; // under this the gate would follow the voice

}  // namespace

Proposed<dsp::ExpanderSettings> propose_expander(const SpeechMeasure& m) {
  Proposed<dsp::ExpanderSettings> out;
  const double speech = m.speech_level.value, noise = m.noise_level.value, snr = m.snr.value;
  if (m.speech.empty()) {
    out.reason = "no speech was found, so nothing tells where to open";
    return out;
  }
  if (noise < kInaudibleDbfs) {
    out.reason = fmt::format("the background of {:.1f} dBFS is too low to be heard", noise);
    return out;
  }
  if (snr < kLeastExpanderDb) {
    out.reason = fmt::format("speech at {:.1f} dBFS is only {:.1f} dB over the background: an expander would chop it", speech, snr);
    return out;
  }
  // A third of the way up from the background, at least 4 dB over it; soft word ends lie 20 to 25 dB under the speech.
  const double threshold = std::min(noise + std::max(4.0, snr / 3), speech - 12.0);
  out.wanted = true;
  out.settings.threshold = {std::round(threshold * 10) / 10};
  out.settings.range = {std::clamp(std::round(30.0 - snr / 2), 6.0, 12.0)};
  out.settings.ratio = 2.0;
  out.settings.hysteresis = {std::clamp(std::floor(threshold - noise - 1.0), 2.0, 4.0)};
  out.confidence = std::clamp(0.5 + (snr - kLeastExpanderDb) / 20, 0.5, 0.95);
  out.reason = fmt::format("background {:.1f} dBFS, speech {:.1f} dBFS: opens at {:.1f} dBFS, closes {:.0f} dB lower, takes at most {:.0f} dB",
                           noise, speech, out.settings.threshold.value, out.settings.hysteresis.value, out.settings.range.value);
  return out;
}

Proposed<dsp::DenoiseSettings> propose_denoise(const SpeechMeasure& m) {
  Proposed<dsp::DenoiseSettings> out;
  const double snr = m.snr.value;
  if (m.speech.empty()) {
    out.reason = "no speech was found that noise could hide";
    return out;
  }
  if (snr >= kCleanDb || m.noise_level.value < kInaudibleDbfs) {
    out.reason = fmt::format("speech is {:.1f} dB over a background of {:.1f} dBFS: clean enough", snr, m.noise_level.value);
    return out;
  }
  out.wanted = true;
  // Under 8 dB the noise is often voices, and what is taken off it is taken off the speech too.
  out.settings.reduction = {std::clamp(std::round(snr < 8 ? 8.0 : std::min(12.0, kCleanDb - snr)), 3.0, 12.0)};
  out.confidence = snr < 3 ? 0.5 : 0.8;
  out.reason = fmt::format("speech is {:.1f} dB over a background of {:.1f} dBFS: noise down by up to {:.0f} dB", snr, m.noise_level.value, out.settings.reduction.value);
  return out;
}

}  // namespace twopop::analysis
