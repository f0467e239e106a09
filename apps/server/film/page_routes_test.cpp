#include "film/page_routes.h"

#include "testing/film_at_work.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstring>

namespace twopop::server {
namespace {

using test::FilmAtWork;
using test::must;
using Json = nlohmann::json;

/// Two recordings with clips, and an ADR cue with a take: the same words on another microphone, spoken 0.4 s into its file.
session::Document film_with_take(const std::filesystem::path& folder) {
  session::Document document = twopop::test::small_film(folder, 2, 20);
  const AudioBuffer<float> line = twopop::test::made_speech(1, 20, 48000);
  AudioBuffer<float> take(1, 5 * 48000);
  for (std::int64_t i = 0; i < take.frames(); ++i) {
    const std::int64_t source = i - 48000 * 4 / 10;
    take.view().at(0, i) = source >= 0 && source < 48000 * 4 ? 0.7f * line.view().at(0, source) : 0;
  }
  twopop::test::write_wav(folder / "take.wav", take.view(), 48000);
  twopop::test::add_media(document, "take", folder / "take.wav", session::MediaKind::Take);
  session::AdrCue& cue = document.adr.cues["q1"];
  cue.number = "101";
  cue.character = "Ann";
  cue.text = "Did you hear that?";
  cue.film = {{0}, {48000 * 3}};
  cue.clip = "c0-0";
  cue.chosen_take = "t1";
  cue.decided.by = session::By::Person;
  session::AdrTake& one = document.adr.takes["t1"];
  one.media = "take";
  one.cue = "q1";
  one.decided.by = session::By::Person;
  return document;
}

/// The pages' routes over one film, asked as the network asks them.
struct Pages {
  explicit Pages(const std::string& name) : film("pages-" + name, film_with_take) {
    routes = page_routes([this](const std::string& wanted) -> Result<std::shared_ptr<FilmService>> {
      if (wanted != "night") return Error{Code::NotFound, "there is no film " + wanted};
      return film.service;
    });
  }

  Response ask(const std::string& method, const std::string& pattern, std::map<std::string, std::string> in_path, std::map<std::string, std::string> query = {}, std::string body = {}) {
    for (const Route& route : routes) {
      if (route.method != method || route.pattern != pattern) continue;
      Request request;
      request.method = method;
      request.in_path = std::move(in_path);
      if (pattern.find("{film}") != std::string::npos) request.in_path.emplace("film", "night");
      request.query = std::move(query);
      request.body = std::move(body);
      request.who = who;
      return route.handle(request);
    }
    ADD_FAILURE() << "no route " << method << " " << pattern;
    return {};
  }
  Response get(const std::string& rest, std::map<std::string, std::string> in_path, std::map<std::string, std::string> query = {}) { return ask("GET", "/api/films/{film}" + rest, std::move(in_path), std::move(query)); }

