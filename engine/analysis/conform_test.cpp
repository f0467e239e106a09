#include "analysis/conform.h"

#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twopop::analysis {
namespace {

constexpr SampleRate k48{48000};

/// A cut of two takes out of real lines: 2 s of silence, 1.0 to 4.5 s of one, 2.0 to 5.0 s of the other, 0.5 to 1.9 s of the first again.
struct MadeCut {
  std::vector<float> a, b, cut;
  MadeCut() {
    const auto speech = test::shared_folder() / "corpus/speech";
    a = first(speech / "vctk_p286_011.flac");
    b = first(test::shared_folder() / "corpus/multi/kerstin_raw_vs_edit/de_rhasspy-0010_edit.flac");
    cut.assign(2 * 48000, 0.0f);
    add(a, 1.0, 4.5);
    add(b, 1.5, 4.5);
    add(a, 4.6, 6.4);
  }
  static std::vector<float> first(const std::filesystem::path& path) {
    const auto all = media::read_all(path);
    return all ? std::vector<float>(all->channel(0), all->channel(0) + all->frames()) : std::vector<float>{};
  }
  void add(const std::vector<float>& from, double begin_s, double end_s) {
    cut.insert(cut.end(), from.begin() + static_cast<std::ptrdiff_t>(begin_s * 48000), from.begin() + static_cast<std::ptrdiff_t>(end_s * 48000));
  }
};

TEST(Conform, finds_every_stretch_of_a_cut_to_the_sample_and_its_ends_to_the_frame) {
  TWOPOP_NEEDS_SHARED();
  const MadeCut made;
  const auto guide = source_of(made.cut, k48), a = source_of(made.a, k48), b = source_of(made.b, k48);
  ConformOptions options;
  options.frame_s = 0.04;
  const auto found = conform_by_sound(*guide, {{"a", a.get()}, {"b", b.get()}}, options);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->segments.size(), 4u);
  EXPECT_EQ(found->segments[0].source, -1);  // the silence
  const struct { double begin, end, source_begin; int source; } want[] = {{2, 5.5, 1.0, 0}, {5.5, 8.5, 1.5, 1}, {8.5, 10.3, 4.6, 0}};
  for (std::size_t i = 0; i < 3; ++i) {
    const ConformSegment& s = found->segments[i + 1];
    EXPECT_EQ(s.source, want[i].source);
    EXPECT_NEAR(s.cut_begin_s, want[i].begin, 0.081) << i;
    EXPECT_NEAR(s.cut_end_s, want[i].end, 0.081) << i;
    EXPECT_NEAR(s.source_begin_s - s.cut_begin_s, want[i].source_begin - want[i].begin, 1e-4) << i;
    EXPECT_GT(s.confidence, 0.9) << i;
    EXPECT_TRUE(s.copy) << i;
  }
}

TEST(Conform, finds_nothing_of_a_source_that_is_not_in_the_cut) {
  TWOPOP_NEEDS_SHARED();
  const MadeCut made;
  const std::vector<float> other = MadeCut::first(test::shared_folder() / "corpus/film/adr/arctic_a0149_take1.flac");
  const auto guide = source_of(made.cut, k48), stranger = source_of(other, k48);
  const auto found = conform_by_sound(*guide, {{"stranger", stranger.get()}});
  ASSERT_TRUE(found);
  for (const ConformSegment& s : found->segments) EXPECT_EQ(s.source, -1);
}

TEST(ThroughRush, carries_a_recordings_place_into_the_cut) {
  SyncResult rush_to_recording;
  rush_to_recording.placed = true;
  rush_to_recording.offset_s = -3.217;
  rush_to_recording.drift_ppm = 40;
  rush_to_recording.confidence = 1;
  const CutEvent event{4.4, 7.16, 0, 0.12, 1};
  const ConformSegment s = through_rush(event, rush_to_recording, 3.0, 33.7);
  EXPECT_EQ(s.source, 0);
  EXPECT_NEAR(s.source_begin_s, (0.12 + 3.217) * (1 + 40e-6), 1e-12);
  EXPECT_EQ(s.cut_begin_s, 4.4);
  EXPECT_EQ(s.cut_end_s, 7.16);
}

TEST(ThroughRush, gives_only_what_the_recording_holds) {
  SyncResult rush_to_recording;
  rush_to_recording.placed = true;
  rush_to_recording.offset_s = 1.0;  // the recorder started a second into the rush
  const ConformSegment s = through_rush({10, 13, 0, 0.5, 1}, rush_to_recording, 4.0, 1.5);
  EXPECT_NEAR(s.cut_begin_s, 10.5, 1e-12);
  EXPECT_NEAR(s.cut_end_s, 12.0, 1e-12);
  EXPECT_NEAR(s.source_begin_s, 0.0, 1e-12);
}

TEST(ThroughRush, leaves_shots_at_another_speed_alone) {
  SyncResult rush_to_recording;
  rush_to_recording.placed = true;
  EXPECT_EQ(through_rush({0, 2, 0, 0, 0.5}, rush_to_recording, 4, 4).source, -1);
}

}  // namespace
}  // namespace twopop::analysis
