#pragma once

#include "core/result.h"
#include "core/time.h"
#include "core/units.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace twopop::analysis {

/// The time grid on which loudness is summed: steps of 10 ms that start at sample 0 of the film (or file), at any rate.
/// Step k holds the samples from floor(k * rate / 100) on: 480 each at 48 kHz, 441 at 44.1 kHz, 110 or 111 at 11.025 kHz.
///
/// 10 ms, because the maximum of the momentary loudness must be found to 0.1 LU wherever 400 ms of sound begin
/// (EBU Tech 3341, cases 13 and 14); on a 100 ms grid it can be missed by 0.6 LU. Gating and loudness range take
/// every tenth step.
struct LoudnessGrid {
  SampleRate rate{};
  constexpr SamplePosition start_of(std::int64_t step) const { return {mul_div(step, rate.hz, 100, Rounding::Floor)}; }
  /// The step that holds a sample.
  constexpr std::int64_t step_of(SamplePosition at) const {
    return mul_div(at.value + 1, 100, rate.hz, Rounding::Ceiling) - 1;
  }
};

/// What a stretch of a programme gives to its loudness: everything asked later is computed from this, without the sound.
///
/// Neighbouring stretches merge; a stretch may begin and end anywhere, also within a step: parts of a step add up.
/// Eight bytes for each 10 ms, four for each 100 ms.
class LoudnessBlocks {
 public:
  LoudnessBlocks() = default;
  /// A stretch of silence, to be filled.
  LoudnessBlocks(SampleRate rate, SampleRange range);

  SampleRate rate() const { return grid_.rate; }
  const LoudnessGrid& grid() const { return grid_; }
  SampleRange range() const { return range_; }
  /// Index of the first step of energy().
  std::int64_t first_step() const { return first_step_; }
  /// Sum over channels and samples of weight x (K-weighted sample)^2, for each step.
  std::span<const double> energy() const { return energy_; }
  /// Index of the first hundred milliseconds of sample_peaks() (step / 10).
  std::int64_t first_peak() const { return first_peak_; }
  /// Greatest magnitude of a sample in each 100 ms, over all channels. Linear.
  std::span<const float> sample_peaks() const { return sample_peaks_; }
  /// Greatest true peak in each 100 ms; empty unless measured with PeakDetail::EveryBlock. Linear.
  std::span<const float> true_peaks() const { return true_peaks_; }

  DbFs sample_peak() const;
  DbTp true_peak() const;

  /// The same stretch with every sample multiplied by a constant, without measuring again.
  LoudnessBlocks scaled(Gain gain) const;
  /// Joins the stretch that follows. Fails with InvalidArgument if it does not begin where this one ends, or has another rate.
  Result<void> append(const LoudnessBlocks& next);

  std::vector<std::byte> to_bytes() const;
  /// Fails with Damaged.
  static Result<LoudnessBlocks> from_bytes(std::span<const std::byte> bytes);

  /// For whoever measures: step and peak are indices on the grid, and must lie within the stretch.
  void add_energy(std::int64_t step, double sum) { energy_[static_cast<std::size_t>(step - first_step_)] += sum; }
  void raise_sample_peak(std::int64_t step, float peak);
  void keep_true_peaks() { true_peaks_.assign(sample_peaks_.size(), 0.0f); }
  void raise_true_peak(std::int64_t step, float peak);
  float true_peak_at(std::int64_t step) const;
  void raise_true_peak(float peak) { true_peak_ = peak > true_peak_ ? peak : true_peak_; }

 private:
  LoudnessGrid grid_{};
  SampleRange range_{};
  std::int64_t first_step_ = 0;
  std::int64_t first_peak_ = 0;
  std::vector<double> energy_;
  std::vector<float> sample_peaks_, true_peaks_;
  float true_peak_ = 0.0f;
};

}  // namespace twopop::analysis
