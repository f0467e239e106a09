#pragma once

#include "core/audio.h"
#include "core/time.h"

#include <cstdint>
#include <span>
#include <vector>

namespace twopop::media {

/// What a stretch of sound looks like.
struct Peak {
  float least = 0, most = 0;
  float mean_square = 0;
  float rms() const;
};

/// Waveform of one channel at several resolutions, made in one pass while sound is rendered or read.
///
/// Level 0 has one Peak for each 256 samples; each level above joins four of the one below. The last Peak of a
/// level may stand for fewer samples.
class PeakPyramid {
 public:
  static constexpr std::int64_t kSamplesAPeak = 256;
  static constexpr std::int64_t kJoined = 4;

  /// The next samples, in any portions.
  void add(std::span<const float> samples);
  /// Appends another pyramid, as of the next chunk. Our length must be a multiple of kSamplesAPeak.
  void append(const PeakPyramid& next);

  SampleCount length() const { return {length_}; }
  /// `bins` peaks for equal parts of a range, whole peaks at the edges; outside of what there is they are zero.
  std::vector<Peak> view(SampleRange range, int bins) const;
  /// Level 0, for storing.
  std::span<const Peak> peaks() const { return levels_.empty() ? std::span<const Peak>() : levels_[0]; }
  /// From stored peaks of level 0.
  static PeakPyramid of(std::span<const Peak> peaks, SampleCount length);

 private:
  std::int64_t samples_of(std::int64_t peak) const;
  void refresh_levels(std::size_t from);

  std::vector<std::vector<Peak>> levels_;
  std::int64_t length_ = 0;
};

}  // namespace twopop::media
