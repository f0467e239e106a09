#pragma once

#include "core/time.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace twopop::media::detail {

/// The usual step between the frames of a picture, in ticks.
struct Spacing {
  std::int64_t step = 0;
  bool uneven = false;       ///< some step is another: more than two ticks and a tenth of a frame
  bool mostly_even = false;  ///< at most a twentieth of them are: a few frames were dropped, the rate is the step's
};

/// Of at least one step.
Spacing spacing_of(std::vector<std::int64_t> steps);

/// The usual rate whose frames lie so far apart, within 0.011 frames a second.
std::optional<FrameRate> rate_of_step(double step_s);

}  // namespace twopop::media::detail
