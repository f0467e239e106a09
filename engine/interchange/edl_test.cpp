#include "corpus.h"
#include "interchange/edl.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

namespace twopop::interchange {
namespace {

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Edl shared(const char* name, FrameRate frames) {
  auto edl = read_edl(file(test::shared_folder() / "interchange/edl" / name), frames);
  EXPECT_TRUE(edl.ok()) << name << ": " << (edl ? "" : edl.error().sentence());
  return edl ? *edl : Edl{};
}

Edl read(std::string_view text, FrameRate frames = frame_rates::k25) {
  auto edl = read_edl(text, frames);
  EXPECT_TRUE(edl.ok());
  return edl ? *edl : Edl{};
}

TEST(Edl, every_list_of_the_collection_gives_all_its_edits) {
  TWOPOP_NEEDS_SHARED();
  // An edit is a line that starts with its number and ends with four labels.
  const std::regex edit(R"((^|[\r\n])\s*\d+[^\r\n]*(\s\d\d:\d\d:\d\d[:;]\d\d){4}\s*(?=[\r\n]|$))");
  int lists = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::shared_folder() / "interchange/edl")) {
    const std::string text = file(entry.path());
    const auto wanted = std::distance(std::sregex_iterator(text.begin(), text.end(), edit), {});
    const int nominal = least_nominal_rate(text);
    const auto edl = read_edl(text, nominal == 30 ? frame_rates::k29_97 : FrameRate{nominal, 1});
    ASSERT_TRUE(edl.ok()) << entry.path() << ": " << edl.error().sentence();
    EXPECT_EQ(edl->edits.size(), static_cast<std::size_t>(wanted)) << entry.path() << (edl->warnings.empty() ? "" : ": " + edl->warnings[0]);
    EXPECT_FALSE(edl->title.empty()) << entry.path();
    ++lists;
  }
  EXPECT_GE(lists, 27);
}

TEST(Edl, film_kit_cut_maps_rushes_frame_by_frame) {
  TWOPOP_NEEDS_SHARED();
  const auto edl = read_edl(file(test::shared_folder() / "corpus/film/picture/cut.edl"), frame_rates::k25);
  ASSERT_TRUE(edl.ok());
  EXPECT_TRUE(edl->warnings.empty()) << edl->warnings[0];
  ASSERT_EQ(edl->edits.size(), 9u);
  const EdlEdit& second = edl->edits[1];
  EXPECT_EQ(second.reel, "A001C001");
  EXPECT_EQ(second.clip_name, "A001_C001");
  EXPECT_TRUE(second.tracks.video);
  EXPECT_EQ(second.tracks.audio, (std::vector<int>{1, 2}));
  EXPECT_EQ(to_string(second.source_in, second.rate), "01:00:07:03");
  EXPECT_EQ(second.record_frames(), 69);
  // The nine edits follow each other without a gap, up to 27 s and 5 frames.
  for (std::size_t i = 1; i < 9; ++i) EXPECT_EQ(edl->edits[i].record_in, edl->edits[i - 1].record_out);
  EXPECT_EQ(edl->edits.back().record_out.frame - edl->edits.front().record_in.frame, 27 * 25 + 5);
}

TEST(Edl, speed_belongs_to_the_edit_of_its_reel_within_the_event) {
  TWOPOP_NEEDS_SHARED();
  const Edl edl = shared("SPEEDUP_AND_FADEOUT.EDL", frame_rates::k25);
  ASSERT_EQ(edl.edits.size(), 2u);
  EXPECT_EQ(edl.edits[0].speed_fps, 35.0);
  EXPECT_DOUBLE_EQ(edl.edits[0].speed(), 35.0 / 25);
  EXPECT_FALSE(edl.edits[1].speed_fps);
  EXPECT_TRUE(edl.edits[1].black());
  EXPECT_EQ(edl.edits[1].transition, EdlTransition::Dissolve);
  EXPECT_EQ(edl.edits[1].transition_frames, 25);
  EXPECT_EQ(edl.edits[0].clip_name, "BARS_40S.MOV") << "what goes out is named beside the transition";
  EXPECT_EQ(shared("REVERSE.EDL", frame_rates::k25).edits[0].speed(), -1.0);
  EXPECT_EQ(shared("otio_speed_effects_small.edl", frame_rates::k24).edits[1].speed(), 0.0) << "a freeze frame";
  EXPECT_EQ(shared("edlgenius_file32.edl", frame_rates::k29_97).edits[5].speed_fps, 59.6);
}

TEST(Edl, transitions_name_both_clips) {
  TWOPOP_NEEDS_SHARED();
  const Edl dissolve = shared("otio_dissolve_test.edl", frame_rates::k24);
  EXPECT_EQ(dissolve.edits[1].clip_name, "clip_A");
  EXPECT_EQ(dissolve.edits[2].clip_name, "clip_B");
  EXPECT_EQ(dissolve.edits[2].transition_frames, 10);
  const Edl wipe = shared("otio_wipe_test.edl", frame_rates::k24);
  EXPECT_EQ(wipe.edits[2].transition, EdlTransition::Wipe);
  EXPECT_EQ(wipe.edits[2].wipe, 1);
}

TEST(Edl, audio_tracks_go_on_in_aud_lines) {
  TWOPOP_NEEDS_SHARED();
  EXPECT_EQ(shared("otio_multi_audio.edl", frame_rates::k24).edits[0].tracks.audio, (std::vector<int>{1, 2, 3}));
  const Edl stems = shared("TEST.edl", frame_rates::k24);
  EXPECT_EQ(stems.edits[3].tracks.audio, (std::vector<int>{11}));
  EXPECT_EQ(stems.edits[3].source_file, "TC R1 V6 TEMP2 ST BG.WAV");
}

