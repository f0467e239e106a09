#include "film/beep_check.h"

#include "small_film.h"

#include <gtest/gtest.h>

#include <numbers>

namespace twopop::server {
namespace {

/// Three beeps a second apart, first one at `first` (a fraction of a sample is kept), `level` high.
void add_beeps(AudioBuffer<float>& take, int rate, double first, double level, double phase = 0) {
  for (int k = 0; k < 3; ++k) {
    const double at = first + k * rate, length = 0.040 * rate, edge = 0.002 * rate;
    for (std::int64_t i = static_cast<std::int64_t>(std::ceil(at)); static_cast<double>(i) < at + length; ++i) {
      const double t = static_cast<double>(i) - at, fade = std::min({1.0, t / edge, (length - t) / edge});
      take.view().at(0, i) += static_cast<float>(level * fade * std::sin(2 * std::numbers::pi * 1000 * t / rate + phase));
    }
  }
}

BeepRow row(int rate, double first) {
  BeepRow r;
  for (int k = 0; k < 3; ++k) r.expected.push_back(first + k * rate);
  return r;
}

TEST(BeepCheck, finds_where_the_beeps_are_to_a_tenth_of_a_millisecond_at_every_rate_shift_and_phase) {
  for (const int rate : {44100, 48000, 96000})
    for (const double shift_ms : {-250.0, 0.02, 61.7, 640.0})
      for (const double phase : {0.0, 1.1, 3.14}) {
        AudioBuffer<float> take(1, 6 * rate);
        add_beeps(take, rate, rate + shift_ms * rate / 1000, 0.3, phase);
        const auto found = find_beeps(take.view(), {rate}, row(rate, rate));
        ASSERT_TRUE(found) << rate << " Hz, " << shift_ms << " ms";
        EXPECT_NEAR(found->error_ms, shift_ms, 0.1) << rate << " Hz, phase " << phase;
        EXPECT_LT(found->spread_ms, 0.1);
        EXPECT_GT(found->score, 0.9);
      }
}

TEST(BeepCheck, headphone_leak_far_below_a_voice_is_enough) {
  constexpr int kRate = 48000;
  // The line starts at the fourth beep; before it the room: leak 6 dB over the room's noise in the band of a voice.
  AudioBuffer<float> take(1, 7 * kRate);
  const AudioBuffer<float> voice = test::made_speech(5, 3, kRate);
  for (std::int64_t i = 0; i < take.frames(); ++i) take.view().at(0, i) = 0.0015f * uniform11(philox(8, 1, static_cast<std::uint64_t>(i))[0]);
  for (std::int64_t i = 0; i < voice.frames(); ++i) take.view().at(0, i + 4 * kRate) += voice.view().at(0, i);
  add_beeps(take, kRate, kRate + 0.0987 * kRate, 0.002);
  const auto found = find_beeps(take.view(), {kRate}, row(kRate, kRate));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->error_ms, 98.7, 0.5);
}

TEST(BeepCheck, is_not_fooled_by_noise_voices_silence_or_a_steady_tone) {
  constexpr int kRate = 48000;
  AudioBuffer<float> take(1, 7 * kRate);
  EXPECT_FALSE(find_beeps(take.view(), {kRate}, row(kRate, kRate))) << "silence";
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    for (std::int64_t i = 0; i < take.frames(); ++i) take.view().at(0, i) = 0.1f * uniform11(philox(seed, 1, static_cast<std::uint64_t>(i))[0]);
    EXPECT_FALSE(find_beeps(take.view(), {kRate}, row(kRate, kRate))) << "noise " << seed;
    EXPECT_FALSE(find_beeps(test::made_speech(seed, 7, kRate).view(), {kRate}, row(kRate, kRate))) << "voice " << seed;
  }
  for (std::int64_t i = 0; i < take.frames(); ++i) take.view().at(0, i) = 0.1f * static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / kRate));
  EXPECT_FALSE(find_beeps(take.view(), {kRate}, row(kRate, kRate))) << "a tone that never stops";
  EXPECT_FALSE(find_beeps(take.view(), {kRate}, row(kRate, -5.0 * kRate))) << "beeps before the take began";
  EXPECT_FALSE(find_beeps(take.view(), {kRate}, BeepRow{}));
}

TEST(BeepCheck, a_latency_that_steps_between_the_beeps_shows_as_spread) {
  constexpr int kRate = 48000;
  AudioBuffer<float> take(1, 6 * kRate), late(1, 6 * kRate);
  add_beeps(take, kRate, kRate, 0.3);
  for (std::int64_t i = 0; i < take.frames(); ++i) late.view().at(0, i) = i < 5 * kRate / 2 ? take.view().at(0, i) : take.view().at(0, i - 144);
  const auto found = find_beeps(late.view(), {kRate}, row(kRate, kRate));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->spread_ms, 3.0, 0.1);
  EXPECT_NEAR(found->error_ms, 0.0, 0.1) << "two of three";
}

}  // namespace
}  // namespace twopop::server
