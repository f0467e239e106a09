#include "accounts/people_routes.h"

#include "net/router.h"
#include "session/json.h"
#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop::server {
namespace {

using test::must;

constexpr const char* kPassword = "correct horse battery";

/// A server's door without its network: requests go the way that the network sends them.
struct Desk {
  explicit Desk(const std::string& name, const std::string& local_owner = {}) : scratch("door-" + name) {
    AccountSettings settings;
    settings.folder = scratch.path / "state";
    settings.hash = {64, 1};
    accounts = must(Accounts::open(settings));
    must(accounts->add_user({"Ada", kPassword, {"owner"}}));
    door = std::make_shared<Door>(accounts, DoorSettings{local_owner});
    routes = people_routes(door);
  }

  Response ask(const std::string& method, const std::string& path, const std::string& body = {}, const std::string& cookie = {}, const std::string& peer = "192.0.2.7") {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.peer = peer;
    request.secure = true;
    if (!cookie.empty()) request.headers["cookie"] = "theme=dark; " + cookie;
    auto who = door->identify(request);
    if (!who) return problem(429, "too_many", who.error().message);
    request.who = *std::move(who);
    const Router router(routes);
    auto found = router.find(method, path);
    if (!found.route) return problem(404, "not_found", path);
    request.in_path = found.in_path;
    Response answer = !found.route->right.empty() && !request.who.may(found.route->right) ? problem(403, "forbidden", "no") : found.route->handle(request);
    if (method != "GET" || answer.status >= 400) door->audited(request, answer.status);
    return answer;
  }
  static std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }
  /// The cookie of an answer, as the browser sends it back.
  static std::string cookie_of(const Response& response) {
    const std::string set = header(response, "Set-Cookie");
    return set.substr(0, set.find(';'));
  }
  static std::string text(const Response& response) { return std::get<std::string>(response.body); }
  std::string log_in() { return cookie_of(ask("POST", "/api/login", fmt::format(R"({{"name": "Ada", "password": "{}"}})", kPassword))); }

  test::ScratchFolder scratch;
  std::shared_ptr<Accounts> accounts;
  std::shared_ptr<Door> door;
  std::vector<Route> routes;
};

