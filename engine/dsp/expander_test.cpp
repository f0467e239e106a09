#include "dsp/expander.h"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

namespace twopop::dsp {
namespace {

constexpr SampleRate kRate{48000};

/// A 1 kHz tone whose RMS level in dBFS is given per stretch of seconds.
AudioBuffer<float> tone(std::vector<std::pair<double, double>> stretches, int channels = 1) {
  std::int64_t n = 0;
  for (auto [s, db] : stretches) n += samples(s, kRate).value;
  AudioBuffer<float> out(channels, n);
  std::int64_t at = 0;
  for (auto [s, db] : stretches)
    for (std::int64_t end = at + samples(s, kRate).value; at < end; ++at)
      for (int c = 0; c < channels; ++c)
        out.channel(c)[at] = static_cast<float>(std::pow(10.0, db / 20) * std::numbers::sqrt2 * std::sin(2 * std::numbers::pi * static_cast<double>(at) / 48));
  return out;
}

double gain_db(const GainCurve& curve, double t) { return decibels_of(Gain{curve.at({samples(t, kRate).value})}).value; }

GainCurve curve_of(const AudioBuffer<float>& clip, const ExpanderSettings& s, std::vector<SampleRange> speech = {}) {
  auto curve = gain_curve(clip.view(), kRate, s, speech);
  EXPECT_TRUE(curve.ok());
  return *std::move(curve);
}

TEST(Expander, static_curve_is_ratio_and_range) {
  ExpanderSettings s{DbFs{-40}, 2.0, Decibels{12}};
  EXPECT_NEAR(gain_db(curve_of(tone({{2, -30}}), s), 1.5), 0.0, 0.01);
  EXPECT_NEAR(gain_db(curve_of(tone({{2, -46}}), s), 1.5), -6.0, 0.1);   // 6 dB under: 2:1 takes 6 dB more
  EXPECT_NEAR(gain_db(curve_of(tone({{2, -70}}), s), 1.5), -12.0, 0.1);  // the range holds
  s.ratio = 1.5;
  EXPECT_NEAR(gain_db(curve_of(tone({{2, -50}}), s), 1.5), -5.0, 0.1);
}

TEST(Expander, closed_gain_is_what_a_steady_level_settles_at) {
  const ExpanderSettings s{DbFs{-40}, 1.7, Decibels{15}};
  for (const double level : {-30.0, -41.0, -47.5, -60.0, -75.0}) EXPECT_NEAR(gain_db(curve_of(tone({{2, level}}), s), 1.5), closed_gain(s, DbFs{level}).value, 0.1) << level;
}

TEST(Expander, opens_before_the_sound_and_closes_after_the_hold) {
  ExpanderSettings s{DbFs{-40}, 4.0, Decibels{20}};
  s.look_ahead_s = 0.02, s.attack_s = 0.003, s.hold_s = 0.2, s.release_s = 0.1;
  const GainCurve curve = curve_of(tone({{1, -80}, {1, -20}, {2, -80}}), s);
  EXPECT_NEAR(gain_db(curve, 0.9), -20.0, 0.1);
  EXPECT_GT(gain_db(curve, 1.0), -0.1);    // open when the tone starts
  EXPECT_GT(gain_db(curve, 2.18), -0.2);   // held
  EXPECT_LT(gain_db(curve, 2.5), -17.0);   // 0.3 s after the hold: 3 time constants
  EXPECT_GT(gain_db(curve, 2.25), -12.0);  // closing, not cut
}

TEST(Expander, hysteresis_keeps_a_wavering_level_from_chattering) {
  std::vector<std::pair<double, double>> wavering{{0.5, -30}};
  for (int i = 0; i < 20; ++i) wavering.push_back({0.2, i % 2 ? -38 : -42});
  ExpanderSettings s{DbFs{-40}, 4.0, Decibels{20}};
  s.hold_s = 0.0;
  s.hysteresis = Decibels{4};
  EXPECT_GT(curve_of(tone(wavering), s).deepest().value, -0.1);
  s.hysteresis = Decibels{0};
  EXPECT_LT(curve_of(tone(wavering), s).deepest().value, -3.0);
}

TEST(Expander, never_closes_inside_speech) {
  ExpanderSettings s{DbFs{-20}, 8.0, Decibels{30}};
  const std::vector<SampleRange> speech{{{48000}, {96000}}};
  const GainCurve curve = curve_of(tone({{3, -60}}), s, speech);
  for (double t = 1.0; t < 2.0; t += 0.001) ASSERT_EQ(curve.at({samples(t, kRate).value}), 1.0f) << t;
  EXPECT_NEAR(gain_db(curve, 0.5), -30.0, 0.1);
  EXPECT_NEAR(gain_db(curve, 2.9), -30.0, 0.1);
}

TEST(Expander, the_loudest_channel_decides_for_all) {
  AudioBuffer<float> clip = tone({{1, -80}}, 2);
  const AudioBuffer<float> loud = tone({{1, -20}});
  std::copy(loud.channel(0), loud.channel(0) + loud.frames(), clip.channel(1));
  EXPECT_NEAR(gain_db(curve_of(clip, {DbFs{-40}}), 0.5), 0.0, 0.01);
}

TEST(Expander, curve_and_sound_are_the_same_for_any_split) {
  const AudioBuffer<float> clip = tone({{0.7, -80}, {0.31, -20}, {0.9, -55}, {0.213, -30}, {0.6, -90}});
  const GainCurve whole = curve_of(clip, {DbFs{-40}});
  std::mt19937 random(1);
  auto curve = ExpanderCurve::create(kRate, {DbFs{-40}});
  AudioBuffer<float> at_once = clip.clone(), in_parts = clip.clone();
  whole.apply(at_once.view(), {0});
  for (std::int64_t at = 0; at < clip.frames();) {
    const std::int64_t n = std::min<std::int64_t>(1 + random() % 777, clip.frames() - at);
    curve->push(clip.view().sub(at, n));
    whole.apply(in_parts.view().sub(at, n), {at});
    at += n;
  }
  EXPECT_EQ(curve->finish().points, whole.points);
  EXPECT_EQ(0, std::memcmp(at_once.channel(0), in_parts.channel(0), sizeof(float) * static_cast<std::size_t>(clip.frames())));
}

TEST(Expander, settings_that_cannot_work_are_refused_with_their_values) {
  const auto refused = ExpanderCurve::create(kRate, {DbFs{-40}, 0.5});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("0.5"), std::string::npos);
  EXPECT_TRUE(gain_curve({}, kRate, {}).ok());
}

}  // namespace
}  // namespace twopop::dsp
