#include "dsp/splices.h"

#include "core/random.h"

#include <gtest/gtest.h>

namespace twopop::dsp {
namespace {

SourceReader noise_source(double frequency = 0) {
  return [frequency](SamplePosition begin, AudioView<float> out) -> Result<void> {
    for (int c = 0; c < out.channels(); ++c)
      for (std::int64_t i = 0; i < out.frames(); ++i) {
        const auto at = static_cast<std::uint64_t>(begin.value + i);
        out.at(c, i) = frequency > 0 ? static_cast<float>(std::sin(frequency * static_cast<double>(at)))
                                     : uniform11(philox(7, static_cast<std::uint64_t>(c), at)[0]);
      }
    return {};
  };
}

SpliceList ring(double correlation) {
  SpliceList list;
  list.cyclic = true;
  for (int k = 0; k < 7; ++k)
    list.pieces.push_back({SamplePosition{1000 + 3000 * ((k * 3) % 7)}, SampleCount{2500 + 100 * k}, SampleCount{400 + 10 * k}, correlation});
  return list;
}

TEST(Splices, any_split_into_ranges_gives_the_same_bits) {
  const SpliceList list = ring(0.3);
  AudioBuffer<float> whole(2, 60000);
  ASSERT_TRUE(render_splices(list, SamplePosition{0}, noise_source(), whole.view()));
  RandomStream draw(5, 0);
  for (int trial = 0; trial < 100; ++trial) {
    const std::int64_t begin = draw.below(55000), frames = 1 + draw.below(5000);
    AudioBuffer<float> part(2, frames);
    ASSERT_TRUE(render_splices(list, SamplePosition{begin}, noise_source(), part.view()));
    for (int c = 0; c < 2; ++c)
      for (std::int64_t i = 0; i < frames; ++i) ASSERT_EQ(part.view().at(c, i), whole.view().at(c, begin + i)) << begin << " " << i;
  }
}

TEST(Splices, a_cyclic_list_comes_back_after_its_turn_and_runs_before_zero) {
  const SpliceList list = ring(0);
  const std::int64_t turn = length_of(list).value;
  AudioBuffer<float> a(1, 3000), b(1, 3000), c(1, 3000);
  ASSERT_TRUE(render_splices(list, SamplePosition{100}, noise_source(), a.view()));
  ASSERT_TRUE(render_splices(list, SamplePosition{100 + 11 * turn}, noise_source(), b.view()));
  ASSERT_TRUE(render_splices(list, SamplePosition{100 - turn}, noise_source(), c.view()));
  for (std::int64_t i = 0; i < 3000; ++i) {
    ASSERT_EQ(a.view().at(0, i), b.view().at(0, i));
    ASSERT_EQ(a.view().at(0, i), c.view().at(0, i));
  }
}

/// Uncorrelated noise: the mean power inside the crossfades equals that outside within 0.15 dB.
TEST(Splices, crossfades_of_independent_noise_hold_the_power) {
  const SpliceList list{{{SamplePosition{0}, SampleCount{300000}, {}, 0}, {SamplePosition{500000}, SampleCount{300000}, SampleCount{200000}, 0}}, false};
  AudioBuffer<float> out(1, length_of(list).value);
  ASSERT_EQ(out.frames(), 400000);
  ASSERT_TRUE(render_splices(list, SamplePosition{0}, noise_source(), out.view()));
  const auto power = [&](std::int64_t from, std::int64_t to) {
    double sum = 0;
    for (std::int64_t i = from; i < to; ++i) sum += static_cast<double>(out.view().at(0, i)) * out.view().at(0, i);
    return 10 * std::log10(sum / static_cast<double>(to - from));
  };
  const double outside = power(0, 100000);
  for (std::int64_t at = 100000; at < 300000; at += 20000) EXPECT_NEAR(power(at, at + 20000), outside, 0.15) << at;
}

TEST(Splices, a_crossfade_of_equal_sounds_at_correlation_one_is_not_there) {
  const double w = 0.05;
  const SpliceList list{{{SamplePosition{0}, SampleCount{20000}, {}, 0}, {SamplePosition{15000}, SampleCount{20000}, SampleCount{5000}, 1}}, false};
  AudioBuffer<float> out(1, length_of(list).value), straight(1, length_of(list).value);
  ASSERT_TRUE(render_splices(list, SamplePosition{0}, noise_source(w), out.view()));
  ASSERT_TRUE(noise_source(w)(SamplePosition{0}, straight.view()));
  for (std::int64_t i = 0; i < out.frames(); ++i) ASSERT_NEAR(out.view().at(0, i), straight.view().at(0, i), 2e-7);
}

TEST(Splices, a_list_that_cannot_be_played_is_refused_with_its_piece) {
  SpliceList list = ring(0);
  EXPECT_TRUE(check(list, SampleCount{100000}));
  EXPECT_FALSE(check(list, SampleCount{10000}));
  list.pieces[3].fade_in = SampleCount{2700};
  const auto bad = check(list, SampleCount{100000});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Code::InvalidArgument);
  EXPECT_NE(bad.error().message.find("piece 2"), std::string::npos) << bad.error().message;
  EXPECT_FALSE(check(SpliceList{}, SampleCount{10}));
}

TEST(Splices, source_ranges_name_exactly_what_is_read) {
  const SpliceList list = ring(0);
  std::vector<SampleRange> read;
  const SourceReader spy = [&](SamplePosition begin, AudioView<float> out) -> Result<void> {
    read.push_back({begin, begin + SampleCount{out.frames()}});
    return {};
  };
  AudioBuffer<float> out(1, 9000);
  ASSERT_TRUE(render_splices(list, SamplePosition{4321}, spy, out.view()));
  EXPECT_EQ(read, source_ranges(list, {SamplePosition{4321}, SamplePosition{4321 + 9000}}));
}

}  // namespace
}  // namespace twopop::dsp
