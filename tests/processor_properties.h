#pragma once

#include "core/exact_math.h"
#include "core/random.h"
#include "dsp/processor.h"

#include <gtest/gtest.h>

#include <xmmintrin.h>

#include <functional>

namespace twopop::test {

/// Calls of operator new so far in this program (engine/dsp/processor_properties_test.cpp).
std::int64_t allocations();

/// Bursts of noise and tones of different levels, silences between, a long decay to nothing at the end of each 2 s.
inline AudioBuffer<float> restless_sound(int channels, std::int64_t frames, SampleRate rate, std::uint64_t seed = 1) {
  AudioBuffer<float> sound(channels, frames);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i) {
      const auto at = static_cast<std::uint64_t>(i);
      const double t = static_cast<double>(i) / rate.hz;
      const int burst = static_cast<int>(t * 5);
      const double level = exact::gain_of_db(-50 * static_cast<double>(uniform01(philox(seed, 1, static_cast<std::uint64_t>(burst))[0])));
      const double fall = burst % 10 > 6 ? exact::exp(-200 * (t - (burst / 10 * 10 + 7) / 5.0)) : 1;
      const double noise = static_cast<double>(uniform11(philox(seed, static_cast<std::uint64_t>(2 + c), at)[0]));
      const double tone = exact::sin_turns(t * (110 + 40 * c));
      sound.channel(c)[i] = burst % 10 == 3 ? 0.0f : static_cast<float>(level * fall * (0.6 * noise + 0.4 * tone));
    }
  return sound;
}

/// Runs `frames` of `sound` from `begin` in blocks of random length, 0 and 1 among them.
template <class P>
void run_in_blocks(P& processor, AudioView<float> sound, std::int64_t most, std::uint64_t seed) {
  RandomStream random(seed, 99);
  for (std::int64_t at = 0; at < sound.frames();) {
    const std::int64_t n = std::min<std::int64_t>(random.below(static_cast<std::uint32_t>(most) + 1), sound.frames() - at);
    processor.process(sound.sub(at, n));
    at += n;
  }
}

inline void expect_same_bits(AudioView<const float> a, AudioView<const float> b, const char* what) {
  for (int c = 0; c < a.channels(); ++c)
    for (std::int64_t i = 0; i < a.frames(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint32_t>(a.at(c, i)), std::bit_cast<std::uint32_t>(b.at(c, i))) << what << ": channel " << c << " frame " << i;
}

/// What every Processor must hold (dsp/processor.h), for one kind of it.
template <dsp::Processor P>
void expect_processor_properties(const std::function<P()>& make, std::initializer_list<int> channel_counts = {1, 2, 6}) {
  for (const int hz : {44100, 48000, 96000})
    for (const int channels : channel_counts) {
      const std::int64_t frames = 20000;
      const dsp::ProcessSpec spec{.rate = {hz}, .channels = channels, .max_block = frames};
      const auto input = restless_sound(channels, frames, {hz});
      P processor = make();
      const auto prepared = processor.prepare(spec);
      ASSERT_TRUE(prepared.ok()) << prepared.error().sentence();

      auto whole = input.clone();
      const std::int64_t before = allocations();
      processor.process(whole.view());
      EXPECT_EQ(allocations(), before) << "process allocates";

      for (const std::int64_t most : {std::int64_t{3}, std::int64_t{64}, std::int64_t{1000}, std::int64_t{9000}}) {
        auto split = input.clone();
        processor.reset();
        run_in_blocks(processor, split.view(), most, static_cast<std::uint64_t>(most));
        expect_same_bits(whole.view(), split.view(), "split into blocks");
      }

      // A copy of the state goes on in another processor.
      P second = make();
      ASSERT_TRUE(second.prepare(spec).ok());
      auto resumed = input.clone();
      const std::int64_t cut = 7777;
      processor.reset();
      processor.process(resumed.view().sub(0, cut));
      const auto from = processor.state();
      const auto to = second.state();
      ASSERT_EQ(from.size(), to.size());
      std::copy(from.begin(), from.end(), to.begin());
      second.process(resumed.view().sub(cut, frames - cut));
      expect_same_bits(whole.view(), resumed.view(), "resumed from a state");

      // With denormals flushed by the machine.
      auto flushed = input.clone();
      processor.reset();
      const unsigned mode = _mm_getcsr();
      _mm_setcsr(mode | 0x8040u);
      processor.process(flushed.view());
      _mm_setcsr(mode);
      expect_same_bits(whole.view(), flushed.view(), "denormals flushed");
    }
}

/// Greatest difference, in dBFS, between an endless run and starts from rest pre_roll() before, on sound that is at its
/// loudest when the pre-roll begins.
template <dsp::Processor P>
double pre_roll_error_db(const std::function<P()>& make, int channels = 2, SampleRate rate = {48000}) {
  P endless = make();
  const dsp::ProcessSpec spec{.rate = rate, .channels = channels, .max_block = 1 << 24};
  EXPECT_TRUE(endless.prepare(spec).ok());
  const std::int64_t lead = 4 * rate.hz, roll = endless.pre_roll().value, tail = rate.hz;
  auto sound = restless_sound(channels, lead + roll + tail, rate, 5);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = lead / 2; i < lead; ++i) sound.channel(c)[i] = static_cast<float>(exact::sin_turns(static_cast<double>(i) * 60 / rate.hz));
  auto truth = sound.clone();
  endless.process(truth.view());
  P fresh = make();
  EXPECT_TRUE(fresh.prepare(spec).ok());
  fresh.process(sound.view().sub(lead, roll + tail));
  double worst = 0;
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = lead + roll; i < lead + roll + tail; ++i)
      worst = std::max(worst, std::fabs(static_cast<double>(sound.channel(c)[i]) - static_cast<double>(truth.channel(c)[i])));
  return 20 * std::log10(worst + 1e-30);
}

}  // namespace twopop::test
