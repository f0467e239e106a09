#include "session/json.h"
#include "testing/film.h"

#include <set>
#include <thread>

namespace twopop::server {
namespace {

using testing::Client;
using testing::Live;
using testing::Reply;
using testing::ServedFilmFixture;
using Json = nlohmann::json;

std::string edit_text(std::int64_t base, const Json& patch, const std::string& id = {}) {
  return Json{{"base_revision", base}, {"reason", "louder"}, {"patch", patch}, {"id", id}}.dump();
}

Identity somebody(const std::string& name, std::vector<std::string> roles) {
  Identity who;
  who.name = name;
  who.roles = std::move(roles);
  return who;
}

TEST(Edits, an_edit_over_http_is_in_the_document_the_history_and_on_disk) {
  ServedFilmFixture film;
  Client client(film.port());
  client.greet();
  const Reply before = client.get("/api/films/night");
  EXPECT_EQ(before.json().at("summary").at("name"), "Night");
  EXPECT_EQ(before.json().at("document").at("revision"), 0);
  const Reply done = client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -6)));
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.json(), Json({{"revision", 1}}));
  const Reply after = client.get("/api/films/night", {{"If-None-Match", before.headers.at("etag")}});
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(after.json().at("document").at("mix").at("strips").at("s0").at("gain_db"), -6);
  EXPECT_EQ(client.get("/api/films/night", {{"If-None-Match", after.headers.at("etag")}}).status, 304);
  const Json history = client.get("/api/films/night/history?after=0").json();
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history[0].at("author"), "Ann");
  EXPECT_EQ(history[0].at("reason"), "louder");
  const auto store = session::Store::open(film.film, session::Access::Read);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->head().document->mix.strips.at("s0").gain.value, -6);
}

TEST(Edits, edits_of_different_strips_merge_and_of_the_same_are_refused_with_what_collided) {
  ServedFilmFixture film;
  Client client(film.port());
  client.greet();
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -6))).status, 200);
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(1, -3))).json().at("revision"), 2);
  const Reply refused = client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -9)));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(refused.json().at("code"), "conflict");
  ASSERT_FALSE(refused.json().at("collided").empty());
  EXPECT_EQ(refused.json().at("collided")[0].get<std::string>().substr(0, 14), "/mix/strips/s0");
  EXPECT_NE(refused.json().at("detail").get<std::string>().find("revision 1 by Ann"), std::string::npos);
  EXPECT_EQ(film.hub().head().revision, 2);
}

TEST(Edits, what_cannot_be_read_is_refused_with_its_place) {
  ServedFilmFixture film;
  Client client(film.port());
  client.greet();
  for (const char* bad : {"", "{", "[]", R"({"patch": 5})", R"({"patch": []})", R"({"patch": [{"op": "jump", "path": "/name"}]})", R"({"patch": [{"op": "add", "path": "name", "value": 1}]})",
                          R"({"patch": [{"op": "replace", "path": "/mix/strips/s0/gain_db", "value": 400}]})", R"({"patch": [{"op": "replace", "path": "/mix/strips/s0/gian_db", "value": 1}]})",
                          R"({"base_revision": 99, "patch": [{"op": "replace", "path": "/name", "value": "x"}]})", R"({"patch": [{"op": "replace", "path": "/name"}]})"}) {
    const Reply reply = client.post("/api/films/night/edits", bad);
    EXPECT_GE(reply.status, 400) << bad;
    EXPECT_LT(reply.status, 500) << bad << reply.body;
    EXPECT_FALSE(reply.json().at("detail").get<std::string>().empty()) << bad;
  }
  EXPECT_EQ(client.post("/api/films/day/edits", "{}").status, 404);
  EXPECT_EQ(film.hub().head().revision, 0);
}

