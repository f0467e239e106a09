#include "dsp/effect_chain.h"

#include "core/random.h"
#include "dsp/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace twopop::dsp {
namespace {

constexpr SampleRate kRate{48000};

AudioBuffer<float> noise(std::int64_t frames, int channels = 1) {
  AudioBuffer<float> out(channels, frames);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i) out.channel(c)[i] = 0.2f * uniform11(philox(1, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]);
  return out;
}

AudioBuffer<float> tone(double hz, std::int64_t frames) {
  AudioBuffer<float> out(1, frames);
  for (std::int64_t i = 0; i < frames; ++i) out.channel(0)[i] = static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kRate.hz));
  return out;
}

double level_db(const AudioBuffer<float>& sound) {
  double sum = 0;
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < sound.frames(); ++i) sum += static_cast<double>(sound.channel(c)[i]) * sound.channel(c)[i];
  return 10 * std::log10(sum / static_cast<double>(sound.frames() * sound.channels()) + 1e-30);
}

double band_db(const AudioBuffer<float>& sound, double low, double high) {
  constexpr int kSize = 8192;
  RealFft<double> fft(kSize);
  std::vector<double> in(kSize);
  std::vector<std::complex<double>> out(static_cast<std::size_t>(fft.bins()));
  double sum = 0;
  for (std::int64_t at = 0; at + kSize <= sound.frames(); at += kSize) {
    for (int i = 0; i < kSize; ++i) in[static_cast<std::size_t>(i)] = sound.channel(0)[at + i] * (0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / kSize));
    fft.forward(in.data(), out.data());
    for (int k = 0; k < fft.bins(); ++k)
      if (const double f = k * 48000.0 / kSize; f >= low && f < high) sum += std::norm(out[static_cast<std::size_t>(k)]);
  }
  return 10 * std::log10(sum / (high - low) + 1e-30);
}

double strongest_hz(const AudioBuffer<float>& sound) {
  double best = 0, at = 0;
  for (double f = 100; f < 2000; f += 2) {
    double re = 0, im = 0;
    for (std::int64_t i = sound.frames() / 4; i < sound.frames() * 3 / 4; ++i) {
      const double phase = 2 * std::numbers::pi * f * static_cast<double>(i) / kRate.hz;
      re += sound.channel(0)[i] * std::cos(phase), im += sound.channel(0)[i] * std::sin(phase);
    }
    if (re * re + im * im > best) best = re * re + im * im, at = f;
  }
  return at;
}

TEST(Futz, keeps_length_and_level_and_limits_the_band) {
  const AudioBuffer<float> dry = noise(4 * kRate.hz, 2);
  for (const auto& [preset, name] : {std::pair{FutzPreset::Telephone, "telephone"}, std::pair{FutzPreset::Radio, "radio"}, std::pair{FutzPreset::Television, "tv"},
                                     std::pair{FutzPreset::NextRoom, "next room"}, std::pair{FutzPreset::Megaphone, "megaphone"}}) {
    const auto wet = futz(dry.view(), kRate, {.preset = preset});
    ASSERT_TRUE(wet);
    EXPECT_EQ(wet->frames(), dry.frames());
    EXPECT_NEAR(level_db(*wet), level_db(dry), 1.0) << name;
  }
  const auto telephone = futz(dry.view(), kRate, {.preset = FutzPreset::Telephone});
  // Saturation gives some of it back, but the band stays a telephone's.
  EXPECT_GT(band_db(*telephone, 800, 2800) - band_db(*telephone, 30, 120), 20);
  EXPECT_GT(band_db(*telephone, 800, 2800) - band_db(*telephone, 9000, 16000), 20);
  const auto next_room = futz(dry.view(), kRate, {.preset = FutzPreset::NextRoom});
  EXPECT_GT(band_db(*next_room, 100, 300) - band_db(*next_room, 3000, 8000), 25);
}

TEST(Futz, at_amount_zero_nothing_is_done_and_the_seed_sets_the_room) {
  const AudioBuffer<float> dry = noise(kRate.hz);
  const auto same = futz(dry.view(), kRate, {.preset = FutzPreset::Radio, .amount = 0});
  for (std::int64_t i = 0; i < dry.frames(); ++i) ASSERT_EQ(same->channel(0)[i], dry.channel(0)[i]);
  const auto a = futz(dry.view(), kRate, {.seed = 1}), b = futz(dry.view(), kRate, {.seed = 1}), c = futz(dry.view(), kRate, {.seed = 2});
  int differ = 0;
  for (std::int64_t i = 0; i < dry.frames(); ++i) {
    ASSERT_EQ(a->channel(0)[i], b->channel(0)[i]);
    differ += a->channel(0)[i] != c->channel(0)[i] ? 1 : 0;
  }
  EXPECT_GT(differ, kRate.hz / 2);
  EXPECT_FALSE(futz(dry.view(), kRate, {.amount = 2}));
}

