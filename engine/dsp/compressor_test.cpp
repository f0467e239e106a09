#include "dsp/compressor.h"

#include "processor_properties.h"

namespace twopop::dsp {
namespace {

CompressorSettings voice() { return {.threshold = {-24}, .ratio = 3, .knee = {6}, .attack_ms = 8, .release_ms = 120, .make_up = {2}}; }

Compressor prepared(const CompressorSettings& settings, int channels = 1, int hz = 48000) {
  Compressor c(settings);
  const auto result = c.prepare({.rate = {hz}, .channels = channels});
  EXPECT_TRUE(result.ok());
  return c;
}

/// Gain in dB after `frames` of a constant amplitude.
double settled_gain_db(Compressor& c, double level_dbfs, std::int64_t frames = 96000) {
  AudioBuffer<float> steady(1, frames);
  std::fill(steady.channel(0), steady.channel(0) + frames, static_cast<float>(exact::gain_of_db(level_dbfs)));
  std::vector<float> gain(static_cast<std::size_t>(frames));
  c.reset();
  c.process_gain(steady.view(), gain.data());
  return exact::db_of_gain(static_cast<double>(gain.back()));
}

TEST(Compressor, the_static_curve_is_the_papers_equation_4) {
  const CompressorSettings s{.threshold = {-20}, .ratio = 4, .knee = {10}};
  EXPECT_DOUBLE_EQ(static_curve(s, {-40}).value, -40);         // 2(x - T) < -W: x
  EXPECT_DOUBLE_EQ(static_curve(s, {0}).value, -20 + 20.0 / 4); // 2(x - T) > W: T + (x - T)/R
  EXPECT_DOUBLE_EQ(static_curve(s, {-20}).value, -20 + (1.0 / 4 - 1) * 25 / 20);  // x + (1/R - 1)(x - T + W/2)^2 / 2W
  CompressorSettings hard = s;
  hard.knee = {0};
  EXPECT_DOUBLE_EQ(static_curve(hard, {-20}).value, -20);
  EXPECT_DOUBLE_EQ(static_curve(hard, {-10}).value, -17.5);
}

TEST(Compressor, steady_sound_settles_on_the_static_curve_within_0_001_db) {
  for (const CompressorSettings& s : {voice(), CompressorSettings{.threshold = {-40}, .ratio = 100, .knee = {0}, .attack_ms = 1, .release_ms = 50},
                                      CompressorSettings{.threshold = {-10}, .ratio = 1.5, .knee = {30}, .attack_ms = 20, .release_ms = 300, .make_up = {-3}}}) {
    Compressor c = prepared(s);
    for (double level = -70; level <= 6; level += 3.7)
      EXPECT_NEAR(settled_gain_db(c, level), (static_curve(s, {level}) - DbFs{level}).value, 1e-3) << level;
  }
}

TEST(Compressor, attack_and_release_are_time_constants_of_63_percent) {
  const CompressorSettings s{.threshold = {-30}, .ratio = 2, .knee = {0}, .attack_ms = 10, .release_ms = 100};
  Compressor c = prepared(s);
  const std::int64_t on = 48000, all = 96000;
  AudioBuffer<float> step(1, all);
  for (std::int64_t i = 0; i < on; ++i) step.channel(0)[i] = static_cast<float>(exact::gain_of_db(-10));
  std::vector<float> gain(static_cast<std::size_t>(all));
  c.process_gain(step.view(), gain.data());
  const double full = 10;  // 20 dB over the threshold at 2:1
  EXPECT_NEAR(-exact::db_of_gain(static_cast<double>(gain[480 - 1])), full * (1 - std::exp(-1)), 1e-3);
  EXPECT_NEAR(-exact::db_of_gain(static_cast<double>(gain[static_cast<std::size_t>(on + 4800 - 1)])), full * std::exp(-1), 1e-3);
}

TEST(Compressor, an_attack_slower_than_the_release_works_too) {
  const CompressorSettings s{.threshold = {-30}, .ratio = 2, .knee = {0}, .attack_ms = 100, .release_ms = 5};
  Compressor c = prepared(s);
  EXPECT_NEAR(settled_gain_db(c, -10, 4800), -10 * (1 - std::exp(-1)), 1e-3);
}

TEST(Compressor, below_the_knee_the_output_is_the_input_bit_for_bit) {
  CompressorSettings s = voice();
  s.make_up = {0};
  auto sound = test::restless_sound(2, 10000, {48000});
  for (int c = 0; c < 2; ++c)
    for (std::int64_t i = 0; i < 10000; ++i) sound.channel(c)[i] *= 0.04f;  // -28 dBFS at most, the knee starts at -27
  const auto before = sound.clone();
  Compressor c = prepared(s, 2);
  c.process(sound.view());
  test::expect_same_bits(before.view(), sound.view(), "below the knee");
}

TEST(Compressor, channels_share_the_gain_of_the_loudest) {
  AudioBuffer<float> sound(2, 48000);
  for (std::int64_t i = 0; i < 48000; ++i) sound.channel(0)[i] = 0.5f, sound.channel(1)[i] = 0.001f;
  Compressor c = prepared(voice(), 2);
  c.process(sound.view());
  EXPECT_NEAR(sound.channel(0)[47999] / sound.channel(1)[47999], 500, 0.01);
}

TEST(Compressor, process_is_the_input_times_process_gain) {
  const auto input = test::restless_sound(2, 30000, {48000});
  Compressor a = prepared(voice(), 2), b = prepared(voice(), 2);
  auto out = input.clone();
  a.process(out.view());
  std::vector<float> gain(30000);
  b.process_gain(input.view(), gain.data());
  for (std::int64_t i = 0; i < 30000; ++i) ASSERT_NEAR(out.channel(1)[i], input.channel(1)[i] * gain[static_cast<std::size_t>(i)], 1e-38) << i;
}

TEST(Compressor, several_together_have_the_bits_of_each_alone) {
  const auto sound = test::restless_sound(13, 20000, {48000}, 3);
  auto alone = sound.clone(), together = sound.clone();
  std::vector<Compressor> first, second;
  for (int i = 0; i < 13; ++i)
    for (auto* to : {&first, &second}) {
      CompressorSettings s = voice();
      s.release_ms = 60 + 10 * i;
      s.threshold.value = -40 + 3 * i;
      to->push_back(prepared(s));
    }
  for (int i = 0; i < 13; ++i) first[static_cast<std::size_t>(i)].process(alone.view().select(i, 1));
  for (std::int64_t at = 0; at < 20000; at += 2500) {
    std::vector<Compressor*> compressors;
    std::vector<AudioView<float>> io;
    for (int i = 0; i < 13; ++i) compressors.push_back(&second[static_cast<std::size_t>(i)]), io.push_back(together.view().select(i, 1).sub(at, 2500));
    Compressor::process_together(compressors, io);
  }
  test::expect_same_bits(alone.view(), together.view(), "together");
}

TEST(Compressor, holds_what_every_processor_must) {
  test::expect_processor_properties<Compressor>([] { return Compressor(voice()); });
  test::expect_processor_properties<Compressor>([] {
    return Compressor({.threshold = {-60}, .ratio = 20, .knee = {0}, .attack_ms = 200, .release_ms = 20});
  });
}

TEST(Compressor, its_pre_roll_leaves_less_than_minus_120_dbfs) {
  EXPECT_LT(test::pre_roll_error_db<Compressor>([] { return Compressor(voice()); }), -120);
  EXPECT_LT(test::pre_roll_error_db<Compressor>([] { return Compressor({.threshold = {-60}, .ratio = 20, .knee = {12}, .attack_ms = 30, .release_ms = 500}); }), -120);
}

TEST(Compressor, is_at_exact_rest_some_time_after_the_last_sound) {
  CompressorSettings s = voice();
  s.make_up = {0};
  Compressor c = prepared(s);
  AudioBuffer<float> burst(1, 4800);
  std::fill(burst.channel(0), burst.channel(0) + 4800, 0.9f);
  c.process(burst.view());
  AudioBuffer<float> quiet(1, c.pre_roll().value);
  c.process(quiet.view());
  std::vector<float> gain(1);
  AudioBuffer<float> one(1, 1);
  c.process_gain(one.view(), gain.data());
  EXPECT_EQ(gain[0], 1.0f);
}

TEST(Compressor, refuses_settings_out_of_range_by_name) {
  Compressor c({.ratio = 0.5});
  const auto result = c.prepare({});
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("ratio"), std::string::npos);
}

}  // namespace
}  // namespace twopop::dsp
