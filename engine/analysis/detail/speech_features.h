#pragma once

#include "analysis/detail/speech_frames.h"

#include <array>
#include <vector>

namespace twopop::analysis::detail {

inline constexpr int kSpeechFeatures = 15;
/// Place of the level over the background, mean of the bands and of 130 ms, in units of 10 dB.
inline constexpr int kOverNear = 4;
using SpeechFeatureVector = std::array<float, kSpeechFeatures>;

/// What speaks for or against speech in every frame, seen from both sides in time.
std::vector<SpeechFeatureVector> speech_features(const std::vector<SpeechFrame>& frames);

/// Frames of a second and more without any sound: a shot that was cut in mute, an editor's leader. They are no room's background.
std::vector<bool> mute_frames(const std::vector<SpeechFrame>& frames);

}  // namespace twopop::analysis::detail
