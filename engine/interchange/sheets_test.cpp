#include "interchange/csv.h"
#include "interchange/foley_sheet.h"
#include "interchange/music_cue_sheet.h"

#include <gtest/gtest.h>

namespace twopop::interchange {
namespace {

session::Document film() {
  session::Document document;
  document.name = "Kit";
  document.picture.length = SampleCount{27 * 48000};
  document.foley.sets["wood_step"] = {"wood", session::FoleyPass::Feet, {{"a", "a"}}};
  return document;
}

TEST(FoleySheet, comes_back_as_it_went_out) {
  session::Document document = film();
  session::FoleyCue step;
  step.at = SamplePosition{123457};
  step.set = "wood_step";
  step.surface = "wood";
  step.character = "W1, the \"walker\"";
  step.gain = Decibels{-3};
  document.foley.cues["s1"] = step;
  session::FoleyCue cloth;
  cloth.pass = session::FoleyPass::Moves;
  cloth.at = SamplePosition{48000};
  cloth.out = SamplePosition{96000};
  cloth.on_screen = false;
  cloth.status = session::CueStatus::Done;
  document.foley.cues["m1"] = cloth;
  const auto sheet = read_foley_sheet(write_foley_sheet(document), document);
  ASSERT_TRUE(sheet) << sheet.error().message;
  EXPECT_TRUE(sheet->warnings.empty());
  ASSERT_EQ(sheet->cues.size(), 2u);
  const session::FoleyCue& back = sheet->cues.at("s1");
  EXPECT_EQ(back.at, step.at);
  EXPECT_EQ(back.set, "wood_step");
  EXPECT_EQ(back.character, step.character);
  EXPECT_EQ(back.gain, step.gain);
  EXPECT_EQ(sheet->cues.at("m1").pass, session::FoleyPass::Moves);
  EXPECT_EQ(sheet->cues.at("m1").out->value, 96000);
  EXPECT_FALSE(sheet->cues.at("m1").on_screen);
  EXPECT_EQ(sheet->cues.at("m1").status, session::CueStatus::Done);
}

TEST(FoleySheet, a_moved_timecode_counts_over_the_old_seconds) {
  const auto sheet = read_foley_sheet("Cue,In,In (s),Set\r\ns1,01:00:05:00,2.572021,wood_step\r\n", film());
  ASSERT_TRUE(sheet);
  EXPECT_EQ(sheet->cues.at("s1").at.value, 5 * 48000);
}

TEST(FoleySheet, reads_a_plain_list_of_times_and_says_what_it_could_not) {
  const auto sheet = read_foley_sheet("Time;Surface\n1.5;wood\n01:00:02:12;wood\nsoon;wood\n", film());
  ASSERT_TRUE(sheet);
  ASSERT_EQ(sheet->cues.size(), 2u);
  ASSERT_EQ(sheet->warnings.size(), 1u);
  EXPECT_NE(sheet->warnings[0].find("line 4"), std::string::npos);
  for (const auto& [id, cue] : sheet->cues) {
    EXPECT_EQ(cue.set, "wood_step");
    EXPECT_TRUE(cue.at.value == 72000 || cue.at.value == 2 * 48000 + 12 * 1920) << cue.at.value;
    EXPECT_EQ(cue.decided.by, session::By::Person);
  }
  EXPECT_EQ(read_foley_sheet("Who,What\na,b\n", film()).error().code, Code::Damaged);
}

TEST(MusicCueSheet, lists_cues_in_film_time_with_their_licence_facts) {
  session::Document document = film();
  session::Media piece;
  piece.name = "vibe.ogg";
  piece.licence.title = "Vibe Ace";
  piece.licence.author = "Kevin MacLeod";
  piece.licence.licence = "CC BY 3.0";
  document.media["vibe"] = piece;
  document.media["bare"].name = "bare.wav";
  session::MusicCue late;
  late.number = "1M2";
  late.media = "bare";
  late.diegetic = true;
  late.film = {SamplePosition{20 * 48000}, SamplePosition{22 * 48000 + 24}};
  document.music.cues["a"] = late;
  session::MusicCue early;
  early.number = "1M1";
  early.media = "vibe";
  early.film = {SamplePosition{0}, SamplePosition{10 * 48000}};
  document.music.cues["b"] = early;
  const CsvTable table = read_csv(write_music_cue_sheet(document), ',');
  ASSERT_EQ(table.rows.size(), 7u);
  EXPECT_EQ(table.cell(2, 1), "00:00:12.001");
  EXPECT_EQ(table.cell(5, 1), "1M1");
  EXPECT_EQ(table.cell(5, 2), "Vibe Ace");
  EXPECT_EQ(table.cell(5, 4), "01:00:00:00");
  EXPECT_EQ(table.cell(5, 10), "CC BY 3.0");
  EXPECT_EQ(table.cell(6, 3), "VI");
  EXPECT_EQ(table.cell(6, 6), "00:00:02.001");
  EXPECT_EQ(check_music_cue_sheet(document).size(), 3u);  // no title, composer, licence of the second
  document.picture.length = SampleCount{5 * 48000};
  EXPECT_EQ(check_music_cue_sheet(document).size(), 4u);
}

}  // namespace
}  // namespace twopop::interchange
