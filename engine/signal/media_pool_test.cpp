#include "signal/media_pool.h"

#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop::signal {
namespace {

TEST(MediaPool, holds_few_of_many_files_open_and_reads_each_of_them_right) {
  const test::ScratchFolder scratch("media-pool");
  constexpr int kFiles = 60;
  std::vector<MediaDescription> files;
  for (int i = 0; i < kFiles; ++i) {
    MediaDescription media;
    media.path = scratch.path / fmt::format("{}.wav", i);
    media.rate = {48000}, media.channels = 1, media.length = {64}, media.direct = true;
    AudioBuffer<float> sound(1, 64);
    for (std::int64_t k = 0; k < 64; ++k) sound.channel(0)[k] = static_cast<float>(i * 64 + k) / 4096.0f;
    test::write_wav(media.path, sound.view(), 48000);
    files.push_back(std::move(media));
  }
  MediaPool pool;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < kFiles; ++i) {
      AudioBuffer<float> heard(1, 16);
      ASSERT_TRUE(pool.read(files[static_cast<std::size_t>(i)], {16 * round}, heard.view()));
      for (int k = 0; k < 16; ++k) ASSERT_EQ(heard.channel(0)[k], static_cast<float>(i * 64 + 16 * round + k) / 4096.0f);
      ASSERT_LE(pool.open_files(), 32u);
    }
  EXPECT_EQ(pool.open_files(), 32u);
  pool.rest();
  EXPECT_EQ(pool.open_files(), 0u);
  AudioBuffer<float> heard(1, 1);
  EXPECT_TRUE(pool.read(files[3], {5}, heard.view()));
  EXPECT_EQ(heard.channel(0)[0], static_cast<float>(3 * 64 + 5) / 4096.0f);
  EXPECT_EQ(pool.open_files(), 1u);
}

}  // namespace
}  // namespace twopop::signal
