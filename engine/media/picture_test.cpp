#include "corpus.h"
#include "small_film.h"
#include "media/media.h"
#include "media/picture.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace twopop::media {
namespace {

std::filesystem::path corpus(const char* name) { return test::shared_folder() / "corpus" / name; }

TEST(Picture, every_corpus_picture_has_its_frames_where_they_are_decoded) {
  TWOPOP_NEEDS_SHARED();
  for (const char* name : {"video/coin_motion.mov", "video/movie-hello.mp4", "video/mdn_pig.mp4", "video/grid/brbk7n.mpg", "video/run.mp4",
                           "video/nasa_13013.mp4", "film/rushes/A001_C001.mp4", "film/rushes/A001_MOS_walks.mp4"}) {
    const auto times = frame_times(corpus(name));
    ASSERT_TRUE(times.ok()) << times.error().sentence();
    auto reader = FrameReader::open(corpus(name), 32, 18);
    ASSERT_TRUE(reader.ok()) << reader.error().sentence();
    std::int64_t decoded = 0;
    for (;;) {
      auto frame = (*reader)->next();
      ASSERT_TRUE(frame.ok());
      if (!*frame) break;
      ASSERT_LT(decoded, times->count()) << name;
      EXPECT_NEAR((*frame)->time_s, times->seconds_of(decoded), 1e-6) << name << " frame " << decoded;
      ++decoded;
    }
    EXPECT_EQ(decoded, times->count()) << name;
    EXPECT_FALSE(times->key_frames.empty()) << name;
    const auto info = probe(corpus(name));
    ASSERT_TRUE(info.ok());
    ASSERT_TRUE(info->video);
    EXPECT_EQ(info->video->variable_rate, times->variable_rate) << name;
    EXPECT_NEAR(info->video->frames.hz(), times->frames.hz(), 0.002) << name;
    EXPECT_NEAR(info->video->start_s, times->start_s, 1e-6) << name;
    EXPECT_LE(std::abs(info->video->frame_count - times->count()), 2) << name;
  }
}

TEST(Picture, rate_is_that_of_the_grid_where_a_few_frames_were_dropped) {
  const test::ScratchFolder scratch("dropped-frames");
  // Two frames of 240 are missing, as where an editor's shots were joined: on average 23.8 frames a second.
  const std::string path = (scratch.path / "joined.mp4").string();
  const std::string make = fmt::format("ffmpeg -v error -y -f lavfi -i testsrc=size=64x36:rate=24 -t 10 -vf \"select='not(eq(n,77)+eq(n,161))'\" -vsync vfr -c:v libx264 -preset ultrafast '{}'", path);
  ASSERT_EQ(std::system(make.c_str()), 0);
  const auto info = probe(path);
  const auto times = frame_times(path);
  ASSERT_TRUE(info.ok() && info->video && times.ok());
  EXPECT_EQ(times->count(), 238);
  EXPECT_TRUE(info->video->variable_rate && times->variable_rate);
  EXPECT_EQ(info->video->frames, frame_rates::k24);
  EXPECT_EQ(times->frames, frame_rates::k24);
}

TEST(Picture, position_and_frame_are_each_others_inverse) {
  FrameTimes times;
  times.tick_numerator = 1;
  times.tick_denominator = 90000;
  times.ticks = {0, 3003, 6006, 12012, 12500};
  times.end_ticks = 15000;
  for (std::int64_t i = 0; i < times.count(); ++i) {
    const SamplePosition at = times.position_of(i, {48000});
    EXPECT_EQ(times.frame_at(at, {48000}), i);
    if (i > 0) {
      EXPECT_EQ(times.frame_at({at.value - 1}, {48000}), i - 1);
    }
  }
  EXPECT_EQ(times.frame_at({-5}, {48000}), 0);
  EXPECT_EQ(times.frame_at({1 << 30}, {48000}), 4);
}

TEST(Picture, thumbnails_are_image_files_of_different_moments) {
  TWOPOP_NEEDS_SHARED();
  const double times[]{0.0, 5.0, 1000.0};
  const auto jpeg = thumbnails(corpus("video/coin_motion.mov"), times, 160);
  ASSERT_TRUE(jpeg.ok()) << jpeg.error().sentence();
  ASSERT_EQ(jpeg->size(), 3u);
  for (const std::string& image : *jpeg) {
    ASSERT_GT(image.size(), 500u);
    EXPECT_EQ(image.substr(0, 3), "\xFF\xD8\xFF");
  }
  EXPECT_NE((*jpeg)[0], (*jpeg)[1]);
  const auto png = thumbnails(corpus("video/coin_motion.mov"), std::span(times).first(1), 64, ImageFormat::Png);
  ASSERT_TRUE(png.ok());
  EXPECT_EQ((*png)[0].substr(1, 3), "PNG");
}

TEST(Picture, sound_files_have_none_and_say_so) {
  TWOPOP_NEEDS_SHARED();
  const auto times = frame_times(test::shared_folder() / "interchange/wav/umid.wav");
  ASSERT_FALSE(times.ok());
  EXPECT_EQ(times.error().code, Code::NotFound);
}

TEST(Picture, start_timecode_comes_from_its_tmcd_track) {
  TWOPOP_NEEDS_SHARED();
  const auto info = probe(corpus("film/rushes/A001_C001.mp4"));
  ASSERT_TRUE(info.ok());
  ASSERT_TRUE(info->metadata.timecode && info->metadata.timecode_rate);
  EXPECT_EQ(to_string(*info->metadata.timecode, *info->metadata.timecode_rate), "01:00:07:00");
  EXPECT_EQ(to_string(*info->metadata.timecode_rate), "25");
}

}  // namespace
}  // namespace twopop::media