TEST(Edits, a_role_edits_its_own_part_and_no_other) {
  ServedFilmFixture film(2, {}, {}, somebody("Mo", {"mix"}));
  Client client(film.port());
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -6))).status, 200);
  const Json lines = Json::array({{{"op", "add"}, {"path", "/adr/cues/c1"}, {"value", Json::object()}}});
  const Reply refused = client.post("/api/films/night/edits", edit_text(1, lines));
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.json().at("detail").get<std::string>().find("edit:adr"), std::string::npos);
  // An edit is made as a whole: what one may is not made where the rest is refused, nor can a move take from where one may not.
  Json both = ServedFilmFixture::gain(1, -6);
  both.push_back(lines[0]);
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(1, both)).status, 403);
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(1, Json::array({{{"op", "move"}, {"from", "/adr/cues/x"}, {"path", "/mix/strips/x"}}}))).status, 403);
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(1, Json::array({{{"op", "remove"}, {"path", "/media/x"}}}))).status, 403);
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(1, Json::array({{{"op", "add"}, {"path", "/approvals/mix"}, {"value", Json::object()}}}))).status, 403);
  EXPECT_EQ(film.hub().head().revision, 1);
}

TEST(Edits, viewers_look_and_strangers_do_not) {
  ServedFilmFixture viewer(1, {}, {}, somebody("Vi", {"viewer"}));
  Client looks(viewer.port());
  EXPECT_EQ(looks.get("/api/films/night").status, 200);
  EXPECT_EQ(looks.post("/api/films/night/undo", "{}").status, 403);
  EXPECT_EQ(looks.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -6))).status, 403);
  ServedFilmFixture nobody(1, {}, {}, somebody("?", {}));
  Client stranger(nobody.port());
  EXPECT_EQ(stranger.get("/api/films/night").status, 401);
  EXPECT_EQ(stranger.get("/api/films").status, 401);
  EXPECT_THROW(Live(nobody.port(), "night"), std::runtime_error);
}

TEST(Edits, undo_is_per_person) {
  ServedFilmFixture film;
  film.hub().edit({0, "Bo", "quieter", session::By::Person, ServedFilmFixture::to("/mix/strips/s1/gain_db", "-12")});
  Client ann(film.port());
  ann.greet();
  EXPECT_EQ(ann.post("/api/films/night/undo", "{}").status, 404) << "Ann has edited nothing";
  EXPECT_EQ(ann.post("/api/films/night/edits", edit_text(1, ServedFilmFixture::gain(0, -6))).status, 200);
  film.hub().edit({2, "Bo", "quieter", session::By::Person, ServedFilmFixture::to("/mix/strips/s2/gain_db", "-12")});
  EXPECT_EQ(ann.post("/api/films/night/undo", "{}").json().at("revision"), 4);
  const auto strips = film.hub().head().document->mix.strips;
  EXPECT_EQ(strips.at("s0").gain.value, 0);
  EXPECT_EQ(strips.at("s1").gain.value, -12);
  EXPECT_EQ(strips.at("s2").gain.value, -12);
  EXPECT_EQ(ann.post("/api/films/night/redo", "{}").json().at("revision"), 5);
  EXPECT_EQ(film.hub().head().document->mix.strips.at("s0").gain.value, -6);
}

TEST(Edits, an_edit_that_is_sent_again_is_made_once_even_by_a_server_that_was_started_anew) {
  ServedFilmFixture film;
  {
    Client client(film.port());
    client.greet();
    EXPECT_EQ(client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -6), "e-1")).json().at("revision"), 1);
    EXPECT_EQ(client.post("/api/films/night/edits", edit_text(1, ServedFilmFixture::gain(0, -9), "e-2")).json().at("revision"), 2);
    EXPECT_EQ(client.post("/api/films/night/edits", edit_text(0, ServedFilmFixture::gain(0, -6), "e-1")).json().at("revision"), 1);
  }
  film.server.reset();
  film.films.reset();
  film.serve();
  Client client(film.port());
  client.greet();
  EXPECT_EQ(client.post("/api/films/night/edits", edit_text(1, ServedFilmFixture::gain(0, -9), "e-2")).json().at("revision"), 2);
  EXPECT_EQ(film.hub().head().revision, 2);
  EXPECT_EQ(film.hub().head().document->mix.strips.at("s0").gain.value, -9);
}

