#pragma once

#include "analysis/detail/speech_frames.h"

#include <array>
#include <vector>

namespace twopop::analysis::detail {

inline constexpr int kSpeechFeatures = 15;
/// Place of the level over the background, mean of the bands and of 130 ms, in units of 10 dB.
inline constexpr int kOverNear = 4;
using SpeechFeatureVector = std::array<float, kSpeechFeatures>;

/// Frames of a second and more without any sound: a shot that was cut in mute, an editor's leader. They are no room's background.
std::vector<bool> mute_frames(const SpeechFrameList& frames);

/// What speaks for or against speech in frames [begin, end), seen from both sides in time; `mute` is of all frames.
/// Worked out with what lies within kSpeechReach of them: the same, to rounding, as over the whole recording.
std::vector<SpeechFeatureVector> speech_features(const SpeechFrameList& frames, const std::vector<bool>& mute, std::size_t begin, std::size_t end);

/// Frames that a feature looks at to either side, and a little more; `begin` is a multiple of ten, as the floor's steps are.
inline constexpr std::size_t kSpeechReach = 1100;

}  // namespace twopop::analysis::detail
