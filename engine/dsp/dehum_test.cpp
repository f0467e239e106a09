#include "dsp/dehum.h"

#include "core/random.h"

#include <gtest/gtest.h>

#include <numbers>

namespace twopop::dsp {
namespace {

constexpr SampleRate kRate{48000};

AudioBuffer<float> hum(double seconds_long, double f0, std::vector<double> levels_db, double drift_hz = 0) {
  AudioBuffer<float> out(1, samples(seconds_long, kRate).value);
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    const double t = static_cast<double>(i) / kRate.hz;
    double sum = 0;
    for (std::size_t k = 0; k < levels_db.size(); ++k)
      sum += std::pow(10.0, levels_db[k] / 20) * std::numbers::sqrt2 * std::sin(2 * std::numbers::pi * static_cast<double>(k + 1) * (f0 * t + 0.5 * drift_hz * t * t / seconds_long) + static_cast<double>(k));
    out.channel(0)[i] = static_cast<float>(sum);
  }
  return out;
}

/// Syllables: a voice-like buzz whose pitch glides between 100 and 180 Hz, with pauses, and a little hiss.
AudioBuffer<float> voice(double seconds_long) {
  AudioBuffer<float> out(1, samples(seconds_long, kRate).value);
  double phase = 0;
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    const double t = static_cast<double>(i) / kRate.hz;
    phase += (140 + 40 * std::sin(2 * std::numbers::pi * 0.7 * t)) / kRate.hz;
    const double syllable = std::max(0.0, std::sin(2 * std::numbers::pi * 2.3 * t)) * (std::fmod(t, 3.0) < 2.0);
    double sum = 0;
    for (int k = 1; k < 25; ++k) sum += std::sin(2 * std::numbers::pi * phase * k) / k;
    out.channel(0)[i] = static_cast<float>(0.1 * syllable * sum) + 1e-4f * uniform11(philox(1, 1, static_cast<std::uint64_t>(i))[0]);
  }
  return out;
}

AudioBuffer<float> sum(const AudioBuffer<float>& a, const AudioBuffer<float>& b) {
  AudioBuffer<float> out = a.clone();
  for (std::int64_t i = 0; i < out.frames(); ++i) out.channel(0)[i] += b.channel(0)[i];
  return out;
}

double power(const AudioBuffer<float>& x) {
  double p = 0;
  for (std::int64_t i = 0; i < x.frames(); ++i) p += static_cast<double>(x.channel(0)[i]) * x.channel(0)[i];
  return 10 * std::log10(p / static_cast<double>(x.frames()) + 1e-30);
}

AudioBuffer<float> difference(const AudioBuffer<float>& a, const AudioBuffer<float>& b) {
  AudioBuffer<float> out = a.clone();
  for (std::int64_t i = 0; i < out.frames(); ++i) out.channel(0)[i] -= b.channel(0)[i];
  return out;
}

const std::vector<double> kLevels{-40, -50, -46, -60, -52, -65, -58};

TEST(Dehum, finds_the_fundamental_within_30_mHz_under_a_voice) {
  for (double f0 : {49.83, 50.0, 60.4}) {
    const Hum found = find_hum(sum(hum(8, f0, kLevels), voice(8)).view(), kRate);
    ASSERT_TRUE(found.present) << f0;
    EXPECT_NEAR(found.fundamental_hz, f0, 0.03);
    EXPECT_NEAR(found.level_dbfs[0], -40, 1.5);
  }
}

TEST(Dehum, finds_none_in_a_voice_or_in_noise) {
  EXPECT_FALSE(find_hum(voice(8).view(), kRate).present);
  AudioBuffer<float> noise(1, 12 * 48000);
  for (std::int64_t i = 0; i < noise.frames(); ++i) noise.channel(0)[i] = 0.1f * uniform11(philox(2, 0, static_cast<std::uint64_t>(i))[0]);
  EXPECT_FALSE(find_hum(noise.view(), kRate).present);
  EXPECT_FALSE(find_hum(AudioBuffer<float>(1, 12 * 48000).view(), kRate).present);
  EXPECT_FALSE(find_hum(AudioBuffer<float>(1, 100).view(), kRate).present);
}

TEST(Dehum, steady_hum_goes_down_by_more_than_40_dB) {
  for (double f0 : {50.0, 50.137, 59.94}) {
    const AudioBuffer<float> in = hum(6, f0, kLevels);
    const Hum found = find_hum(in.view(), kRate);
    const auto out = remove_hum(in.view(), kRate, {found.fundamental_hz, 20, 1.5});
    ASSERT_TRUE(out.ok());
    EXPECT_GT(power(in) - power(*out), 40.0) << f0;
  }
}

TEST(Dehum, hum_that_wanders_by_a_tenth_of_a_hertz_goes_down_by_more_than_30_dB) {
  const AudioBuffer<float> in = hum(12, 49.95, kLevels, 0.1);
  const auto out = remove_hum(in.view(), kRate, {50.0, 20, 1.5});
  EXPECT_GT(power(in) - power(*out), 30.0);
}

TEST(Dehum, under_a_voice_12_dB_louder_most_of_the_hum_goes_and_the_voice_stays) {
  const AudioBuffer<float> clean = voice(8), dirty = sum(clean, hum(8, 50.1, kLevels));
  const auto out = remove_hum(dirty.view(), kRate, {find_hum(dirty.view(), kRate).fundamental_hz, 20, 1.5});
  EXPECT_LT(power(difference(*out, clean)), power(difference(dirty, clean)) - 9.0);
}

TEST(Dehum, a_voice_without_hum_is_not_touched) {
  const AudioBuffer<float> clean = voice(8);
  const auto out = remove_hum(clean.view(), kRate, {});
  EXPECT_LT(power(difference(*out, clean)) - power(clean), -50.0);
}

TEST(Dehum, short_clips_and_wrong_settings) {
  EXPECT_EQ(remove_hum(AudioBuffer<float>(2, 100).view(), kRate, {})->frames(), 100);
  EXPECT_EQ(remove_hum({}, kRate, {440.0}).error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace twopop::dsp