TEST(Edl, reel_names_may_be_long_and_lines_end_in_any_way) {
  TWOPOP_NEEDS_SHARED();
  const Edl reels = shared("ISSUE_14_conform_edl_issue_01.edl", frame_rates::k24);
  EXPECT_EQ(reels.edits[2].reel, "B_0088C002_241125_144410_h1C2T");
  EXPECT_EQ(reels.edits[2].speed_fps, 31.7);
  const Edl mixed = shared("edl_mixed_line_endings.edl", frame_rates::k25);
  ASSERT_EQ(mixed.edits.size(), 1u);
  EXPECT_EQ(mixed.edits[0].comments, (std::vector<std::string>{"A", "B", "C", "D", "E", "F", "G"}));
}

TEST(Edl, markers_are_kept) {
  TWOPOP_NEEDS_SHARED();
  const Edl edl = shared("otio_no_spaces_test.edl", frame_rates::k24);
  ASSERT_EQ(edl.markers.size(), 3u);
  EXPECT_EQ(edl.markers[0].colour, "RED");
  EXPECT_EQ(edl.markers[0].text, "ANIM FIX NEEDED");
  EXPECT_EQ(edl.edits[0].source_file, "ZZ100_501.LAY3.01");
}

TEST(Edl, lengths_that_do_not_agree_are_warnings_with_their_lines) {
  TWOPOP_NEEDS_SHARED();
  const Edl edl = shared("otio_timecode_mismatch.edl", frame_rates::k25);
  ASSERT_FALSE(edl.warnings.empty());
  EXPECT_NE(edl.warnings[0].find("line 13: event 004 takes 49 frames"), std::string::npos) << edl.warnings[0];
}

TEST(Edl, counting_changes_with_each_fcm) {
  const Edl edl = read(
      "TITLE: T\nFCM: DROP FRAME\n001 AX V C 00:00:59:28 00:01:00:02 01:00:59:28 01:01:00:02\n"
      "FCM: NON-DROP FRAME\n002 AX V C 00:00:59:28 00:01:00:02 01:00:59:28 01:01:00:02\n",
      frame_rates::k29_97);
  ASSERT_EQ(edl.edits.size(), 2u);
  EXPECT_EQ(edl.edits[0].record_frames(), 2) << "drop-frame leaves out ;00 and ;01 of the minute";
  EXPECT_EQ(edl.edits[1].record_frames(), 4);
}

TEST(Edl, drop_frame_of_a_rate_without_it_is_read_as_non_drop) {
  const Edl edl = read("FCM: DROP FRAME\n001 AX V C 00:01:00:00 00:01:01:00 01:00:00:00 01:00:01:00\n");
  EXPECT_EQ(edl.edits[0].rate.drop, DropFrame::No);
  EXPECT_EQ(edl.warnings.size(), 1u);
}

TEST(Edl, label_left_out_by_drop_frame_becomes_the_next) {
  const Edl edl = read("FCM: DROP FRAME\n001 AX V C 00:01:00:00 00:01:00:12 01:01:00:00 01:01:00:12\n", frame_rates::k29_97);
  ASSERT_EQ(edl.edits.size(), 1u);
  EXPECT_EQ(to_string(edl.edits[0].record_in, edl.edits[0].rate), "01:01:00;02");
  EXPECT_EQ(edl.warnings.size(), 2u);
}

TEST(Edl, bad_lines_cost_themselves_and_are_named) {
  const Edl edl = read(
      "TITLE: Bad\n"
      "001 AX V C 01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n"
      "002 AX V C 01:00:00:00 01:00:01:00 00:00:01:00\n"
      "003 AX V X 01:00:00:00 01:00:01:00 00:00:01:00 00:00:02:00\n"
      "004 AX Q9 C 01:00:00:00 01:00:01:00 00:00:01:00 00:00:02:00\n"
      "005 AX V C 01:00:00:00 01:00:01:40 00:00:01:00 00:00:02:00\n"
      "006 AX V C 01:00:00:00 01:00:01:00 00:00:02:00 00:00:01:00\n"
      "M2 AX fast 01:00:00:00\n"
      "FCM: SOMETIMES\n"
      "007 AX V C 01:00:00:00 01:00:01:00 00:00:01:00 00:00:02:00\n");
  EXPECT_EQ(edl.edits.size(), 2u);
  ASSERT_EQ(edl.warnings.size(), 7u);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_TRUE(edl.warnings[i].starts_with(fmt::format("line {}: ", i + 3))) << edl.warnings[i];
}

TEST(Edl, a_text_that_is_no_list_is_refused) {
  for (const char* text : {"", "\n\n", "Dear editor,\nhere is the cut.\n", "001"}) EXPECT_FALSE(read_edl(text, frame_rates::k25).ok()) << text;
}

TEST(Edl, least_rate_has_all_labels) {
  EXPECT_EQ(least_nominal_rate("001 AX V C 01:00:00:23 01:00:01:00 00:00:01:00 00:00:02:00\n"), 24);
  EXPECT_EQ(least_nominal_rate("001 AX V C 01:00:00:24 01:00:01:00 00:00:01:00 00:00:02:00\n"), 25);
  EXPECT_EQ(least_nominal_rate("001 AX V C 01:00:00:29 01:00:01:00 00:00:01:00 00:00:02:00\n"), 30);
  EXPECT_EQ(least_nominal_rate("001 AX V C 01:00:00:59 01:00:01:00 00:00:01:00 00:00:02:00\n"), 60);
}

}  // namespace
}  // namespace twopop::interchange
