#include "corpus.h"
#include "media/made_wave.h"
#include "media/media.h"
#include "media/mux.h"
#include "media/picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <fstream>

namespace twopop::media {
namespace {

using test::Scratch;

/// Low-passed noise in bursts: what a codec keeps well enough to find it again to the sample.
AudioBuffer<float> bursts(int channels, std::int64_t frames, std::uint64_t seed) {
  AudioBuffer<float> sound = test::noise(channels, frames, seed, 1.0f);
  for (int c = 0; c < channels; ++c) {
    float state = 0;
    for (std::int64_t i = 0; i < frames; ++i) {
      state += 0.3f * (sound.channel(c)[i] - state);
      sound.channel(c)[i] = state * (i / 6000 % 2 ? 0.1f : 0.7f);
    }
  }
  return sound;
}

SoundSource source_of(const AudioBuffer<float>& sound, SampleRate rate) {
  return {rate, sound.channels(), {sound.frames()}, [&sound](SamplePosition begin, AudioView<float> out) -> Result<void> {
            for (int c = 0; c < out.channels(); ++c) std::copy_n(sound.channel(c) + begin.value, out.frames(), out.channel(c));
            return {};
          }};
}

/// Shift of `b` against `a` in samples at which their product is greatest, searched over 1500 either way.
int shift_of(const float* a, const float* b, std::int64_t n) {
  double best = -1;
  int best_shift = 0;
  for (int shift = -1500; shift <= 1500; ++shift) {
    double sum = 0;
    for (std::int64_t i = std::max(0, -shift); i < n - std::max(0, shift); ++i) sum += double(a[i]) * b[i + shift];
    if (sum > best) {
      best = sum;
      best_shift = shift;
    }
  }
  return best_shift;
}

TEST(EncodeSound, decoded_again_starts_and_ends_on_the_same_sample) {
  Scratch scratch;
  for (const int rate : {44100, 48000, 96000}) {
    for (const auto& [codec, name] : {std::pair{SoundCodec::Aac, "a.m4a"}, {SoundCodec::Flac, "a.flac"}, {SoundCodec::Pcm24, "a.wav"}}) {
      const AudioBuffer<float> sound = bursts(2, rate * 2 + 317, 5);
      const auto path = scratch / name;
      const auto done = encode_sound(path, source_of(sound, {rate}), {codec, 0});
      ASSERT_TRUE(done.ok()) << done.error().sentence();
      const auto back = read_all(path);
      ASSERT_TRUE(back.ok()) << back.error().sentence();
      EXPECT_EQ(back->frames(), sound.frames()) << name << ' ' << rate;
      const std::int64_t n = 9000, tail = sound.frames() - 11000;
      for (int c = 0; c < 2; ++c) {
        EXPECT_EQ(shift_of(sound.channel(c), back->channel(c), n), 0) << name << ' ' << rate << " at the start";
        EXPECT_EQ(shift_of(sound.channel(c) + tail, back->channel(c) + tail, n), 0) << name << ' ' << rate << " at the end";
      }
      if (codec != SoundCodec::Aac) {
        double worst = 0;
        for (std::int64_t i = 0; i < sound.frames(); ++i) worst = std::max(worst, std::fabs(double(back->channel(1)[i]) - sound.channel(1)[i]));
        EXPECT_LE(worst, 0x1p-24);
      }
    }
  }
}

TEST(EncodeSound, surround_channels_keep_their_places) {
  Scratch scratch;
  for (const int channels : {6, 8}) {
    for (const auto& [codec, name] : {std::pair{SoundCodec::Aac, "a.m4a"}, {SoundCodec::Flac, "a.flac"}}) {
      const AudioBuffer<float> sound = bursts(channels, 48000, 9);
      const auto done = encode_sound(scratch / name, source_of(sound, {48000}), {codec, 0});
      ASSERT_TRUE(done.ok()) << done.error().sentence();
      const auto back = read_all(scratch / name);
      ASSERT_TRUE(back.ok());
      ASSERT_EQ(back->channels(), channels);
      for (int c = 0; c < channels; ++c) {
        if (c == 3 && codec == SoundCodec::Aac) continue;  // AAC codes the LFE below some 100 Hz only
        double same = 0, energy = 0;
        for (std::int64_t i = 0; i < 48000; ++i) {
          same += double(sound.channel(c)[i]) * back->channel(c)[i];
          energy += double(sound.channel(c)[i]) * sound.channel(c)[i];
        }
        EXPECT_GT(same / energy, 0.8) << name << " channel " << c << " of " << channels;
      }
    }
  }
}

TEST(EncodeSound, failure_of_the_source_is_handed_on_and_leaves_no_file) {
  Scratch scratch;
  const SoundSource broken{{48000}, 2, {48000}, [](SamplePosition, AudioView<float>) -> Result<void> { return Error{Code::Damaged, "chunk 7"}; }};
  const auto done = encode_sound(scratch / "a.m4a", broken, {});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message, "chunk 7");
  EXPECT_TRUE(std::filesystem::is_empty(scratch.folder()));
}

struct Film {
  const char* picture;
  SoundCodec codec;
};

class FilmOf : public testing::TestWithParam<Film> {};

TEST_P(FilmOf, picture_is_untouched_and_sound_lies_on_its_sample) {
  TWOPOP_NEEDS_SHARED();
  Scratch scratch;
  const auto picture = test::shared_folder() / "corpus" / GetParam().picture;
  const auto extension = film_extension(picture, GetParam().codec);
  ASSERT_TRUE(extension.ok()) << extension.error().sentence();
  const auto path = scratch / ("film" + *extension);
  const auto times = frame_times(picture);
  ASSERT_TRUE(times.ok());
  const AudioBuffer<float> sound = bursts(2, times->position_of(times->count() - 1, {48000}).value + 1913, 6);
  double share = 0;
  const auto done = write_film(path, picture, source_of(sound, {48000}), {{GetParam().codec, 0}, "", "A Film"}, [&](double s) {
    share = s;
    return true;
  });
  ASSERT_TRUE(done.ok()) << done.error().sentence();
  EXPECT_EQ(share, 1.0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.folder()), {}), 1) << "no part file is left";

  const auto film = frame_times(path);
  ASSERT_TRUE(film.ok()) << film.error().sentence();
  ASSERT_EQ(film->count(), times->count());
  EXPECT_EQ(film->key_frames, times->key_frames);
  double worst_s = 0;
  for (std::int64_t i = 0; i < film->count(); ++i) worst_s = std::max(worst_s, std::fabs(film->seconds_of(i) - times->seconds_of(i)));
  EXPECT_LE(worst_s, *extension == ".mkv" ? 0.001 : 0.0001);
  auto before = FrameReader::open(picture, 32, 18), after = FrameReader::open(path, 32, 18);
  ASSERT_TRUE(before.ok() && after.ok());
  for (int i = 0; i < 40; ++i) {
    const auto a = (*before)->next(), b = (*after)->next();
    ASSERT_EQ(a->has_value(), b->has_value()) << i;
    if (!*a) break;
    ASSERT_EQ((*a)->pixels, (*b)->pixels) << "frame " << i;
  }

  const auto info = probe(path);
  ASSERT_TRUE(info.ok()) << info.error().sentence();
  ASSERT_TRUE(info->video && info->audio.size() == 1);
  EXPECT_EQ(info->metadata.other.at("title"), "A Film");
  const auto original = probe(picture);
  EXPECT_EQ(info->video->codec, original->video->codec);
  if (original->metadata.timecode) {
    EXPECT_EQ(to_string(*info->metadata.timecode, *info->metadata.timecode_rate), to_string(*original->metadata.timecode, *original->metadata.timecode_rate));
  }
  const auto back = read_all(path);
  ASSERT_TRUE(back.ok());
  const std::int64_t n = 9000, tail = sound.frames() - 11000;
  const double early = (info->video->start_s - info->audio[0].start_s) * 48000;
  const bool in_matroska = *extension == ".mkv";
  if (in_matroska && GetParam().codec == SoundCodec::Aac) {
    // Matroska states no priming for AAC: it stands before the first frame, which starts as much later, in milliseconds.
    EXPECT_EQ(shift_of(sound.channel(0), back->channel(0), n), 1024);
    EXPECT_EQ(shift_of(sound.channel(1) + tail, back->channel(1) + tail, n), 1024);
    EXPECT_NEAR(early, 1024, 24);
    return;
  }
  EXPECT_NEAR(early, 0, in_matroska ? 53 : 0.5);
  EXPECT_EQ(back->frames(), sound.frames());
  EXPECT_EQ(shift_of(sound.channel(0), back->channel(0), n), 0);
  EXPECT_EQ(shift_of(sound.channel(1) + tail, back->channel(1) + tail, n), 0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, FilmOf,
                         testing::Values(Film{"video/coin_motion.mov", SoundCodec::Aac}, Film{"video/coin_motion.mov", SoundCodec::Pcm24},
                                         Film{"film/rushes/A001_C001.mp4", SoundCodec::Aac}, Film{"film/picture/locked_cut.mp4", SoundCodec::Aac},
                                         Film{"film/picture/locked_cut.mp4", SoundCodec::Flac}, Film{"video/movie-hello.mp4", SoundCodec::Aac},
                                         Film{"video/grid/brbk7n.mpg", SoundCodec::Aac}, Film{"video/run.mp4", SoundCodec::Pcm16},
                                         Film{"video/big_buck_bunny_0_30.webm", SoundCodec::Flac}, Film{"video/big_buck_bunny_0_30.webm", SoundCodec::Aac},
                                         Film{"video/mdn_pig.mp4", SoundCodec::Aac}));

