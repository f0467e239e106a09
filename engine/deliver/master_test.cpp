#include "deliver/master.h"

#include "corpus.h"
#include "deliver/build.h"
#include "dsp/limiter.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twopop::deliver {
namespace {

/// The master of a film in memory: gain, the limiter, loudness.
Result<MasterMeasure> master(const AudioBuffer<float>& sound, SampleRate rate, const Specification& spec, Decibels gain) {
  dsp::LimiterSettings settings;
  settings.ceiling = limiter_ceiling(spec);
  dsp::Limiter limiter(settings);
  TWOPOP_CHECK(limiter.prepare({rate, sound.channels(), sound.frames() + rate.hz}));
  const std::int64_t late = limiter.latency().value, frames = sound.frames();
  AudioBuffer<float> loud(sound.channels(), frames + late);
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < frames; ++i) loud.channel(c)[i] = sound.channel(c)[i] * static_cast<float>(gain_of(gain).value);
  std::vector<float> reduction(static_cast<std::size_t>(frames + late));
  limiter.process_gain(loud.view(), reduction.data());
  MasterMeasure measure;
  for (std::int64_t i = 0; i < frames; ++i) {
    const float g = reduction[static_cast<std::size_t>(i + late)];
    for (int c = 0; c < sound.channels(); ++c) loud.channel(c)[i] *= g;
    const double db = -20.0 * std::log10(static_cast<double>(g));
    measure.limiter.deepest = std::max(measure.limiter.deepest, Decibels{db});
    measure.limiter.share_over_1_db += db > 1.0 ? 1.0 / static_cast<double>(frames) : 0.0;
    measure.limiter.share_over_3_db += db > 3.0 ? 1.0 / static_cast<double>(frames) : 0.0;
  }
  TWOPOP_TRY(const auto blocks, analysis::measure_loudness(loud.view().sub(0, frames), rate));
  measure.figures.programme = analysis::loudness_figures(blocks);
  return measure;
}

Specification preset(const std::string& id) {
  for (const Specification& s : specifications())
    if (s.id == id) return s;
  return {};
}

TEST(Master, meets_target_under_the_ceiling_or_says_by_how_much_it_is_missed) {
  TWOPOP_NEEDS_SHARED();
  const std::filesystem::path corpus = test::shared_folder() / "corpus";
  for (const char* name : {"speech/vctk_p286_011.flac", "music/wesnoth_elvish-theme.ogg", "music/Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor__string_orchestra_.hq.ogg", "foley/footsteps/kenney_walking.ogg"})
    for (const char* id : {"ebu-r128", "youtube"}) {
      auto reader = media::Reader::open(corpus / name);
      ASSERT_TRUE(reader.ok()) << name;
      const SampleRate rate = (*reader)->rate();
      AudioBuffer<float> sound((*reader)->channels(), 15LL * rate.hz);
      ASSERT_TRUE((*reader)->read({0}, sound.view()).ok());
      const Specification spec = preset(id);
      const auto measure = [&](Decibels gain) { return master(sound, rate, spec, gain); };
      const auto solved = solve_master(spec, {0.0}, measure);
      ASSERT_TRUE(solved.ok()) << name;
      const double loudness = judged_loudness(spec, solved->measure.figures).value;
      std::printf("%-40.40s %-9s gain %+6.2f dB, %6.2f LUFS, %5.2f dBTP, limiter %4.1f dB, missed %5.2f LU, %d rounds\n", name, id, solved->gain.value, loudness, solved->measure.figures.programme.true_peak.value,
                  solved->measure.limiter.deepest.value, solved->missed.value, solved->rounds);
      EXPECT_LE(solved->measure.figures.programme.true_peak.value, spec.ceiling.value) << name;
      EXPECT_FALSE(squashes(solved->measure.limiter)) << name;
      EXPECT_NEAR(loudness + solved->missed.value, spec.target.value, 0.05) << name;
      EXPECT_LE(solved->rounds, 9);
      if (solved->missed.value == 0.0) continue;
      // It gave way no more than it had to.
      const auto louder = measure({solved->gain.value + 0.25});
      ASSERT_TRUE(louder.ok());
      EXPECT_TRUE(squashes(louder->limiter)) << name;
    }
}

TEST(Master, leaves_a_film_that_is_within_five_hundredths_alone) {
  const Specification spec = preset("ebu-r128");
  int measured = 0;
  const auto solved = solve_master(spec, {2.5}, [&](Decibels gain) -> Result<MasterMeasure> {
    ++measured;
    MasterMeasure m;
    m.figures.programme.integrated = {-25.46 + gain.value};
    return m;
  });
  ASSERT_TRUE(solved.ok());
  EXPECT_EQ(measured, 1);
  EXPECT_FALSE(solved->changed);
  EXPECT_EQ(solved->gain.value, 2.5);
}

TEST(Master, silence_is_left_as_it_is_and_a_failed_measurement_is_passed_on) {
  const Specification spec = preset("ebu-r128");
  const auto silent = solve_master(spec, {0.0}, [](Decibels) -> Result<MasterMeasure> { return MasterMeasure{}; });
  ASSERT_TRUE(silent.ok());
  EXPECT_EQ(silent->gain.value, 0.0);
  const auto failed = solve_master(spec, {0.0}, [](Decibels) -> Result<MasterMeasure> { return Error{Code::OutOfSpace, "disk full"}; });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::OutOfSpace);
}

}  // namespace
}  // namespace twopop::deliver
