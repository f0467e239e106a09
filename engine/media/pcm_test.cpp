#include "media/detail/pcm.h"

#include "core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace twopop::media::detail {
namespace {

TEST(Pcm, writing_24_bits_rounds_each_sample_to_nearest_even_and_never_writes_past_the_end) {
  for (const int channels : {1, 2, 3})
    for (std::int64_t frames = 0; frames < 40; ++frames) {
      AudioBuffer<float> sound(channels, frames + 1);
      for (int c = 0; c < channels; ++c)
        for (std::int64_t i = 0; i < frames; ++i) {
          const float plain = 1.3f * uniform11(philox(1, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i + 100 * frames))[0]);
          sound.channel(c)[i] = i % 11 == 3   ? std::numeric_limits<float>::quiet_NaN()
                                : i % 13 == 5 ? std::numeric_limits<float>::infinity()
                                : i % 17 == 2 ? -2.0f
                                : i % 5 == 1  ? (static_cast<float>(i) + 0.5f) * 0x1p-23f
                                              : plain;
        }
      const std::size_t size = static_cast<std::size_t>(frames) * static_cast<std::size_t>(channels) * 3;
      std::vector<std::byte> out(size + 8, std::byte{0x55});
      interleaved_of(AudioView<const float>(sound.view()).sub(0, frames), SampleCoding::Int24, out.data());
      for (std::int64_t i = 0; i < frames; ++i)
        for (int c = 0; c < channels; ++c) {
          const double x = static_cast<double>(sound.channel(c)[i]);
          const double whole = std::isnan(x) ? 0 : std::nearbyint(std::min(std::max(x * 0x1p23, -0x1p23), 0x1p23 - 1));
          const std::byte* p = out.data() + (i * channels + c) * 3;
          const auto top = static_cast<std::int32_t>(static_cast<std::uint32_t>(p[0]) << 8 | static_cast<std::uint32_t>(p[1]) << 16 | static_cast<std::uint32_t>(p[2]) << 24);
          ASSERT_EQ(top / 256, static_cast<std::int32_t>(whole)) << channels << " channels, frame " << i << " of " << frames;
        }
      for (std::size_t i = size; i < out.size(); ++i) ASSERT_EQ(out[i], std::byte{0x55});
    }
}

}  // namespace
}  // namespace twopop::media::detail
