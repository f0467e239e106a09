#include "dsp/resampler.h"

#include "core/exact_math.h"
#include "core/random.h"

#include <gtest/gtest.h>
#include <soxr.h>

namespace twopop::dsp {
namespace {

/// A source that is defined everywhere, read as the resampler asks.
template <class F>
AudioBuffer<float> rendered(const Resampler& resampler, SampleRange range, F&& source) {
  const SampleRange needed = resampler.needs(range);
  AudioBuffer<float> in(1, needed.length().value), out(1, range.length().value);
  for (std::int64_t i = 0; i < in.frames(); ++i) in.channel(0)[i] = static_cast<float>(source(needed.begin.value + i));
  resampler.render(range.begin, in.view(), needed.begin, out.view());
  return out;
}

double tone(double hz, double rate, double position) { return exact::sin_turns(position * (hz / rate)); }

/// Level of what differs from the tone at the exact positions, relative to the tone.
double error_db(const Resampler& resampler, double hz, double source_rate, SampleRange range) {
  const auto out = rendered(resampler, range, [&](std::int64_t i) { return tone(hz, source_rate, static_cast<double>(i)); });
  double error = 0, energy = 0;
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    const double truth = tone(hz, source_rate, resampler.map().position_of(range.begin + SampleCount{i}));
    error += std::pow(static_cast<double>(out.channel(0)[i]) - truth, 2);
    energy += truth * truth;
  }
  return 10 * std::log10(error / energy);
}

Resampler make(int source, int session, double drift_ppm = 0, double offset = 0) {
  auto made = Resampler::create(RateMap::from({source}, {session}, drift_ppm, offset));
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  return *made;
}

constexpr int kRates[] = {8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000};
constexpr int kSessions[] = {44100, 48000, 88200, 96000};

TEST(Resampler, tones_up_to_0_91_of_the_lower_nyquist_come_out_with_errors_below_140_db) {
  for (const int source : kRates)
    for (const int session : kSessions) {
      if (source == session) continue;
      const Resampler resampler = make(source, session, 0, 0.25);
      for (const double part : {0.02, 0.3, 0.77, 0.91})
        EXPECT_LT(error_db(resampler, part * std::min(source, session) / 2, source, {{1000}, {9000}}), -140)
            << source << " to " << session << " at " << part << " of the lower Nyquist";
    }
}

TEST(Resampler, drift_and_offsets_are_followed_exactly_hours_into_a_film) {
  for (const double ppm : {-200.0, -50.0, -0.3, 0.001, 12.5, 100.0}) {
    const Resampler resampler = make(48000, 48000, ppm, 12345.678);
    // Two hours in: a wrong position of 1e-7 samples would show at -145 dB.
    EXPECT_LT(error_db(resampler, 15000, 48000, {{345600000}, {345608000}}), -139) << ppm;
  }
}

/// Level at which a tone above the output's Nyquist frequency comes through.
double leak_db(int source, int session, double hz) {
  const Resampler resampler = make(source, session);
  const auto out = rendered(resampler, {{0}, {8000}}, [&](std::int64_t i) { return tone(hz, source, static_cast<double>(i)); });
  double energy = 0;
  for (std::int64_t i = 0; i < out.frames(); ++i) energy += std::pow(static_cast<double>(out.channel(0)[i]), 2);
  return 10 * std::log10(2 * energy / static_cast<double>(out.frames()) + 1e-30);
}

TEST(Resampler, what_lies_above_the_new_nyquist_frequency_is_gone_by_140_db) {
  for (const auto& [source, session] : {std::pair{96000, 48000}, {192000, 48000}, {192000, 44100}, {88200, 44100}, {48000, 44100}, {96000, 88200}})
    for (const double above : {1.0001, 1.01, 1.1, 1.7})
      if (above * session < source * 0.999) {
        EXPECT_LT(leak_db(source, session, above * session / 2), -140) << source << " to " << session << " at " << above;
      }
}

TEST(Resampler, agrees_with_soxr_vhq_where_that_adds_no_part_of_a_sample) {
  // soxr delays by some 1e-4 of a sample between 44.1 and 48 kHz; these ratios it hits exactly.
  for (const auto& [source, session] : {std::pair{96000, 48000}, {16000, 48000}, {192000, 96000}, {44100, 88200}}) {
    AudioBuffer<float> in(1, source);
    for (int k = 1; k <= 30; ++k) {  // tones up to 0.9 of the lower Nyquist frequency
      const double hz = 0.03 * k * std::min(source, session) / 2 + 0.37 * k;
      for (std::int64_t i = 0; i < source; ++i) in.channel(0)[i] += static_cast<float>(0.03 * exact::sin_turns(k * 0.1 + hz / source * static_cast<double>(i)));
    }
    AudioBuffer<float> ours(1, session), theirs(1, session);
    make(source, session).render({0}, in.view(), {0}, ours.view());
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
    std::size_t used = 0, made = 0;
    soxr_oneshot(source, session, 1, in.channel(0), static_cast<std::size_t>(source), &used, theirs.channel(0), static_cast<std::size_t>(session), &made, &io,
                 &quality, nullptr);
    double error = 0, energy = 0;
    for (std::int64_t i = session / 4; i < session * 3 / 4; ++i) {
      error += std::pow(static_cast<double>(ours.channel(0)[i]) - static_cast<double>(theirs.channel(0)[i]), 2);
      energy += std::pow(static_cast<double>(theirs.channel(0)[i]), 2);
    }
    EXPECT_LT(10 * std::log10(error / energy), -130) << source << " to " << session;
  }
}

TEST(Resampler, any_split_of_a_range_gives_the_same_bits) {
  const auto noise = [](std::int64_t i) { return uniform11(philox(7, 0, static_cast<std::uint64_t>(i))[0]); };
  for (const auto& [source, session] : {std::pair{44100, 48000}, {96000, 48000}, {8000, 44100}, {48000, 48000}}) {
    const Resampler resampler = make(source, session, source == session ? 37.0 : 0, -3.7);
    const auto whole = rendered(resampler, {{-500}, {9000}}, noise);
    RandomStream random(1, static_cast<std::uint64_t>(source));
    for (std::int64_t at = -500; at < 9000;) {
      const std::int64_t n = std::min<std::int64_t>(1 + random.below(1500), 9000 - at);
      const auto part = rendered(resampler, {{at}, {at + n}}, noise);
      for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(part.channel(0)[i], whole.channel(0)[at + 500 + i]) << source << " at " << at + i;
      at += n;
    }
  }
}

TEST(Resampler, equal_rates_without_drift_move_samples_untouched) {
  const Resampler resampler = make(48000, 48000, 0, 17);
  const auto out = rendered(resampler, {{3}, {300}}, [](std::int64_t i) { return static_cast<double>(i) / 1024; });
  for (std::int64_t i = 0; i < 297; ++i) ASSERT_EQ(out.channel(0)[i], static_cast<float>(static_cast<double>(i + 20) / 1024));
}

TEST(Resampler, a_source_shorter_than_needed_counts_as_silence_around_it) {
  const Resampler resampler = make(44100, 48000);
  AudioBuffer<float> click(2, 1), out(2, 200);
  click.channel(0)[0] = click.channel(1)[0] = 1;
  resampler.render({-100}, click.view(), {0}, out.view());
  EXPECT_NEAR(out.channel(0)[100], 0.96, 0.02);  // the cut at 0.96 of 22.05 kHz
  EXPECT_EQ(out.channel(0)[100], out.channel(1)[100]);
  EXPECT_NEAR(out.channel(0)[0], 0, 1e-2);
}

TEST(Resampler, refuses_rates_that_are_too_far_apart) {
  EXPECT_FALSE(Resampler::create(RateMap::from({192000}, {2000})));
  EXPECT_TRUE(Resampler::create(RateMap::from({192000}, {8000})));
}

TEST(RateMap, steps_and_drift_are_exact_to_2_to_the_minus_60) {
  const RateMap map = RateMap::from({48000}, {48000}, 50, 0);
  // After a day at 48 kHz: 4147200000 samples x 1.00005.
  EXPECT_NEAR(map.position_of({4147200000}) - 4147200000.0, 207360.0, 1e-5);
  EXPECT_EQ(RateMap::from({96000}, {48000}).step, RateMap::Fixed{2} << 64);
  EXPECT_EQ(RateMap::from({48000}, {48000}, 0, -0.5).position_of({0}), -0.5);
}

}  // namespace
}  // namespace twopop::dsp