  FilmAtWork film;
  std::vector<Route> routes;
  Identity who{"Ann", {"owner"}, {}, {}, {}, {}};
};

std::string header(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

std::vector<float> floats(const Response& response) {
  const auto& bytes = *std::get<std::shared_ptr<const std::vector<std::byte>>>(response.body);
  std::vector<float> samples(bytes.size() / sizeof(float));
  std::memcpy(samples.data(), bytes.data(), bytes.size());
  return samples;
}

Json json(const Response& response) { return Json::parse(std::get<std::string>(response.body)); }

TEST(Pages, a_clip_is_heard_as_it_was_recorded_with_another_microphone_if_asked) {
  Pages pages("clip");
  const Response clip = pages.get("/dialogue/clips/{id}/sound", {{"id", "c0-0"}}, {{"stage", "recorded"}});
  ASSERT_EQ(clip.status, 200);
  EXPECT_EQ(header(clip, "X-Channels"), "1");
  EXPECT_EQ(header(clip, "X-Frames"), std::to_string(7 * 48000));
  EXPECT_EQ(header(clip, "X-Revision"), "0");
  const std::vector<float> heard = floats(clip);
  ASSERT_EQ(heard.size(), 7u * 48000);
  // Between its fades a clip of the first recording, which lies at 0 without drift, is that recording.
  const AudioBuffer<float> source = twopop::test::made_speech(1, 20, 48000);
  double worst = 0;
  for (std::size_t i = 48000; i < 6u * 48000; ++i) worst = std::max(worst, std::abs(static_cast<double>(heard[i]) - static_cast<double>(source.view().at(0, static_cast<std::int64_t>(i)))));
  EXPECT_LT(worst, 1e-6);
  const Response other = pages.get("/dialogue/clips/{id}/sound", {{"id", "c0-0"}}, {{"stage", "recorded"}, {"placement", "r1"}});
  ASSERT_EQ(other.status, 200);
  EXPECT_NE(floats(other), heard);
  EXPECT_EQ(pages.get("/dialogue/clips/{id}/sound", {{"id", "c0-0"}}, {{"stage", "repaired"}}).status, 200);
}

TEST(Pages, what_is_not_there_or_makes_no_sense_is_refused_with_its_reason) {
  Pages pages("refused");
  const auto refused = [&](const std::string& rest, const std::string& id, std::map<std::string, std::string> query) {
    const Response response = pages.get(rest, {{"id", id}}, std::move(query));
    EXPECT_EQ(response.type, "application/problem+json") << rest << " " << id;
    return response.status;
  };
  const std::string clip = "/dialogue/clips/{id}/sound", take = "/adr/takes/{id}/sound";
  EXPECT_EQ(refused(clip, "c0-0", {}), 400);
  EXPECT_EQ(refused(clip, "c0-0", {{"stage", "louder"}}), 400);
  EXPECT_EQ(refused(clip, "nothing", {{"stage", "recorded"}}), 404);
  EXPECT_EQ(refused(clip, "c0-0", {{"stage", "recorded"}, {"placement", "nothing"}}), 404);
  for (const char* channel : {"-1", "1x", "99999", "x"}) EXPECT_EQ(refused(clip, "c0-0", {{"stage", "recorded"}, {"channel", channel}}), 400) << channel;
  EXPECT_EQ(refused(take, "t1", {{"stage", "x"}}), 400);
  EXPECT_EQ(refused(take, "nothing", {{"stage", "spoken"}}), 404);
  EXPECT_EQ(refused("/adr/takes/{id}/fit", "nothing", {}), 404);
  EXPECT_EQ(refused("/foley/performances/{id}", "nothing", {}), 404);
  EXPECT_EQ(refused("/music/cues/{id}/fit", "nothing", {}), 404);
  Request elsewhere;
  elsewhere.in_path = {{"film", "another"}, {"id", "c0-0"}};
  for (const Route& route : pages.routes)
    if (route.pattern.find("{film}") != std::string::npos) {
      EXPECT_EQ(route.handle(elsewhere).status, 404) << route.pattern;
    }
}

TEST(Pages, a_take_is_heard_as_it_was_spoken_and_against_its_line) {
  Pages pages("take");
  const Response line = pages.get("/adr/takes/{id}/sound", {{"id", "t1"}}, {{"stage", "line"}});
  const Response spoken = pages.get("/adr/takes/{id}/sound", {{"id", "t1"}}, {{"stage", "spoken"}});
  ASSERT_EQ(line.status, 200);
  ASSERT_EQ(spoken.status, 200);
  double power = 0;
  for (const float sample : floats(spoken)) power += static_cast<double>(sample) * static_cast<double>(sample);
  EXPECT_GT(power, 1.0);
  EXPECT_NE(floats(line), floats(spoken));
}

TEST(Pages, a_sheet_that_goes_out_comes_back_as_the_callers_decisions) {
  Pages pages("sheet");
  const Response sheet = pages.get("/sheets/{kind}", {{"kind", "adr"}});
  ASSERT_EQ(sheet.status, 200);
  EXPECT_EQ(sheet.type, "text/csv; charset=utf-8");
  EXPECT_NE(header(sheet, "Content-Disposition").find("adr.csv"), std::string::npos);
  std::string text = std::get<std::string>(sheet.body);
  const std::size_t at = text.find("Did you hear that?");
  ASSERT_NE(at, std::string::npos);
  const std::string path = "/api/films/{film}/sheets/{kind}";
  text.replace(at, 18, "Did you hear this?");
  const Json taken = json(pages.ask("POST", path, {{"kind", "adr"}}, {{"name", "back.csv"}}, text));
  EXPECT_EQ(taken.at("changed"), 1);
  EXPECT_EQ(taken.at("revision"), 1);
  EXPECT_EQ(pages.film.session->access().head().document->adr.cues.at("q1").text, "Did you hear this?");

  pages.who = {"Fay", {"foley"}, {}, {}, {}, {}};
  EXPECT_EQ(pages.ask("POST", path, {{"kind", "adr"}}, {}, text).status, 403) << "a Foley artist does not edit ADR";
  EXPECT_EQ(pages.ask("POST", path, {{"kind", "foley"}}, {}, text).status, 400) << "the columns are another sheet's";
  pages.who = {"Ann", {"owner"}, {}, {}, {}, {}};
  EXPECT_EQ(pages.ask("POST", path, {{"kind", "adr"}}, {}, "neither,nor\n1,2\n").status, 400);
  EXPECT_EQ(pages.get("/sheets/{kind}", {{"kind", "gossip"}}).status, 404);
  for (const char* kind : {"foley", "music"}) EXPECT_EQ(pages.get("/sheets/{kind}", {{"kind", kind}}).status, 200) << kind;
  EXPECT_EQ(pages.film.session->access().head().revision, 1);
}

TEST(Pages, tables_hold_what_the_engine_knows) {
  Pages pages("tables");
  EXPECT_FALSE(json(pages.ask("GET", "/api/kinds", {})).at("effects").empty());
  const Json specifications = json(pages.ask("GET", "/api/specifications", {}));
  EXPECT_TRUE(std::any_of(specifications.begin(), specifications.end(), [](const Json& one) { return one.at("target_lufs") == -23.0; })) << "EBU R 128";
}

}  // namespace
}  // namespace twopop::server