TEST(Film, of_sound_coded_before_is_the_same_byte_for_byte) {
  TWOPOP_NEEDS_SHARED();
  Scratch scratch;
  const auto bytes_of = [](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  for (const auto& [picture, extension] : {std::pair{"corpus/film/picture/locked_cut.mp4", ".mp4"}, {"corpus/video/coin_motion.mov", ".mov"}})
    for (const int channels : {1, 2, 6})
      for (const std::int64_t frames : {1000, 48000 * 3 + 517, 1024 * 90}) {
        const AudioBuffer<float> sound = bursts(channels, frames, 7);
        const auto direct = scratch / (std::string("direct") + extension), taken = scratch / (std::string("taken") + extension), coded = scratch / "coded";
        FilmSettings settings;
        settings.title = "A Film";
        const auto made = write_film(direct, test::shared_folder() / picture, source_of(sound, {48000}), settings);
        ASSERT_TRUE(made.ok()) << made.error().sentence();
        ASSERT_TRUE(encode_sound(coded, source_of(sound, {48000}), settings.sound).ok());
        settings.coded = coded;
        const auto muxed = write_film(taken, test::shared_folder() / picture, source_of(sound, {48000}), settings);
        ASSERT_TRUE(muxed.ok()) << muxed.error().sentence();
        EXPECT_TRUE(bytes_of(direct) == bytes_of(taken)) << picture << ", " << channels << " channels, " << frames << " frames";
      }
  // What is no such sound is refused.
  FilmSettings settings;
  settings.coded = test::shared_folder() / "corpus/film/picture/locked_cut.mp4";
  settings.sound.codec = SoundCodec::Flac;
  const AudioBuffer<float> sound = bursts(2, 48000, 7);
  EXPECT_FALSE(write_film(scratch / "film.mp4", settings.coded, source_of(sound, {48000}), settings).ok());
}

TEST(EncodeSound, tells_how_far_it_is_and_stops_when_told_so) {
  Scratch scratch;
  const AudioBuffer<float> sound = bursts(1, 48000 * 5, 7);
  double last = 0;
  ASSERT_TRUE(encode_sound(scratch / "a.m4a", source_of(sound, {48000}), {}, [&](double share) {
                EXPECT_GT(share, last);
                last = share;
                return true;
              }).ok());
  EXPECT_GT(last, 0.7);
  EXPECT_LE(last, 1.0);
  const auto stopped = encode_sound(scratch / "b.m4a", source_of(sound, {48000}), {}, [](double share) { return share < 0.5; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(scratch / "b.m4a"));
}

TEST(Film, start_timecode_can_be_set) {
  TWOPOP_NEEDS_SHARED();
  Scratch scratch;
  const AudioBuffer<float> sound = bursts(1, 48000, 6);
  const auto path = scratch / "film.mp4";
  ASSERT_TRUE(write_film(path, test::shared_folder() / "corpus/video/mdn_pig.mp4", source_of(sound, {48000}), {{}, "10:00:00:00", ""}).ok());
  const auto info = probe(path);
  ASSERT_TRUE(info.ok() && info->metadata.timecode);
  EXPECT_EQ(to_string(*info->metadata.timecode, *info->metadata.timecode_rate), "10:00:00:00");
}

TEST(Film, stopping_it_leaves_nothing) {
  TWOPOP_NEEDS_SHARED();
  Scratch scratch;
  const AudioBuffer<float> sound = bursts(1, 480000, 6);
  const auto done = write_film(scratch / "film.mp4", test::shared_folder() / "corpus/video/coin_motion.mov", source_of(sound, {48000}), {}, [](double) { return false; });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::Cancelled);
  EXPECT_TRUE(std::filesystem::is_empty(scratch.folder()));
}

}  // namespace
}  // namespace twopop::media
