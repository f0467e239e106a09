#include "analysis/speech.h"

#include "analysis/detail/speech_features.h"

#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <numbers>
#include <random>

namespace twopop::analysis {
namespace {

struct Recording {
  AudioBuffer<float> sound;
  SampleRate rate;
};

Recording corpus(const std::string& path) {
  const auto file = test::shared_folder() / "corpus" / path;
  auto info = media::probe(file);
  auto sound = media::read_all(file);
  EXPECT_TRUE(info.ok() && sound.ok()) << path;
  return {std::move(*sound), info->audio[0].rate};
}

nlohmann::json truth() {
  std::ifstream in(test::shared_folder() / "corpus/film.truth/truth.json");
  return nlohmann::json::parse(in);
}

bool covered(const SpeechMeasure& m, double begin_s, double end_s) {
  for (const SampleRange& r : m.ranges)
    if (seconds(r.begin, m.rate) <= begin_s && end_s <= seconds(r.end, m.rate)) return true;
  return false;
}

double seconds_of(const SpeechMeasure& m) {
  double sum = 0;
  for (const SampleRange& r : m.speech) sum += seconds(r.length(), m.rate);
  return sum;
}

SpeechMeasure measure(const Recording& r) { return measure_speech(r.sound.view().select(0, 1), r.rate); }

TEST(Speech, keeps_every_word_of_the_film_on_camera_sound_and_boom) {
  TWOPOP_NEEDS_SHARED();
  const auto t = truth();
  const SpeechMeasure cut = measure(corpus("film/picture/locked_cut.mp4"));
  const SpeechMeasure boom = measure(corpus("film/sound/REC_0001.wav"));
  int words = 0;
  for (const auto& shot : t["cut"]["shots"]) {
    if (!shot.contains("words_in_cut")) continue;
    for (const auto& w : shot["words_in_cut"]) {
      ++words;
      EXPECT_TRUE(covered(cut, w[1], w[2])) << w;
    }
  }
  for (const auto& clip : t["camera_clips"]) {
    const double offset = clip["offset_in_recorder_s"];
    for (const auto& w : clip["words_in_clip_pocketsphinx"])
      EXPECT_TRUE(covered(boom, offset + w[1].get<double>(), offset + w[2].get<double>())) << w << " at " << offset;
  }
  EXPECT_EQ(words, 30);  // truth.json: 5 lines of 6 words
}

TEST(Speech, covers_98_percent_of_the_lines_of_an_interview_in_a_coffee_shop_at_10_dB) {
  TWOPOP_NEEDS_SHARED();
  const SpeechMeasure m = measure(corpus("film/longtake/camera.m4a"));
  double inside = 0, all = 0;
  const auto t0 = truth();
  for (const auto& line : t0["longtake"]["lines"]) {
    for (double t = line["T"].get<double>(); t < line["end"].get<double>(); t += 0.01) {
      all += 0.01;
      if (covered(m, t, t)) inside += 0.01;
    }
  }
  EXPECT_GT(inside / all, 0.98);
}

TEST(Speech, finds_nobody_in_rain_sea_and_room_tone) {
  TWOPOP_NEEDS_SHARED();
  for (const char* name : {"ambience/blanket_rain.ogg", "ambience/usc_water.mp3", "film/sound/roomtone.flac"})
    EXPECT_EQ(seconds_of(measure(corpus(name))), 0.0) << name;
}

// A shot that is cut in mute is no background: beside it a shot of rain would stand 70 dB out of it.
TEST(Speech, finds_nobody_in_shots_of_rain_between_mute_ones_and_the_words_beside_mute_ones) {
  TWOPOP_NEEDS_SHARED();
  const Recording rain = corpus("ambience/blanket_rain.ogg");
  const std::int64_t second = rain.rate.hz;
  Recording cut{AudioBuffer<float>(1, 15 * second), rain.rate};
  for (std::int64_t i = 0; i < cut.sound.frames(); ++i)
    if (i / second % 5 >= 2) cut.sound.channel(0)[i] = rain.sound.channel(0)[i + 20 * second];
  const SpeechMeasure m = measure(cut);
  EXPECT_LT(seconds_of(m), 0.3);
  EXPECT_GT(m.noise_level.value, -70);
  const Recording line = corpus("film/adr/arctic_a0149_take1.flac");
  Recording alone{AudioBuffer<float>(1, line.sound.frames() + 8 * line.rate.hz), line.rate};
  std::copy_n(line.sound.channel(0), line.sound.frames(), alone.sound.channel(0) + 4 * line.rate.hz);
  EXPECT_NEAR(seconds_of(measure(alone)), seconds_of(measure(line)), 0.5);
}

TEST(Speech, takes_less_than_4_seconds_a_minute_of_city_traffic_for_speech) {
  TWOPOP_NEEDS_SHARED();
  const SpeechMeasure m = measure(corpus("ambience/blanket_city.ogg"));
  EXPECT_LT(seconds_of(m) / seconds(m.length, m.rate) * 60, 4.0);
}

TEST(Speech, level_of_clean_speech_is_that_of_p56_within_1_dB) {
  TWOPOP_NEEDS_SHARED();
  for (const char* name : {"pairs/voicebank_demand/p232_003_clean.flac", "pairs/voicebank_demand/p287_004_clean.flac",
                           "speech/ljspeech_en/LJ001-0005.flac", "speech/librispeech_en/198-209-0000.hq.ogg"}) {
    const Recording r = corpus(name);
    EXPECT_NEAR(measure(r).speech_level.value, active_speech_level(r.sound.view().select(0, 1), r.rate).level.value, 1.0) << name;
  }
}

TEST(Speech, finds_the_signal_to_noise_ratio_within_5_dB_in_clips_of_2_to_7_s_cut_tight_to_their_words) {
  TWOPOP_NEEDS_SHARED();
  double sum = 0;
  int count = 0;
  for (const char* name : {"p232_003", "p232_005", "p232_011", "p232_015", "p287_001", "p287_002", "p287_003", "p287_004"}) {
    const Recording clean = corpus(std::string("pairs/voicebank_demand/") + name + "_clean.flac");
    const Recording noisy = corpus(std::string("pairs/voicebank_demand/") + name + "_noisy.flac");
    const std::int64_t n = std::min(clean.sound.frames(), noisy.sound.frames());
    double noise = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const double d = noisy.sound.channel(0)[i] - clean.sound.channel(0)[i];
      noise += d * d;
    }
    const double truth_db = active_speech_level(clean.sound.view(), clean.rate).level.value - 10 * std::log10(noise / static_cast<double>(n));
    const double error = measure(noisy).snr.value - truth_db;
    EXPECT_LT(std::fabs(error), 5.0) << name << " truth " << truth_db;
    sum += std::fabs(error), ++count;
  }
  EXPECT_LT(sum / count, 3.0);
}

TEST(Speech, does_not_depend_on_how_the_sound_is_split) {
  TWOPOP_NEEDS_SHARED();
  const Recording r = corpus("speech/ljspeech_en/LJ001-0005.flac");  // 22.05 kHz: frames do not fall on whole samples
  const SpeechMeasure whole = measure(r);
  SpeechDetector detector(r.rate);
  std::mt19937 random(1);
  for (std::int64_t at = 0; at < r.sound.frames();) {
    const std::int64_t n = std::min<std::int64_t>(random() % 3000, r.sound.frames() - at);
    detector.push(r.sound.view().sub(at, n));
    at += n;
  }
  const SpeechMeasure split = detector.finish();
  EXPECT_EQ(whole.probability, split.probability);
  EXPECT_EQ(whole.ranges, split.ranges);
  EXPECT_EQ(whole.noise_floor_dbfs, split.noise_floor_dbfs);
  EXPECT_EQ(whole.snr, split.snr);
}

TEST(Speech, a_stretch_of_a_long_recording_is_weighed_as_in_the_whole) {
  AudioBuffer<float> sound(1, 60 * 48000);  // a hummed, swelling tone in noise, a stretch of it mute
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0.0f, 0.003f);
  for (std::int64_t i = 0; i < sound.frames(); ++i) {
    const double t = static_cast<double>(i) / 48000, swell = std::max(0.0, std::sin(3 * t) * std::sin(0.7 * t));
    if (t < 20 || t > 23) sound.channel(0)[i] = noise(random) + static_cast<float>(0.1 * swell * std::sin(2 * std::numbers::pi * 130 * t + 8 * std::sin(2 * t)));
  }
  detail::SpeechFrames all({48000});
  all.push(sound.view());
  const detail::SpeechFrameList frames = all.finish();
  const std::vector<bool> mute = detail::mute_frames(frames);
  const auto whole = detail::speech_features(frames, mute, 0, frames.size());
  ASSERT_EQ(whole.size(), frames.size());
  for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{0, 1500}, {1500, 4000}, {4000, frames.size()}}) {
    const auto part = detail::speech_features(frames, mute, begin, end);
    ASSERT_EQ(part.size(), end - begin);
    for (std::size_t i = 0; i < part.size(); ++i)
      for (std::size_t k = 0; k < part[i].size(); ++k) ASSERT_NEAR(part[i][k], whole[begin + i][k], 1e-5) << begin + i << " feature " << k;
  }
}

