#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <vector>

namespace twopop::dsp {

/// Sample `source` of the clip is to be heard at sample `target` of the result.
struct WarpPoint {
  std::int64_t source = 0;
  std::int64_t target = 0;
  constexpr auto operator<=>(const WarpPoint&) const = default;
};

/// Monotone map of time made of straight pieces between its points. Empty: straight from end to end.
using WarpMap = std::vector<WarpPoint>;

/// Target sample of a source sample, and the other way round, along the map extended by its end slopes.
double warp_forward(const WarpMap& map, double source);
double warp_back(const WarpMap& map, double target);

struct StretchSettings {
  SampleCount length{};        ///< of the result; 0: as the map's slope gives
  double pitch_semitones = 0;  ///< shift of pitch, independent of time
  bool keep_formants = false;  ///< for voices whose pitch is shifted
};

/// Changes the timing of a whole clip, not its pitch (or the pitch, not the timing): Rubber Band R3, offline, whole
/// clip at once, fixed blocks, so the result depends on nothing else. Exactly settings.length frames come out.
///
/// A slope outside 1/8 .. 8 between two points of several is taken for a pause, of which the middle is left out, under a cross-fade of
/// 10 ms, or filled with silence. Fails with InvalidArgument on a map that does not rise, or asks for such a slope from end to end.
Result<AudioBuffer<float>> stretch(AudioView<const float> clip, SampleRate rate, const WarpMap& map,
                                   const StretchSettings& settings);

}  // namespace twopop::dsp