/// Schroeder's backward integral falls by 60 dB in the decay time, within a quarter.
TEST(SmallRoom, decays_in_the_time_given) {
  for (const double wanted : {0.25, 0.5, 1.0}) {
    const AudioBuffer<float> room = small_room_response(kRate, wanted, 0.3, 7);
    std::vector<double> left(static_cast<std::size_t>(room.frames()) + 1, 0.0);
    for (std::int64_t i = room.frames() - 1; i >= 0; --i)
      left[static_cast<std::size_t>(i)] = left[static_cast<std::size_t>(i) + 1] + std::pow(room.channel(0)[i], 2);
    EXPECT_NEAR(left[0], 1, 1e-3);
    const auto time_of = [&](double db) {
      std::size_t i = 0;
      while (10 * std::log10(left[i] / left[0]) > db) ++i;
      return static_cast<double>(i) / kRate.hz;
    };
    EXPECT_NEAR(3 * (time_of(-25) - time_of(-5)), wanted, 0.25 * wanted);
  }
}

TEST(EffectChain, steps_work_in_their_order) {
  const AudioBuffer<float> dry = tone(440, kRate.hz);
  const auto octave = apply_chain(dry.clone(), kRate, {PitchStep{12}});
  ASSERT_TRUE(octave) << octave.error().message;
  EXPECT_EQ(octave->frames(), dry.frames());
  EXPECT_NEAR(strongest_hz(*octave), 880, 4);
  const auto longer = apply_chain(dry.clone(), kRate, {StretchStep{1.5}});
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->frames(), kRate.hz * 3 / 2);
  EXPECT_NEAR(strongest_hz(*longer), 440, 4);
  const AudioBuffer<float> hiss = noise(1000);
  const auto back = apply_chain(hiss.clone(), kRate, {ReverseStep{}, ReverseStep{}});
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(back->channel(0)[i], hiss.channel(0)[i]);
  const auto cut = apply_chain(noise(kRate.hz), kRate, {EqStep{{FilterKind::LowPass, 500, 0.7071, {}}}, GainStep{6.0206}});
  EXPECT_GT(band_db(*cut, 100, 300) - band_db(*cut, 4000, 8000), 30);
}

TEST(EffectChain, convolution_lengthens_the_clip_as_foretold) {
  AudioBuffer<float> echo(1, 4801);
  echo.channel(0)[4800] = 0.5f;
  const ImpulseSource impulses = [&](const std::string& name) -> Result<AudioBuffer<float>> {
    if (name == "echo") return echo.clone();
    return Error{Code::NotFound, "no impulse " + name, {}};
  };
  const EffectChain chain{ConvolveStep{"echo", 0, 0}, StretchStep{2}};
  const AudioBuffer<float> dry = noise(10000);
  const auto wet = apply_chain(dry.clone(), kRate, {chain[0]}, impulses);
  ASSERT_TRUE(wet);
  EXPECT_EQ(wet->frames(), 14800);
  // The response is brought to energy 1: the echo is as loud as the sound.
  for (int i = 0; i < 10000; i += 37) ASSERT_NEAR(wet->channel(0)[i + 4800], dry.channel(0)[i] + (i + 4800 < 10000 ? dry.channel(0)[i + 4800] : 0.0f), 1e-5);
  const auto length = [](const std::string&) { return SampleCount{4801}; };
  EXPECT_EQ(length_after(SampleCount{10000}, chain, length).value, 29600);
  const auto missing = apply_chain(noise(100), kRate, {GainStep{0}, ConvolveStep{"cave"}}, impulses);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "effect step 2: no impulse cave");
  EXPECT_FALSE(apply_chain(noise(100), kRate, {StretchStep{20}}));
  EXPECT_FALSE(apply_chain(noise(100), kRate, {EqStep{{FilterKind::Bell, 40000, 1, {}}}}));
}

}  // namespace
}  // namespace twopop::dsp
