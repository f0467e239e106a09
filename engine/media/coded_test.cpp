#include "corpus.h"
#include "media/made_wave.h"
#include "media/media.h"

#include <gtest/gtest.h>

namespace twopop::media {
namespace {

TEST(CodedFile, every_corpus_recording_opens_and_is_as_long_as_it_says) {
  TWOPOP_NEEDS_SHARED();
  int files = 0;
  for (const char* folder : {"ambience", "foley", "multi", "music", "speech/asterisk_en", "speech/fillets_cs", "video"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared_folder() / "corpus" / folder)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || extension == ".mid" || extension == ".sf2" || extension == ".txt") continue;
      if (std::filesystem::file_size(entry.path()) > 2'000'000) continue;  // the whole corpus would take minutes
      const auto info = probe(entry.path());
      ASSERT_TRUE(info.ok()) << info.error().sentence();
      if (info->audio.empty()) continue;
      const auto reader = Reader::open(entry.path());
      ASSERT_TRUE(reader.ok()) << reader.error().sentence();
      const auto all = read_all(entry.path());
      ASSERT_TRUE(all.ok()) << all.error().sentence();
      EXPECT_NEAR(seconds(SampleCount{all->frames()}, (*reader)->rate()), seconds(info->audio[0].length, info->audio[0].rate), 0.06) << entry.path();
      ++files;
    }
  }
  EXPECT_GT(files, 90);
}

/// Shift of `b` against `a` in samples with the greatest product.
int shift_of(const AudioBuffer<float>& a, const AudioBuffer<float>& b, std::int64_t begin, std::int64_t n) {
  double best = -1;
  int best_shift = 0;
  for (int shift = -1500; shift <= 1500; ++shift) {
    double sum = 0;
    for (std::int64_t i = begin; i < begin + n; ++i) {
      const std::int64_t j = i + shift;
      if (j >= 0 && j < b.frames()) sum += double(a.channel(0)[i]) * b.channel(0)[j];
    }
    if (sum > best) {
      best = sum;
      best_shift = shift;
    }
  }
  return best_shift;
}

