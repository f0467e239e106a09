#include "session/patch.h"

#include "session/json.h"
#include "session/testing/random_document.h"

#include <gtest/gtest.h>

namespace twopop::session {
namespace {

Patch patch_of(std::string_view json) {
  auto patch = parse_patch(json);
  EXPECT_TRUE(patch) << patch.error().sentence();
  return patch.value_or({});
}

Document small() {
  Document document;
  document.mix.strips["a"].gain = Decibels{-3};
  document.mix.strips["b"];
  return document;
}

/// Applies a patch; the document's JSON, or the error's sentence.
std::string outcome(std::string_view json) {
  Document document = small();
  const auto patch = parse_patch(json);
  if (!patch) return patch.error().message;
  const auto applied = apply_patch(document, *patch);
  if (!applied) return applied.error().message;
  return write_json(document.mix.strips, JsonLayout::Compact);
}

TEST(Patch, each_verb_does_what_rfc_6902_says) {
  Document document = small();
  const Patch patch = patch_of(R"([
    {"op": "test", "path": "/mix/strips/a/gain_db", "value": -3},
    {"op": "replace", "path": "/mix/strips/a/gain_db", "value": -6.5},
    {"op": "add", "path": "/mix/strips/c", "value": {"gain_db": 1}},
    {"op": "copy", "from": "/mix/strips/a", "path": "/mix/strips/d"},
    {"op": "move", "from": "/mix/strips/b", "path": "/mix/strips/e"},
    {"op": "remove", "path": "/mix/strips/a"}])");
  const auto applied = apply_patch(document, patch);
  ASSERT_TRUE(applied) << applied.error().sentence();
  ASSERT_EQ(document.mix.strips.size(), 3u);
  EXPECT_EQ(document.mix.strips.at("c").gain, Decibels{1});
  EXPECT_EQ(document.mix.strips.at("d").gain, Decibels{-6.5});
  EXPECT_TRUE(document.mix.strips.contains("e"));
}

TEST(Patch, what_cannot_be_done_is_said_with_its_place) {
  EXPECT_EQ(outcome(R"([{"op": "replace", "path": "/mix/strips/z", "value": 1}])"), "/mix/strips/z: there is nothing here");
  EXPECT_EQ(outcome(R"([{"op": "add", "path": "/mix/strips/z/gain_db", "value": 1}])"), "/mix/strips/z: there is nothing here");
  EXPECT_EQ(outcome(R"([{"op": "test", "path": "/mix/strips/a/gain_db", "value": 0}])"), "/mix/strips/a/gain_db: expected 0, found -3.0");
  EXPECT_EQ(outcome(R"([{"op": "move", "from": "/mix", "path": "/mix/strips/q"}])"), "/mix cannot move into itself at /mix/strips/q");
  EXPECT_EQ(outcome(R"([{"op": "add", "path": "/mix/strips/a/gain_db", "value": 400}])"), "/mix/strips/a/gain_db: 400 is above 24 dB");
  EXPECT_EQ(outcome(R"([{"op": "turn", "path": "/mix"}])"), "operation 1 of the patch has the unknown op \"turn\"");
  EXPECT_EQ(outcome(R"([{"op": "add", "path": "mix", "value": 1}])"), "path 'mix' does not begin with '/'");
  EXPECT_EQ(outcome(R"([{"op": "add", "path": "/mix"}])"), "operation 1 of the patch has no \"value\"");
  EXPECT_EQ(outcome(R"({})"), "a patch is a list of operations (RFC 6902)");
}

TEST(Patch, a_patch_that_fails_halfway_changes_nothing) {
  Document document = small();
  const std::string before = write_json(document);
  const Patch patch = patch_of(R"([{"op": "remove", "path": "/mix/strips/a"}, {"op": "remove", "path": "/mix/strips/a"}])");
  EXPECT_FALSE(apply_patch(document, patch));
  EXPECT_EQ(write_json(document), before);
  EXPECT_FALSE(apply_patch(document, patch_of(R"([{"op": "replace", "path": "/mix/strips/a", "value": {"gian_db": 1}}])")));
  EXPECT_EQ(write_json(document), before);
}

TEST(Patch, the_difference_leads_from_one_document_to_the_other_and_its_inverse_back) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const Document before = testing::random_document(seed), after = testing::random_document(seed + 1000);
    Document document = before;
    Patch inverse;
    // Through text as well: a patch is stored as JSON.
    const auto applied = apply_patch(document, patch_of(patch_json(difference(before, after))), &inverse);
    ASSERT_TRUE(applied) << applied.error().sentence();
    ASSERT_EQ(write_json(document), write_json(after)) << "seed " << seed;
    ASSERT_TRUE(apply_patch(document, patch_of(patch_json(inverse))));
    ASSERT_EQ(write_json(document), write_json(before)) << "seed " << seed;
  }
}

TEST(Patch, the_inverse_of_a_random_patch_takes_it_back) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random(seed, 2);
    Document document = testing::random_document(seed);
    for (int i = 0; i < 20; ++i) document.mix.strips[fmt::format("i{}", i)];
    const std::string before = write_json(document);
    const auto place = [&] { return fmt::format("/mix/strips/i{}", random.below(20)); };
    Patch patch, inverse;
    for (int i = 0; i < 12; ++i) {
      const std::string from = place(), to = place();
      switch (random.below(4)) {
        case 0: patch.operations.push_back({Verb::Add, to, "", R"({"pan": 0.5})"}); break;
        case 1: patch.operations.push_back({Verb::Copy, to, from, ""}); break;
        case 2: patch.operations.push_back({Verb::Move, to, from, ""}); break;
        default: patch.operations.push_back({Verb::Add, to + "/gain_db", "", fmt::format("{}", random.uniform(-60, 12))});
      }
    }
    if (!apply_patch(document, patch, &inverse)) {
      ASSERT_EQ(write_json(document), before) << "seed " << seed;
      continue;
    }
    ASSERT_TRUE(apply_patch(document, inverse));
    ASSERT_EQ(write_json(document), before) << "seed " << seed;
  }
}

TEST(Patch, what_people_type_is_read_by_the_type_of_the_field) {
  const auto value = [](std::string_view assignment) {
    const auto operation = set_operation(type_of<Document>(), assignment);
    return operation ? operation->value : operation.error().message;
  };
  EXPECT_EQ(value("/mix/strips/a/gain_db=-3.5"), "-3.5");
  EXPECT_EQ(value("/media/m1/take=3"), "\"3\"") << "a take is a text";
  EXPECT_EQ(value("/name=A film = a dream"), "\"A film = a dream\"");
  EXPECT_EQ(value("/name=\"quoted\""), "\"quoted\"");
  EXPECT_EQ(value("/layout=5.1"), "\"5.1\"");
  EXPECT_EQ(value("/delivery/target_lufs=null"), "null");
  EXPECT_EQ(value("name=x"), "'name=x' sets nothing");
}

TEST(Patch, pointers_escape_what_json_pointers_keep_for_themselves) {
  EXPECT_EQ(pointer({"a/b", "c~d"}), "/a~1b/c~0d");
}

}  // namespace
}  // namespace twopop::session
