#include "media/made_wave.h"
#include "media/peaks.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twopop::media {
namespace {

std::span<const float> samples(const AudioBuffer<float>& sound, std::int64_t begin, std::int64_t n) {
  return {sound.channel(0) + begin, static_cast<std::size_t>(n)};
}

TEST(Peaks, hold_the_extremes_and_energy_of_their_samples) {
  const AudioBuffer<float> sound = test::noise(1, 100'003, 3, 0.8f);
  PeakPyramid pyramid;
  for (std::int64_t at = 0; at < sound.frames(); at += 1000) pyramid.add(samples(sound, at, std::min<std::int64_t>(1000, sound.frames() - at)));
  EXPECT_EQ(pyramid.length().value, sound.frames());
  const std::int64_t bin = 25'600;
  const auto view = pyramid.view({{0}, {3 * bin}}, 3);
  for (int b = 0; b < 3; ++b) {
    float least = 1, most = -1;
    double energy = 0;
    for (std::int64_t i = b * bin; i < (b + 1) * bin; ++i) {
      least = std::min(least, sound.channel(0)[i]);
      most = std::max(most, sound.channel(0)[i]);
      energy += double(sound.channel(0)[i]) * sound.channel(0)[i];
    }
    const Peak& peak = view[static_cast<std::size_t>(b)];
    // Bins end on whole peaks: extremes may come from half a peak beyond.
    EXPECT_LE(peak.least, least);
    EXPECT_GE(peak.most, most);
    EXPECT_NEAR(peak.rms(), std::sqrt(energy / bin), 0.01);
  }
}

TEST(Peaks, chunks_appended_equal_one_pass) {
  const AudioBuffer<float> sound = test::noise(1, 70'001, 4);
  PeakPyramid whole, joined;
  whole.add(samples(sound, 0, sound.frames()));
  for (std::int64_t at = 0; at < sound.frames(); at += 16'384) {
    PeakPyramid chunk;
    chunk.add(samples(sound, at, std::min<std::int64_t>(16'384, sound.frames() - at)));
    joined.append(chunk);
  }
  const PeakPyramid stored = PeakPyramid::of(whole.peaks(), whole.length());
  for (const int bins : {1, 3, 100, 1000}) {
    const auto a = whole.view({{-5000}, {80'000}}, bins), b = joined.view({{-5000}, {80'000}}, bins), c = stored.view({{-5000}, {80'000}}, bins);
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].most, b[i].most);
      EXPECT_EQ(a[i].least, b[i].least);
      EXPECT_EQ(a[i].mean_square, b[i].mean_square);
      EXPECT_EQ(a[i].most, c[i].most);
    }
  }
}

TEST(Peaks, outside_the_sound_and_of_nothing_there_is_silence) {
  PeakPyramid none;
  EXPECT_EQ(none.view({{0}, {1000}}, 4)[3].most, 0);
  PeakPyramid one;
  const float sample = 0.5f;
  one.add({&sample, 1});
  EXPECT_EQ(one.view({{0}, {1}}, 1)[0].least, 0.5f);
  EXPECT_EQ(one.view({{5000}, {6000}}, 2)[1].most, 0);
  EXPECT_TRUE(one.view({{0}, {1}}, 0).empty());
}

}  // namespace
}  // namespace twopop::media
