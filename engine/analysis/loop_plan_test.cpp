#include "analysis/loop_plan.h"

#include "analysis/detail/ambience_frames.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace twopop::analysis {
namespace {

struct Recording {
  AudioBuffer<float> sound;
  SampleRate rate;
};

Recording recording(const std::string& name) {
  const auto path = test::shared_folder() / "corpus" / name;
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

/// Mean change of third-octave levels (dB) between 80 ms before and 80 ms after a place.
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

/// Middles of the crossfades, in the loop's time.
std::vector<std::int64_t> joins_of(const dsp::SpliceList& list, std::int64_t end) {
  std::vector<std::int64_t> joins;
  std::int64_t start = 0;
  for (std::size_t k = 0; k < list.pieces.size() && start < end; ++k) {
    joins.push_back(start + list.pieces[k].fade_in.value / 2);
    start += list.pieces[k].length.value - (k + 1 < list.pieces.size() ? list.pieces[k + 1] : list.pieces[0]).fade_in.value;
  }
  return joins;
}

/// Least time between two hearings of an event within one turn.
double shortest_return_s(const dsp::SpliceList& list, const AmbienceEvent& event, SampleRate rate) {
  std::int64_t start = 0, last = -1, least = std::int64_t{3600} * rate.hz;
  const std::int64_t middle = (event.range.begin.value + event.range.end.value) / 2;
  for (std::size_t k = 0; k + 1 < list.pieces.size(); ++k) {
    const dsp::SplicePiece& piece = list.pieces[k];
    if (piece.source_begin.value <= middle && middle < piece.source_begin.value + piece.length.value) {
      const std::int64_t heard = start + middle - piece.source_begin.value;
      if (last >= 0) least = std::min(least, heard - last);
      last = heard;
    }
    start += piece.length.value - list.pieces[k + 1].fade_in.value;
  }
  return static_cast<double>(least) / rate.hz;
}

class LoopOf : public testing::TestWithParam<const char*> {};

/// The steps in band levels over the joins lie within those of the recording itself, so that no seam stands out of it. An event comes back
/// only after its rest.
TEST_P(LoopOf, a_recording_has_no_seam_that_stands_out_and_repeats_no_event_mechanically) {
  TWOPOP_NEEDS_SHARED();
  const Recording source = recording(GetParam());
  const auto facts = plan_loop(source.sound.view(), source.rate);
  ASSERT_TRUE(facts) << facts.error().message;
  AudioBuffer<float> loop(source.sound.channels(), 100 * source.rate.hz);
  ASSERT_TRUE(dsp::render_loop(facts->plan, SamplePosition{0}, reader_of(source.sound), loop.view()));

  std::vector<double> own, joined;
  const auto frames = detail::ambience_frames(source.sound.view(), source.rate, 0.043);
  for (std::int64_t at = source.rate.hz / 10; at < source.sound.frames() - source.rate.hz / 10; at += frames.bands.hop) own.push_back(step_at(frames, at));
  const auto looped = detail::ambience_frames(loop.view(), source.rate, 0.043);
  for (const std::int64_t at : joins_of(facts->plan.list, loop.frames())) joined.push_back(step_at(looped, at));
  std::printf("%s: %d joins; step over joins median %.2f dB, 90 %% %.2f dB; recording's own median %.2f dB, 90 %% %.2f dB; spectral distance %.2f (own %.2f) dB\n",
              GetParam(), facts->joins, percentile(joined, 0.5), percentile(joined, 0.9), percentile(own, 0.5), percentile(own, 0.9), facts->join_distance_db,
              facts->own_distance_median_db);
  EXPECT_LE(percentile(joined, 0.5), percentile(own, 0.75));
  EXPECT_LE(percentile(joined, 0.9), percentile(own, 0.95));
  for (const AmbienceEvent& event : facts->events) EXPECT_GE(shortest_return_s(facts->plan.list, event, source.rate), LoopSettings{}.event_rest_s - 1.5);
}

INSTANTIATE_TEST_SUITE_P(Corpus, LoopOf,
                         testing::Values("ambience/bird_robin_inspectorj.ogg", "ambience/blanket_birds.ogg", "ambience/blanket_city.ogg",
                                         "ambience/blanket_coffee-shop.ogg", "ambience/blanket_rain.ogg", "ambience/usc_hum.mp3", "ambience/usc_water.mp3",
                                         "film/sound/roomtone.flac"));

TEST(LoopPlan, keeps_to_the_allowed_pauses_and_leaves_events_out) {
  TWOPOP_NEEDS_SHARED();
  const Recording source = recording("film/sound/roomtone.flac");
  const std::int64_t rate = source.rate.hz;
  const std::vector<SampleRange> pauses{{SamplePosition{rate}, SamplePosition{rate + rate / 3}}, {SamplePosition{4 * rate}, SamplePosition{4 * rate + rate / 2}}};
  LoopSettings settings;
  settings.without_events = true;
  const auto facts = plan_loop(source.sound.view(), source.rate, settings, pauses);
  ASSERT_TRUE(facts) << facts.error().message;
  for (const dsp::SplicePiece& piece : facts->plan.list.pieces) {
    const SampleRange heard{piece.source_begin, piece.source_begin + piece.length};
    EXPECT_TRUE((heard.begin >= pauses[0].begin && heard.end <= pauses[0].end) || (heard.begin >= pauses[1].begin && heard.end <= pauses[1].end))
        << heard.begin.value << ".." << heard.end.value;
  }
}

TEST(LoopPlan, the_seed_decides_and_the_same_seed_gives_the_same_plan) {
  TWOPOP_NEEDS_SHARED();
  const Recording source = recording("ambience/blanket_coffee-shop.ogg");
  LoopSettings other;
  other.seed = 2;
  const auto a = plan_loop(source.sound.view(), source.rate), b = plan_loop(source.sound.view(), source.rate), c = plan_loop(source.sound.view(), source.rate, other);
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(a->plan, b->plan);
  EXPECT_FALSE(a->plan == c->plan);
}

TEST(LoopPlan, what_is_too_short_is_refused_with_its_length) {
  AudioBuffer<float> blip(1, 480);
  const auto facts = plan_loop(blip.view(), SampleRate{48000});
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().message.find("0.010 s"), std::string::npos) << facts.error().message;
  AudioBuffer<float> short_hiss(1, 48000 / 5);
  for (std::int64_t i = 0; i < short_hiss.frames(); ++i) short_hiss.channel(0)[i] = 0.01f * static_cast<float>((i * 7919) % 101 - 50);
  EXPECT_TRUE(plan_loop(short_hiss.view(), SampleRate{48000}));
}

}  // namespace
}  // namespace twopop::analysis
