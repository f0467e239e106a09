#include "deliver/build.h"
#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

using test::must;

struct Built {
  deliver::BuildOutcome outcome;
  std::map<cache::TaskKind, cache::Tally> tallies;
};

Built build(const std::filesystem::path& bundle, const session::Document& document, int threads = 2) {
  signal::WorkspaceOptions options;
  options.threads = threads;
  options.cache_budget_bytes = std::uint64_t{2} << 30;
  const auto work = must(signal::Workspace::open(bundle / "cache", options));
  const deliver::BuildPlace place{bundle, *work, [](const session::Document&, const std::string&) -> Result<void> { return {}; }, {}};
  Built run{must(deliver::build_film(document, place)), {}};
  run.tallies = work->executor().tallies();
  must(work->store().sync());
  return run;
}

AudioBuffer<float> wav(const std::filesystem::path& path) { return must(media::read_all(path)); }

TEST(Build, brings_the_mix_to_its_target_and_the_stems_sum_to_it) {
  const test::ScratchFolder scratch("build");
  const Built run = build(scratch.path / "film.twopop", test::small_film(scratch.path, 3, 30));
  const auto& figures = run.outcome.measure.master.figures.programme;
  EXPECT_NEAR(figures.integrated.value, -23.0, 0.1);
  EXPECT_LE(figures.true_peak.value, -1.0);
  const auto out = scratch.path / "film.twopop" / "out";
  AudioBuffer<float> sum = wav(out / "mix.wav");
  for (const phases::Stem stem : phases::kStems) {
    const AudioBuffer<float> part = wav(out / "stems" / (std::string(phases::name_of(stem)) + ".wav"));
    ASSERT_EQ(part.frames(), sum.frames());
    for (int c = 0; c < sum.channels(); ++c)
      for (std::int64_t i = 0; i < sum.frames(); ++i) sum.view().at(c, i) -= part.view().at(c, i);
  }
  double worst = 0;
  for (int c = 0; c < sum.channels(); ++c)
    for (std::int64_t i = 0; i < sum.frames(); ++i) worst = std::max(worst, std::fabs(double{sum.view().at(c, i)}));
  EXPECT_LT(worst, 1e-5) << "stems must sum to the mix within -100 dBFS";
}

TEST(Build, a_second_build_renders_nothing_even_after_out_was_deleted) {
  const test::ScratchFolder scratch("second");
  const auto bundle = scratch.path / "film.twopop";
  const Built first = build(bundle, test::small_film(scratch.path, 2, 30));
  EXPECT_GT(first.tallies.at(cache::TaskKind::Chunk).rendered, 0);
  for (const bool deleted : {false, true}) {
    if (deleted) std::filesystem::remove_all(bundle / "out");
    const Built again = build(bundle, first.outcome.document);
    EXPECT_EQ(again.tallies.at(cache::TaskKind::Chunk).rendered, 0) << (deleted ? "out/ deleted" : "untouched");
    EXPECT_EQ(again.tallies.at(cache::TaskKind::Fact).rendered, 0);
    EXPECT_TRUE(std::filesystem::exists(bundle / "out" / "mix.wav"));
  }
}

TEST(Build, a_new_master_gain_runs_only_the_master) {
  const test::ScratchFolder scratch("master");
  const auto bundle = scratch.path / "film.twopop";
  session::Document document = build(bundle, test::small_film(scratch.path, 2, 30)).outcome.document;
  document.mix.master.gain = document.mix.master.gain + Decibels{-1};
  document.mix.master.decided.by = session::By::Person;
  const Built again = build(bundle, document);
  const std::int64_t chunks = mul_div(document.picture.length.value, 1, signal::kChunk.value, Rounding::Ceiling);
  // The master's gain curve, the mix, and the gain curve of M&E.
  EXPECT_LE(again.tallies.at(cache::TaskKind::Chunk).rendered, 3 * chunks);
  EXPECT_NEAR(again.outcome.measure.master.figures.programme.integrated.value, -24.0, 0.1);
}

TEST(Build, one_thread_and_two_make_the_same_film) {
  const test::ScratchFolder one("one"), two("two");
  const session::Document document = test::small_film(one.path, 2, 20);
  build(one.path / "film.twopop", document, 1);
  build(two.path / "film.twopop", document, 2);
  const AudioBuffer<float> a = wav(one.path / "film.twopop/out/mix.wav"), b = wav(two.path / "film.twopop/out/mix.wav");
  ASSERT_EQ(a.frames(), b.frames());
  for (int c = 0; c < a.channels(); ++c) ASSERT_EQ(0, std::memcmp(a.channel(c), b.channel(c), sizeof(float) * static_cast<std::size_t>(a.frames())));
}

TEST(Build, works_in_every_layout_and_at_every_session_rate) {
  struct Case {
    session::LayoutName layout;
    int rate_hz, channels;
  };
  for (const Case c : {Case{session::LayoutName::Mono, 44100, 1}, {session::LayoutName::Surround51, 48000, 6}, {session::LayoutName::Surround71, 96000, 8}, {session::LayoutName::Stereo, 88200, 2}}) {
    const test::ScratchFolder scratch("layout");
    session::Document document = test::small_film(scratch.path, 2, 10, {c.rate_hz});
    document.layout = c.layout;
    const Built built = build(scratch.path / "film.twopop", document);
    EXPECT_NEAR(built.outcome.measure.master.figures.programme.integrated.value, -23.0, 0.1) << c.channels << " channels at " << c.rate_hz;
    const auto info = must(media::probe(scratch.path / "film.twopop/out/mix.wav"));
    EXPECT_EQ(info.audio.front().channels, c.channels);
    EXPECT_EQ(info.audio.front().rate.hz, c.rate_hz);
    EXPECT_EQ(info.audio.front().length.value, document.picture.length.value);
  }
}

TEST(Build, a_two_pop_stands_two_seconds_before_the_film) {
  const test::ScratchFolder scratch("twopop");
  session::Document document = test::small_film(scratch.path, 1, 10);
  document.delivery.two_pop = true;
  build(scratch.path / "film.twopop", document);
  const AudioBuffer<float> mix = wav(scratch.path / "film.twopop/out/mix.wav");
  EXPECT_EQ(mix.frames(), document.picture.length.value + 96000);
  float beep = 0, after = 0;
  for (int i = 0; i < 1920; ++i) beep = std::max(beep, std::fabs(mix.view().at(0, i)));
  for (int i = 1920; i < 96000; ++i) after = std::max(after, std::fabs(mix.view().at(0, i)));
  EXPECT_NEAR(beep, 0.1, 0.001) << "-20 dBFS for one frame at 25 frames a second";
  EXPECT_EQ(after, 0);
  const auto info = must(media::probe(scratch.path / "film.twopop/out/mix.wav"));
  EXPECT_EQ(info.metadata.time_reference.value_or(0), 3598 * 48000) << "00:59:58:00";
}

TEST(Build, missing_media_is_a_finding_and_the_rest_comes_out) {
  const test::ScratchFolder scratch("missing");
  const session::Document document = test::small_film(scratch.path, 2, 20);
  std::filesystem::remove(scratch.path / "r1.wav");
  const Built run = build(scratch.path / "film.twopop", document);
  bool named = false;
  for (const phases::Finding& f : run.outcome.findings) named = named || f.message.find("r1.wav") != std::string::npos;
  EXPECT_TRUE(named);
  EXPECT_NEAR(run.outcome.measure.master.figures.programme.integrated.value, -23.0, 0.1);
}

}  // namespace
}  // namespace twopop
