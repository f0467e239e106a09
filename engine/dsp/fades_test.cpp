#include "dsp/fades.h"

#include "core/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twopop::dsp {
namespace {

constexpr FadeCurve kCurves[] = {FadeCurve::Linear, FadeCurve::EqualPower, FadeCurve::SCurve, FadeCurve::Exponential};

AudioBuffer<float> ones(std::int64_t frames) {
  AudioBuffer<float> b(1, frames);
  std::fill(b.channel(0), b.channel(0) + frames, 1.0f);
  return b;
}

TEST(Fades, every_curve_rises_from_0_to_1_without_turning) {
  for (const FadeCurve curve : kCurves) {
    EXPECT_EQ(fade_gain(curve, 0), 0);
    EXPECT_EQ(fade_gain(curve, 1), 1);
    for (int i = 1; i <= 1000; ++i) EXPECT_GT(fade_gain(curve, i / 1000.0), fade_gain(curve, (i - 1) / 1000.0));
  }
}

TEST(Fades, crossfades_keep_amplitude_or_power) {
  auto linear_in = ones(99), linear_out = ones(99), power_in = ones(99), power_out = ones(99);
  apply_fade_in(FadeCurve::Linear, {99}, {0}, linear_in.view());
  apply_fade_out(FadeCurve::Linear, {99}, {0}, linear_out.view());
  apply_fade_in(FadeCurve::EqualPower, {99}, {0}, power_in.view());
  apply_fade_out(FadeCurve::EqualPower, {99}, {0}, power_out.view());
  for (int i = 0; i < 99; ++i) {
    EXPECT_NEAR(linear_in.channel(0)[i] + linear_out.channel(0)[i], 1, 1e-6);
    EXPECT_NEAR(std::pow(power_in.channel(0)[i], 2) + std::pow(power_out.channel(0)[i], 2), 1, 1e-6);
  }
}

TEST(Fades, hold_their_ends_outside_and_any_split_gives_the_same_bits) {
  auto whole = ones(400);
  apply_fade_out(FadeCurve::SCurve, {200}, {-100}, whole.view());
  EXPECT_EQ(whole.channel(0)[0], 1.0f);
  EXPECT_EQ(whole.channel(0)[99], 1.0f);
  EXPECT_EQ(whole.channel(0)[300], 0.0f);
  auto split = ones(400);
  for (std::int64_t at = 0; at < 400; at += 50) apply_fade_out(FadeCurve::SCurve, {200}, {at - 100}, split.view().sub(at, 50));
  for (int i = 0; i < 400; ++i) ASSERT_EQ(whole.channel(0)[i], split.channel(0)[i]);
  auto cut = ones(4);
  apply_fade_in(FadeCurve::Linear, {0}, {-2}, cut.view());
  EXPECT_EQ(cut.channel(0)[1], 0.0f);
  EXPECT_EQ(cut.channel(0)[2], 1.0f);
}

TEST(Automation, is_straight_in_db_between_breakpoints_and_held_outside) {
  const Automation line({{{1000}, {-12}}, {{2000}, {0}}, {{3000}, {-100}}});
  std::vector<float> gain(5000);
  line.gains({0}, gain);
  EXPECT_NEAR(gain[0], std::pow(10, -12.0 / 20), 1e-6);
  EXPECT_NEAR(20 * std::log10(gain[1500]), -6, 1e-5);
  EXPECT_NEAR(20 * std::log10(gain[1250]), -9, 1e-5);
  EXPECT_NEAR(gain[2000], 1, 1e-6);
  EXPECT_NEAR(20 * std::log10(gain[2500]), -50, 1e-5);
  EXPECT_EQ(gain[3000], 0.0f);
  EXPECT_EQ(gain[4999], 0.0f);
  std::vector<float> none(3);
  Automation({}).gains({0}, none);
  EXPECT_EQ(none[2], 1.0f);
}

TEST(Automation, a_step_is_two_points_at_one_place) {
  const Automation step({{{0}, {0}}, {{10}, {0}}, {{10}, {-20}}});
  std::vector<float> gain(20);
  step.gains({0}, gain);
  EXPECT_EQ(gain[9], 1.0f);
  EXPECT_NEAR(gain[10], 0.1, 1e-7);
}

TEST(Automation, any_split_gives_the_same_bits) {
  std::vector<Breakpoint> points;
  RandomStream random(1, 1);
  for (int i = 0; i < 40; ++i) points.push_back({{static_cast<std::int64_t>(random.below(5000))}, {random.uniform(-60, 6)}});
  const Automation line(points);
  auto whole = ones(6000), split = ones(6000);
  line.apply({-500}, whole.view());
  for (std::int64_t at = 0; at < 6000;) {
    const std::int64_t n = std::min<std::int64_t>(random.below(700), 6000 - at);
    line.apply({at - 500}, split.view().sub(at, n));
    at += n;
  }
  for (int i = 0; i < 6000; ++i) ASSERT_EQ(whole.channel(0)[i], split.channel(0)[i]) << i;
}

}  // namespace
}  // namespace twopop::dsp
