#include "dsp/stretch.h"

#include <gtest/gtest.h>

#include <numbers>

namespace twopop::dsp {
namespace {

constexpr SampleRate kRate{48000};

/// Short 2 kHz bursts that start at the given seconds, in a clip of `length_s`.
AudioBuffer<float> bursts(const std::vector<double>& at_s, double length_s) {
  AudioBuffer<float> out(1, samples(length_s, kRate).value);
  for (double t : at_s)
    for (int i = 0; i < 1200; ++i)
      out.channel(0)[samples(t, kRate).value + i] += static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * i / 24) * std::exp(-i / 300.0));
  return out;
}

/// Second of the greatest energy (5 ms windows) within 60 ms of `near_s`, by its centre of gravity.
double burst_near(const AudioBuffer<float>& x, double near_s) {
  double sum = 0, moment = 0;
  for (std::int64_t i = std::max<std::int64_t>(0, samples(near_s - 0.06, kRate).value); i < std::min(x.frames(), samples(near_s + 0.06, kRate).value); ++i) {
    const double p = static_cast<double>(x.channel(0)[i]) * x.channel(0)[i];
    sum += p, moment += p * static_cast<double>(i);
  }
  return moment / sum / kRate.hz;
}

double frequency_of(const AudioBuffer<float>& x, double from_s, double to_s) {
  int crossings = 0;
  for (std::int64_t i = samples(from_s, kRate).value; i < samples(to_s, kRate).value; ++i)
    crossings += x.channel(0)[i] < 0 && x.channel(0)[i + 1] >= 0;
  return crossings / (to_s - from_s);
}

TEST(Stretch, length_is_exact_whatever_is_asked) {
  const AudioBuffer<float> clip = bursts({0.3, 0.9}, 1.5);
  for (std::int64_t length : {1, 777, 48000, 71999, 90001}) {
    const auto out = stretch(clip.view(), kRate, {{0, 0}, {clip.frames(), std::max<std::int64_t>(length, clip.frames() / 7)}}, {{length}});
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(out->frames(), length);
  }
  EXPECT_EQ(stretch(clip.view(), kRate, {}, {})->frames(), clip.frames());
}

TEST(Stretch, bursts_land_where_the_map_says_within_8_ms) {
  const std::vector<double> from{0.4, 1.0, 1.7, 2.4}, to{0.5, 1.0, 1.9, 2.5};
  const AudioBuffer<float> clip = bursts(from, 3.0);
  WarpMap map{{0, 0}};
  for (std::size_t i = 0; i < from.size(); ++i) map.push_back({samples(from[i], kRate).value, samples(to[i], kRate).value});
  map.push_back({clip.frames(), samples(3.1, kRate).value});
  const auto out = stretch(clip.view(), kRate, map, {});
  ASSERT_TRUE(out.ok());
  const double centre = burst_near(clip, 0.4) - 0.4;
  for (double t : to) EXPECT_NEAR(burst_near(*out, t) - centre, t, 0.008);
}

TEST(Stretch, a_pause_may_become_far_shorter_or_longer_than_it_was) {
  const auto at = [](double s) { return samples(s, kRate).value; };
  struct Case {
    std::vector<double> from, to;
    double length_s, out_s;
    WarpMap map;
  };
  const std::vector<Case> cases{
      {{0.4, 1.0, 6.0, 6.6}, {0.4, 1.0, 1.3, 1.9}, 7.0, 2.3, {{0, 0}, {at(1.1), at(1.1)}, {at(5.9), at(1.2)}, {at(7.0), at(2.3)}}},
      {{0.4, 0.7, 1.0, 1.4}, {0.4, 0.7, 4.8, 5.2}, 1.8, 5.6, {{0, 0}, {at(0.8), at(0.8)}, {at(0.9), at(4.7)}, {at(1.8), at(5.6)}}},
      // What lies behind the last word, and before the first.
      {{0.4, 1.0}, {0.4, 1.0}, 7.0, 1.5, {{0, 0}, {at(1.3), at(1.3)}, {at(7.0), at(1.5)}}},
      {{5.4, 6.0}, {0.4, 1.0}, 7.0, 2.0, {{0, 0}, {at(5.2), at(0.2)}, {at(7.0), at(2.0)}}},
  };
  for (const Case& c : cases) {
    const AudioBuffer<float> clip = bursts(c.from, c.length_s);
    const auto out = stretch(clip.view(), kRate, c.map, {});
    ASSERT_TRUE(out.ok()) << out.error().sentence();
    EXPECT_EQ(out->frames(), at(c.out_s));
    const double centre = burst_near(clip, c.from[0]) - c.from[0];
    for (double t : c.to) EXPECT_NEAR(burst_near(*out, t) - centre, t, 0.008);
  }
}

TEST(Stretch, pitch_stays_when_time_changes_and_moves_when_asked) {
  AudioBuffer<float> clip(1, 3 * 48000);
  for (std::int64_t i = 0; i < clip.frames(); ++i) clip.channel(0)[i] = static_cast<float>(0.3 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / 48000));
  const auto slow = stretch(clip.view(), kRate, {{0, 0}, {clip.frames(), clip.frames() * 5 / 4}}, {});
  EXPECT_NEAR(frequency_of(*slow, 1, 3), 440, 1);
  const auto high = stretch(clip.view(), kRate, {}, {{}, 12.0});
  EXPECT_NEAR(frequency_of(*high, 1, 2), 880, 2);
  EXPECT_EQ(high->frames(), clip.frames());
}

TEST(Stretch, the_same_clip_gives_the_same_samples_again) {
  const AudioBuffer<float> clip = bursts({0.3, 0.7, 1.1}, 1.6);
  const WarpMap map{{0, 0}, {30000, 33000}, {clip.frames(), 80000}};
  const auto a = stretch(clip.view(), kRate, map, {}), b = stretch(clip.view(), kRate, map, {});
  EXPECT_EQ(0, std::memcmp(a->channel(0), b->channel(0), sizeof(float) * static_cast<std::size_t>(a->frames())));
}

TEST(Stretch, maps_that_turn_back_are_refused_with_the_place) {
  const AudioBuffer<float> clip = bursts({0.3}, 1.0);
  const auto out = stretch(clip.view(), kRate, {{0, 0}, {2000, 1500}, {1500, 3000}}, {});
  ASSERT_FALSE(out.ok());
  EXPECT_NE(out.error().message.find("point 2 (1500 -> 3000)"), std::string::npos);
  EXPECT_FALSE(stretch(clip.view(), kRate, {{0, 0}, {100, 10000}}, {}).ok());
}

TEST(WarpMap, goes_forward_and_back_and_beyond_its_ends) {
  const WarpMap map{{100, 200}, {200, 400}, {300, 450}};
  EXPECT_EQ(warp_forward(map, 150), 300);
  EXPECT_EQ(warp_back(map, 300), 150);
  EXPECT_EQ(warp_forward(map, 50), 100);
  EXPECT_EQ(warp_back(map, 500), 400);
  EXPECT_EQ(warp_forward({}, 7), 7);
}

}  // namespace
}  // namespace twopop::dsp
