#include "dsp/delay.h"

#include <algorithm>

namespace twopop::dsp {

Result<void> Delay::prepare(const ProcessSpec& spec) {
  if (by_ < SampleCount{0})
    return Error{Code::InvalidArgument, fmt::format("a delay of {} samples", by_.value), "delay by 0 samples or more"};
  past_.assign(static_cast<std::size_t>(by_.value) * static_cast<std::size_t>(spec.channels), 0.0f);
  scratch_.assign(static_cast<std::size_t>(by_.value), 0.0f);
  return {};
}

void Delay::process(AudioView<float> io) noexcept {
  const std::int64_t n = io.frames(), by = by_.value;
  for (int c = 0; c < io.channels(); ++c) {
    float* past = past_.data() + c * by;
    float* x = io.channel(c);
    const std::int64_t kept = std::min(n, by);
    // The last of the block become the past; the past and the first of the block come out.
    std::copy(x + n - kept, x + n, scratch_.begin());
    std::copy_backward(x, x + n - kept, x + n);
    std::copy(past, past + kept, x);
    std::copy(past + kept, past + by, past);
    std::copy(scratch_.begin(), scratch_.begin() + kept, past + by - kept);
  }
}

void Delay::reset() noexcept { std::fill(past_.begin(), past_.end(), 0.0f); }

}  // namespace twopop::dsp
