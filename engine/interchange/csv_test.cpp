#include "interchange/csv.h"

#include <gtest/gtest.h>

namespace twopop::interchange {
namespace {

TEST(Csv, what_is_written_is_read_again) {
  const std::vector<CsvRow> rows{{"cue", "in", "words"}, {"1", "01:00:10:00", "He said \"no, never\"; then\nleft"}, {"2", "", " spaced "}, {"3", "x", "caf\xc3\xa9"}};
  for (const char separator : {',', ';', '\t'}) {
    const CsvTable table = read_csv(write_csv(rows, separator), separator);
    ASSERT_EQ(table.rows.size(), rows.size());
    EXPECT_EQ(table.rows[1], rows[1]);
    EXPECT_EQ(table.cell(2, 2), "spaced");
    EXPECT_EQ(table.lines, (std::vector<int>{1, 2, 4, 5}));
    EXPECT_TRUE(table.warnings.empty());
  }
}

TEST(Csv, separator_is_the_one_that_divides_all_rows_alike) {
  EXPECT_EQ(read_csv("a;b\n1,5;2,5\n").separator, ';');
  EXPECT_EQ(read_csv("a\tb\n1,5\t2;5\n").separator, '\t');
  EXPECT_EQ(read_csv("a,b\nx;y,z\n").separator, ',');
  EXPECT_EQ(read_csv("time,sound\n1.0,step\n2.0\n").separator, ',');
  EXPECT_EQ(read_csv("sep=;\r\na,b;c\r\n").separator, ';');
  EXPECT_EQ(read_csv("only\nwords\n").rows.size(), 2u);
}

TEST(Csv, byte_order_mark_line_ends_and_empty_lines_do_not_matter) {
  const CsvTable table = read_csv("\xEF\xBB\xBFName,Time\r\rstep,1\r\n\nstep,2");
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.column({"time_s", "TIME"}), 1u);
  EXPECT_FALSE(table.column({"level"}));
  EXPECT_EQ(table.cell(2, 1), "2");
  EXPECT_EQ(table.cell(2, 9), "");
  EXPECT_EQ(table.lines[2], 5);
}

TEST(Csv, quotes_that_are_never_closed_are_said) {
  const CsvTable table = read_csv("a,b\n1,\"open\nmore");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[1][1], "open\nmore");
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].find("line 2"), std::string::npos);
}

TEST(Csv, windows_1252_becomes_utf8) { EXPECT_EQ(read_csv("a,b\nr\xfc" "ckw\xe4rts,1\n").rows[1][0], "r\xc3\xbc" "ckw\xc3\xa4rts"); }

TEST(Csv, cells_that_look_like_a_mark_at_the_start_come_back) {
  for (const std::string cell : {"\xEF\xBB\xBFx", "sep=;"}) {
    const CsvTable table = read_csv(write_csv({{cell, "b"}}), ',');
    ASSERT_EQ(table.rows.size(), 1u);
    EXPECT_EQ(table.rows[0][0], cell);
  }
}

TEST(Csv, nothing_is_an_empty_table) { EXPECT_TRUE(read_csv("").rows.empty()); }

}  // namespace
}  // namespace twopop::interchange