TEST(Edits, made_at_the_same_time_are_made_durable_together_and_a_wrong_one_among_them_fails_alone) {
  constexpr int kPeople = 40;
  ServedFilmFixture film(kPeople);
  std::vector<EditAnswer> answers(kPeople);
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < kPeople; ++i)
      people.emplace_back([&, i] {
        const std::string value = i % 10 == 7 ? "400" : std::to_string(-1 - i);  // 400 dB are refused
        answers[static_cast<std::size_t>(i)] = film.hub().edit({0, fmt::format("P{}", i), "at once", session::By::Person, ServedFilmFixture::to(fmt::format("/mix/strips/s{}/gain_db", i), value)}, "once");
      });
  }
  std::set<std::int64_t> revisions;
  for (int i = 0; i < kPeople; ++i) {
    const EditAnswer& answer = answers[static_cast<std::size_t>(i)];
    EXPECT_EQ(answer.error.has_value(), i % 10 == 7) << i;
    if (!answer.error) {
      EXPECT_TRUE(revisions.insert(answer.revision).second) << "two edits with one revision";
    }
  }
  EXPECT_EQ(revisions.size(), 36u);
  EXPECT_EQ(*revisions.rbegin(), 36);
  const auto remembered = film.hub().history(0);
  ASSERT_TRUE(remembered);
  auto store = session::Store::open(film.film, session::Access::Read);
  ASSERT_TRUE(store);
  const auto kept = store->history();
  ASSERT_TRUE(kept);
  ASSERT_EQ(remembered->size(), kept->size());
  for (std::size_t i = 0; i < kept->size(); ++i) {
    EXPECT_EQ((*remembered)[i].revision, (*kept)[i].revision);
    EXPECT_EQ((*remembered)[i].author, (*kept)[i].author);
    EXPECT_EQ(session::patch_json((*remembered)[i].patch), session::patch_json((*kept)[i].patch));
  }
  const auto text = film.hub().document_json();
  ASSERT_TRUE(text);
  EXPECT_EQ(text->revision, 36);
  EXPECT_EQ(Json::parse(text->json), Json::parse(store->json()));
  EXPECT_EQ(session::write_json(*film.hub().head().document), session::write_json(*store->head().document));
}

TEST(Edits, old_entries_of_a_long_log_are_told_as_the_new_ones_are) {
  session::testing::TemporaryFolder folder;
  const std::filesystem::path film = folder / "long.twopop";
  session::Document document;
  document.mix.strips["s0"];
  {
    auto store = session::Store::create(film, document);
    ASSERT_TRUE(store);
    std::vector<session::Edit> edits;
    for (int i = 0; i < 1200; ++i) edits.push_back({i, "Bo", fmt::format("step {}", i + 1), session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", fmt::format("{}", -(i % 40) - 1))});
    for (const auto& made : store->commit_all(edits)) ASSERT_TRUE(made) << made.error().sentence();
  }
  const auto hub = SessionHub::open(film);
  ASSERT_TRUE(hub);
  for (const auto& [after, until] : {std::pair<std::int64_t, std::int64_t>{0, 10}, {195, 205}, {1190, 1200}, {1199, 5000}, {1200, 5000}}) {
    const auto entries = (*hub)->history(after, until);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), static_cast<std::size_t>(std::min<std::int64_t>(until, 1200) - after)) << after;
    for (const session::LogEntry& entry : *entries) EXPECT_EQ(entry.reason, fmt::format("step {}", entry.revision));
  }
}

TEST(Live, who_is_connected_sees_every_edit_in_order_whoever_made_it) {
  ServedFilmFixture film;
  Live ann(film.port(), "night"), other(film.port(), "night");
  const auto hello = ann.next();
  ASSERT_TRUE(hello);
  EXPECT_EQ((*hello)["type"], "hello");
  EXPECT_EQ((*hello)["revision"], 0);
  ASSERT_TRUE(other.next_of("hello"));
  ann.send({{"type", "edit"}, {"id", "a1"}, {"base_revision", 0}, {"reason", "softer"}, {"patch", ServedFilmFixture::gain(0, -6)}});
  const auto edit = ann.next_of("edit");
  ASSERT_TRUE(edit);
  EXPECT_EQ((*edit)["revision"], 1);
  EXPECT_EQ((*edit)["id"], "a1");
  const auto edited = ann.next_of("edited");
  ASSERT_TRUE(edited);
  EXPECT_EQ((*edited)["id"], "a1");
  EXPECT_EQ((*edited)["revision"], 1);
  // Somebody at the command line, at the same time.
  auto store = session::Store::open(film.film);
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->commit({1, "Cli", "by hand", session::By::Person, ServedFilmFixture::to("/mix/strips/s1/gain_db", "-3")}));
  EXPECT_EQ((*other.next_of("edit"))["revision"], 1);
  for (Live* live : {&ann, &other}) {
    const auto second = live->next_of("edit");
    ASSERT_TRUE(second);
    EXPECT_EQ((*second)["revision"], 2);
    EXPECT_EQ((*second)["author"], "Cli");
  }
}

