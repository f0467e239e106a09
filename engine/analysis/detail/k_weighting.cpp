#include "analysis/detail/k_weighting.h"

#include <cmath>
#include <cstring>
#include <numbers>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace twopop::analysis::detail {
namespace {

namespace narrow {
#define KLANES_WIDTH 4
#include "analysis/detail/k_lanes_body.h"
#undef KLANES_WIDTH
}  // namespace narrow

#if defined(__x86_64__) && defined(__FMA__) && defined(__GNUC__) && !defined(__clang__)
#define TWOPOP_WIDE_LANES 1
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl")
namespace wide {
#define KLANES_WIDTH 8
#include "analysis/detail/k_lanes_body.h"
#undef KLANES_WIDTH
}  // namespace wide
#pragma GCC pop_options
#endif

#ifdef TWOPOP_WIDE_LANES
bool has_wide_lanes() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl");
  return has;
}
#endif

}  // namespace

KWeighting::KWeighting(SampleRate rate) {
  const double pi = std::numbers::pi;
  {
    const double frequency = 1681.974450955533, gain_db = 3.999843853973347, q = 0.7071752369554196;
    const double k = std::tan(pi * frequency / rate.hz);
    const double vh = std::pow(10.0, gain_db / 20.0), vb = std::pow(vh, 0.4996667741545416);
    const double a0 = 1.0 + k / q + k * k;
    const double b0 = (vh + vb * k / q + k * k) / a0;
    shelf_b1 = 2.0 * (k * k - vh) / a0 / b0;
    shelf_b2 = (vh - vb * k / q + k * k) / a0 / b0;
    shelf_a1 = 2.0 * (k * k - 1.0) / a0;
    shelf_a2 = (1.0 - k / q + k * k) / a0;
    gain_squared = b0 * b0;
  }
  const double frequency = 38.13547087602444, q = 0.5003270373238773;
  const double k = std::tan(pi * frequency / rate.hz);
  const double a0 = 1.0 + k / q + k * k;
  high_a1 = 2.0 * (k * k - 1.0) / a0;
  high_a2 = (1.0 - k / q + k * k) / a0;
}

void KLanes::run(const float* const* lanes, std::int64_t count, double* energy) {
  // The very same bits either way: what a lane computes does not depend on its neighbours.
#ifdef TWOPOP_WIDE_LANES
  if (has_wide_lanes()) return wide::run(k_, state_, lanes, count, energy);
#endif
  narrow::run(k_, state_, lanes, count, energy);
  narrow::run(k_, state_ + kLanes / 2, lanes + kLanes / 2, count, energy + kLanes / 2);
}

}  // namespace twopop::analysis::detail
