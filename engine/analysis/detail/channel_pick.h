#pragma once

#include "core/audio.h"

#include <algorithm>

namespace twopop::analysis::detail {

/// One channel of a block, or with -1 the mean of all, to `to`.
inline void pick_channel(AudioView<const float> block, int channel, float* to) {
  const std::int64_t count = block.frames();
  std::copy_n(block.channel(std::max(channel, 0)), count, to);
  if (channel >= 0 || block.channels() == 1) return;
  for (int c = 1; c < block.channels(); ++c) {
    const float* from = block.channel(c);
    for (std::int64_t i = 0; i < count; ++i) to[i] += from[i];
  }
  const float share = 1.0f / static_cast<float>(block.channels());
  for (std::int64_t i = 0; i < count; ++i) to[i] *= share;
}

}  // namespace twopop::analysis::detail
