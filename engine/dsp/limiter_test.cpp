#include "dsp/limiter.h"

#include "dsp/coefficients.h"
#include "dsp/svf.h"
#include "processor_properties.h"

namespace twopop::dsp {
namespace {

/// True peak in dB, by 16 phases of a 320-tap sinc in double: not the limiter's own detector.
double true_peak_db(AudioView<const float> sound) {
  constexpr int kPhases = 16, kHalf = 160;
  static const std::vector<double> taps = [] {
    std::vector<double> t;
    for (int p = 0; p < kPhases; ++p)
      for (int k = -kHalf + 1; k <= kHalf; ++k) {
        const double x = k - static_cast<double>(p) / kPhases, inside = std::max(0.0, 1 - (x / kHalf) * (x / kHalf));
        t.push_back((x == 0 ? 1 : std::sin(M_PI * x) / (M_PI * x)) * exact::bessel_i0(11 * std::sqrt(inside)) / exact::bessel_i0(11));
      }
    return t;
  }();
  double most = 0;
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = kHalf; i + kHalf < sound.frames(); ++i) most = std::max(most, std::fabs(static_cast<double>(sound.at(c, i))));
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = kHalf; i + kHalf < sound.frames(); ++i) {
      double here = 0;
      for (std::int64_t k = i - 4; k <= i + 4; ++k) here = std::max(here, std::fabs(static_cast<double>(sound.at(c, k))));
      if (here < 0.55 * most) continue;  // no point between such frames gets near the peak
      for (int p = 0; p < kPhases; ++p) {
        double sum = 0;
        for (int k = 0; k < 2 * kHalf; ++k) sum += taps[static_cast<std::size_t>(p * 2 * kHalf + k)] * static_cast<double>(sound.at(c, i - kHalf + 1 + k));
        most = std::max(most, std::fabs(sum));
      }
    }
  return 20 * std::log10(most);
}

Limiter prepared(const LimiterSettings& settings, int channels, int hz = 48000) {
  Limiter limiter(settings);
  EXPECT_TRUE(limiter.prepare({.rate = {hz}, .channels = channels}).ok());
  return limiter;
}

void louder(AudioBuffer<float>& sound, float factor) {
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < sound.frames(); ++i) sound.channel(c)[i] *= factor;
}

/// Noise without anything above `hz`, as music and speech have little there.
AudioBuffer<float> dull_noise(int channels, std::int64_t frames, double level, double hz, SampleRate rate) {
  AudioBuffer<float> noise(channels, frames);
  for (int c = 0; c < channels; ++c) {
    std::vector<Svf> chain(4, Svf(*design({FilterKind::LowPass, hz, 0.7071, {}}, rate)));
    for (std::int64_t i = 0; i < frames; ++i) {
      double x = level * static_cast<double>(uniform11(philox(3, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]));
      for (Svf& filter : chain) x = filter.process(x);
      noise.channel(c)[i] = static_cast<float>(x);
    }
  }
  return noise;
}

TEST(Limiter, keeps_true_peak_under_the_ceiling_when_the_over_lies_between_samples) {
  // A quarter of the rate at 45 degrees: samples at -3 dB of the peak.
  for (const double part : {0.25, 0.1249, 0.33337, 0.45}) {
    AudioBuffer<float> sine(1, 48000);
    for (std::int64_t i = 0; i < 48000; ++i) {
      const double swell = std::min(1.0, static_cast<double>(i) / 4800);
      sine.channel(0)[i] = static_cast<float>(1.4 * swell * exact::sin_turns(0.125 + part * static_cast<double>(i)));
    }
    Limiter limiter = prepared({.ceiling = {-1}}, 1);
    limiter.process(sine.view());
    EXPECT_LT(true_peak_db(sine.view()), -1 + 0.05) << part;
    EXPECT_GT(true_peak_db(sine.view().sub(24000, 24000)), -1 - 0.1) << part << ": it need not be lower";
  }
}

