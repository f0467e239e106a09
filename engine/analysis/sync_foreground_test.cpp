#include "analysis/sync_foreground.h"

#include "analysis/conform.h"
#include "core/random.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

namespace twopop::analysis {
namespace {

constexpr SampleRate k48{48000};
using Sound = std::vector<float>;

std::filesystem::path corpus() { return test::shared_folder() / "corpus"; }

Sound first_channel(const std::filesystem::path& path) {
  const auto all = media::read_all(path);
  return all ? Sound(all->channel(0), all->channel(0) + all->frames()) : Sound{};
}

ForegroundMatch matched(const Sound& a, const Sound& b, double length_s) {
  const auto x = source_of(a, k48), y = source_of(b, k48);
  const auto found = foreground_match(*x, *y, ClockLine{}, 0, length_s, false);
  EXPECT_TRUE(found);
  return found ? *found : ForegroundMatch{};
}

/// A line at an active level of about -26 dBFS, a second of pause before and after it, over a bed.
Sound over(const Sound& line, const Sound& bed, float bed_gain, std::size_t length) {
  Sound out(length, 0.0f);
  for (std::size_t i = 0; i < line.size() && i + 48000 < length; ++i) out[i + 48000] = line[i];
  for (std::size_t i = 0; i < length; ++i) out[i] += bed_gain * bed[i % bed.size()];
  return out;
}

TEST(Foreground, of_the_same_words_is_alike_through_noise_and_of_other_words_is_not_though_the_very_same_noise_lies_under_them) {
  TWOPOP_NEEDS_SHARED();
  const Sound one = first_channel(corpus() / "film/adr/arctic_a0149_take1.flac"), other = first_channel(corpus() / "film/adr/arctic_a0569_take1.flac");
  const Sound city = first_channel(corpus() / "ambience/blanket_city.ogg");
  ASSERT_GT(std::min(one.size(), other.size()), 2u * 48000);
  const std::size_t length = std::max(one.size(), other.size()) + 96000;
  const double length_s = static_cast<double>(length) / 48000;
  const Sound noisy = over(one, city, 0.3f, length), clean = over(one, city, 0.01f, length), stranger = over(other, city, 0.01f, length);
  const ForegroundMatch same = matched(noisy, clean, length_s), different = matched(noisy, stranger, length_s);
  EXPECT_TRUE(same.heard());
  EXPECT_TRUE(different.heard());
  EXPECT_GT(same.worth(), 0.2);
  EXPECT_LT(different.worth(), 0.0);
}

TEST(Foreground, of_noise_alone_tells_nothing) {
  Sound noise(5 * 48000);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = 0.1f * uniform11(philox(1, 1, i)[0]);
  const ForegroundMatch itself = matched(noise, noise, 5);
  EXPECT_FALSE(itself.heard());
  EXPECT_EQ(itself.worth(), 0);
}

// At 18.68 s of the film the auditorium leaves waveforms 0.07 alike where it is loud; the words are the same all the same.
TEST(Foreground, lets_the_recorder_be_found_by_the_cuts_own_sound_under_every_line_of_the_film) {
  TWOPOP_NEEDS_SHARED();
  const auto guide = open_source(corpus() / "film/picture/locked_cut.mp4"), recorder = open_source(corpus() / "film/sound/REC_0001.wav");
  ASSERT_TRUE(guide && recorder);
  const auto found = conform_by_sound(**guide, {{"recorder", recorder->get()}});
  ASSERT_TRUE(found);
  // Truth of the kit: the recorder runs from 3.783 s of the set, 40 ppm fast; lines lie at these seconds of cut and set.
  const struct { double cut, set; } lines[] = {{4.4, 7.12}, {7.16, 12.48}, {15.92, 19.04}, {18.68, 24.2}, {21.44, 30.72}};
  for (const auto& line : lines) {
    int right = 0;
    for (const ConformSegment& s : found->segments) {
      const double middle = (s.cut_begin_s + s.cut_end_s) / 2;
      if (s.source < 0 || middle < line.cut || middle > line.cut + 2.76) continue;
      const double truth = (line.set + middle - line.cut - 3.783) * (1 + 40e-6);
      EXPECT_NEAR(s.source_begin_s + (middle - s.cut_begin_s) * (1 + s.drift_ppm * 1e-6), truth, 1e-3) << line.cut;
      ++right;
    }
    EXPECT_GT(right, 0) << line.cut;
  }
}

}  // namespace
}  // namespace twopop::analysis
