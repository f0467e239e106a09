#pragma once

#include "analysis/loudness_blocks.h"
#include "phases/phase.h"

#include <array>

namespace twopop::phases::detail {

/// Edges in Hz of the bands in which the balance of a voice is judged.
inline constexpr std::array<double, 7> kBandEdgesHz{20, 80, 200, 400, 2000, 8000, 20000};
inline constexpr std::size_t kBands = kBandEdgesHz.size() - 1;

/// What the mixer must know of a track before its strip.
struct TrackMeasure {
  analysis::LoudnessBlocks loudness;
  std::vector<std::array<float, kBands>> bands;  ///< mean power in each band of each frame of kFrame samples from film start
  static constexpr std::int64_t kFrame = 4096;
};

/// Measures chunk by chunk through the cache: after an edit only what changed is heard again.
Result<TrackMeasure> measure_track(const Context& context, const Track& track);

/// Mean power a band over the frames that lie wholly in the ranges; zeros if none does.
std::array<double, kBands> mean_bands(const TrackMeasure& measure, const std::vector<SampleRange>& ranges);

}  // namespace twopop::phases::detail
