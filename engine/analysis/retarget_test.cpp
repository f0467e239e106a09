#include "analysis/retarget.h"

#include "analysis/detail/ambience_frames.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace twopop::analysis {
namespace {

struct Music {
  AudioBuffer<float> sound;
  SampleRate rate;
};

Music music(const std::string& name) {
  const auto path = test::shared_folder() / "corpus/music" / name;
  auto info = media::probe(path);
  auto sound = media::read_all(path);
  EXPECT_TRUE(sound && info) << name;
  return {std::move(*sound), info->audio.at(0).rate};
}

dsp::SourceReader reader_of(const AudioBuffer<float>& sound) {
  return [&sound](SamplePosition begin, AudioView<float> out) -> Result<void> {
    for (int c = 0; c < out.channels(); ++c) std::copy_n(sound.channel(c) + begin.value, out.frames(), out.channel(c));
    return {};
  };
}

/// Rise of third-octave levels (dB, mean) from the 80 ms before a place to the 80 ms after it.
double step_at(const detail::AmbienceFrames& frames, std::int64_t sample) {
  const std::int64_t n = sample / frames.bands.hop, reach = 4;
  if (n < reach || n + reach >= frames.bands.frames) return 0;
  double sum = 0;
  for (int b = 0; b < frames.bands.bands; ++b) {
    double before = 0, after = 0;
    for (std::int64_t k = 1; k <= reach; ++k) before += frames.bands.row(n - k)[b], after += frames.bands.row(n + k)[b];
    sum += std::fabs(10 * std::log10((after + frames.floor) / (before + frames.floor)));
  }
  return sum / frames.bands.bands;
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// A splice steps no further than the beats that it joins, give or take.
TEST(Retarget, fits_pieces_to_exact_lengths_without_a_step_that_stands_out) {
  TWOPOP_NEEDS_SHARED();
  for (const char* name : {"Kevin_MacLeod_-_Vibe_Ace.hq.ogg", "Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor__string_orchestra_.hq.ogg"}) {
    const Music piece = music(name);
    const BeatTrack beats = track_beats(piece.sound.view(), piece.rate);
    const auto frames = detail::ambience_frames(piece.sound.view(), piece.rate, 0.043);
    std::vector<double> own;
    for (const SamplePosition beat : beats.beats) own.push_back(step_at(frames, beat.value));
    std::vector<double> joined, scores, excess;
    const auto fade = static_cast<std::int64_t>(RetargetSettings{}.crossfade_s * piece.rate.hz);
    for (const double wanted_s : {17.3, 33.337, 90.0, 150.001}) {
      RetargetSettings settings;
      settings.length = samples(wanted_s, piece.rate);
      const auto plan = plan_retarget(piece.sound.view(), piece.rate, settings, beats);
      ASSERT_TRUE(plan) << plan.error().message;
      AudioBuffer<float> cue(piece.sound.channels(), settings.length.value);
      ASSERT_TRUE(render_retarget(*plan, SamplePosition{0}, reader_of(piece.sound), cue.view()));
      const auto cue_frames = detail::ambience_frames(cue.view(), piece.rate, 0.043);
      for (const RetargetSplice& splice : plan->splices) {
        const double step = step_at(cue_frames, splice.at.value + fade / 2);
        joined.push_back(step);
        excess.push_back(step - std::max(step_at(frames, splice.leave.value), step_at(frames, splice.enter.value)));
        scores.push_back(splice.score);
        EXPECT_LE(std::abs(splice.shift.value), piece.rate.hz / 100);
      }
      EXPECT_LE(std::fabs(seconds(plan->absorbed, piece.rate)), 0.6) << wanted_s;
      std::printf("%.20s to %.3f s: %zu splices, worst score %.2f, %+.3f s taken up by the tail\n", name, wanted_s, plan->splices.size(), plan->worst_score,
                  seconds(plan->absorbed, piece.rate));
      // The cue starts as the piece does.
      for (std::int64_t i = 0; i < piece.rate.hz; ++i) ASSERT_EQ(cue.channel(0)[i], piece.sound.channel(0)[i]);
    }
    std::printf("  %.1f BPM, clarity %.2f; step over splices median %.2f dB, 90 %% %.2f dB; over the piece's own beats %.2f dB, 90 %% %.2f dB; median score %.2f\n",
                beats.tempo_bpm, beats.clarity, percentile(joined, 0.5), percentile(joined, 0.9), percentile(own, 0.5), percentile(own, 0.9), percentile(scores, 0.5));
    std::printf("  step over a splice beyond that of the beats it joins: median %.2f dB, 90 %% %.2f dB\n", percentile(excess, 0.5), percentile(excess, 0.9));
    EXPECT_LE(percentile(excess, 0.5), 0.5);
    EXPECT_LE(percentile(excess, 0.9), 3.0);
    EXPECT_LE(percentile(joined, 0.9), percentile(own, 0.95));
    EXPECT_GE(percentile(scores, 0.5), 0.3);
  }
}

TEST(Retarget, at_its_own_length_a_piece_is_left_alone) {
  TWOPOP_NEEDS_SHARED();
  const Music piece = music("Kevin_MacLeod_-_Vibe_Ace.hq.ogg");
  RetargetSettings settings;
  settings.length = SampleCount{piece.sound.frames()};
  const auto plan = plan_retarget(piece.sound.view(), piece.rate, settings);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->splices.empty());
  EXPECT_EQ(plan->absorbed.value, 0);
}

TEST(Retarget, any_range_of_a_cue_is_the_same_as_in_the_whole) {
  TWOPOP_NEEDS_SHARED();
  const Music piece = music("Kevin_MacLeod_-_Vibe_Ace.hq.ogg");
  RetargetSettings settings;
  settings.length = samples(30.0, piece.rate);
  settings.keep_end = false;
  const auto plan = plan_retarget(piece.sound.view(), piece.rate, settings);
  ASSERT_TRUE(plan);
  AudioBuffer<float> whole(2, settings.length.value + 1000), part(2, 50000);
  ASSERT_TRUE(render_retarget(*plan, SamplePosition{0}, reader_of(piece.sound), whole.view()));
  for (const std::int64_t begin : {std::int64_t{12345}, std::int64_t{600000}, settings.length.value + 1000 - 50000}) {
    ASSERT_TRUE(render_retarget(*plan, SamplePosition{begin}, reader_of(piece.sound), part.view()));
    for (std::int64_t i = 0; i < part.frames(); ++i) ASSERT_EQ(part.channel(1)[i], whole.channel(1)[begin + i]);
  }
  for (std::int64_t i = settings.length.value; i < whole.frames(); ++i) ASSERT_EQ(whole.channel(0)[i], 0.0f);
}

TEST(Retarget, short_cues_and_music_without_a_beat_still_have_their_exact_length) {
  AudioBuffer<float> drone(1, 10 * 48000);
  for (std::int64_t i = 0; i < drone.frames(); ++i) drone.channel(0)[i] = static_cast<float>(0.1 * std::sin(0.01 * static_cast<double>(i)));
  for (const double s : {0.2, 1.0, 7.0, 25.0}) {
    RetargetSettings settings;
    settings.length = samples(s, SampleRate{48000});
    const auto plan = plan_retarget(drone.view(), SampleRate{48000}, settings);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(plan->length, settings.length);
    EXPECT_GE(dsp::length_of(plan->list).value, settings.length.value - 48000 / 2) << s;
  }
  RetargetSettings none;
  EXPECT_FALSE(plan_retarget(drone.view(), SampleRate{48000}, none));
  none.length = SampleCount{48000};
  EXPECT_FALSE(plan_retarget(drone.view().sub(0, 1000), SampleRate{48000}, none));
}

}  // namespace
}  // namespace twopop::analysis
