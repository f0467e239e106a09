#include "analysis/sync.h"

#include "analysis/sync_group.h"
#include "analysis/sync_line.h"
#include "analysis/sync_timecode.h"
#include "core/random.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr SampleRate k48{48000};
using Sound = std::vector<float>;

Sound mono(const std::filesystem::path& path, double begin_s = 0, double length_s = 1e9) {
  const auto all = media::read_all(path);
  EXPECT_TRUE(all) << path;
  if (!all) return {};
  const std::int64_t from = std::min(samples(begin_s, k48).value, all->frames());
  const std::int64_t count = static_cast<std::int64_t>(std::min(length_s * 48000, static_cast<double>(all->frames() - from)));
  Sound sound(static_cast<std::size_t>(count));
  for (int c = 0; c < all->channels(); ++c)
    for (std::int64_t i = 0; i < count; ++i) sound[static_cast<std::size_t>(i)] += all->channel(c)[from + i] / static_cast<float>(all->channels());
  return sound;
}

SyncResult sync(const Sound& reference, const Sound& file, const SyncOptions& options = {}) {
  const auto a = source_of(reference, k48), b = source_of(file, k48);
  auto result = sync_pair(*a, *b, options);
  EXPECT_TRUE(result);
  return result ? *result : SyncResult{};
}

std::filesystem::path kit() { return test::shared_folder() / "corpus/film"; }

// Truth of the kit (its README): boom T0 -11.482 s, +85 ppm against the camera; recorder 3.783 s, +40 ppm; rush 1 at 7 s.
TEST(Sync, finds_offset_within_a_millisecond_and_drift_within_two_ppm_of_a_long_take) {
  TWOPOP_NEEDS_SHARED();
  const auto r = sync_files(kit() / "longtake/camera.m4a", kit() / "longtake/lav_1.flac");
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->placed) << r->reason;
  EXPECT_NEAR(r->file_second(50), (50 - 4.906) * (1 - 37e-6), 1e-3);
  EXPECT_NEAR(r->drift_ppm, -37, 2);
  EXPECT_LT(r->drift_interval_ppm, 2);
  EXPECT_GT(r->confidence, 0.99);
  // What the windows say each by itself is the truth, whatever the line: within 0.3 ms where they count.
  ASSERT_FALSE(r->windows.empty());
  EXPECT_LE(r->windows.size(), kMostSyncWindows);
  int on_line = 0;
  for (const SyncWindow& w : r->windows) {
    if (!w.on_line) continue;
    ++on_line;
    EXPECT_NEAR(r->file_second(w.at_s) + w.left_s, (w.at_s - 4.906) * (1 - 37e-6), 3e-4) << w.at_s;
  }
  EXPECT_GT(on_line, static_cast<int>(r->windows.size()) / 2);
  EXPECT_TRUE(std::is_sorted(r->windows.begin(), r->windows.end(), [](const SyncWindow& a, const SyncWindow& b) { return a.at_s < b.at_s; }));
}

TEST(Sync, is_antisymmetric_in_its_two_files) {
  TWOPOP_NEEDS_SHARED();
  const Sound rush = mono(kit() / "rushes/A001_C001.mp4"), recorder = mono(kit() / "sound/REC_0001.wav");
  const SyncResult there = sync(rush, recorder), back = sync(recorder, rush);
  ASSERT_TRUE(there.placed && back.placed);
  const double at = there.file_second(1.5);
  EXPECT_NEAR(at, (7 + 1.5 - 3.783) * (1 + 40e-6), 1e-3);
  EXPECT_NEAR(back.file_second(at), 1.5, 1e-3);
  EXPECT_NEAR(back.reference_second(1.5), at, 1e-3);
}

