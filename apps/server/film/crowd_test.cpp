#include "testing/crowd.h"

#include "session/testing/temporary_folder.h"

#include <gtest/gtest.h>

namespace twopop::server {
namespace {

TEST(Crowd, twenty_people_who_edit_at_random_end_with_the_same_document_though_the_server_is_killed) {
  const session::testing::TemporaryFolder folder;
  const auto outcome = testing::run_crowd(std::filesystem::path(TWOPOP_BINARY_DIR) / "twopop", folder / ".", 20, std::chrono::seconds(10), 2);
  for (const std::string& wrong : outcome.wrong) ADD_FAILURE() << wrong;
  EXPECT_EQ(outcome.kills, 2);
  EXPECT_GE(outcome.reconnected, 20) << "everybody was cut off at least once";
  EXPECT_GT(outcome.acknowledged, 100);
  EXPECT_GT(outcome.refused, 0) << "they got in each other's way";
}

}  // namespace
}  // namespace twopop::server