TEST(CodedFile, starts_and_ends_on_the_sample_whatever_delay_its_encoder_has) {
  if (std::system("command -v ffmpeg >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs the ffmpeg program as encoder";
  test::Scratch scratch;
  AudioBuffer<float> sound = test::noise(1, 100'123, 3, 1.0f);
  float state = 0;
  for (std::int64_t i = 0; i < sound.frames(); ++i) {
    state += 0.2f * (sound.channel(0)[i] - state);
    sound.channel(0)[i] = state * (i / 5000 % 2 ? 0.1f : 0.7f);
  }
  auto writer = WavWriter::create(scratch / "in.wav", {.rate = {48000}, .channels = 1, .bext = {}, .ixml = ""});
  ASSERT_TRUE((*writer)->write(sound.view()).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  struct Kind {
    const char* name;
    const char* options;
  };
  for (const Kind& kind : {Kind{"a.mp3", "-c:a libmp3lame -b:a 192k"}, Kind{"a.m4a", "-c:a aac -b:a 192k"}, Kind{"a.ogg", "-c:a libvorbis -q:a 7"},
                           Kind{"a.opus", "-c:a libopus -b:a 160k"}, Kind{"a.webm", "-c:a libopus -b:a 160k"}, Kind{"a.flac", "-c:a flac"},
                           Kind{"b.m4a", "-c:a alac"}, Kind{"a.mka", "-c:a pcm_s24le"}, Kind{"a.aiff", "-c:a pcm_s16be"},
                           Kind{"a.caf", "-c:a pcm_s24le"}, Kind{"a.wav", "-c:a adpcm_ms"}}) {
    const auto path = scratch / kind.name;
    const std::string command = fmt::format("ffmpeg -v error -y -i '{}' {} '{}' </dev/null", (scratch / "in.wav").string(), kind.options, path.string());
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    const auto back = read_all(path);
    ASSERT_TRUE(back.ok()) << back.error().sentence();
    EXPECT_EQ(shift_of(sound, *back, 2500, 8000), 0) << kind.name;
    EXPECT_EQ(shift_of(sound, *back, 84'000, 8000), 0) << kind.name;
    // MP4 counts its edit list in ms here; ADPCM fills its last block and says nothing about it.
    const std::string_view name = kind.name;
    EXPECT_GE(back->frames(), sound.frames()) << kind.name;
    EXPECT_LE(back->frames(), sound.frames() + (name == "a.wav" ? 2048 : name == "a.m4a" ? 48 : 0)) << kind.name;
  }
}

TEST(CodedFile, reading_in_any_order_gives_the_samples_of_reading_through) {
  TWOPOP_NEEDS_SHARED();
  const auto path = test::shared_folder() / "corpus/video/coin_motion.mov";
  const auto all = read_all(path);
  ASSERT_TRUE(all.ok());
  const auto reader = Reader::open(path);
  ASSERT_TRUE(reader.ok());
  AudioBuffer<float> part(1, 5000);
  for (const std::int64_t at : {200'000, 1000, 1000, -2500, 50'000, 49'000, 350'000, 10'000'000, 0}) {
    const auto got = (*reader)->read({at}, part.view());
    ASSERT_TRUE(got.ok());
    std::int64_t there = 0;
    for (std::int64_t i = 0; i < 5000; ++i) {
      const bool within = at + i >= 0 && at + i < all->frames();
      there += within;
      ASSERT_EQ(part.channel(0)[i], within ? all->channel(0)[at + i] : 0.0f) << at << " + " << i;
    }
    EXPECT_EQ(*got, there) << at;
  }
}

TEST(CodedFile, damage_within_it_costs_that_stretch_and_is_said) {
  TWOPOP_NEEDS_SHARED();
  test::Scratch scratch;
  const auto source = test::shared_folder() / "corpus/film/longtake/lav_1.flac";
  std::string bytes = test::read_file(source);
  bytes.resize(600'000);
  for (std::size_t i = 300'000; i < 310'000; ++i) bytes[i] = static_cast<char>(i * 7919 >> 3);
  test::write_file(scratch / "hurt.flac", bytes);
  const auto whole = Reader::open(source), hurt = Reader::open(scratch / "hurt.flac");
  ASSERT_TRUE(whole.ok() && hurt.ok());
  const auto info = probe(source);
  const std::int64_t rate = info->audio[0].rate.hz;
  AudioBuffer<float> a((*whole)->channels(), rate), b((*hurt)->channels(), rate);
  std::int64_t equal = 0, seconds = 0;
  for (std::int64_t s = 0;; ++s) {
    const auto got = (*hurt)->read({s * rate}, b.view());
    ASSERT_TRUE(got.ok());
    if (*got < rate) break;
    ASSERT_TRUE((*whole)->read({s * rate}, a.view()).ok());
    equal += std::equal(a.channel(0), a.channel(0) + rate, b.channel(0));
    ++seconds;
  }
  EXPECT_GT(seconds, 3);
  EXPECT_GE(equal, seconds - 3) << "what lies behind the damage stays in its place";
  EXPECT_FALSE((*hurt)->warnings().empty());
}

TEST(CodedFile, cut_off_anywhere_it_is_an_error_or_a_shorter_file) {
  TWOPOP_NEEDS_SHARED();
  test::Scratch scratch;
  for (const char* name : {"corpus/foley/scratch/DoorClose.mp3", "corpus/speech/asterisk_en/vm-goodbye.g722", "corpus/film/rushes/A001_C001.mp4"}) {
    const auto source = test::shared_folder() / name;
    const std::string bytes = test::read_file(source);
    const auto whole = read_all(source);
    ASSERT_TRUE(whole.ok());
    for (const double share : {0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99}) {
      const auto path = scratch / ("cut" + source.extension().string());
      test::write_file(path, bytes.substr(0, static_cast<std::size_t>(share * static_cast<double>(bytes.size()))));
      const auto part = read_all(path);
      if (part.ok()) {
        EXPECT_LE(part->frames(), whole->frames()) << name << ' ' << share;
      } else {
        EXPECT_FALSE(part.error().remedy.empty()) << name << ' ' << share;
      }
    }
  }
}

}  // namespace
}  // namespace twopop::media