TEST(Limiter, output_never_passes_the_ceiling_by_more_than_0_05_db_in_any_layout) {
  for (const int channels : {1, 2, 6, 8})
    for (const double ceiling : {-1.0, -9.0}) {
      auto sound = test::restless_sound(channels, 20000, {48000}, 6);
      louder(sound, 4.0f);
      Limiter limiter = prepared({.ceiling = {ceiling}}, channels);
      limiter.process(sound.view());
      EXPECT_LT(true_peak_db(sound.view()), ceiling + 0.05) << channels << " channels";
    }
  auto dull = dull_noise(2, 48000, 6.0, 15000, {48000});
  Limiter limiter = prepared({}, 2);
  limiter.process(dull.view());
  EXPECT_LT(true_peak_db(dull.view()), -1 + 0.05);
  EXPECT_GT(true_peak_db(dull.view()), -1.1);
}

TEST(Limiter, sound_that_stays_under_the_ceiling_is_only_delayed) {
  auto sound = test::restless_sound(2, 20000, {48000});
  louder(sound, 0.3f);
  const auto before = sound.clone();
  Limiter limiter = prepared({}, 2);
  limiter.process(sound.view());
  const std::int64_t delay = limiter.latency().value;
  test::expect_same_bits(before.view().sub(0, 20000 - delay), sound.view().sub(delay, 20000 - delay), "delayed");
}

TEST(Limiter, the_gain_alone_applied_to_delayed_parts_sums_to_the_limited_sum) {
  auto one = test::restless_sound(2, 30000, {48000}, 1), two = test::restless_sound(2, 30000, {48000}, 2);
  louder(one, 2.0f);
  AudioBuffer<float> sum(2, 30000);
  for (int c = 0; c < 2; ++c)
    for (std::int64_t i = 0; i < 30000; ++i) sum.channel(c)[i] = one.channel(c)[i] + two.channel(c)[i];
  Limiter gain_only = prepared({}, 2), whole = prepared({}, 2);
  std::vector<float> gain(30000);
  gain_only.process_gain(sum.view(), gain.data());
  whole.process(sum.view());
  const std::int64_t delay = whole.latency().value;
  double worst = 0;
  for (int c = 0; c < 2; ++c)
    for (std::int64_t i = delay; i < 30000; ++i) {
      const float g = gain[static_cast<std::size_t>(i)];
      worst = std::max(worst, std::fabs(static_cast<double>(g * one.channel(c)[i - delay] + g * two.channel(c)[i - delay]) - static_cast<double>(sum.channel(c)[i])));
    }
  EXPECT_LT(20 * std::log10(worst), -130);
}

TEST(Limiter, comes_back_with_its_release_time) {
  AudioBuffer<float> sound(1, 96000);
  for (std::int64_t i = 0; i < 96000; ++i) sound.channel(0)[i] = i < 9600 ? 2.0f : 0.1f;
  Limiter limiter = prepared({.ceiling = {-6.0206}, .look_ahead_ms = 3, .release_ms = 100}, 1);
  std::vector<float> gain(96000);
  limiter.process_gain(sound.view(), gain.data());
  EXPECT_NEAR(gain[9599], 0.25, 1e-4);
  // 63 % of the way back 100 ms after the hold has ended.
  const auto end = static_cast<std::size_t>(9600 + limiter.latency().value + 4800);
  EXPECT_NEAR(gain[end], 1 - 0.75 * std::exp(-1), 0.02);
  EXPECT_EQ(gain[95999], 1.0f);
}

TEST(Limiter, holds_what_every_processor_must) {
  test::expect_processor_properties<Limiter>([] { return Limiter({.ceiling = {-12}}); });
  test::expect_processor_properties<Limiter>([] { return Limiter({.ceiling = {-30}, .look_ahead_ms = 0.5, .release_ms = 300}); }, {2});
}

TEST(Limiter, its_pre_roll_leaves_less_than_minus_120_dbfs) {
  EXPECT_LT(test::pre_roll_error_db<Limiter>([] { return Limiter({.ceiling = {-20}, .release_ms = 500}); }), -120);
  EXPECT_LT(test::pre_roll_error_db<Limiter>([] { return Limiter({.ceiling = {-3}}); }), -120);
}

TEST(Limiter, refuses_settings_out_of_range_by_name) {
  Limiter limiter({.ceiling = {3}});
  const auto result = limiter.prepare({});
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("ceiling_dbtp"), std::string::npos);
}

}  // namespace
}  // namespace twopop::dsp
