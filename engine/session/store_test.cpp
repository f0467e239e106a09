#include "session/store.h"

#include "session/json.h"
#include "session/testing/random_document.h"
#include "session/testing/temporary_folder.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

namespace twopop::session {
namespace {

using testing::TemporaryFolder;

Document small() {
  Document document;
  document.name = "Film";
  for (const char* id : {"a", "b", "c"}) document.mix.strips[id];
  return document;
}

Edit gain_edit(std::int64_t base, const std::string& strip, double gain, const std::string& author = "Ann") {
  return {base, author, "louder " + strip, By::Person, Patch{{{Verb::Replace, "/mix/strips/" + strip + "/gain_db", "", fmt::format("{}", gain)}}}};
}

struct Film {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "film.twopop";
  Store store = *Store::create(path, small());
  const Document& document() { return *store.head().document; }
  double gain(const std::string& strip) { return document().mix.strips.at(strip).gain.value; }
};

std::string sentence(const Result<std::int64_t>& result) { return result ? "done" : result.error().message; }

TEST(Store, a_film_is_a_folder_with_its_session_in_it) {
  Film film;
  for (const char* name : {"session.db", "session.json", "cache", "out"}) EXPECT_TRUE(std::filesystem::exists(film.path / name)) << name;
  EXPECT_EQ(film.store.head().revision, 0);
  EXPECT_EQ(Store::create(film.path, small()).error().code, Code::AlreadyExists);
  EXPECT_EQ(Store::open(film.path / "nothing").error().code, Code::NotFound);
}

TEST(Store, edits_are_there_again_after_the_film_was_closed) {
  Film film;
  for (int i = 1; i <= 150; ++i) ASSERT_EQ(*film.store.commit(gain_edit(i - 1, "a", -i / 10.0)), i);
  const std::string before = film.store.json();
  film.store = *Store::open(film.path);
  EXPECT_EQ(film.store.head().revision, 150);
  EXPECT_EQ(film.gain("a"), -15.0);
  EXPECT_EQ(film.store.json(), before);
}

TEST(Store, edits_made_together_are_answered_as_one_after_the_other) {
  Film together, alone;
  std::vector<Edit> edits{gain_edit(0, "a", -1), gain_edit(0, "b", -2), gain_edit(0, "a", -3, "Bo"), gain_edit(0, "c", 400), gain_edit(2, "nothing", -1), gain_edit(0, "c", 0), gain_edit(1, "c", -4)};
  edits[0].id = "first";
  edits.push_back(edits[0]);  // sent again
  const Head before = together.store.head();
  const auto answers = together.store.commit_all(edits);
  ASSERT_EQ(answers.size(), edits.size());
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const auto one = alone.store.commit(edits[i]);
    EXPECT_EQ(sentence(answers[i]), sentence(one)) << i;
    if (one && answers[i]) {
      EXPECT_EQ(*answers[i], *one) << i;
    }
  }
  EXPECT_EQ(together.store.json(), alone.store.json());
  EXPECT_EQ(together.store.revision(), 3);
  EXPECT_EQ(before.document->mix.strips.at("a").gain.value, 0.0) << "what was given out stays as it was";
  EXPECT_EQ(write_json(*together.store.head().document), write_json(*Store::open(together.path)->head().document));
}

TEST(Store, edits_made_together_fail_together_where_they_cannot_be_written) {
  Film film;
  Store other = *Store::open(film.path, Access::Write, {{}, 50, 64});
  const std::string before = other.json();
  sqlite3* holder = nullptr;
  ASSERT_EQ(sqlite3_open(session_database(film.path).c_str(), &holder), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(holder, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const std::vector<Edit> edits{gain_edit(0, "a", -1), gain_edit(0, "b", -2)};
  for (const auto& answer : other.commit_all(edits)) EXPECT_EQ(answer.error().code, Code::Busy);
  sqlite3_close(holder);
  EXPECT_EQ(other.json(), before);
  for (const auto& answer : other.commit_all(edits)) EXPECT_TRUE(answer);
  EXPECT_EQ(other.revision(), 2);
}

TEST(Store, a_snapshot_on_request_saves_the_replay_and_changes_nothing) {
  Film film;
  StoreOptions options;
  options.snapshot_every = 0;
  film.store = *Store::open(film.path, Access::Write, options);
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(film.store.commit(gain_edit(i - 1, "b", -i / 10.0)));
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(film.store.add_snapshot());
  ASSERT_TRUE(film.store.commit(gain_edit(100, "a", -3)));
  ASSERT_TRUE(film.store.undo("Ann"));
  Store again = *Store::open(film.path);
  EXPECT_EQ(again.revision(), 102);
  EXPECT_EQ(write_json(*again.at(100)), write_json(*again.head().document)) << "the undo led back there";
}

TEST(Store, an_edit_that_changes_nothing_makes_no_revision) {
  Film film;
  EXPECT_EQ(*film.store.commit(gain_edit(0, "a", 0)), 0);
  EXPECT_EQ(*film.store.commit(film.store.head(), small(), "Ann", "nothing"), 0);
}

TEST(Store, the_log_says_who_when_why_and_what_with_a_test_of_what_was_replaced) {
  Film film;
  ASSERT_TRUE(film.store.commit(gain_edit(0, "a", -6)));
  const auto history = film.store.history();
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 1u);
  const LogEntry& entry = history->front();
  EXPECT_EQ(entry.author, "Ann");
  EXPECT_EQ(entry.reason, "louder a");
  EXPECT_EQ(entry.time.size(), 24u);
  EXPECT_EQ(patch_json(entry.patch), R"([{"op":"test","path":"/mix/strips/a/gain_db","value":0.0},)"
                                     R"({"op":"replace","path":"/mix/strips/a/gain_db","value":-6.0}])");
}

TEST(Store, edits_on_an_older_revision_merge_if_they_touch_other_items) {
  Film film;
  ASSERT_TRUE(film.store.commit(gain_edit(0, "a", -6)));
  EXPECT_EQ(*film.store.commit(gain_edit(0, "b", -3, "Bob")), 2);
  EXPECT_EQ(film.gain("a"), -6);
  EXPECT_EQ(film.gain("b"), -3);
}

TEST(Store, edits_on_the_same_item_are_refused_with_what_collided) {
  Film film;
  ASSERT_TRUE(film.store.commit(gain_edit(0, "a", -6)));
  const auto refused = film.store.commit(gain_edit(0, "a", -3, "Bob"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Conflict);
  EXPECT_EQ(refused.error().message, "/mix/strips/a collides with revision 1 by Ann (louder a)");
  EXPECT_EQ(film.gain("a"), -6);
}

TEST(Store, an_item_and_the_collection_around_it_collide) {
  Film film;
  ASSERT_TRUE(film.store.commit({0, "Ann", "", By::Person, *parse_patch(R"([{"op":"replace","path":"/mix/strips","value":{}}])")}));
  EXPECT_EQ(sentence(film.store.commit(gain_edit(0, "a", -3))), "/mix/strips/a collides with revision 1 by Ann (no reason given)");
}

TEST(Store, a_merge_that_would_not_hold_together_is_refused) {
  Film film;
  ASSERT_TRUE(film.store.commit({0, "Ann", "", By::Person, *parse_patch(R"([{"op":"add","path":"/media/m1","value":{"path":"a.wav"}}])")}));
  ASSERT_TRUE(film.store.commit({1, "Ann", "unused", By::Person, *parse_patch(R"([{"op":"remove","path":"/media/m1"}])")}));
  const auto refused =
      film.store.commit({1, "Bob", "", By::Person, *parse_patch(R"([{"op":"add","path":"/music/cues/1M1","value":{"media":"m1"}}])")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Conflict);
  EXPECT_NE(refused.error().message.find("/music/cues/1M1/media: there is no media 'm1'"), std::string::npos) << refused.error().message;
}

TEST(Store, an_edit_that_is_wrong_in_itself_changes_nothing) {
  Film film;
  const std::string before = film.store.json();
  EXPECT_EQ(sentence(film.store.commit(gain_edit(0, "a", 400))), "/mix/strips/a/gain_db: 400 is above 24 dB");
  EXPECT_EQ(sentence(film.store.commit(gain_edit(0, "z", 1))), "/mix/strips/z/gain_db: there is nothing here");
  EXPECT_EQ(sentence(film.store.commit(gain_edit(7, "a", 1))), "the edit is based on revision 7, which is not there");
  const Patch half = *parse_patch(R"([{"op":"remove","path":"/mix/strips/a"},{"op":"add","path":"/mix/strips/b/pan","value":2}])");
  EXPECT_EQ(sentence(film.store.commit({0, "Ann", "", By::Person, half})), "/mix/strips/b/pan: 2 is above 1");
  EXPECT_EQ(film.store.json(), before);
}

TEST(Store, what_a_patch_leaves_out_is_filled_in_with_defaults) {
  Film film;
  ASSERT_TRUE(film.store.commit({0, "Ann", "", By::Person, *parse_patch(R"([{"op":"add","path":"/mix/strips/new","value":{"pan":0.5}}])")}));
  ASSERT_TRUE(film.store.commit({1, "Ann", "", By::Person, *parse_patch(R"([{"op":"remove","path":"/mix/strips/a"}])")}));
  ASSERT_TRUE(film.store.commit({2, "Ann", "", By::Person, *parse_patch(R"([{"op":"remove","path":"/mix/strips/new/pan"}])")}));
  EXPECT_EQ(film.document().mix.strips.at("new").pan, 0);
  ASSERT_TRUE(film.store.commit({3, "Ann", "", By::Person, *parse_patch(R"([{"op":"add","path":"/delivery/target_lufs","value":-20}])")}));
  ASSERT_TRUE(film.store.commit({4, "Ann", "", By::Person, *parse_patch(R"([{"op":"add","path":"/delivery/target_lufs","value":null}])")}));
  EXPECT_FALSE(film.document().delivery.target);
  const auto read = read_json<Document>(write_json(film.document()));
  ASSERT_TRUE(read);
  EXPECT_TRUE(film.store.commit(gain_edit(film.store.head().revision, "new", -1)));
  const std::string before = film.store.json();
  film.store = *Store::open(film.path);
  EXPECT_EQ(film.store.json(), before);
}

TEST(Store, undo_and_redo_walk_back_and_forth_as_edits_of_their_own) {
  Film film;
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(film.store.commit(gain_edit(i - 1, "a", -i)));
  for (const double expected : {-2, -1, 0}) {
    ASSERT_TRUE(film.store.undo("Ann"));
    EXPECT_EQ(film.gain("a"), expected);
  }
  EXPECT_EQ(film.store.undo("Ann").error().code, Code::NotFound);
  for (const double expected : {-1, -2, -3}) {
    ASSERT_TRUE(film.store.redo("Ann"));
    EXPECT_EQ(film.gain("a"), expected);
  }
  EXPECT_EQ(film.store.redo("Ann").error().code, Code::NotFound);
  EXPECT_EQ(film.store.head().revision, 9);
  ASSERT_TRUE(film.store.undo("Ann"));
  ASSERT_TRUE(film.store.commit(gain_edit(10, "a", 5)));
  EXPECT_EQ(film.store.redo("Ann").error().code, Code::NotFound) << "an edit ends what can be redone";
}

TEST(Store, undo_takes_back_ones_own_edit_and_leaves_those_of_others) {
  Film film;
  ASSERT_TRUE(film.store.commit(gain_edit(0, "a", -6, "Ann")));
  ASSERT_TRUE(film.store.commit(gain_edit(1, "b", -3, "Bob")));
  ASSERT_TRUE(film.store.undo("Ann"));
  EXPECT_EQ(film.gain("a"), 0);
  EXPECT_EQ(film.gain("b"), -3);
  ASSERT_TRUE(film.store.redo("Ann"));
  ASSERT_TRUE(film.store.undo("Eve", UndoScope::Anybody));
  EXPECT_EQ(film.gain("a"), 0) << "the last to stand, made again by the redo";
}

TEST(Store, undo_of_what_somebody_has_built_upon_is_refused) {
  Film film;
  ASSERT_TRUE(film.store.commit(gain_edit(0, "a", -6, "Ann")));
  ASSERT_TRUE(film.store.commit(gain_edit(1, "a", -3, "Bob")));
  EXPECT_EQ(sentence(film.store.undo("Ann")), "/mix/strips/a collides with revision 2 by Bob (louder a)");
}

TEST(Store, the_document_of_any_revision_can_be_had) {
  Film film;
  for (int i = 1; i <= 100; ++i) ASSERT_TRUE(film.store.commit(gain_edit(i - 1, "a", -i / 2.0)));
  for (const int revision : {0, 1, 50, 99, 100})
    EXPECT_EQ(film.store.at(revision)->mix.strips.at("a").gain.value, -revision / 2.0) << revision;
  EXPECT_EQ(film.store.at(101).error().code, Code::NotFound);
}

TEST(Store, a_session_json_edited_by_hand_is_taken_in_as_an_edit_on_its_revision) {
  Film film;
  std::string text = film.store.json();
  ASSERT_TRUE(film.store.commit(gain_edit(0, "b", -3)));
  text.replace(text.find("\"Film\""), 6, "\"My Film\"");
  const auto taken = film.store.import_json(text, "Ann", "title");
  ASSERT_TRUE(taken) << taken.error().sentence();
  EXPECT_EQ(film.document().name, "My Film");
  EXPECT_EQ(film.gain("b"), -3);
  EXPECT_EQ(patch_json(film.store.history(1)->front().patch),
            R"([{"op":"test","path":"/name","value":"Film"},{"op":"replace","path":"/name","value":"My Film"}])");
  EXPECT_EQ(*film.store.import_json(film.store.json(), "Ann", "nothing"), 2);
}

TEST(Store, a_session_json_with_a_mistake_is_refused_with_its_place) {
  Film film;
  std::string text = film.store.json();
  text.replace(text.find("\"muted\""), 7, "\"mutde\"");
  EXPECT_EQ(film.store.import_json(text, "Ann", "").error().sentence(), "/mix/strips/a/mutde: there is no such key; did you mean muted?");
}

TEST(Store, a_newer_minor_format_is_kept_whole_and_a_newer_major_one_refused) {
  Film film;
  std::string text = film.store.json();
  text.replace(text.find("\"format_minor\": 0"), 17, "\"format_minor\": 7, \"hologram\": {\"depth\": 3}");
  ASSERT_TRUE(film.store.import_json(text, "Ann", "from a newer version"));
  film.store = *Store::open(film.path);
  ASSERT_EQ(film.store.warnings().size(), 2u);
  EXPECT_EQ(film.store.warnings()[1], "/hologram: not understood, kept");
  ASSERT_TRUE(film.store.commit(gain_edit(1, "a", -2)));
  EXPECT_NE(film.store.json().find("\"hologram\": {\"depth\": 3}"), std::string::npos);
  text = film.store.json();
  text.replace(text.find("\"format_major\": 1"), 17, "\"format_major\": 2");
  EXPECT_EQ(film.store.import_json(text, "Ann", "").error().code, Code::Unsupported);
}

TEST(Store, at_rest_it_is_the_same_session_and_wakes_for_whatever_is_asked) {
  Film film;
  std::string text = film.store.json();
  text.replace(text.find("\"format_minor\": 0"), 17, "\"format_minor\": 7, \"hologram\": {\"depth\": 3.0, \"of\": [-1, 18446744073709551615, 1e-300, null, \"\\u00e9\"]}");
  ASSERT_TRUE(film.store.import_json(text, "Ann", "from a newer version"));
  const std::string before = film.store.json();
  film.store.rest();
  EXPECT_EQ(film.gain("a"), 0) << "the document needs no waking";
  EXPECT_EQ(film.store.json(), before);
  film.store.rest();
  film.store.rest();
  ASSERT_TRUE(film.store.commit(gain_edit(1, "a", -2)));
  film.store.rest();
  EXPECT_EQ(film.store.at(1)->mix.strips.at("a").gain.value, 0);
  film.store.rest();
  ASSERT_TRUE(film.store.undo("Ann"));
  film.store.rest();
  ASSERT_TRUE(film.store.add_snapshot());
  film.store.rest();
  Store other = *Store::open(film.path);
  ASSERT_TRUE(other.commit(gain_edit(3, "b", -5)));
  ASSERT_TRUE(film.store.refresh());
  EXPECT_EQ(film.gain("b"), -5);
  EXPECT_EQ(film.store.json(), other.json());
  EXPECT_EQ(Store::open(film.path)->json(), other.json()) << "the sums of the log still hold";
}

TEST(Store, what_vendors_keep_survives_edits) {
  Film film;
  ASSERT_TRUE(film.store.commit({0, "Ann", "", By::Person, *parse_patch(R"([{"op":"add","path":"/mix/strips/a/ext","value":{"acme":{"colour":"red"}}}])")}));
  Document changed = film.document();
  changed.mix.strips.at("a").pan = 0.25;
  ASSERT_TRUE(film.store.commit(film.store.head(), changed, "Bob", "pan"));
  film.store = *Store::open(film.path);
  EXPECT_NE(film.store.json().find(R"("acme": {"colour": "red"})"), std::string::npos) << film.store.json();
}

TEST(Store, random_edits_and_their_undoing_lead_back_to_the_start) {
  Film film;
  const std::string start = write_json(film.document());
  Document document = small();
  RandomStream random(7, 3);
  for (int i = 0; i < 60; ++i) {
    const std::string id = fmt::format("s{}", random.below(8));
    if (random.below(4) == 0) document.mix.strips.erase(id);
    else document.mix.strips[id].gain = Decibels{random.uniform(-60, 12)};
    ASSERT_TRUE(film.store.commit(film.store.head(), document, "Ann", "step"));
  }
  EXPECT_EQ(write_json(film.document()), write_json(document));
  while (film.store.undo("Ann")) {}
  EXPECT_EQ(write_json(film.document()), start);
  while (film.store.redo("Ann")) {}
  EXPECT_EQ(write_json(film.document()), write_json(document));
}

TEST(Store, concurrent_edits_on_disjoint_items_commute) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    RandomStream random(seed, 4);
    const Edit one = gain_edit(0, "a", random.uniform(-20, 20)), two = gain_edit(0, "b", random.uniform(-20, 20), "Bob");
    Film first, second;
    ASSERT_TRUE(first.store.commit(one) && first.store.commit(two));
    ASSERT_TRUE(second.store.commit(two) && second.store.commit(one));
    EXPECT_EQ(first.store.json(), second.store.json());
  }
}

TEST(Store, a_second_opening_sees_the_edits_of_the_first_and_merges_its_own) {
  Film film;
  Store other = *Store::open(film.path);
  Store reader = *Store::open(film.path, Access::Read);
  ASSERT_TRUE(film.store.commit(gain_edit(0, "a", -6)));
  ASSERT_EQ(*other.commit(gain_edit(0, "b", -3, "Bob")), 2);
  ASSERT_TRUE(film.store.refresh());
  EXPECT_EQ(film.store.json(), other.json());
  EXPECT_EQ(reader.head().revision, 0) << "a revision that was read stays as it was";
  ASSERT_TRUE(reader.refresh());
  EXPECT_EQ(reader.json(), other.json());
  EXPECT_EQ(reader.commit(gain_edit(2, "a", 0)).error().code, Code::IoFailed);
}

TEST(Store, a_damaged_snapshot_is_replaced_by_the_log) {
  Film film;
  for (int i = 1; i <= 70; ++i) ASSERT_TRUE(film.store.commit(gain_edit(i - 1, "a", -i / 10.0)));
  const std::string before = film.store.json();
  film.store = *Store::create(film.folder / "other", small());  // closes the first
  std::fstream file(session_database(film.path), std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The snapshot is the only row with the sum of revision 64 beside a whole document.
  const std::size_t at = bytes.rfind("\"strips\":{\"a\":");
  ASSERT_NE(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at + 2));
  file.write("X", 1);
  file.close();
  const auto opened = Store::open(film.path);
  ASSERT_TRUE(opened) << opened.error().sentence();
  EXPECT_EQ(opened->json(), before);
}

TEST(Store, a_file_that_is_no_session_is_refused_with_a_sentence) {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder / "film");
  std::ofstream(folder / "film/session.db") << std::string(5000, 'x');
  EXPECT_EQ(Store::open(folder / "film").error().code, Code::Damaged);
  std::ofstream(folder / "film/session.db", std::ios::trunc).close();
  EXPECT_EQ(Store::open(folder / "film").error().code, Code::Damaged);
  EXPECT_TRUE(Store::create(folder / "film", small())) << "a making that was cut off can be made again";
}

TEST(Store, blobs_are_known_by_their_content) {
  Film film;
  const std::vector<std::byte> curve(100000, std::byte{7});
  const Hash hash = *film.store.put_blob(curve);
  EXPECT_EQ(*film.store.put_blob(curve), hash);
  film.store = *Store::open(film.path);
  EXPECT_EQ(*film.store.blob(hash), curve);
  EXPECT_TRUE(film.store.blob(*film.store.put_blob({}))->empty());
  EXPECT_EQ(film.store.blob(Hash{1, 2}).error().code, Code::NotFound);
}

}  // namespace
}  // namespace twopop::session
