#pragma once

#include <cstdint>
#include <span>

namespace twopop::analysis::detail {

struct Alignment {
  std::int64_t shift = 0;   ///< to be added to the second position
  double correlation = 0;   ///< normalised, at that shift
};

/// How far, within `reach`, the sound at `second` must be moved to follow best what is heard at `first` over `length`
/// samples: greatest normalised cross-correlation. Only positions within the sound are tried.
Alignment align_joint(std::span<const float> mono, std::int64_t first, std::int64_t second, std::int64_t length, std::int64_t reach);

}  // namespace twopop::analysis::detail
