#pragma once

#include "core/time.h"

#include <cstdint>

namespace twopop::analysis::detail {

/// The two stages of the K filter (BS.1770-5 annex 1, tables 1 and 2), for any rate: the tables' analogue prototypes
/// (a shelf of 4 dB at 1682 Hz, a high-pass at 38 Hz), transformed bilinearly with the corner kept in place.
/// The shelf is divided by its b0, so that the energy is to be multiplied by gain_squared; the high-pass has zeros 1, -2, 1.
struct KWeighting {
  explicit KWeighting(SampleRate rate);
  double shelf_b1, shelf_b2, shelf_a1, shelf_a2;
  double high_a1, high_a2;
  double gain_squared;
};

/// Runs the K filter over sixteen sounds at once and sums their squares.
class KLanes {
 public:
  static constexpr int kLanes = 16;
  explicit KLanes(SampleRate rate) : k_(rate) {}
  /// `count` samples of each lane; energy[lane] is the sum of the squares of the filtered samples.
  void run(const float* const* lanes, std::int64_t count, double* energy);

 private:
  KWeighting k_;
  alignas(64) double state_[4 * kLanes]{};  // rows of lanes
};

}  // namespace twopop::analysis::detail
