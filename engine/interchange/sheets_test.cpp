#include "interchange/csv.h"
#include "interchange/sheets.h"

#include <gtest/gtest.h>

namespace twopop::interchange {
namespace {

/// Twenty seconds at 25 frames per second, from 01:00:00:00.
session::Document film() {
  session::Document document;
  document.picture.length = {20 * 48000};
  return document;
}

SheetTaken taken(std::string_view csv, const session::Document& document = film()) {
  auto sheet = take_sheet(csv, document, "sheet.csv");
  EXPECT_TRUE(sheet.ok()) << (sheet ? "" : sheet.error().sentence());
  return sheet ? *std::move(sheet) : SheetTaken{};
}

TEST(Sheets, foley_steps_come_in_by_timecode_and_by_seconds) {
  const SheetTaken sheet = taken("timecode,pass,surface,character,action\n01:00:02:05,feet,wood,ANNA,step\n3.5,moves,coat,ANNA,turns\n");
  EXPECT_EQ(sheet.kind, SheetKind::Foley);
  EXPECT_EQ(sheet.added, 2);
  EXPECT_TRUE(sheet.warnings.empty()) << sheet.warnings[0];
  ASSERT_EQ(sheet.document.foley.cues.size(), 2u);
  const session::FoleyCue& first = sheet.document.foley.cues.begin()->second;
  EXPECT_EQ(first.at.value, 48000 * 2 + 48000 / 5);
  EXPECT_EQ(first.surface, "wood");
  EXPECT_EQ(first.decided.by, session::By::Person);
  const session::FoleyCue& second = std::next(sheet.document.foley.cues.begin())->second;
  EXPECT_EQ(second.at.value, 168000);
  EXPECT_EQ(second.pass, session::FoleyPass::Moves);
}

TEST(Sheets, semicolons_and_decimal_commas_are_read) {
  const SheetTaken sheet = taken("time_s;pass;surface;gain_db\n1,25;feet;gravel;-3,5\n");
  ASSERT_EQ(sheet.document.foley.cues.size(), 1u);
  EXPECT_EQ(sheet.document.foley.cues.begin()->second.at.value, 60000);
  EXPECT_EQ(sheet.document.foley.cues.begin()->second.gain.value, -3.5);
}

TEST(Sheets, what_goes_out_comes_in_to_the_sample) {
  session::Document document = film();
  session::FoleyCue step;
  step.at = {123457};
  step.surface = "wood";
  document.foley.cues["s1"] = step;
  session::AdrCue cue;
  cue.number = "A-101";
  cue.film = {{48001}, {96017}};
  cue.text = "\"Never\", he said";
  document.adr.cues["c1"] = cue;
  session::Document changed = document;
  changed.foley.cues["s1"].at = {5};
  changed.adr.cues["c1"].film = {{0}, {100}};
  changed.adr.cues["c1"].text = "";
  const SheetTaken foley = taken(foley_sheet(document), changed), adr = taken(adr_sheet(document), changed);
  EXPECT_EQ(foley.changed, 1);
  EXPECT_EQ(foley.added, 0);
  EXPECT_EQ(foley.document.foley.cues.at("s1").at.value, 123457);
  EXPECT_EQ(adr.kind, SheetKind::Adr);
  EXPECT_EQ(adr.changed, 1);
  EXPECT_EQ(adr.document.adr.cues.at("c1").film.in.value, 48001);
  EXPECT_EQ(adr.document.adr.cues.at("c1").film.out.value, 96017);
  EXPECT_EQ(adr.document.adr.cues.at("c1").text, "\"Never\", he said");
}

TEST(Sheets, a_timecode_changed_by_hand_wins_over_the_exact_seconds) {
  session::Document document = film();
  document.foley.cues["s1"].at = {123457};
  std::string sheet = foley_sheet(document);
  const std::string label = "01:00:02:14";
  ASSERT_NE(sheet.find(label), std::string::npos) << sheet;
  sheet.replace(sheet.find(label), label.size(), "01:00:04:00");
  EXPECT_EQ(taken(sheet, document).document.foley.cues.at("s1").at.value, 4 * 48000);
}

TEST(Sheets, effects_are_found_by_the_name_of_their_file) {
  session::Document document = film();
  document.media["door"].path = "fx/door_close.ogg";
  const SheetTaken sheet = taken("time_s,file,gain_db\n1.5,door_close.ogg,-6\n2.0,missing.wav,0\n", document);
  EXPECT_EQ(sheet.kind, SheetKind::Effects);
  ASSERT_EQ(sheet.document.design.effects.size(), 1u);
  EXPECT_EQ(sheet.document.design.effects.begin()->second.media, "door");
  ASSERT_EQ(sheet.warnings.size(), 1u);
  EXPECT_EQ(sheet.warnings[0], "sheet.csv, line 3: no file 'missing.wav' is in the film");
}

TEST(Sheets, rows_that_name_no_place_of_the_film_cost_themselves) {
  const SheetTaken sheet = taken("timecode,pass,surface\n00:59:00:00,feet,a\n01:00:01:30,feet,b\nsoon,feet,c\n01:00:21:00,feet,d\n01:00:01:00,hands,e\n");
  EXPECT_EQ(sheet.document.foley.cues.size(), 1u);
  EXPECT_EQ(sheet.warnings.size(), 5u);
}

TEST(Sheets, a_table_of_something_else_is_refused) {
  const auto refused = take_sheet("name,phone\nAnna,12\n", film(), "list.csv");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("list.csv"), std::string::npos);
}

TEST(Sheets, music_sheet_states_licences_and_lengths) {
  session::Document document = film();
  document.media["theme"].licence = {"Theme", "A. Composer", "CC-BY-4.0", "library", "P", "X1", ""};
  session::MusicCue cue;
  cue.number = "1M1";
  cue.media = "theme";
  cue.film = {{0}, {480'000}};
  document.music.cues["m"] = cue;
  const CsvTable table = read_csv(music_sheet(document));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[1], (CsvRow{"1M1", "Theme", "A. Composer", "P", "CC-BY-4.0", "library", "X1", "BI", "01:00:00:00", "01:00:10:00", "10.00"}));
}

}  // namespace
}  // namespace twopop::interchange
