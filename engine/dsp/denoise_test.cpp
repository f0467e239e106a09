#include "dsp/denoise.h"

#include "core/random.h"
#include "dsp/detail/lsa_gain.h"

#include <gtest/gtest.h>

#include <numbers>

namespace twopop::dsp {
namespace {

constexpr SampleRate kRate{48000};

AudioBuffer<float> noise(double seconds_long, double level, std::uint64_t seed = 1) {
  AudioBuffer<float> out(1, samples(seconds_long, kRate).value);
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    float sum = 0;
    for (std::uint32_t word : philox(seed, 0, static_cast<std::uint64_t>(i))) sum += uniform11(word);
    out.channel(0)[i] = static_cast<float>(level * 0.866) * sum;  // four uniform numbers: variance 4/3
  }
  return out;
}

double rms_db(const AudioBuffer<float>& x, double from_s, double to_s) {
  double sum = 0;
  const std::int64_t begin = samples(from_s, kRate).value, end = samples(to_s, kRate).value;
  for (std::int64_t i = begin; i < end; ++i) sum += static_cast<double>(x.channel(0)[i]) * x.channel(0)[i];
  return 10 * std::log10(sum / static_cast<double>(end - begin) + 1e-30);
}

/// A buzz at 150 Hz that sounds 0.2 s out of every 0.5 s, like syllables.
void add_buzz(AudioBuffer<float>& x, double level) {
  for (std::int64_t i = 0; i < x.frames(); ++i) {
    const double t = static_cast<double>(i) / kRate.hz;
    if (t < 1 || std::fmod(t, 0.5) > 0.2) continue;
    double sum = 0;
    for (int k = 1; k < 20; ++k) sum += std::sin(2 * std::numbers::pi * 150 * k * t) / k;
    x.channel(0)[i] += static_cast<float>(level * sum);
  }
}

TEST(Denoise, noise_alone_goes_down_by_what_was_set) {
  for (double reduction : {6.0, 12.0}) {
    const AudioBuffer<float> in = noise(4, 0.01);
    const auto out = denoise(in.view(), kRate, {Decibels{reduction}});
    ASSERT_TRUE(out.ok());
    EXPECT_NEAR(rms_db(in, 1, 3) - rms_db(*out, 1, 3), reduction, 1.5);
  }
}

TEST(Denoise, sound_over_noise_stays_and_noise_between_goes) {
  AudioBuffer<float> in = noise(5, 0.01);
  AudioBuffer<float> clean(1, in.frames());
  add_buzz(clean, 0.1);
  for (std::int64_t i = 0; i < in.frames(); ++i) in.channel(0)[i] += clean.channel(0)[i];
  const auto out = denoise(in.view(), kRate, {Decibels{12}, false, true});
  EXPECT_NEAR(rms_db(*out, 2.05, 2.15), rms_db(clean, 2.05, 2.15), 0.5);
  EXPECT_LT(rms_db(*out, 2.33, 2.45), rms_db(in, 2.33, 2.45) - 10);
}

TEST(Denoise, a_clean_take_stays_as_it_is) {
  AudioBuffer<float> in = noise(4, 1e-5);
  add_buzz(in, 0.1);
  const auto out = denoise(in.view(), kRate, {});
  for (std::int64_t i = 0; i < in.frames(); ++i) ASSERT_NEAR(in.channel(0)[i], out->channel(0)[i], 1e-5);
}

TEST(Denoise, a_learned_profile_is_held_to_where_tracking_is_off) {
  const AudioBuffer<float> in = noise(4, 0.01), louder = noise(4, 0.1, 2);
  const NoiseProfile profile = learn_noise(in.view(), kRate);
  EXPECT_NEAR(profile.seconds, 4.0, 0.1);
  const auto out = denoise(louder.view(), kRate, {Decibels{20}, false, false}, profile);
  EXPECT_LT(rms_db(louder, 1, 3) - rms_db(*out, 1, 3), 2.0);  // 20 dB over what was learned: taken for sound
}

TEST(Denoise, a_long_clip_has_no_seam_and_gives_the_same_bits_again) {
  AudioBuffer<float> in = noise(62, 0.01);
  const auto a = denoise(in.view(), kRate, {}), b = denoise(in.view(), kRate, {});
  EXPECT_EQ(0, std::memcmp(a->channel(0), b->channel(0), sizeof(float) * static_cast<std::size_t>(in.frames())));
  EXPECT_NEAR(rms_db(*a, 59.9, 60.1), rms_db(*a, 58, 59.9), 1.0);
}

TEST(Denoise, length_channels_and_odd_sizes_are_kept) {
  for (std::int64_t n : {0, 1, 511, 512, 4097}) {
    AudioBuffer<float> in(2, n);
    const auto out = denoise(in.view(), kRate, {});
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(out->frames(), n);
    EXPECT_EQ(out->channels(), 2);
  }
}

TEST(Denoise, rates_that_do_not_fit_are_refused) {
  EXPECT_EQ(denoise({}, {4000}, {}).error().code, Code::InvalidArgument);
  EXPECT_EQ(denoise({}, {44100}, {}, learn_noise(noise(1, 0.1).view(), kRate)).error().code, Code::RateMismatch);
}

TEST(LsaFactor, is_exp_of_half_the_exponential_integral) {
  // E1 at 0.1, 1 and 5 from Abramowitz and Stegun, table 5.1.
  EXPECT_NEAR(detail::LsaFactor::exponential_integral(0.1), 1.8229239584, 1e-9);
  EXPECT_NEAR(detail::LsaFactor::exponential_integral(1.0), 0.2193839344, 1e-9);
  EXPECT_NEAR(detail::LsaFactor::exponential_integral(5.0), 0.0011482956, 1e-9);
  const detail::LsaFactor factor;
  for (float v : {1e-5f, 0.003f, 0.1f, 0.77f, 1.0f, 3.3f, 30.0f}) {
    const double truth = std::exp(0.5 * detail::LsaFactor::exponential_integral(v));
    EXPECT_NEAR(factor(splat8(v))[0] / truth, 1.0, 3e-5) << v;
  }
}

}  // namespace
}  // namespace twopop::dsp
