#pragma once

#include "core/lanes.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace twopop::dsp::detail {

/// What is too small to matter becomes 0 and what is no number any more starts over: applied to filter memory at fixed
/// positions, so that decaying sound ends in exact zeros, with the same bits whether the processor flushes denormals or not.
inline double settled(double state) noexcept {
  const double size = std::fabs(state);
  return size > 1e-30 && size < 1e30 ? state : 0.0;
}

/// Denormal samples become 0.
inline Float8 without_denormals(Float8 x) noexcept {
  Int8 bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits &= absolute_of(x) >= 0x1p-126f;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline float without_denormals(float x) noexcept { return std::fabs(x) >= 0x1p-126f ? x : 0.0f; }

}  // namespace twopop::dsp::detail
