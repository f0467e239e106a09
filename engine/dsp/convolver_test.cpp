#include "dsp/convolver.h"

#include "dsp/delay.h"
#include "processor_properties.h"

namespace twopop::dsp {
namespace {

AudioBuffer<float> response(int channels, std::int64_t frames) {
  AudioBuffer<float> ir(channels, frames);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i)
      ir.channel(c)[i] = uniform11(philox(8, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]) * std::exp(-6.0f * static_cast<float>(i) / static_cast<float>(frames)) * 0.1f;
  return ir;
}

TEST(Convolver, agrees_with_the_sum_of_products_to_minus_120_db) {
  for (const std::int64_t length : {1, 7, 512, 513, 3000})
    for (const int channels : {1, 2}) {
      const auto in = test::restless_sound(2, 4000, {48000});
      const auto ir = response(channels, length);
      const auto out = convolve(in.view(), ir.view());
      ASSERT_TRUE(out.ok());
      ASSERT_EQ(out->frames(), 4000 + length - 1);
      double error = 0, energy = 0;
      for (int c = 0; c < 2; ++c)
        for (std::int64_t i = 0; i < out->frames(); i += 13) {
          double sum = 0;
          for (std::int64_t k = std::max<std::int64_t>(0, i - 3999); k <= std::min(i, length - 1); ++k)
            sum += static_cast<double>(ir.channel(channels == 1 ? 0 : c)[k]) * static_cast<double>(in.channel(c)[i - k]);
          error += std::pow(sum - static_cast<double>(out->channel(c)[i]), 2);
          energy += sum * sum;
        }
      EXPECT_LT(10 * std::log10(error / energy), -120) << length;
    }
}

TEST(Convolver, holds_what_every_processor_must) {
  test::expect_processor_properties<Convolver>([] { return Convolver(response(1, 1500)); });
  test::expect_processor_properties<Convolver>([] { return Convolver(response(2, 300)); }, {2});
}

TEST(Convolver, its_pre_roll_leaves_less_than_minus_120_dbfs) {
  EXPECT_LT(test::pre_roll_error_db<Convolver>([] { return Convolver(response(1, 5000)); }), -120);
}

TEST(Convolver, refuses_responses_that_do_not_fit) {
  EXPECT_FALSE(Convolver(AudioBuffer<float>()).prepare({}).ok());
  EXPECT_FALSE(Convolver(response(3, 10)).prepare({.channels = 2}).ok());
}

TEST(Delay, holds_what_every_processor_must) {
  for (const std::int64_t by : {0, 700}) test::expect_processor_properties<Delay>([=] { return Delay({by}); });
}

TEST(Delay, moves_sound_by_its_length) {
  const auto sound = test::restless_sound(2, 3000, {48000});
  auto moved = sound.clone();
  Delay delay({700});
  ASSERT_TRUE(delay.prepare({.channels = 2}).ok());
  delay.process(moved.view());
  test::expect_same_bits(sound.view().sub(0, 2300), moved.view().sub(700, 2300), "moved");
  EXPECT_EQ(moved.channel(1)[699], 0.0f);
}

}  // namespace
}  // namespace twopop::dsp
