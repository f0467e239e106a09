#include "core/text.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

TEST(Text, utf8_stays_and_anything_else_is_read_as_windows_1252) {
  EXPECT_EQ(tidy_text("  caf\xc3\xa9 \r\n"), "caf\xc3\xa9");
  EXPECT_EQ(tidy_text("caf\xe9 \x80 \x93x\x94"), "caf\xc3\xa9 \xe2\x82\xac \xe2\x80\x9cx\xe2\x80\x9d");
  EXPECT_EQ(tidy_text(std::string_view("take\0rest", 9)), "take");
  // Overlong, surrogate and beyond U+10FFFF are no UTF-8.
  for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
    EXPECT_NE(tidy_text(bad), bad);
}

TEST(Text, lines_of_mixed_endings_keep_their_numbers) {
  const auto lines = lines_of("\xEF\xBB\xBF" "a\r\nb\rc\n\nd");
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[0].text, "a");
  EXPECT_EQ(lines[2].text, "c");
  EXPECT_EQ(lines[3].text, "");
  EXPECT_EQ(lines[4].text, "d");
  EXPECT_EQ(lines[4].number, 5);
  EXPECT_TRUE(lines_of("").empty());
}

TEST(Text, whole_numbers_only) {
  EXPECT_EQ(whole_number("042"), 42);
  EXPECT_EQ(whole_number("-7"), -7);
  for (const char* bad : {"", "4.", "x", "4 ", "99999999999999999999"}) EXPECT_FALSE(whole_number(bad)) << bad;
}

}  // namespace
}  // namespace twopop
