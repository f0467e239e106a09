#include "signal/media_pool.h"

#include "media/encode.h"
#include "small_film.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <thread>

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

TEST(MediaPool, hears_a_file_that_took_the_place_of_another) {
  const test::ScratchFolder scratch("media-pool-replaced");
  const auto level = [](float value) {
    return media::SoundSource{{48000}, 1, {9600}, [value](SamplePosition, AudioView<float> out) -> Result<void> {
                                std::fill_n(out.channel(0), out.frames(), value);
                                return {};
                              }};
  };
  for (const bool direct : {true, false}) {
    MediaDescription media;
    media.path = scratch.path / (direct ? "sound.wav" : "sound.flac");
    media.rate = {48000}, media.channels = 1, media.length = {9600}, media.direct = direct;
    const media::SoundCoding coding{direct ? media::SoundCodec::Pcm24 : media::SoundCodec::Flac, 0};
    MediaPool pool(scratch.path);
    for (const float value : {0.25f, -0.5f}) {
      ASSERT_TRUE(media::encode_sound(media.path, level(value), coding).ok());
      media.fingerprint = hash_of(std::to_string(value));
      AudioBuffer<float> heard(1, 9600);
      ASSERT_TRUE(pool.read(media, {0}, heard.view()));
      EXPECT_EQ(heard.channel(0)[5000], value);
    }
  }
}

TEST(MediaPool, decodes_once_for_all_who_want_a_coded_file) {
  const test::ScratchFolder scratch("media-pool-long");
  MediaDescription media;
  media.path = scratch.path / "long.flac";
  media.rate = {48000}, media.channels = 1, media.length = {48000ll * 1300};
  const auto tone = [](std::int64_t at) { return static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(at % 48000) / 48000)); };
  media::SoundSource source{media.rate, 1, media.length, [&](SamplePosition begin, AudioView<float> out) -> Result<void> {
                              for (std::int64_t i = 0; i < out.frames(); ++i) out.channel(0)[i] = tone(begin.value + i);
                              return {};
                            }};
  ASSERT_TRUE(media::encode_sound(media.path, source, {media::SoundCodec::Flac, 0}).ok());
  std::filesystem::create_directories(scratch.path / "cache");
  MediaPool pool(scratch.path / "cache");
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int k = 0; k < 8; ++k) {
        AudioBuffer<float> heard(1, 4000);
        const std::int64_t at = 48000ll * ((t * 317 + k * 211) % 1299) + 5000;
        ASSERT_TRUE(pool.read(media, {at}, heard.view()));
        for (int i = 0; i < 4000; i += 100) ASSERT_NEAR(heard.channel(0)[i], tone(at + i), 1e-6);
        EXPECT_LE(pool.open_files(), 1u);
      }
    });
  threads.clear();
  EXPECT_EQ(pool.open_files(), 1u);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path / "cache")) << "what is decoded has no name";
  // One that cannot be read does not keep the next from trying.
  MediaDescription missing = media;
  missing.path = scratch.path / "missing.m4a";
  AudioBuffer<float> heard(1, 10);
  EXPECT_FALSE(pool.read(missing, {0}, heard.view()));
  EXPECT_FALSE(pool.read(missing, {0}, heard.view()));
}

}  // namespace
}  // namespace twopop::signal
