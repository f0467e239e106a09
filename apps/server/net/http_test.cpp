#include "testing/film.h"

namespace twopop::server {
namespace {

using testing::Client;
using testing::Reply;
using testing::ServedFilmFixture;

/// A route that reads its body as it comes in and answers with its length and the sum of its bytes.
Route summing_route() {
  Route route;
  route.method = "POST";
  route.pattern = "/api/sum";
  route.body = Body::Streamed;
  route.body_limit = 64 << 20;
  route.handle = [](const Request& request) {
    std::vector<std::byte> portion(64 << 10);
    std::uint64_t bytes = 0, sum = 0;
    for (;;) {
      const auto got = request.stream->read(portion);
      if (!got) return problem(got.error());
      if (*got == 0) break;
      bytes += *got;
      for (std::size_t i = 0; i < *got; ++i) sum += static_cast<std::uint64_t>(portion[i]);
    }
    return Response{200, "application/json", {}, fmt::format("{{\"bytes\":{},\"sum\":{}}}", bytes, sum)};
  };
  return route;
}

Route file_route(const std::filesystem::path& path) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/file";
  route.handle = [path](const Request&) { return Response{200, "audio/wav", {}, FilePart{path, 0, std::nullopt}}; };
  return route;
}

std::string pattern_bytes(std::size_t count) {
  std::string out(count, '\0');
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<char>((i * 2654435761u) >> 13);
  return out;
}

TEST(Http, pages_come_with_what_keeps_them_safe_and_isolated) {
  ServedFilmFixture film;
  Client client(film.port());
  const Reply index = client.get("/");
  EXPECT_EQ(index.status, 200);
  EXPECT_NE(index.body.find("Studio"), std::string::npos);
  const std::string& policy = index.headers.at("content-security-policy");
  EXPECT_NE(policy.find("script-src 'self' 'wasm-unsafe-eval'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe-inline'; script"), std::string::npos);
  EXPECT_NE(policy.find("frame-src 'self'"), std::string::npos) << "the report is read on the page of delivery";
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(index.headers.at("cross-origin-opener-policy"), "same-origin");
  EXPECT_EQ(index.headers.at("cross-origin-embedder-policy"), "require-corp");
  EXPECT_EQ(index.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(client.get("/film/night/mix").body, index.body) << "each page of the studio has an address";
  EXPECT_EQ(client.get("/assets/app-1.js").headers.at("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(client.get("/assets/app-2.js").status, 404);
  EXPECT_EQ(client.get("/api/nothing").status, 404);
}

TEST(Http, no_path_leads_out_of_the_pages) {
  ServedFilmFixture film;
  std::filesystem::create_symlink(film.folder / "secret.txt", film.folder / "web" / "assets/link.txt");
  for (const char* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "//secret.txt", "/assets/link.txt", "/.git/config", "/%00", "/assets/%2e%2e/%2e%2e/secret.txt"}) {
    Client client(film.port());
    const Reply reply = client.get(path);
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << path << ": " << reply.status;
    EXPECT_EQ(reply.body.find("secret\n"), std::string::npos) << path;
  }
}

TEST(Http, a_file_is_sent_in_the_ranges_that_are_asked_for) {
  session::testing::TemporaryFolder folder;
  const std::string bytes = pattern_bytes(3'000'001);
  std::ofstream(folder / "x.wav", std::ios::binary) << bytes;
  ServedFilmFixture film(1, {}, {file_route(folder / "x.wav")});
  Client client(film.port());
  const Reply whole = client.get("/api/file");
  EXPECT_EQ(whole.status, 200);
  EXPECT_TRUE(whole.body == bytes);
  EXPECT_EQ(whole.headers.at("accept-ranges"), "bytes");
  const std::string tag = whole.headers.at("etag");

  const Reply part = client.get("/api/file", {{"Range", "bytes=1000000-1999999"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.headers.at("content-range"), "bytes 1000000-1999999/3000001");
  EXPECT_TRUE(part.body == bytes.substr(1000000, 1000000));
  EXPECT_TRUE(client.get("/api/file", {{"Range", "bytes=-5"}}).body == bytes.substr(bytes.size() - 5));
  EXPECT_TRUE(client.get("/api/file", {{"Range", "bytes=2999999-"}}).body == bytes.substr(2999999));

  const Reply beyond = client.get("/api/file", {{"Range", "bytes=3000001-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.headers.at("content-range"), "bytes */3000001");

  EXPECT_EQ(client.get("/api/file", {{"If-None-Match", tag}}).status, 304);
  EXPECT_EQ(client.get("/api/file", {{"If-None-Match", "\"other\""}}).status, 200);
  EXPECT_EQ(client.get("/api/file", {{"Range", "bytes=0-9"}, {"If-Range", tag}}).status, 206);
  EXPECT_EQ(client.get("/api/file", {{"Range", "bytes=0-9"}, {"If-Range", "\"other\""}}).status, 200);
  const Reply head = client.ask("HEAD", "/api/file");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-length"), "3000001");
  EXPECT_EQ(client.get("/api/films").status, 200) << "the connection goes on after a HEAD";
}

TEST(Http, requests_that_are_sent_ahead_are_answered_in_their_order) {
  ServedFilmFixture film;
  Client client(film.port());
  std::string all;
  for (int i = 0; i < 40; ++i) all += client.request_text("GET", i % 2 ? "/api/me" : "/api/films");
  ASSERT_TRUE(client.socket().send(all));
  for (int i = 0; i < 40; ++i) {
    const Reply reply = client.read_reply();
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().is_object(), i % 2 == 1) << i;
  }
}

TEST(Http, a_connection_is_closed_when_its_client_asks_for_that) {
  ServedFilmFixture film;
  Client client(film.port());
  EXPECT_EQ(client.get("/api/me", {{"Connection", "close"}}).headers.at("connection"), "close");
  EXPECT_TRUE(client.socket().ends_within(std::chrono::seconds(2)));
}

TEST(Http, bodies_come_whole_in_portions_or_not_at_all) {
  ServedFilmFixture film(1, {}, {summing_route()});
  Client client(film.port());
  client.greet();
  const std::string bytes = pattern_bytes(8 << 20);
  std::uint64_t sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  const nlohmann::json expected{{"bytes", bytes.size()}, {"sum", sum}};
  EXPECT_EQ(client.post("/api/sum", bytes).json(), expected);

  std::string chunked;
  for (std::size_t at = 0, n = 1; at < bytes.size(); at += n, n = n * 3 % 70001 + 1) {
    n = std::min(n, bytes.size() - at);
    chunked += fmt::format("{:x}\r\n", n) + bytes.substr(at, n) + "\r\n";
  }
  chunked += "0\r\n\r\n";
  EXPECT_EQ(client.post("/api/sum", chunked, {{"Transfer-Encoding", "chunked"}}).json(), expected);
  EXPECT_EQ(client.post("/api/sum", "", {{"Content-Length", "0"}}).json(), nlohmann::json({{"bytes", 0}, {"sum", 0}}));
  EXPECT_EQ(client.post("/api/sum", bytes.substr(0, 10), {{"Expect", "100-continue"}}).json().at("bytes"), 10);
  EXPECT_EQ(client.get("/api/films").status, 200) << "the connection is where the next request begins";

  // A length and portions at once is how one request is hidden inside another.
  Client smuggler(film.port());
  smuggler.greet();
  EXPECT_EQ(smuggler.post("/api/sum", "5\r\nhello\r\n0\r\n\r\n", {{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}).status, 400);
  EXPECT_TRUE(smuggler.socket().ends_within(std::chrono::seconds(3)));
}

TEST(Http, what_is_too_long_is_refused_before_it_is_read) {
  ServedFilmFixture film(1, {}, {summing_route()});
  Client client(film.port());
  client.greet();
  EXPECT_EQ(client.post("/api/sum", "", {{"Content-Length", "99999999999"}}).status, 413);
  Client edits(film.port());
  edits.greet();
  EXPECT_EQ(edits.post("/api/films/night/edits", std::string(9 << 20, ' ')).status, 413);
  Client header(film.port());
  EXPECT_EQ(header.get("/api/me", {{"X-Long", std::string(40000, 'a')}}).status, 431);
  Client query(film.port());
  EXPECT_EQ(query.get("/api/me?" + std::string(40000, 'a')).status, 431);
}

TEST(Http, methods_that_a_path_does_not_have_are_named_to_the_client) {
  ServedFilmFixture film;
  Client client(film.port());
  client.greet();
  const Reply refused = client.ask("PUT", "/api/films/night/history", "{}");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.at("allow"), "GET, HEAD, OPTIONS");
  Client other(film.port());
  const Reply options = other.ask("OPTIONS", "/api/films/night/edits");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.at("allow"), "POST, OPTIONS");
  EXPECT_EQ(other.get("/api/me").status, 200);
}

TEST(Http, pages_of_other_sites_get_nothing_and_change_nothing) {
  ServedFilmFixture film;
  const std::string edit = nlohmann::json{{"patch", ServedFilmFixture::gain(0, -6)}}.dump();
  const auto fresh = [&] {
    Client client(film.port());
    client.greet();
    return client;
  };
  EXPECT_EQ(fresh().get("/api/films", {{"Host", "evil.example:8484"}}).status, 421);
  EXPECT_EQ(fresh().get("/api/films", {{"Origin", "http://evil.example"}}).status, 403);
  EXPECT_EQ(fresh().get("/api/films", {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
  EXPECT_EQ(fresh().post("/api/films/night/edits", edit, {{"Origin", "http://evil.example"}}).status, 403);
  EXPECT_EQ(fresh().post("/api/films/night/edits", edit, {{"Origin", ""}}).status, 403);
  EXPECT_EQ(fresh().post("/api/films/night/edits", edit, {{"X-Csrf-Token", ""}}).status, 403);
  const Reply forged = fresh().post("/api/films/night/edits", edit, {{"X-Csrf-Token", "00"}});
  EXPECT_EQ(forged.status, 403);
  EXPECT_EQ(forged.json().at("code"), "csrf");
  EXPECT_EQ(film.hub().head().revision, 0);
  EXPECT_EQ(fresh().post("/api/films/night/edits", edit).status, 200);
  EXPECT_EQ(film.hub().head().revision, 1);
}

TEST(Http, a_handler_that_throws_costs_one_answer) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/throws";
  route.handle = [](const Request&) -> Response { throw std::runtime_error("oh"); };
  ServedFilmFixture film(1, {}, {route});
  Client client(film.port());
  EXPECT_EQ(client.get("/api/throws").status, 500);
  EXPECT_EQ(client.get("/api/me").status, 200);
}

}  // namespace
}  // namespace twopop::server
