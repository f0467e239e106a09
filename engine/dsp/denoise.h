#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/units.h"

#include <span>
#include <vector>

namespace twopop::dsp {

struct DenoiseSettings {
  Decibels reduction{12.0};  ///< noise is turned down by at most this; more costs intelligibility
  bool adaptive = true;      ///< less where the clip is clean: a clean take stays as it is
  bool track = true;         ///< follow noise that changes along the clip; off: hold to the learned profile
  static constexpr auto fields() {
    return std::make_tuple(
        field("reduction_db", &DenoiseSettings::reduction, "Greatest reduction of noise", {0.0, 40.0}),
        field("adaptive", &DenoiseSettings::adaptive, "Less reduction where the clip is clean"),
        field("track", &DenoiseSettings::track, "Follow noise that changes along the clip"));
  }
};

/// Noise by frequency, learned from sound in which nobody speaks: mean power per bin of the denoiser's transform.
struct NoiseProfile {
  SampleRate rate{};
  std::vector<float> power;  ///< empty: nothing was learned
  double seconds = 0;        ///< of sound that it was learned from
};

/// Learns from the given stretches of a clip (all of it if there are none), e.g. what lies between the words, or a
/// recording of room tone. Stretches shorter than one transform (about 43 ms) are passed over. Channel 0 alone counts.
NoiseProfile learn_noise(AudioView<const float> clip, SampleRate rate, std::span<const SampleRange> stretches = {});

/// Takes noise off a whole clip: MMSE log-spectral amplitude gain (Ephraim and Malah 1985) with a decision-directed
/// a-priori ratio run forwards and backwards, noise tracked by speech presence (Gerkmann and Hendriks 2012) in both
/// directions, gain not under the set reduction. Frames are anchored at the clip's first sample, so the result is a
/// property of the clip and not of who asks for which part. Same length, no delay; input minus output is what was taken.
///
/// Fails with InvalidArgument on a rate under 8 kHz, or a profile made at another rate.
/// Not for clicks, hum with strong harmonics (dsp/dehum.h) or reverberation.
Result<AudioBuffer<float>> denoise(AudioView<const float> clip, SampleRate rate, const DenoiseSettings& settings,
                                   const NoiseProfile& profile = {});

}  // namespace twopop::dsp