TEST(Speech, silence_noise_and_nothing_hold_no_speech) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal(0.0f, 0.05f);
  for (int hz : {8000, 11025, 44100, 96000, 192000}) {
    AudioBuffer<float> sound(1, hz * 4);
    const SpeechMeasure silent = measure_speech(sound.view(), {hz});
    EXPECT_TRUE(silent.ranges.empty());
    EXPECT_EQ(silent.noise_level.value, -120.0);
    EXPECT_EQ(silent.probability.size(), 400u);
    for (std::int64_t i = 0; i < sound.frames(); ++i) sound.channel(0)[i] = normal(random);
    const SpeechMeasure noise = measure_speech(sound.view(), {hz});
    EXPECT_TRUE(noise.ranges.empty()) << hz;
    EXPECT_NEAR(noise.noise_level.value, -26.02, 0.1);  // 20 log10 0.05
  }
  EXPECT_TRUE(measure_speech({}, {48000}).ranges.empty());
  EXPECT_EQ(measure_speech(AudioBuffer<float>(1, 1).view(), {48000}).length.value, 1);
}

TEST(Speech, what_lies_between_ranges_is_listed) {
  const std::vector<SampleRange> ranges{{{10}, {20}}, {{22}, {30}}, {{90}, {100}}};
  const std::vector<SampleRange> expected{{{0}, {10}}, {{30}, {90}}};
  EXPECT_EQ(silence_between(ranges, {100}, {5}), expected);
}

TEST(Speech, p56_level_of_a_switched_tone_is_the_tones_own) {
  // 2 s of a 1 kHz sine at -20 dBFS RMS, 2 s of silence: P.56 counts 2 s and the 200 ms hangover (0.41 dB).
  AudioBuffer<float> sound(1, 4 * 48000);
  for (int i = 0; i < 2 * 48000; ++i) sound.channel(0)[i] = static_cast<float>(0.1 * std::sqrt(2.0) * std::sin(i * 2 * 3.14159265358979 / 48));
  const ActiveLevel level = active_speech_level(sound.view(), {48000});
  EXPECT_NEAR(level.level.value, -20.5, 0.3);
  EXPECT_NEAR(level.activity, 0.56, 0.03);
}

}  // namespace
}  // namespace twopop::analysis