TEST(Live, a_refused_edit_says_what_collided_and_a_foreign_message_what_is_wrong) {
  ServedFilmFixture film;
  Live live(film.port(), "night");
  film.hub().edit({0, "Bo", "quieter", session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", "-12")});
  live.send({{"type", "edit"}, {"id", "a1"}, {"base_revision", 0}, {"patch", ServedFilmFixture::gain(0, -6)}});
  const auto refused = live.next_of("refused");
  ASSERT_TRUE(refused);
  EXPECT_EQ((*refused)["id"], "a1");
  EXPECT_EQ((*refused)["problem"]["status"], 409);
  EXPECT_EQ((*refused)["problem"]["collided"][0].get<std::string>().substr(0, 14), "/mix/strips/s0");
  live.send({{"type", "dance"}, {"id", "a2"}});
  EXPECT_EQ((*live.next_of("refused"))["problem"]["status"], 400);
  live.send_raw(testing::frame("{not json"));
  EXPECT_EQ((*live.next_of("refused"))["problem"]["status"], 422);
}

TEST(Live, a_page_that_comes_back_gets_what_it_missed_and_nothing_twice) {
  ServedFilmFixture film;
  { Live gone(film.port(), "night"); }
  for (int i = 0; i < 5; ++i)
    film.hub().edit({i, "Bo", "step", session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", std::to_string(-1 - i))});
  Live back(film.port(), "night");
  EXPECT_EQ((*back.next_of("hello"))["revision"], 5);
  back.send({{"type", "catch-up"}, {"revision", 2}});
  for (int revision = 3; revision <= 5; ++revision) EXPECT_EQ((*back.next_of("edit"))["revision"], revision);
  film.hub().edit({5, "Bo", "step", session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", "-20")});
  EXPECT_EQ((*back.next_of("edit"))["revision"], 6);
  // From a server that was started anew: what it never told anybody is in the log.
  film.server.reset();
  film.films.reset();
  film.serve();
  Live again(film.port(), "night");
  again.send({{"type", "catch-up"}, {"revision", 0}});
  for (int revision = 1; revision <= 6; ++revision) EXPECT_EQ((*again.next_of("edit"))["revision"], revision);
  again.send({{"type", "catch-up"}, {"revision", 99}});
  EXPECT_EQ((*again.next_of("lagged"))["revision"], 6) << "a page from the future takes the document anew";
}

TEST(Live, those_who_are_here_are_seen_with_where_they_are) {
  ServedFilmFixture film;
  Live ann(film.port(), "night");
  const std::string you = (*ann.next_of("hello"))["you"];
  Live bo(film.port(), "night");
  bo.send({{"type", "presence"}, {"page", "mix"}, {"at_samples", 48000}, {"selection", "/mix/strips/s0"}});
  for (int tries = 0; tries < 20; ++tries) {
    const auto message = ann.next_of("presence");
    ASSERT_TRUE(message);
    const Json present = (*message)["present"];
    if (present.size() == 2 && present[1]["page"] == "mix") {
      EXPECT_EQ(present[0]["id"], you);
      EXPECT_EQ(present[1]["at_samples"], 48000);
      break;
    }
    ASSERT_LT(tries, 19);
  }
  {
    const Live leaves = std::move(bo);
  }
  for (int tries = 0; tries < 20; ++tries) {
    const auto message = ann.next_of("presence");
    ASSERT_TRUE(message);
    if ((*message)["present"].size() == 1) return;
  }
  FAIL() << "who left is still here";
}

TEST(Live, sockets_are_for_our_own_pages) {
  ServedFilmFixture film;
  for (const char* origin : {"", "Origin: http://evil.example\r\n"}) {
    testing::Socket socket(film.port());
    socket.send(fmt::format("GET /api/films/night/socket HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", film.port(), origin));
    ASSERT_TRUE(socket.fill());
    EXPECT_TRUE(socket.held().starts_with("HTTP/1.1 403")) << socket.held();
  }
  EXPECT_THROW(Live(film.port(), "day"), std::runtime_error);
}

}  // namespace
}  // namespace twopop::server
