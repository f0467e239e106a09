#include "deliver/explanations.h"

#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop::deliver {
namespace {

cache::Explanation explanation(int place, const std::string& cause) {
  return {fmt::format("place {}", place), cache::TaskKind::Chunk, cache::Reason::InputChanged, cause, hash_of("key"), hash_of("content")};
}

TEST(Explanations, of_many_places_come_back_and_the_next_build_takes_their_place) {
  const test::ScratchFolder scratch("explanations");
  const auto store = test::must(cache::Store::open(scratch.path / "cache"));
  EXPECT_TRUE(kept_explanations(*store).empty());
  for (const int places : {10000, 3, 2048}) {
    ExplanationKeeper keeper(*store);
    for (int i = 0; i < places; ++i) keeper.add(explanation(i, fmt::format("build of {}", places)));
    ASSERT_TRUE(keeper.finish());
    const auto kept = kept_explanations(*store);
    ASSERT_EQ(kept.size(), static_cast<std::size_t>(places));
    const cache::Explanation& last = kept.at(fmt::format("place {}", places - 1));
    EXPECT_EQ(last.cause, fmt::format("build of {}", places));
    EXPECT_EQ(last.reason, cache::Reason::InputChanged);
    EXPECT_EQ(last.content, hash_of("content"));
  }
}

TEST(Explanations, of_a_build_that_was_killed_leave_those_before_as_they_are) {
  const test::ScratchFolder scratch("explanations");
  const auto store = test::must(cache::Store::open(scratch.path / "cache"));
  {
    ExplanationKeeper keeper(*store);
    for (int i = 0; i < 5000; ++i) keeper.add(explanation(i, "whole"));
    ASSERT_TRUE(keeper.finish());
  }
  ExplanationKeeper killed(*store);
  for (int i = 0; i < 5000; ++i) killed.add(explanation(i, "killed"));
  const auto kept = kept_explanations(*store);
  ASSERT_EQ(kept.size(), 5000u);
  for (const auto& [identity, e] : kept) EXPECT_EQ(e.cause, "whole");
}

}  // namespace
}  // namespace twopop::deliver
