#include "corpus.h"
#include "core/random.h"
#include "media/encode.h"
#include "media/made_wave.h"
#include "media/spool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace twopop::media {
namespace {

using test::Scratch;

/// Noise that no place shares with another.
SoundSource noise(std::int64_t frames) {
  return {{48000}, 2, {frames}, [](SamplePosition begin, AudioView<float> out) -> Result<void> {
            for (int c = 0; c < out.channels(); ++c)
              for (std::int64_t i = 0; i < out.frames(); ++i) out.channel(c)[i] = 0.3f * uniform11(philox(7, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(begin.value + i))[0]);
            return {};
          }};
}

bool same(AudioView<const float> a, AudioView<const float> b) {
  for (int c = 0; c < a.channels(); ++c)
    if (std::memcmp(a.channel(c), b.channel(c), static_cast<std::size_t>(a.frames()) * sizeof(float)) != 0) return false;
  return true;
}

class SpoolOf : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SpoolOf, gives_any_place_in_any_order_the_samples_of_one_run) {
  Scratch scratch;
  const auto path = scratch / "noise.m4a";
  ASSERT_TRUE(encode_sound(path, noise(48000 * 12 + 333), {}).ok());
  const auto whole = read_all(path);
  ASSERT_TRUE(whole.ok());
  const auto spool = Spool::open(path, 0, scratch.folder(), GetParam());
  ASSERT_TRUE(spool.ok()) << spool.error().sentence();
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      RandomStream random(static_cast<std::uint64_t>(t), 3);
      for (int k = 0; k < 12; ++k) {
        const std::int64_t begin = static_cast<std::int64_t>(random.below(48000 * 13)) - 24000, frames = 1 + static_cast<std::int64_t>(random.below(90000));
        AudioBuffer<float> heard(2, frames), wanted(2, frames);
        std::int64_t there = 0;
        for (std::int64_t i = 0; i < frames; ++i) {
          const bool inside = begin + i >= 0 && begin + i < whole->frames();
          there += inside;
          for (int c = 0; c < 2; ++c) wanted.channel(c)[i] = inside ? whole->channel(c)[begin + i] : 0.0f;
        }
        const auto got = (*spool)->read({begin}, heard.view());
        ASSERT_TRUE(got.ok()) << got.error().sentence();
        EXPECT_EQ(*got, there);
        EXPECT_TRUE(same(heard.view(), wanted.view())) << begin << " + " << frames;
      }
    });
  threads.clear();
  AudioBuffer<float> end(2, 10);
  ASSERT_TRUE((*spool)->read({whole->frames()}, end.view()).ok());
  const bool fits = GetParam() > static_cast<std::uint64_t>(whole->frames()) * 8;
  EXPECT_EQ((*spool)->complete(), fits);
  EXPECT_EQ((*spool)->bytes(), fits ? static_cast<std::uint64_t>(whole->frames()) * 8 : 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.folder()), {}), 1) << "the sound alone";
}

// With room for all of it, and with none.
INSTANTIATE_TEST_SUITE_P(Room, SpoolOf, testing::Values(std::uint64_t{1} << 30, std::uint64_t{1} << 20));

TEST(Spool, goes_on_without_its_file_where_that_cannot_be_made) {
  Scratch scratch;
  const auto path = scratch / "noise.m4a";
  ASSERT_TRUE(encode_sound(path, noise(48000), {}).ok());
  const auto whole = read_all(path);
  ASSERT_TRUE(whole.ok());
  const auto spool = Spool::open(path, 0, scratch / "no such folder", std::uint64_t{1} << 30);
  ASSERT_TRUE(spool.ok());
  AudioBuffer<float> heard(2, 5000);
  for (const std::int64_t at : {20000, 100, 40000}) {
    ASSERT_TRUE((*spool)->read({at}, heard.view()).ok());
    EXPECT_TRUE(same(heard.view(), whole->view().sub(at, 5000)));
  }
  EXPECT_FALSE(Spool::open(scratch / "missing.m4a", 0, scratch.folder(), 1000).ok());
}

}  // namespace
}  // namespace twopop::media
