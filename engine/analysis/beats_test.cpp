#include "analysis/beats.h"

#include "corpus.h"
#include "dsp/score.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace twopop::analysis {
namespace {

constexpr SampleRate kRate{44100};

/// F-measure with the usual window of 70 ms (Davies, Degara, Plumbley 2009), the first five seconds left out.
double f_measure(const std::vector<double>& truth, const std::vector<SamplePosition>& found, SampleRate rate, double window_s = 0.07) {
  const double start = 5;
  int hits = 0, wanted = 0, made = 0;
  for (const double t : truth) {
    if (t < start) continue;
    ++wanted;
    for (const SamplePosition p : found)
      if (std::fabs(seconds(p, rate) - t) <= window_s) {
        ++hits;
        break;
      }
  }
  for (const SamplePosition p : found) made += seconds(p, rate) >= start ? 1 : 0;
  return wanted + made == 0 ? 0 : 2.0 * hits / (wanted + made);
}

/// Quarter notes, and the levels above and below: half of them from both phases, and eighths.
double best_level(const std::vector<double>& quarters, const std::vector<SamplePosition>& found, SampleRate rate) {
  double best = f_measure(quarters, found, rate);
  for (std::size_t phase : {0u, 1u}) {
    std::vector<double> halves;
    for (std::size_t i = phase; i < quarters.size(); i += 2) halves.push_back(quarters[i]);
    best = std::max(best, f_measure(halves, found, rate));
  }
  std::vector<double> eighths;
  for (std::size_t i = 0; i + 1 < quarters.size(); ++i) eighths.insert(eighths.end(), {quarters[i], (quarters[i] + quarters[i + 1]) / 2});
  return std::max(best, f_measure(eighths, found, rate));
}

TEST(Beats, follows_scores_whose_beats_are_known) {
  TWOPOP_NEEDS_SHARED();
  const auto corpus = test::shared_folder() / "corpus/music";
  double sum = 0, strict = 0;
  for (int i = 0; i < 5; ++i) {
    const auto midi = corpus / ("midi/planetblupi_music00" + std::to_string(i) + ".mid");
    const auto facts = dsp::read_midi(midi);
    dsp::ScoreSettings settings;
    settings.rate = kRate;
    settings.longest_s = 40;
    settings.reverb = false;
    const auto sound = dsp::render_score(midi, corpus / "soundfont/TimGM6mb.sf2", settings);
    ASSERT_TRUE(facts && sound);
    const BeatTrack track = track_beats(sound->view(), kRate);
    std::vector<double> quarters;
    for (const double t : facts->quarters_s())
      if (t < settings.longest_s) quarters.push_back(t);
    const double exact = f_measure(quarters, track.beats, kRate), level = best_level(quarters, track.beats, kRate);
    std::printf("music00%d: %.2f BPM (score %.2f), F %.3f, at the level it chose %.3f, clarity %.2f, %d in a bar\n", i, track.tempo_bpm,
                60 / (quarters[9] - quarters[8]), exact, level, track.clarity, track.beats_per_bar);
    sum += level, strict += exact;
  }
  std::printf("mean F %.3f, at the level chosen %.3f\n", strict / 5, sum / 5);
  EXPECT_GE(sum / 5, 0.82);
}

TEST(Beats, a_click_every_half_second_is_120_to_the_minute) {
  AudioBuffer<float> clicks(1, 20 * kRate.hz);
  for (std::int64_t at = 4410; at < clicks.frames() - 500; at += kRate.hz / 2)
    for (int i = 0; i < 400; ++i) clicks.channel(0)[at + i] = static_cast<float>(std::sin(0.2 * i) * std::exp(-i / 80.0));
  const BeatTrack track = track_beats(clicks.view(), kRate);
  EXPECT_NEAR(track.tempo_bpm, 120, 0.5);
  int close = 0;
  for (const SamplePosition beat : track.beats) {
    const std::int64_t off = (beat.value - 4410 + kRate.hz / 4) % (kRate.hz / 2) - kRate.hz / 4;
    close += std::abs(off) < kRate.hz / 50 ? 1 : 0;
  }
  EXPECT_GE(close, static_cast<int>(track.beats.size()) - 2);
  EXPECT_GT(track.clarity, 1.5);
}

TEST(Beats, silence_and_scraps_have_no_beat) {
  AudioBuffer<float> silent(2, 10 * kRate.hz);
  EXPECT_LT(track_beats(silent.view(), kRate).clarity, 0.1);
  EXPECT_TRUE(track_beats(silent.view().sub(0, 1000), kRate).beats.empty());
}

TEST(Beats, features_of_a_chord_name_its_pitch_classes) {
  AudioBuffer<float> chord(1, 4 * kRate.hz);
  for (std::int64_t i = 0; i < chord.frames(); ++i)
    for (const double f : {440.0, 554.37, 659.26}) chord.channel(0)[i] += static_cast<float>(0.2 * std::sin(2 * 3.14159265358979 * f * static_cast<double>(i) / kRate.hz));
  const auto features = beat_features(chord.view(), kRate, {SamplePosition{kRate.hz}, SamplePosition{2 * kRate.hz}});
  ASSERT_EQ(features.size(), 2u);
  // Classes count from A: A, C sharp, E.
  for (std::size_t k = 0; k < 12; ++k) {
    if (k == 0 || k == 4 || k == 7)
      EXPECT_GT(features[0].chroma[k], 0.4) << k;
    else
      EXPECT_LT(features[0].chroma[k], 0.25) << k;
  }
}

}  // namespace
}  // namespace twopop::analysis
