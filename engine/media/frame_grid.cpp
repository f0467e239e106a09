#include "media/detail/frame_grid.h"

#include "media/detail/recorder_metadata.h"

#include <algorithm>
#include <cstdlib>

namespace twopop::media::detail {

Spacing spacing_of(std::vector<std::int64_t> steps) {
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  const std::int64_t step = *middle;
  // Two ticks are rounding at either side.
  const std::int64_t slack = std::max<std::int64_t>(2, step / 10);
  const auto odd = std::count_if(steps.begin(), steps.end(), [&](std::int64_t s) { return std::abs(s - step) > slack; });
  return {step, odd > 0, odd * 20 <= static_cast<std::ptrdiff_t>(steps.size())};
}

std::optional<FrameRate> rate_of_step(double step_s) {
  if (!(step_s > 0)) return std::nullopt;
  const auto known = recorder_rate(fmt::format("{:.6f}", 1 / step_s), "NDF");
  return known ? std::optional(known->frames) : std::nullopt;
}

}  // namespace twopop::media::detail
