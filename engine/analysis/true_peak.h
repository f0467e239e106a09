#pragma once

#include "core/audio.h"
#include "core/time.h"
#include "core/units.h"

#include <cstdint>

namespace twopop::analysis {

/// Interpolator of the true-peak measurement (ITU-R BS.1770-5, annex 2): four times below 96 kHz, twice below 192 kHz,
/// none from there on. A sinc under a raised cosine, 12 taps a phase, as in the annex; phase 0 is the samples themselves.
///
/// The interpolated points belong to the newest sample they are made from: a point is counted kDelay + 1/4 .. 3/4 samples late.
class TruePeakInterpolator {
 public:
  static constexpr int kTaps = 12;
  static constexpr int kHistory = kTaps - 1;
  static constexpr std::int64_t kDelay = kTaps / 2;

  explicit TruePeakInterpolator(SampleRate rate);

  /// How much greater than all samples within its taps an interpolated point can be. 1 where nothing is interpolated.
  float bound() const { return bound_; }
  /// Greatest magnitude of the points that belong to samples [0, count) of x; x[-kHistory] .. x[-1] must be readable.
  float peak(const float* x, std::int64_t count) const;
  /// The same, computed only where it can exceed `floor`; gives `floor` if nothing does.
  float peak_above(const float* x, std::int64_t count, float floor) const;

 private:
  using Points = float __attribute__((vector_size(32)));
  Points points_at(const float* at) const;
  float peak_of_rest(const float* x, std::int64_t count) const;

  enum class Factor { One, Two, Four };
  Factor factor_;
  float bound_ = 1.0f;
  // The quarter phase is even + odd, the three-quarter phase even - odd; both from sums and differences of mirrored taps.
  float half_[kTaps / 2]{}, even_[kTaps / 2]{}, odd_[kTaps / 2]{};
};

/// Greatest magnitude of `count` samples.
float sample_peak(const float* x, std::int64_t count);

/// True peak of a whole sound, silence before and after it, samples included.
DbTp true_peak(AudioView<const float> samples, SampleRate rate);

}  // namespace twopop::analysis
