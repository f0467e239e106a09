#include "dsp/synth.h"

#include "core/random.h"
#include "dsp/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace twopop::dsp {
namespace {

constexpr SampleRate kRate{48000};

AudioBuffer<float> rendered(const SynthSettings& settings, std::int64_t begin, std::int64_t frames, int channels = 2) {
  AudioBuffer<float> out(channels, frames);
  const auto done = render_synth(settings, kRate, SamplePosition{begin}, out.view());
  EXPECT_TRUE(done) << done.error().message;
  return out;
}

double rms_db(const float* x, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * x[i];
  return 10 * std::log10(sum / static_cast<double>(n));
}

/// Power between two frequencies, dB.
double band_db(const AudioBuffer<float>& sound, double low, double high) {
  constexpr int kSize = 8192;
  RealFft<double> fft(kSize);
  std::vector<double> in(kSize);
  std::vector<std::complex<double>> out(static_cast<std::size_t>(fft.bins()));
  double sum = 0;
  for (std::int64_t at = 0; at + kSize <= sound.frames(); at += kSize) {
    for (int i = 0; i < kSize; ++i) in[static_cast<std::size_t>(i)] = sound.channel(0)[at + i] * (0.5 - 0.5 * std::cos(2 * 3.14159265358979 * i / kSize));
    fft.forward(in.data(), out.data());
    for (int k = 0; k < fft.bins(); ++k) {
      const double f = k * static_cast<double>(kRate.hz) / kSize;
      if (f >= low && f < high) sum += std::norm(out[static_cast<std::size_t>(k)]);
    }
  }
  return 10 * std::log10(sum + 1e-30);
}

class Synth : public testing::TestWithParam<SynthKind> {};

TEST_P(Synth, any_range_in_any_order_gives_the_same_bits) {
  SynthSettings settings;
  settings.kind = GetParam();
  const std::int64_t base = 123456;
  const AudioBuffer<float> whole = rendered(settings, base, 40000);
  RandomStream draw(3, 3);
  for (int trial = 0; trial < 12; ++trial) {
    const std::int64_t begin = draw.below(35000), frames = 1 + draw.below(5000);
    const AudioBuffer<float> part = rendered(settings, base + begin, frames);
    for (int c = 0; c < 2; ++c)
      for (std::int64_t i = 0; i < frames; ++i) ASSERT_EQ(part.channel(c)[i], whole.channel(c)[begin + i]) << begin << "+" << i;
  }
}

TEST_P(Synth, another_seed_is_another_sound_and_the_level_is_what_was_asked_for) {
  SynthSettings settings;
  settings.kind = GetParam();
  settings.level_dbfs = -26;
  const std::int64_t minute = 60 * kRate.hz;
  if (settings.kind == SynthKind::TwoPop) {
    const AudioBuffer<float> pop = rendered(settings, -480, 4800, 1);
    EXPECT_EQ(pop.channel(0)[479], 0.0f);
    EXPECT_NEAR(*std::max_element(pop.channel(0), pop.channel(0) + 4800), 0.0501f, 2e-4f);  // -26 dBFS
    EXPECT_EQ(pop.channel(0)[480 + 1920], 0.0f);  // one frame of 25 a second later
    return;
  }
  if (settings.kind == SynthKind::Sine) {
    EXPECT_NEAR(rms_db(rendered(settings, 0, kRate.hz).channel(0), kRate.hz), -26 - 3.01, 0.01);
    return;
  }
  const AudioBuffer<float> sound = rendered(settings, 0, minute);
  for (int c = 0; c < 2; ++c) {
    const double level = rms_db(sound.channel(c), minute);
    std::printf("kind %d channel %d: %.2f dBFS\n", static_cast<int>(settings.kind), c, level);
    EXPECT_NEAR(level, -26, settings.kind == SynthKind::White || settings.kind == SynthKind::Pink ? 0.1 : 1.5);
  }
  settings.seed = 2;
  const AudioBuffer<float> other = rendered(settings, 0, 4096);
  int same = 0;
  for (int i = 0; i < 4096; ++i) same += other.channel(0)[i] == sound.channel(0)[i] ? 1 : 0;
  EXPECT_LT(same, 50);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Synth,
                         testing::Values(SynthKind::Sine, SynthKind::White, SynthKind::Pink, SynthKind::Wind, SynthKind::Rain, SynthKind::TwoPop));

/// Pink noise has the same power in every octave.
TEST(SynthSpectrum, pink_noise_falls_by_three_decibels_an_octave) {
  SynthSettings settings;
  settings.kind = SynthKind::Pink;
  const AudioBuffer<float> sound = rendered(settings, 0, 40 * kRate.hz, 1);
  const double first = band_db(sound, 250, 500);
  for (double f = 125; f < 12000; f *= 2) EXPECT_NEAR(band_db(sound, f, 2 * f), first, 0.7) << f;
}

TEST(SynthSpectrum, frames_leave_no_ripple_in_the_noise) {
  SynthSettings settings;
  settings.kind = SynthKind::Pink;
  settings.level_dbfs = -20;
  const AudioBuffer<float> sound = rendered(settings, 0, 200 * 1024 * 16, 1);
  // Mean power by place within the hop of 1024 samples: even within what chance allows.
  std::vector<double> power(16, 0.0);
  for (std::int64_t i = 0; i < sound.frames(); ++i) power[static_cast<std::size_t>(i % 1024 / 64)] += std::pow(sound.channel(0)[i], 2);
  const auto [least, most] = std::minmax_element(power.begin(), power.end());
  EXPECT_LT(10 * std::log10(*most / *least), 0.6);
}

TEST(SynthSpectrum, storm_is_brighter_than_breeze_and_width_sets_the_correlation) {
  SynthSettings breeze;
  breeze.strength = 0.1;
  SynthSettings storm;
  storm.strength = 1;
  const AudioBuffer<float> a = rendered(breeze, 0, 20 * kRate.hz), b = rendered(storm, 0, 20 * kRate.hz);
  EXPECT_GT(band_db(b, 1000, 4000) - band_db(b, 50, 300), band_db(a, 1000, 4000) - band_db(a, 50, 300) + 3);
  SynthSettings narrow;
  narrow.width = 0;
  const AudioBuffer<float> mono = rendered(narrow, 0, 4096);
  for (int i = 0; i < 4096; ++i) ASSERT_EQ(mono.channel(0)[i], mono.channel(1)[i]);
}

TEST(SynthSettingsCheck, a_value_out_of_range_is_refused_by_its_name) {
  SynthSettings settings;
  settings.strength = 1.5;
  AudioBuffer<float> out(1, 16);
  const auto refused = render_synth(settings, kRate, SamplePosition{0}, out.view());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("strength is 1.5"), std::string::npos);
}

}  // namespace
}  // namespace twopop::dsp