TEST(Door, a_login_gives_a_cookie_that_scripts_and_other_sites_cannot_use) {
  Desk desk("login");
  const Response in = desk.ask("POST", "/api/login", fmt::format(R"({{"name": "Ada", "password": "{}"}})", kPassword));
  ASSERT_EQ(in.status, 200);
  const std::string set = Desk::header(in, "Set-Cookie");
  for (const char* part : {"__Host-twopop_session=", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Path=/"}) EXPECT_NE(set.find(part), std::string::npos) << part;
  const std::string cookie = Desk::cookie_of(in);
  const Me me = must(session::read_json<Me>(Desk::text(desk.ask("GET", "/api/me", {}, cookie))));
  EXPECT_EQ(me.name, "Ada");
  EXPECT_EQ(me.csrf.size(), 64u);
  EXPECT_EQ(desk.ask("GET", "/api/users", {}, cookie).status, 200);
  EXPECT_EQ(desk.ask("GET", "/api/users").status, 403) << "without the cookie";
  EXPECT_EQ(desk.ask("GET", "/api/users", {}, cookie + "x").status, 403) << "a cookie that is nearly right";
  EXPECT_EQ(desk.ask("POST", "/api/logout", {}, cookie).status, 204);
  EXPECT_EQ(desk.ask("GET", "/api/users", {}, cookie).status, 403) << "stolen, but logged out";
}

TEST(Door, the_log_says_who_logged_in_and_as_whom_somebody_tried_to) {
  Desk desk("log");
  EXPECT_EQ(desk.ask("POST", "/api/login", R"({"name": "Eve\u0007", "password": "not this one"})").status, 401);
  const std::string owner = desk.log_in();
  const auto lines = must(desk.accounts->audit(1'000'000, 10));
  ASSERT_GE(lines.size(), 2u);
  EXPECT_EQ(lines[0].what, "POST /api/login");
  EXPECT_EQ(lines[0].status, 200);
  EXPECT_EQ(lines[0].who, "Ada");
  EXPECT_EQ(lines[1].status, 401);
  EXPECT_EQ(lines[1].who, "Eve?") << "as it was given, made fit for a list";
}

TEST(Door, guessing_passwords_ends_after_ten_and_others_are_not_held_up) {
  Desk desk("guess");
  int wrong = 0, refused = 0;
  for (int i = 0; i < 30; ++i) {
    const Response answer = desk.ask("POST", "/api/login", R"({"name": "Ada", "password": "not this one"})");
    wrong += answer.status == 401;
    refused += answer.status == 429 && !Desk::header(answer, "Retry-After").empty();
  }
  EXPECT_GE(wrong, 10);
  EXPECT_LE(wrong, 12);
  EXPECT_EQ(wrong + refused, 30);
  EXPECT_EQ(desk.ask("POST", "/api/login", fmt::format(R"({{"name": "Ada", "password": "{}"}})", kPassword), {}, "192.0.2.8").status, 200) << "the owner, from elsewhere";
}

TEST(Door, a_link_lets_one_in_and_its_token_is_nowhere_in_the_log) {
  Desk desk("link");
  const std::string owner = desk.log_in();
  const Response made = desk.ask("POST", "/api/invitations", R"({"role": "actor", "film": "film", "name": "Lea"})", owner);
  ASSERT_EQ(made.status, 200) << Desk::text(made);
  const InvitationMade link = must(session::read_json<InvitationMade>(Desk::text(made)));
  const std::string path = "/api/invitations/by-token/" + link.token;
  EXPECT_EQ(desk.ask("GET", path).status, 200);
  const std::string guest = Desk::cookie_of(desk.ask("POST", path + "/accept", "{}"));
  const Me me = must(session::read_json<Me>(Desk::text(desk.ask("GET", "/api/me", {}, guest))));
  EXPECT_EQ(me.rights, std::vector<std::string>{"booth"});
  EXPECT_EQ(me.film, "film");
  EXPECT_EQ(desk.ask("POST", path + "/accept", "{}").status, 404) << "used once";
  for (const char* forbidden : {"/api/users", "/api/invitations", "/api/audit"}) EXPECT_EQ(desk.ask("GET", forbidden, {}, guest).status, 403) << forbidden;
  EXPECT_EQ(desk.ask("POST", "/api/me/password", R"({"old_password": "a", "new_password": "b"})", guest).status, 401);
  EXPECT_EQ(desk.ask("DELETE", "/api/invitations/" + link.invitation.id, {}, owner).status, 204);
  EXPECT_EQ(must(session::read_json<Me>(Desk::text(desk.ask("GET", "/api/me", {}, guest)))).name, "");
  const std::string log = Desk::text(desk.ask("GET", "/api/audit", {}, owner));
  EXPECT_EQ(log.find(link.token), std::string::npos);
  EXPECT_NE(log.find("by-token/…/accept"), std::string::npos);
  EXPECT_NE(log.find("\"Lea (by link)\""), std::string::npos) << "what the guest was refused";
}

TEST(Door, trying_out_links_is_slowed_down) {
  Desk desk("links");
  int answered = 0;
  for (int i = 0; i < 200; ++i) answered += desk.ask("GET", fmt::format("/api/invitations/by-token/{:043}", i)).status == 404;
  EXPECT_GE(answered, 20);
  EXPECT_LE(answered, 25);
}

TEST(Door, the_person_at_the_machine_needs_no_login_and_nobody_else_profits) {
  Desk desk("local", "Ann");
  EXPECT_EQ(must(session::read_json<Me>(Desk::text(desk.ask("GET", "/api/me", {}, {}, "127.0.0.1")))).name, "Ann");
  EXPECT_EQ(must(session::read_json<Me>(Desk::text(desk.ask("GET", "/api/me", {}, {}, "192.0.2.7")))).name, "");
  EXPECT_EQ(desk.ask("GET", "/api/users", {}, {}, "192.0.2.7").status, 403);
}

TEST(Door, an_address_that_asks_without_end_is_told_to_wait) {
  Desk desk("flood");
  int refused = 0;
  for (int i = 0; i < 5000; ++i) refused += desk.ask("GET", "/api/me").status == 429;
  EXPECT_GT(refused, 500);
  EXPECT_EQ(desk.ask("GET", "/api/me", {}, {}, "192.0.2.8").status, 200);
}

}  // namespace
}  // namespace twopop::server
