#include "deliver/detail/text_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace twopop::deliver::detail {
namespace {

TEST(TextFile, is_written_whole_and_left_alone_where_nothing_changed) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("twopop-text-{}", getpid());
  std::filesystem::create_directories(folder);
  const auto first = write_text(folder / "sheet.csv", "cue\n1\n"), same = write_text(folder / "sheet.csv", "cue\n1\n"), other = write_text(folder / "sheet.csv", "cue\n");
  ASSERT_TRUE(first.ok() && same.ok() && other.ok());
  EXPECT_TRUE(*first);
  EXPECT_FALSE(*same);
  EXPECT_TRUE(*other);
  EXPECT_EQ(std::filesystem::file_size(folder / "sheet.csv"), 4u);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++files;
  EXPECT_EQ(files, 1u);
  const auto nowhere = write_text(folder / "missing" / "sheet.csv", "x");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_NE(nowhere.error().message.find("sheet.csv"), std::string::npos);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace twopop::deliver::detail