TEST(Sync, refuses_another_take_of_the_same_sentence_by_the_same_speaker) {
  TWOPOP_NEEDS_SHARED();
  const Sound guide = mono(kit() / "adr/guide_track.flac");
  for (const char* take : {"arctic_a0445_take1.flac", "arctic_a0149_take2.flac", "arctic_a0569_take3.flac"}) {
    const SyncResult r = sync(guide, mono(kit() / "adr" / take));
    EXPECT_FALSE(r.placed) << take << ": " << r.reason;
    EXPECT_FALSE(r.reason.empty());
  }
}

TEST(Sync, refuses_the_room_tone_that_lies_under_the_recording) {
  TWOPOP_NEEDS_SHARED();
  // The kit's camera sound holds this very room tone, 12 dB under the voices.
  const auto r = sync_files(kit() / "rushes/A001_C003.mp4", kit() / "sound/roomtone.flac");
  ASSERT_TRUE(r);
  EXPECT_FALSE(r->placed) << r->reason;
}

TEST(Sync, refuses_a_bed_that_repeats_under_the_recording) {
  TWOPOP_NEEDS_SHARED();
  const Sound camera = mono(kit() / "longtake/camera.m4a", 0, 60);
  const Sound bed = mono(test::shared_folder() / "corpus/ambience/blanket_coffee-shop.ogg");
  const auto a = source_of(camera, k48), b = source_of(bed, {44100});
  const auto r = sync_pair(*a, *b);
  ASSERT_TRUE(r);
  EXPECT_FALSE(r->placed) << r->reason;
  EXPECT_TRUE(r->runner_up);
}

TEST(Sync, finds_lost_and_repeated_samples) {
  TWOPOP_NEEDS_SHARED();
  const Sound camera = mono(kit() / "longtake/camera.m4a", 0, 60);
  Sound boom = mono(kit() / "longtake/boom.flac", 10, 60);
  boom.erase(boom.begin() + 40 * 48000, boom.begin() + 40 * 48000 + 1024);
  boom.insert(boom.begin() + 20 * 48000, 480, 0.0f);
  const SyncResult r = sync(camera, boom);
  ASSERT_TRUE(r.placed) << r.reason;
  ASSERT_EQ(r.steps.size(), 2u);
  EXPECT_NEAR(r.steps[0].step_s, 480.0 / 48000, 2e-5);
  EXPECT_NEAR(r.steps[1].step_s, -1024.0 / 48000, 2e-5);
  // The boom started 11.482 s before the camera; ten of these were left out here.
  EXPECT_NEAR(r.steps[0].at_s, 20 - 1.482, 0.1);
  EXPECT_NEAR(r.file_second(50), (50 + 11.482) * (1 + 85e-6) - 10 + (480 - 1024) / 48000.0, 1e-3);
  EXPECT_NEAR(r.reference_second(r.file_second(50)), 50, 1e-6);
}

TEST(Sync, sees_an_inverted_microphone) {
  TWOPOP_NEEDS_SHARED();
  const Sound line = mono(test::shared_folder() / "corpus/speech/vctk_p286_011.flac");
  Sound other(line.begin() + 24000, line.end());
  for (float& x : other) x = -x;
  const SyncResult r = sync(line, other);
  EXPECT_TRUE(r.placed);
  EXPECT_TRUE(r.inverted);
  EXPECT_NEAR(r.offset_s, 0.5, 2e-5);
}

TEST(Sync, searches_only_near_an_expected_place) {
  TWOPOP_NEEDS_SHARED();
  const Sound recorder = mono(kit() / "sound/REC_0001.wav"), rush = mono(kit() / "rushes/A001_C002.mp4");
  SyncOptions near;
  near.expected_offset_s = 12.36 - 3.783 + 0.28;  // as the recorder's wrong timecode would have it
  near.expected_within_s = 1;
  const SyncResult found = sync(recorder, rush, near);
  EXPECT_TRUE(found.placed) << found.reason;
  EXPECT_NEAR(found.offset_s, 12.36 - 3.783, 2e-3);
  near.expected_offset_s = 20;
  EXPECT_FALSE(sync(recorder, rush, near).placed);
}

