#include "film/views.h"
#include "media/picture.h"
#include "phases/dialogue/sync_facts.h"
#include "phases/mix/live.h"
#include "session/json.h"
#include "testing/film_at_work.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>

namespace twopop::server {
namespace {

using test::FilmAtWork;
using test::must;
using test::soon;
using Json = nlohmann::json;

/// The routes of one film, asked without a network.
struct Asked {
  explicit Asked(FilmAtWork& film) {
    routes = film_routes([&film](const std::string& name) -> Result<std::shared_ptr<FilmService>> {
      if (name != "film") return Error{Code::NotFound, "there is no such film", "look at the list"};
      return film.service;
    });
  }
  Response operator()(const std::string& method, const std::string& pattern, std::map<std::string, std::string> in_path = {}, std::map<std::string, std::string> query = {}, const std::string& body = {},
                      std::map<std::string, std::string> headers = {}) {
    for (const Route& route : routes)
      if (route.method == method && route.pattern == "/api/films/{film}" + pattern) {
        Request request;
        request.method = method;
        in_path.try_emplace("film", "film");
        request.in_path = std::move(in_path);
        request.query = std::move(query);
        request.headers = std::move(headers);
        request.body = body;
        request.who.name = "ann";
        return route.handle(request);
      }
    ADD_FAILURE() << "no route " << method << " " << pattern;
    return {};
  }
  std::vector<Route> routes;
};

Json json_of(const Response& response) { return Json::parse(std::get<std::string>(response.body)); }
std::string header(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}
std::size_t size_of(const Response& response) { return std::get<SharedBytes>(response.body)->size(); }

session::Document two_tracks(const std::filesystem::path& folder) { return twopop::test::small_film(folder, 2, 30); }

TEST(FilmRoutes, every_one_says_what_it_is_for_and_what_it_gives) {
  std::set<std::string> seen;
  for (const Route& route : film_routes({})) {
    EXPECT_FALSE(route.summary.empty()) << route.pattern;
    EXPECT_FALSE(route.right.empty()) << route.pattern;
    EXPECT_TRUE(route.gives || route.gives_type != "application/json") << route.pattern;
    EXPECT_TRUE(seen.insert(route.method + route.pattern).second) << route.pattern;
    for (const QueryParameter& parameter : route.query) EXPECT_FALSE(parameter.meaning.empty()) << route.pattern << " " << parameter.name;
  }
}

TEST(FilmRoutes, chunks_carry_content_and_revision_and_are_not_sent_twice) {
  FilmAtWork film("routes-chunks", two_tracks);
  Asked ask(film);
  const Response chunk = ask("GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "0"}});
  ASSERT_EQ(chunk.status, 200);
  EXPECT_EQ(size_of(chunk), 2u * (1 << 18) * sizeof(float));
  EXPECT_EQ(header(chunk, "X-Channels"), "2");
  const std::string tag = header(chunk, "ETag");
  EXPECT_EQ(ask("GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "0"}}, {}, {}, {{"if-none-match", tag}}).status, 304);
  const Response kept = ask("GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "0"}}, {{"content", tag.substr(1, 32)}});
  EXPECT_NE(header(kept, "Cache-Control").find("immutable"), std::string::npos);
  const Response silence = ask("GET", "/sounds/{sound}/chunks/{n}", {{"sound", "stem:music"}, {"n", "1"}}, {{"silence", "none"}});
  EXPECT_EQ(silence.status, 204);
  EXPECT_EQ(header(silence, "X-Silent"), "1");
}

TEST(FilmRoutes, a_live_mix_fed_with_the_chunks_of_tracks_gives_the_chunk_of_the_mix) {
  FilmAtWork film("routes-live", two_tracks);
  Asked ask(film);
  const Response said = ask("GET", "/live");
  ASSERT_EQ(said.status, 200);
  const auto mixer = must(phases::LiveMixer::make(must(session::read_json<phases::LiveMix>(std::get<std::string>(said.body)))));
  const auto chunk_of = [&](const std::string& sound, std::int64_t n) { return ask("GET", "/sounds/{sound}/chunks/{n}", {{"sound", sound}, {"n", std::to_string(n)}}, {{"silence", "none"}}); };
  for (const phases::TrackChunk& wanted : mixer->wanted()) {
    const Response chunk = chunk_of(mixer->live().tracks[static_cast<std::size_t>(wanted.track)].sound, wanted.chunk);
    if (chunk.status == 204) mixer->hand_over_silence(wanted);
    else std::memcpy(mixer->hand_over(wanted), std::get<SharedBytes>(chunk.body)->data(), size_of(chunk));
  }
  const Response mix = chunk_of("mix", 0);
  ASSERT_EQ(mix.status, 200);
  std::vector<float> expected(size_of(mix) / sizeof(float));
  std::memcpy(expected.data(), std::get<SharedBytes>(mix.body)->data(), size_of(mix));
  AudioBuffer<float> out(mixer->channels(), phases::LiveMixer::kBlock);
  std::int64_t differing = 0;
  for (std::int64_t at = 0; at < 100 * 1024; at += phases::LiveMixer::kBlock) {
    ASSERT_EQ(must(mixer->render(out.view())), phases::LiveMixer::Step::Ready);
    for (int c = 0; c < out.channels(); ++c)
      for (std::int64_t i = 0; i < phases::LiveMixer::kBlock; ++i) differing += out.channel(c)[i] != expected[static_cast<std::size_t>(c * (1 << 18) + at + i)];
  }
  EXPECT_EQ(differing, 0);
}

TEST(FilmRoutes, what_cannot_be_answered_has_a_problem_document) {
  FilmAtWork film("routes-problems", two_tracks);
  Asked ask(film);
  struct Case {
    const char *method, *pattern;
    std::map<std::string, std::string> in_path, query;
    std::string body;
    int status;
  };
  const Case cases[]{
      {"GET", "/board", {{"film", "other"}}, {}, "", 404},
      {"GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "x"}}, {}, "", 400},
      {"GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "-1"}}, {}, "", 400},
      {"GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "99999999999999999999"}}, {}, "", 400},
      {"GET", "/sounds/{sound}/chunks/{n}", {{"sound", "mix"}, {"n", "1000"}}, {}, "", 404},
      {"GET", "/sounds/{sound}/chunks/{n}", {{"sound", "../mix"}, {"n", "0"}}, {}, "", 404},
      {"GET", "/sounds/{sound}/peaks", {{"sound", "mix"}}, {{"level", "two"}}, "", 400},
      {"GET", "/sounds/{sound}/peaks", {{"sound", "mix"}}, {{"count", "0"}}, "", 400},
      {"GET", "/sounds/{sound}/peaks", {{"sound", "mix"}}, {{"begin", "-4"}}, "", 400},
      {"GET", "/media/{id}/peaks", {{"id", "nobody"}}, {}, "", 404},
      {"GET", "/media/{id}/content", {{"id", "nobody"}}, {}, "", 404},
      {"GET", "/media/{id}/spectrogram", {{"id", "r0"}}, {{"width", "100000"}}, "", 400},
      {"GET", "/sounds/{sound}/spectrogram", {{"sound", "mix"}}, {{"begin", "100"}, {"end", "100"}}, "", 400},
      {"GET", "/peaks", {}, {{"count", "10"}}, "", 400},
      {"GET", "/peaks", {}, {{"of", "mix"}}, "", 400},
      {"GET", "/explain", {}, {{"phase", "dialogue"}}, "", 400},
      {"GET", "/explain", {}, {{"phase", "nonsense"}, {"at_samples", "0"}}, "", 404},
      {"GET", "/picture/proxy.mp4", {}, {}, "", 404},
      {"GET", "/picture/thumbs/{n}", {{"n", "0.png"}}, {}, "", 404},
      {"GET", "/picture/frames", {}, {}, "", 404},
      {"GET", "/out/{path...}", {{"path", "../session.db"}}, {}, "", 404},
      {"GET", "/out/{path...}", {{"path", "nothing.wav"}}, {}, "", 404},
      {"GET", "/library", {}, {{"kind", "nonsense"}}, "", 400},
      {"GET", "/proposals", {}, {{"phase", "nonsense"}}, "", 404},
      {"POST", "/jobs", {}, {}, "not json", 422},
      {"POST", "/jobs", {}, {}, R"({"kind": "explode"})", 400},
      {"POST", "/jobs", {}, {}, R"({"kind": "spot", "phase": "nonsense"})", 404},
      {"DELETE", "/jobs/{id}", {{"id", "j99"}}, {}, "", 404},
      {"GET", "/jobs/{id}", {{"id", "j99"}}, {}, "", 404},
      {"POST", "/approvals", {}, {}, R"({"phase": "nonsense"})", 404},
      {"POST", "/preview", {}, {}, R"({"what": "ambience"})", 400},
      {"POST", "/preview", {}, {}, R"({"what": "ambience", "ambience": {"synth": "thunder"}})", 400},
      {"POST", "/preview", {}, {}, R"({"what": "ambience", "length_s": 1000})", 400},
      {"POST", "/files", {}, {{"name", "a.wav"}}, "", 400},
  };
  for (const Case& c : cases) {
    const Response response = ask(c.method, c.pattern, c.in_path, c.query, c.body);
    EXPECT_EQ(response.status, c.status) << c.method << " " << c.pattern << " " << c.body;
    ASSERT_EQ(response.type, "application/problem+json") << c.pattern;
    const Json problem = json_of(response);
    EXPECT_FALSE(problem.at("detail").get<std::string>().empty()) << c.pattern;
    EXPECT_EQ(problem.at("status"), c.status);
    EXPECT_EQ(problem.at("detail").get<std::string>().find(film.folder().string()), std::string::npos) << c.pattern;
  }
}

TEST(FilmRoutes, peaks_of_many_come_in_one_answer) {
  FilmAtWork film("routes-peaks", two_tracks);
  Asked ask(film);
  Response one;
  ASSERT_TRUE(soon([&] {
    one = ask("GET", "/media/{id}/peaks", {{"id", "r0"}}, {{"level", "2"}, {"begin", "10"}, {"count", "20"}});
    return one.status == 200;
  }));
  ASSERT_TRUE(soon([&] { return ask("GET", "/media/{id}/peaks", {{"id", "r1"}}).status == 200; }));
  EXPECT_EQ(size_of(one), 40u);
  const Response many = ask("GET", "/peaks", {}, {{"of", "media:r0@0,media:nobody,media:r1"}, {"level", "2"}, {"begin", "10"}, {"count", "20"}});
  ASSERT_EQ(many.status, 200);
  const auto& bytes = *std::get<SharedBytes>(many.body);
  ASSERT_EQ(bytes.size(), 4u + 40 + 4 + 4 + 40);
  std::int32_t counts[2];
  std::memcpy(&counts[0], bytes.data(), 4);
  std::memcpy(&counts[1], bytes.data() + 44, 4);
  EXPECT_EQ(counts[0], 20);
  EXPECT_EQ(counts[1], -2);
  EXPECT_EQ(std::memcmp(bytes.data() + 4, std::get<SharedBytes>(one.body)->data(), 40), 0);
}

TEST(FilmRoutes, the_sync_view_has_what_each_stretch_of_a_recording_says) {
  FilmAtWork film("routes-sync", [](const std::filesystem::path& folder) {
    session::Document document = twopop::test::small_film(folder, 1, 30);
    document.media.at("r0").kind = session::MediaKind::Rushes;
    // The same sound, two seconds of it left out.
    const AudioBuffer<float> all = twopop::test::made_speech(1, 30, 48000);
    AudioBuffer<float> late(1, all.frames() - 2 * 48000);
    std::copy_n(all.channel(0) + 2 * 48000, late.frames(), late.channel(0));
    twopop::test::write_wav(folder / "late.wav", late.view(), 48000);
    twopop::test::add_media(document, "late", folder / "late.wav", session::MediaKind::Recording);
    session::Placement placement;
    placement.media = "late";
    placement.film = {{2 * 48000}, {document.picture.length.value}};
    document.dialogue.placements["late"] = placement;
    return document;
  });
  Asked ask(film);
  const session::Head head = film.session->access().head();
  const phases::Context context{*head.document, film.folder(), *film.service->core().work, {}};
  analysis::SourceShelf shelf;
  must(phases::detail::sync_of(context, "r0", "late", shelf));
  const Json placements = json_of(ask("GET", "/sync")).at("placements");
  const auto placed = std::find_if(placements.begin(), placements.end(), [](const Json& p) { return p.at("id") == "late"; });
  ASSERT_NE(placed, placements.end());
  ASSERT_EQ(placed->at("measured").size(), 1u);
  const Json measured = placed->at("measured")[0];
  EXPECT_NEAR(measured.at("offset_s").get<double>(), 2, 1e-4);
  const Json windows = measured.at("windows");
  ASSERT_FALSE(windows.empty());
  EXPECT_LE(windows.size(), 64u);
  for (const Json& window : windows) {
    EXPECT_GE(window.at("source_s").get<double>(), 0);
    EXPECT_LE(window.at("source_s").get<double>(), 28);
    if (!window.at("on_line").get<bool>()) continue;
    EXPECT_LT(std::abs(window.at("left_ms").get<double>()), 0.1);
  }
}

TEST(FilmRoutes, values_are_written_as_their_field_lists_say) {
  FilmAtWork film("routes-values", two_tracks);
  Asked ask(film);
  ASSERT_TRUE(soon([&] { return film.service->board().complete; }));
  const Json board = json_of(ask("GET", "/board"));
  EXPECT_EQ(board.at("phases").size(), 6u);
  EXPECT_TRUE(session::read_json<Board>(board.dump()).ok());
  const Json sync = json_of(ask("GET", "/sync"));
  ASSERT_EQ(sync.at("placements").size(), 2u);
  EXPECT_EQ(sync.at("placements")[1].at("drift_ppm"), 12.5);
  EXPECT_NEAR(sync.at("placements")[1].at("line")[1].at("drift_ms").get<double>(), 30 * 12.5e-3, 1e-9);
  EXPECT_EQ(json_of(ask("GET", "/jobs")).size(), 0u);
  EXPECT_EQ(json_of(ask("GET", "/outputs")).size(), 0u);
  EXPECT_EQ(json_of(ask("GET", "/library")).at("total"), 0);
  Response loudness;
  ASSERT_TRUE(soon([&] {
    loudness = ask("GET", "/loudness", {}, {{"points", "100"}});
    return loudness.status == 200;
  }));
  const Json curve = json_of(loudness);
  EXPECT_LE(curve.at("momentary_lufs").size(), 100u);
  EXPECT_EQ(curve.at("momentary_lufs").size(), curve.at("short_term_lufs").size());
  EXPECT_EQ(ask("GET", "/sounds/{sound}/spectrogram", {{"sound", "mix"}}, {{"width", "64"}, {"height", "32"}}).type, "image/png");
}

TEST(Spectrogram, a_sine_is_a_line_at_its_frequency) {
  const twopop::test::ScratchFolder folder("spectrogram");
  for (const double hz : {100.0, 1000.0, 8000.0}) {
    const auto png = spectrogram({48000 * 2}, {48000}, {200, 256}, [&](SampleRange range) -> Result<AudioBuffer<float>> {
      AudioBuffer<float> sound(1, range.length().value);
      for (std::int64_t i = 0; i < sound.frames(); ++i) sound.channel(0)[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(range.begin.value + i) / 48000));
      return sound;
    });
    ASSERT_TRUE(png.ok());
    std::ofstream(folder.path / "s.png", std::ios::binary) << *png;
    auto reader = must(media::FrameReader::open(folder.path / "s.png", 200, 256));
    const auto frame = must(reader->next());
    ASSERT_TRUE(frame.has_value());
    int brightest = 0;
    for (int y = 0; y < 256; ++y)
      if (frame->pixels[static_cast<std::size_t>(y * 200 + 100)] > frame->pixels[static_cast<std::size_t>(brightest * 200 + 100)]) brightest = y;
    const double expected = 256 * (1 - std::log(hz / 40) / std::log(20000.0 / 40));
    EXPECT_NEAR(brightest, expected, hz < 200 ? 6 : 3) << hz;
    EXPECT_LT(frame->pixels[static_cast<std::size_t>((hz > 500 ? 250 : 20) * 200 + 100)], 40) << hz;
  }
}

}  // namespace
}  // namespace twopop::server
