#include "session/decided.h"

#include "session/document.h"

#include <gtest/gtest.h>

namespace twopop::session {
namespace {

Document with_clip() {
  Document document;
  document.dialogue.clips["c1"].decided.by = By::Auto;
  document.mix.master.decided.by = By::Auto;
  return document;
}

Document after(const std::string& path, const std::string& value) {
  Document document = with_clip();
  Patch patch;
  patch.operations.push_back({Verb::Replace, path, "", value});
  EXPECT_TRUE(apply_patch(document, decided_by_person(patch)));
  return document;
}

TEST(Decided, what_a_person_touches_becomes_that_persons_decision) {
  EXPECT_EQ(after("/dialogue/clips/c1/gain_db", "-6").dialogue.clips.at("c1").decided.by, By::Person);
  EXPECT_EQ(after("/dialogue/clips/c1/denoise/on", "true").dialogue.clips.at("c1").decided.by, By::Person);
  EXPECT_EQ(after("/mix/master/gain_db", "2").mix.master.decided.by, By::Person);
  EXPECT_EQ(after("/mix/master/gain_db", "2").dialogue.clips.at("c1").decided.by, By::Auto);
}

TEST(Decided, who_says_who_decided_is_believed) {
  EXPECT_EQ(after("/dialogue/clips/c1/decided/by", "\"auto\"").dialogue.clips.at("c1").decided.by, By::Auto);
  EXPECT_EQ(after("/name", "\"x\"").dialogue.clips.at("c1").decided.by, By::Auto);
}

}  // namespace
}  // namespace twopop::session