TEST(Sync, says_why_silence_and_scraps_are_not_placed) {
  const Sound silence(96000, 0.0f);
  Sound noise(96000);
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = uniform11(philox(1, 1, i)[0]);
  EXPECT_NE(sync(silence, noise).reason.find("silent"), std::string::npos);
  EXPECT_FALSE(sync(noise, Sound(100, 0.1f)).placed);
  EXPECT_FALSE(sync(noise, Sound{}).placed);
  Sound other(96000);
  for (std::size_t i = 0; i < other.size(); ++i) other[i] = uniform11(philox(2, 1, i)[0]);
  EXPECT_FALSE(sync(noise, other).placed);
}

TEST(Sync, gives_the_same_answer_with_one_thread_and_with_two) {
  TWOPOP_NEEDS_SHARED();
  const Sound rush = mono(kit() / "rushes/A001_C004.mp4"), recorder = mono(kit() / "sound/REC_0001.wav");
  SyncOptions one;
  one.threads = 1;
  const SyncResult a = sync(rush, recorder, one), b = sync(rush, recorder);
  EXPECT_EQ(a.offset_s, b.offset_s);
  EXPECT_EQ(a.drift_ppm, b.drift_ppm);
  EXPECT_EQ(a.score, b.score);
}

TEST(SyncTimecode, is_refuted_by_a_waveform_that_is_sure_and_proved_by_one_that_agrees) {
  SyncResult waveform;
  waveform.placed = true;
  waveform.offset_s = -3.217;
  waveform.confidence = 1;
  const Reconciled wrong = reconcile(waveform, TimecodeClaim{-2.937, "bext time reference"});
  EXPECT_EQ(wrong.verdict, TimecodeVerdict::Refuted);
  EXPECT_EQ(wrong.offset_s, -3.217);
  EXPECT_NEAR(wrong.difference_s, 0.28, 1e-9);
  EXPECT_EQ(reconcile(waveform, TimecodeClaim{-3.21, "tmcd track"}).verdict, TimecodeVerdict::Proved);
}

TEST(SyncTimecode, places_what_was_not_heard_only_when_the_device_was_proved) {
  SyncResult unheard;
  unheard.reason = "too noisy";
  const TimecodeClaim claim{10.28, "bext time reference"};
  EXPECT_FALSE(reconcile(unheard, claim).placed);
  const Reconciled by_device = reconcile(unheard, claim, 0.04, 0.28);
  EXPECT_TRUE(by_device.placed);
  EXPECT_NEAR(by_device.offset_s, 10.0, 1e-9);
  EXPECT_EQ(by_device.method, "timecode");
}

TEST(SyncTimecode, that_other_files_prove_outweighs_a_faint_match_and_no_other) {
  SyncResult faint;
  faint.placed = true;
  faint.offset_s = -12.5;
  faint.score = 16.4;
  faint.windows_used = 1;
  const TimecodeClaim claim{21.02, "its timecode"};
  EXPECT_TRUE(clock_refutes(faint, claim, 0.02));
  EXPECT_FALSE(clock_refutes(faint, claim, 33.5)) << "the device is off by as much everywhere";
  SyncResult strong = faint, long_one = faint, nothing = faint;
  strong.score = 60;
  long_one.windows_used = 5;
  nothing.placed = false;
  for (const SyncResult& r : {strong, long_one, nothing}) EXPECT_FALSE(clock_refutes(r, claim, 0.02));
}

