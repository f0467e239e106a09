#include "core/random.h"
#include "dsp/compressor.h"
#include "dsp/equaliser.h"
#include "signal/explain.h"
#include "signal/signals.h"
#include "signal/workspace.h"

#include <gtest/gtest.h>

namespace twopop::signal {
namespace {

constexpr SampleRate kRate{48000};

struct TemporaryFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("twopop-signal-{}-{}", ::getpid(), ++counter);
  TemporaryFolder() { std::filesystem::create_directories(path); }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  static inline int counter = 0;
};

std::unique_ptr<Workspace> open(const std::filesystem::path& folder, int threads = 2) {
  WorkspaceOptions options;
  options.threads = threads;
  options.cache_budget_bytes = std::uint64_t{4} << 30;
  auto workspace = Workspace::open(folder, options);
  if (!workspace) throw std::runtime_error(workspace.error().sentence());
  return *std::move(workspace);
}

/// Noise with loud and soft stretches, so that dynamics have something to do.
Signal programme(std::uint64_t seed, std::int64_t frames) {
  Generator g;
  g.kind = "test noise";
  g.channels = 1;
  g.extent = {{0}, {frames}};
  g.settings = Hasher().add(seed).finish();
  g.fill = [seed](SamplePosition begin, AudioView<float> out) -> Result<void> {
    for (std::int64_t i = 0; i < out.frames(); ++i) {
      const std::int64_t t = begin.value + i;
      const float level = t / 30000 % 3 == 0 ? 0.5f : 0.02f;
      out.at(0, i) = level * uniform11(philox(seed, 7, static_cast<std::uint64_t>(t))[0]);
    }
    return {};
  };
  return generated(g);
}

dsp::EqSettings eq_settings() { return {{{dsp::FilterKind::HighPass, 80, 0.7, {}}, {dsp::FilterKind::Bell, 1000, 2, {6}}}}; }

Signal strip(Signal input) {
  const dsp::CompressorSettings squeeze{{-24}, 3, {6}, 5, 120, {3}};
  Processing eq;
  eq.kind = "eq";
  dsp::Equaliser probe(eq_settings());
  EXPECT_TRUE(probe.prepare({kRate, 1, 4096}));
  eq.pre_roll = probe.pre_roll();
  eq.make = [](std::int64_t block) { return voice_of(dsp::Equaliser(eq_settings()), dsp::ProcessSpec{kRate, 1, block}); };
  Processing comp;
  comp.kind = "comp";
  dsp::Compressor probe2(squeeze);
  EXPECT_TRUE(probe2.prepare({kRate, 1, 4096}));
  comp.pre_roll = probe2.pre_roll();
  comp.make = [squeeze](std::int64_t block) { return voice_of(dsp::Compressor(squeeze), dsp::ProcessSpec{kRate, 1, block}); };
  return processed(processed(std::move(input), eq), comp);
}

/// A film of clips on one strip: `gain` of the clip that lies in chunk 5.
Signal track(Decibels gain, std::int64_t frames) {
  std::vector<Signal> clips;
  for (std::int64_t i = 0; i < 12; ++i) {
    Signal clip = faded(cut(programme(static_cast<std::uint64_t>(i), 200000), {{0}, {150000}}), {{2000}}, {{3000}});
    if (i == 5) clip = amplified(clip, gain);
    clips.push_back(labelled(shifted(clip, {i * kChunk.value + 20000}), fmt::format("clip {}", i)));
  }
  return stored(cut(strip(sum(std::move(clips), 1)), {{0}, {frames}}), "track");
}

TEST(Signal, segments_lie_below_minus_120_dbfs_of_one_endless_run) {
  TemporaryFolder folder;
  auto work = open(folder.path);
  const std::int64_t frames = 12 * kChunk.value;
  const auto kept = work->read(track({}, frames), {{0}, {frames}});
  ASSERT_TRUE(kept) << kept.error().message;
  const auto dry = work->read(stored(cut(sum({track({}, frames)->inputs()[0]->inputs()[0]->inputs()[0]->inputs()[0]}, 1), {{0}, {frames}}), "dry"), {{0}, {frames}});
  ASSERT_TRUE(dry) << dry.error().message;
  AudioBuffer<float> endless = dry->clone();
  dsp::Equaliser eq(eq_settings());
  dsp::Compressor comp({{-24}, 3, {6}, 5, 120, {3}});
  ASSERT_TRUE(eq.prepare({kRate, 1, 4096}) && comp.prepare({kRate, 1, 4096}));
  for (std::int64_t t = 0; t < frames; t += 4096) {
    eq.process(endless.view().sub(t, 4096));
    comp.process(endless.view().sub(t, 4096));
  }
  double worst = 0, loudest = 0;
  for (std::int64_t t = 0; t < frames; ++t) {
    worst = std::max(worst, std::fabs(double{endless.view().at(0, t)} - kept->view().at(0, t)));
    loudest = std::max(loudest, std::fabs(double{endless.view().at(0, t)}));
  }
  EXPECT_GT(loudest, 0.1);
  EXPECT_LT(worst, 1e-6) << 20 * std::log10(worst) << " dBFS";
}

TEST(Signal, one_thread_and_two_and_any_range_give_the_same_bits) {
  TemporaryFolder one, two;
  const std::int64_t frames = 6 * kChunk.value;
  auto a = open(one.path, 1), b = open(two.path, 2);
  const auto from_a = a->contents(track({}, frames), {{0}, {frames}});
  const auto from_b = b->contents(track({}, frames), {{0}, {frames}});
  ASSERT_TRUE(from_a && from_b);
  EXPECT_EQ(*from_a, *from_b);
  const auto whole = a->read(track({}, frames), {{0}, {frames}});
  const auto part = a->read(track({}, frames), {{kChunk.value * 2 - 777}, {kChunk.value * 4 + 99}});
  ASSERT_TRUE(whole && part);
  for (std::int64_t i = 0; i < part->frames(); ++i) ASSERT_EQ(part->view().at(0, i), whole->view().at(0, kChunk.value * 2 - 777 + i));
}

TEST(Signal, an_edit_renders_the_chunks_it_touches_and_a_second_build_none) {
  TemporaryFolder folder;
  const std::int64_t frames = 12 * kChunk.value;
  const SampleRange film{{0}, {frames}};
  {
    auto work = open(folder.path);
    ASSERT_TRUE(work->make({track({}, frames)}, film));
    EXPECT_EQ(work->executor().tallies()[cache::TaskKind::Chunk].rendered, 12);
    ASSERT_TRUE(work->store().sync());
  }
  {
    auto work = open(folder.path);
    ASSERT_TRUE(work->make({track({}, frames)}, film));
    EXPECT_EQ(work->executor().tallies()[cache::TaskKind::Chunk].rendered, 0);
    EXPECT_EQ(work->executor().tallies()[cache::TaskKind::Chunk].wanted, 12);
  }
  auto work = open(folder.path);
  ASSERT_TRUE(work->make({track({-3}, frames)}, film));
  // The clip, and the next chunk if the compressor still remembers it there.
  const auto rendered = work->executor().tallies()[cache::TaskKind::Chunk].rendered;
  EXPECT_GE(rendered, 1);
  EXPECT_LE(rendered, 2);
  bool explained = false;
  for (const cache::Explanation& e : work->executor().explanations())
    if (e.identity == "track chunk 5") explained = e.reason == cache::Reason::SettingsChanged;
  EXPECT_TRUE(explained);
}

TEST(Signal, a_moved_recording_sounds_the_same_and_is_resampled_by_position) {
  TemporaryFolder folder;
  auto work = open(folder.path);
  const Signal source = programme(3, 400000);
  const Signal slow = resampled(source, kRate, kRate, 1234.5, 40, {{0}, {300000}});
  const auto here = work->read(stored(shifted(slow, {1000}), "a"), {{1000}, {200000}});
  const auto there = work->read(stored(shifted(slow, {501000}), "b"), {{501000}, {700000}});
  ASSERT_TRUE(here && there);
  for (std::int64_t i = 0; i < here->frames(); ++i) ASSERT_EQ(here->view().at(0, i), there->view().at(0, i));
}

TEST(Signal, a_whole_clip_is_made_once_and_wherever_it_is_moved) {
  TemporaryFolder folder;
  auto work = open(folder.path);
  std::atomic<int> made{0};
  const auto film_with_clip_at = [&](std::int64_t at) {
    WholeClip clip;
    clip.kind = "backwards";
    clip.label = "clip r";
    clip.extent = {{0}, {100000}};
    clip.input_ranges = {{{5000}, {105000}}};
    clip.work = [&made](std::span<const AudioView<const float>> in) -> Result<AudioBuffer<float>> {
      ++made;
      AudioBuffer<float> out(1, in[0].frames());
      for (std::int64_t i = 0; i < in[0].frames(); ++i) out.view().at(0, i) = in[0].at(0, in[0].frames() - 1 - i);
      return out;
    };
    return stored(cut(sum({shifted(whole_clip({programme(1, 200000)}, clip), {at})}, 1), {{0}, {4 * kChunk.value}}), "film");
  };
  ASSERT_TRUE(work->make({film_with_clip_at(10000)}, {{0}, {4 * kChunk.value}}));
  const auto moved = work->read(film_with_clip_at(300000), {{300000}, {300010}});
  ASSERT_TRUE(moved);
  EXPECT_EQ(made, 1);
  const auto source = work->read(programme(1, 200000), {{104990}, {105000}});
  ASSERT_TRUE(source);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(moved->view().at(0, i), source->view().at(0, 9 - i));
}

TEST(Signal, facts_made_ahead_are_made_once_and_a_failure_is_told_where_it_is_asked_for) {
  TemporaryFolder folder;
  const auto work = open(folder.path);
  std::atomic<int> made{0};
  std::vector<Fact> facts;
  for (int i = 0; i < 700; ++i)
    facts.push_back({fmt::format("fact {}", i), "number", 1, Hasher().add(i).finish(), [i, &made]() -> Result<cache::Bytes> {
                       ++made;
                       if (i == 333) return Error{Code::Unreadable, "there is no number here"};
                       return cache::Bytes{static_cast<std::byte>(i), static_cast<std::byte>(i / 256)};
                     }});
  ASSERT_TRUE(work->make_facts(facts).ok());
  const int ahead = made;
  EXPECT_EQ(ahead, 700);
  for (int i = 0; i < 700; ++i) {
    const auto blob = work->fact(facts[static_cast<std::size_t>(i)]);
    if (i == 333) {
      ASSERT_FALSE(blob.ok());
      EXPECT_NE(blob.error().message.find("there is no number here"), std::string::npos);
    } else {
      ASSERT_TRUE(blob.ok()) << blob.error().sentence();
      EXPECT_EQ((**blob)[0], static_cast<std::byte>(i));
    }
  }
  const int after = made;
  EXPECT_EQ(after, 701);  // only what failed is tried again
  ASSERT_TRUE(work->make_facts({facts.begin(), facts.begin() + 300}).ok());
  EXPECT_EQ(made, after);
}

TEST(Signal, explains_what_a_moment_is_made_of) {
  const auto steps = made_of(track({-3}, 12 * kChunk.value), {5 * kChunk.value + 40000});
  bool clip = false, gain = false, other = false;
  for (const MadeOf& step : steps) {
    clip = clip || step.item == "clip 5";
    gain = gain || step.settings == "gain -3.00 dB";
    other = other || step.item == "clip 4";
  }
  EXPECT_TRUE(clip && gain);
  EXPECT_FALSE(other);
}

}  // namespace
}  // namespace twopop::signal
