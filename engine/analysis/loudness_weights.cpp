#include "analysis/loudness.h"

#include <bit>

namespace twopop::analysis {
namespace {

constexpr double kSurround = 1.41;
// Bits of WAVE_FORMAT_EXTENSIBLE.
constexpr std::uint32_t kLfe = 0x8, kBackLeft = 0x10, kBackRight = 0x20, kSideLeft = 0x200, kSideRight = 0x400;

std::uint32_t usual_mask(int channels) {
  switch (channels) {
    case 4: return 0x33;   // L R Ls Rs
    case 5: return 0x37;   // L R C Ls Rs
    case 6: return 0x3f;   // L R C LFE Ls Rs
    case 8: return 0x63f;  // L R C LFE Lb Rb Ls Rs
    default: return 0;
  }
}

}  // namespace

std::vector<double> channel_weights(int channels, std::uint32_t mask) {
  std::vector<double> weights(static_cast<std::size_t>(channels > 0 ? channels : 0), 1.0);
  if (std::popcount(mask) != channels) mask = usual_mask(channels);
  // A pair behind is the surround pair (110 degrees) unless there is one at the sides; then it lies beyond 120 degrees.
  const bool sides = (mask & (kSideLeft | kSideRight)) != 0;
  std::size_t channel = 0;
  for (std::uint32_t bit = 1; bit != 0 && channel < weights.size(); bit <<= 1) {
    if (!(mask & bit)) continue;
    if (bit == kLfe) weights[channel] = 0.0;
    if (bit == kSideLeft || bit == kSideRight) weights[channel] = kSurround;
    if ((bit == kBackLeft || bit == kBackRight) && !sides) weights[channel] = kSurround;
    ++channel;
  }
  return weights;
}

std::vector<double> channel_weights(Layout layout) { return channel_weights(channel_count(layout), 0); }

}  // namespace twopop::analysis