TEST(SyncGroup, shares_a_drift_between_clips_of_a_device_and_drops_nothing_that_agrees) {
  TWOPOP_NEEDS_SHARED();
  std::vector<GroupClip> clips;
  clips.push_back({"recorder", "recorder", [] { return open_source(kit() / "sound/REC_0001.wav"); }, {}});
  const double at[] = {7.0, 12.36, 18.92, 24.08, 30.6};
  for (int i = 0; i < 5; ++i)
    clips.push_back({fmt::format("clip {}", i + 1), "camera", [i] { return open_source(kit() / fmt::format("rushes/A001_C00{}.mp4", i + 1)); }, 3600 + at[i]});
  const auto group = sync_group(clips);
  ASSERT_TRUE(group);
  for (std::size_t i = 1; i < clips.size(); ++i) {
    ASSERT_TRUE(group->places[i].placed) << clips[i].name;
    // By the recorder's clock, 40 ppm fast, the camera runs 40 ppm slow.
    EXPECT_NEAR(group->places[i].drift_ppm, -40, 20);
    EXPECT_NEAR(group->places[i].offset_s, (at[i - 1] - 3.783) * (1 + 40e-6), 1e-3);
  }
  for (const GroupPair& pair : group->pairs) EXPECT_FALSE(pair.dropped);
}

TEST(SyncLine, ignores_a_third_of_wild_points) {
  std::vector<DelayPoint> points;
  for (int i = 0; i < 30; ++i) points.push_back({i * 10.0, i % 3 == 1 ? 0.05 * i : 1e-3 + 50e-6 * i * 10.0, 1e-4});
  const FittedLine line = fit_line(points, {1e-3, 0, 60e-6});
  EXPECT_NEAR(line.slope, 50e-6, 1e-8);
  EXPECT_NEAR(line.delay_s + line.slope * (0 - line.middle_s), 1e-3, 1e-6);
  EXPECT_EQ(line.kept, 20);
}

TEST(SyncLine, believes_in_a_crystal_where_two_points_are_all_there_is) {
  const FittedLine line = fit_line({{0, 0, 1e-4}, {1, 2e-4, 1e-4}}, {1e-3, 0, 60e-6});
  EXPECT_LT(line.slope, 60e-6);
  EXPECT_GT(line.slope_error, 40e-6);
}

TEST(SyncShelf, gives_the_samples_that_the_file_gives_and_makes_room_for_the_next) {
  TWOPOP_NEEDS_SHARED();
  SourceShelf shelf(2 << 20);  // three seconds of stereo are 1.1 MB
  for (int round = 0; round < 2; ++round)
    for (const char* name : {"rushes/A001_C001.mp4", "rushes/A001_C002.mp4", "sound/REC_0001.wav"}) {
      const auto path = kit() / name;
      for (const int channel : {-1, 1}) {
        const auto plain = open_source(path, {channel}), shelved = shelf.open(path, {channel});
        ASSERT_TRUE(plain && shelved) << name;
        ASSERT_EQ((*plain)->length(), (*shelved)->length());
        EXPECT_EQ((*plain)->start_s(), (*shelved)->start_s());
        Sound a(static_cast<std::size_t>((*plain)->length().value) + 2000), b(a.size());
        ASSERT_TRUE((*plain)->read({-1000}, a) && (*shelved)->read({-1000}, b));
        EXPECT_EQ(a, b) << name << " channel " << channel;
      }
    }
  EXPECT_FALSE(shelf.open(kit() / "rushes/A001_C001.mp4", {7}));
  EXPECT_FALSE(shelf.open(kit() / "rushes/none.mp4"));
  EXPECT_FALSE(shelf.channels(kit() / "rushes/A001_MOS_walks.mp4")) << "it has no sound";
}

TEST(SyncShelf, counts_channels_that_carry_the_same_sound_once) {
  TWOPOP_NEEDS_SHARED();
  SourceShelf shelf;
  EXPECT_EQ(*shelf.channels(kit() / "rushes/A001_C001.mp4"), 1) << "a camera's sound on both sides";
  EXPECT_EQ(*shelf.channels(kit() / "sound/REC_0001.wav"), 2) << "two microphones";
}

}  // namespace
}  // namespace twopop::analysis
