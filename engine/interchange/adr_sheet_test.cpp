#include "interchange/adr_sheet.h"

#include <gtest/gtest.h>

namespace twopop::interchange {
namespace {

/// Twenty seconds at 25 frames per second, from 01:00:00:00, with one cue.
session::Document film() {
  session::Document document;
  document.picture.length = {20 * 48000};
  session::AdrCue cue;
  cue.number = "A-101";
  cue.film = {{48001}, {96017}};
  cue.text = "\"Never\", he said";
  cue.reason_code = "N";
  cue.figure = "speech 4 dB over noise";
  document.adr.cues["c1"] = cue;
  return document;
}

AdrSheet read(std::string_view csv) {
  auto sheet = read_adr_sheet(csv, film());
  EXPECT_TRUE(sheet.ok()) << (sheet ? "" : sheet.error().sentence());
  return sheet ? *std::move(sheet) : AdrSheet{};
}

TEST(AdrSheet, what_goes_out_comes_in_to_the_sample) {
  session::Document moved = film();
  moved.adr.cues["c1"].film = {{0}, {100}};
  moved.adr.cues["c1"].text = "";
  const auto sheet = read_adr_sheet(write_adr_sheet(film()), moved);
  ASSERT_TRUE(sheet.ok());
  EXPECT_TRUE(sheet->warnings.empty());
  EXPECT_EQ(sheet->changed, 1);
  const session::AdrCue& cue = sheet->cues.at("c1");
  EXPECT_EQ(cue.film.in.value, 48001);
  EXPECT_EQ(cue.film.out.value, 96017);
  EXPECT_EQ(cue.text, "\"Never\", he said");
  EXPECT_EQ(cue.decided.by, session::By::Person);
}

TEST(AdrSheet, a_timecode_changed_by_hand_wins_over_the_exact_seconds) {
  std::string csv = write_adr_sheet(film());
  const std::string label = "01:00:02:00";
  ASSERT_NE(csv.find(label), std::string::npos) << csv;
  csv.replace(csv.find(label), label.size(), "01:00:03:00");
  EXPECT_EQ(read(csv).cues.at("c1").film.out.value, 3 * 48000);
}

TEST(AdrSheet, empty_and_missing_cells_change_nothing) {
  const AdrSheet sheet = read("Cue,Line,Notes\nA-101,,louder\n");
  const session::AdrCue& cue = sheet.cues.at("c1");
  EXPECT_EQ(cue.text, "\"Never\", he said");
  EXPECT_EQ(cue.notes, "louder");
  EXPECT_EQ(cue.reason_code, "N");
  EXPECT_EQ(cue.film.in.value, 48001);
}

TEST(AdrSheet, added_lines_come_in_by_timecode_or_by_seconds_with_a_comma) {
  const AdrSheet sheet = read("cue;in;out;character;line\nX1;01:00:10:00;01:00:11:00;ANNA;Wait!\n;12,5;13,5;BEN;What?\n");
  EXPECT_EQ(sheet.added, 2);
  ASSERT_EQ(sheet.cues.size(), 3u);
  bool found = false;
  for (const auto& [id, cue] : sheet.cues) {
    if (cue.text != "What?") continue;
    found = true;
    EXPECT_EQ(cue.film.in.value, 600'000);
    EXPECT_EQ(cue.reason_code, "A");
    EXPECT_EQ(cue.character, "BEN");
  }
  EXPECT_TRUE(found);
}

TEST(AdrSheet, rows_that_cannot_be_taken_cost_themselves) {
  const AdrSheet sheet = read("Cue,In,Out,Line,Status\nX1,01:00:10:00,01:00:09:00,back,\nX2,01:00:10:00,,no out,\nX3,00:59:00:00,01:00:01:00,early,\n"
                              "X4,01:00:01:30,01:00:02:00,label,\nA-101,,,,gone\n");
  EXPECT_EQ(sheet.added, 0);
  ASSERT_EQ(sheet.warnings.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(sheet.warnings[i].starts_with(fmt::format("line {}: ", i + 2))) << sheet.warnings[i];
}

TEST(AdrSheet, a_table_of_something_else_is_refused) { EXPECT_FALSE(read_adr_sheet("name,phone\nAnna,12\n", film()).ok()); }

}  // namespace
}  // namespace twopop::interchange
