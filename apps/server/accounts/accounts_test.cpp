#include "accounts/accounts.h"
#include "accounts/rate_limit.h"
#include "accounts/roles.h"
#include "small_film.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace twopop::server {
namespace {

using test::must;

/// Accounts with a clock of its own and the cheapest hash.
struct House {
  explicit House(const std::string& name) : scratch("accounts-" + name) { accounts = must(Accounts::open(settings())); }
  AccountSettings settings() {
    AccountSettings s;
    s.folder = scratch.path / "state";
    s.hash = {64, 1};
    s.most_audit = 500;
    s.now = [this] { return now; };
    return s;
  }
  std::string log_in(const std::string& name, const std::string& password) {
    const auto made = must(accounts->log_in(name, password));
    return made ? made->token : "";
  }
  std::string bytes_on_disk() {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path / "state")) {
      std::ifstream in(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  test::ScratchFolder scratch;
  double now = 1'800'000'000;
  std::shared_ptr<Accounts> accounts;
};

constexpr const char* kPassword = "correct horse battery";

TEST(Accounts, a_login_holds_for_its_browser_and_ends_when_idle_old_or_logged_out) {
  House house("login");
  must(house.accounts->add_user({"Ada", kPassword, {"owner"}}));
  EXPECT_EQ(house.log_in("Ada", "wrong horse battery"), "");
  EXPECT_EQ(house.log_in("Bob", kPassword), "");
  const std::string token = house.log_in("Ada", kPassword);
  const Identity who = must(house.accounts->who(token));
  EXPECT_EQ(who.name, "Ada");
  EXPECT_TRUE(who.may("people"));
  EXPECT_EQ(who.csrf.size(), 64u);
  EXPECT_EQ(must(house.accounts->who((token[0] == 'x' ? "y" : "x") + token.substr(1))).name, "");
  EXPECT_EQ(must(house.accounts->who("")).name, "");

  for (int day = 0; day < 14; ++day) {
    house.now += 12 * 3600 - 10;
    EXPECT_EQ(must(house.accounts->who(token)).name, "Ada") << "used every half day";
  }
  house.now += 12 * 3600 - 10;
  EXPECT_EQ(must(house.accounts->who(token)).name, "") << "seven days are the end";

  const std::string second = house.log_in("Ada", kPassword);
  house.now += 12 * 3600 + 1;
  EXPECT_EQ(must(house.accounts->who(second)).name, "") << "idle for more than twelve hours";

  const std::string third = house.log_in("Ada", kPassword);
  must(house.accounts->log_out(must(house.accounts->who(third)).session));
  EXPECT_EQ(must(house.accounts->who(third)).name, "");
}

TEST(Accounts, nothing_on_disk_opens_the_door) {
  House house("disk");
  must(house.accounts->add_user({"Ada", kPassword, {"owner"}}));
  const std::string token = house.log_in("Ada", kPassword);
  const InvitationMade made = must(house.accounts->invite({"actor", "film", "", "Lea", 1, 1}, "Ada"));
  const std::string bytes = house.bytes_on_disk();
  EXPECT_NE(bytes.find("$argon2id$v=19$"), std::string::npos);
  for (const std::string& secret : {std::string(kPassword), token, made.token, must(house.accounts->who(token)).csrf}) EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  const auto mode = std::filesystem::status(house.scratch.path / "state").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::all, std::filesystem::perms::owner_all);
}

TEST(Accounts, everything_holds_across_a_restart_and_is_seen_by_another_process) {
  House house("restart");
  must(house.accounts->add_user({"Ada", kPassword, {"owner"}}));
  const std::string token = house.log_in("Ada", kPassword);
  const auto other = must(Accounts::open(house.settings()));
  must(other->add_user({"Ben", kPassword, {"mix"}}));
  EXPECT_EQ(must(other->who(token)).name, "Ada");
  EXPECT_NE(house.log_in("Ben", kPassword), "");
  house.accounts = must(Accounts::open(house.settings()));
  EXPECT_EQ(must(house.accounts->users()).size(), 2u);
  EXPECT_EQ(must(house.accounts->who(token)).name, "Ada");
}

TEST(Accounts, a_new_password_ends_every_session_and_new_roles_hold_at_once) {
  House house("change");
  must(house.accounts->add_user({"Ada", kPassword, {"owner"}}));
  must(house.accounts->add_user({"Ben", kPassword, {"mix"}}));
  const std::string token = house.log_in("Ben", kPassword);
  must(house.accounts->change_user("Ben", {std::nullopt, std::vector<std::string>{"viewer"}}));
  EXPECT_FALSE(must(house.accounts->who(token)).may("edit:mix"));
  must(house.accounts->change_user("Ben", {"another long word", std::nullopt}));
  EXPECT_EQ(must(house.accounts->who(token)).name, "");
  EXPECT_EQ(house.log_in("Ben", kPassword), "");
  EXPECT_NE(house.log_in("Ben", "another long word"), "");
}

TEST(Accounts, the_last_owner_cannot_be_lost) {
  House house("owner");
  must(house.accounts->add_user({"Ada", kPassword, {"owner"}}));
  must(house.accounts->add_user({"Ben", kPassword, {"mix"}}));
  EXPECT_EQ(house.accounts->remove_user("Ada").error().code, Code::Conflict);
  EXPECT_EQ(house.accounts->change_user("Ada", {std::nullopt, std::vector<std::string>{"mix"}}).error().code, Code::Conflict);
  EXPECT_EQ(must(house.accounts->users()).front().roles, std::vector<std::string>{"owner"}) << "a refused change leaves nothing behind";
  must(house.accounts->change_user("Ben", {std::nullopt, std::vector<std::string>{"owner", "mix"}}));
  must(house.accounts->remove_user("Ada"));
}

TEST(Accounts, bad_names_passwords_and_roles_are_refused_with_what_is_wrong) {
  House house("bad");
  for (const char* name : {"", " Ada", "Ada (by link)", "a/b", "<b>", "a\nb"}) EXPECT_EQ(house.accounts->add_user({name, kPassword, {"owner"}}).error().code, Code::InvalidArgument) << name;
  EXPECT_FALSE(house.accounts->add_user({"Ada", "short", {"owner"}}));
  EXPECT_FALSE(house.accounts->add_user({"Ada", "aaaaaaaaaaaaaa", {"owner"}}));
  EXPECT_FALSE(house.accounts->add_user({"Ada Lovelace", "Ada Lovelace", {"owner"}}));
  EXPECT_FALSE(house.accounts->add_user({"Ada", kPassword, {}}));
  EXPECT_FALSE(house.accounts->add_user({"Ada", kPassword, {"actor"}})) << "actors come by a link";
  EXPECT_FALSE(house.accounts->add_user({"Ada", kPassword, {"root"}}));
  must(house.accounts->add_user({"Ada", kPassword, {"owner"}}));
  EXPECT_EQ(house.accounts->add_user({"ada", kPassword, {"owner"}}).error().code, Code::AlreadyExists) << "names that look alike";
}

TEST(Invitations, an_actor_is_let_in_as_often_as_the_link_says_and_sees_one_film) {
  House house("actor");
  const InvitationMade made = must(house.accounts->invite({"actor", "film", "a-1", "Lea", 2, 2}, "Ada"));
  EXPECT_EQ(made.token.size(), 43u);
  const InvitationLook look = must(house.accounts->look(made.token));
  EXPECT_EQ(look.film, "film");
  EXPECT_FALSE(look.account);
  const std::string first = must(house.accounts->accept(made.token, {})).token, second = must(house.accounts->accept(made.token, {})).token;
  EXPECT_EQ(house.accounts->accept(made.token, {}).error().code, Code::NotFound) << "used up";
  EXPECT_EQ(house.accounts->look(made.token).error().code, Code::NotFound);
  for (const std::string& token : {first, second}) {
    const Identity who = must(house.accounts->who(token));
    EXPECT_EQ(who.name, "Lea (by link)");
    EXPECT_EQ(who.film, "film");
    EXPECT_EQ(who.cue, "a-1");
    EXPECT_EQ(rights_of(who), std::vector<std::string>{"booth"});
  }
  house.now += 2 * 3600;
  EXPECT_EQ(must(house.accounts->who(first)).name, "") << "the visit ends with the link";
}

TEST(Invitations, a_withdrawn_or_expired_link_opens_nothing_and_its_visitors_are_out) {
  House house("withdrawn");
  const InvitationMade made = must(house.accounts->invite({"actor", "film", "", "Lea", 2, 9}, "Ada"));
  const std::string token = must(house.accounts->accept(made.token, {})).token;
  must(house.accounts->withdraw(made.invitation.id));
  EXPECT_EQ(must(house.accounts->who(token)).name, "");
  EXPECT_EQ(house.accounts->accept(made.token, {}).error().code, Code::NotFound);
  const InvitationMade old = must(house.accounts->invite({"director", "", "", "", 1, 1}, "Ada"));
  house.now += 3601;
  EXPECT_EQ(house.accounts->accept(old.token, {"Dan", kPassword}).error().message, house.accounts->accept("guess", {}).error().message) << "the answer does not tell which";
  EXPECT_EQ(must(house.accounts->invitations()).size(), 2u);
}

TEST(Invitations, a_link_for_a_role_makes_an_account_of_that_role_once) {
  House house("role");
  const InvitationMade made = must(house.accounts->invite({"director", "", "", "Dan", 1, 1}, "Ada"));
  EXPECT_FALSE(house.accounts->accept(made.token, {"Dan", "short"}));
  EXPECT_EQ(must(house.accounts->invitations()).front().used, 0) << "a refused answer does not use the link up";
  const std::string token = must(house.accounts->accept(made.token, {"Dan", kPassword})).token;
  EXPECT_TRUE(must(house.accounts->who(token)).may("approve"));
  EXPECT_FALSE(must(house.accounts->who(token)).may("edit:mix"));
  EXPECT_FALSE(house.accounts->accept(made.token, {"Eve", kPassword}));
  EXPECT_FALSE(house.accounts->invite({"actor", "", "", "Lea", 1, 1}, "Ada")) << "an actor's link without a film";
  EXPECT_FALSE(house.accounts->invite({"director", "film", "", "Dan", 1, 1}, "Ada"));
}

TEST(Invitations, used_at_the_same_moment_by_many_it_lets_one_in) {
  House house("race");
  const InvitationMade made = must(house.accounts->invite({"actor", "film", "", "Lea", 1, 1}, "Ada"));
  std::atomic<int> in{0};
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i)
    people.emplace_back([&] {
      if (house.accounts->accept(made.token, {})) ++in;
    });
  for (std::thread& p : people) p.join();
  EXPECT_EQ(in, 1);
}

TEST(Audit, the_newest_lines_are_kept_and_refusals_do_not_wash_them_out) {
  House house("audit");
  for (int i = 0; i < 700; ++i) house.accounts->note({0, "", "Ada", "10.0.0.1", fmt::format("POST /api/films/f/edits {}", i), 200, 0});
  const auto lines = must(house.accounts->audit(1'000'000, 1000));
  EXPECT_GE(lines.size(), 500u);
  EXPECT_LE(lines.size(), 700u);
  EXPECT_EQ(lines.front().what, "POST /api/films/f/edits 699");
  EXPECT_EQ(must(house.accounts->audit(lines[9].id, 5)).front().id, lines[10].id) << "pages";
  for (int i = 0; i < 5000; ++i) house.accounts->note({0, "", "", "10.6.6.6", "GET /../../etc/passwd\n\x1b[2J", 400, 0});
  house.now += 100;
  house.accounts->note({0, "", "", "10.6.6.6", "GET /last", 403, 0});
  const auto after = must(house.accounts->audit(1'000'000, 1000));
  EXPECT_EQ(after.front().what, "GET /last");
  EXPECT_GE(after.front().more, 4900) << "how many were not written down";
  EXPECT_EQ(after[1].what, "GET /../../etc/passwd??[2J");
  EXPECT_TRUE(std::any_of(after.begin(), after.end(), [](const AuditEntry& e) { return e.what == "POST /api/films/f/edits 699"; }));
}

TEST(RateLimit, grants_a_burst_then_a_steady_few_and_its_memory_is_bounded) {
  RateLimit limit(3, 0.5, 100);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", 0));
  EXPECT_DOUBLE_EQ(limit.take("a", 0).value(), 2.0);
  EXPECT_FALSE(limit.take("b", 0)) << "others are not held up";
  EXPECT_FALSE(limit.take("a", 2));
  EXPECT_TRUE(limit.take("a", 2));
  for (int i = 0; i < 100'000; ++i) limit.take(std::to_string(i), 3);
  EXPECT_EQ(peer_key("2001:db8:1:2:aaaa::1"), peer_key("2001:db8:1:2:bbbb::2"));
  EXPECT_NE(peer_key("2001:db8:1:2::1"), peer_key("2001:db8:1:3::1"));
  EXPECT_EQ(peer_key("10.0.0.1"), "10.0.0.1");
}

TEST(Roles, each_role_may_what_the_house_agreed_and_nothing_else) {
  const auto may = [](const char* role, const char* right) {
    Identity who;
    who.roles = {role};
    return who.may(right);
  };
  for (const char* right : {"read", "edit:mix", "approve", "build", "people", "booth", "edit:media", "remove:media"}) {
    EXPECT_TRUE(may("owner", right)) << right;
    EXPECT_FALSE(Identity{}.may(right)) << right;
    EXPECT_EQ(may("actor", right), std::string_view(right) == "booth") << right;
    EXPECT_EQ(may("viewer", right), std::string_view(right) == "read") << right;
  }
  for (const char* phase : {"dialogue", "adr", "design", "foley", "music", "mix"})
    for (const char* part : {"dialogue", "adr", "design", "foley", "music", "mix"}) EXPECT_EQ(may(phase, fmt::format("edit:{}", part).c_str()), std::string_view(phase) == part);
  EXPECT_TRUE(may("adr", "booth") && may("foley", "booth"));
  EXPECT_FALSE(may("mix", "booth") || may("mix", "people") || may("mix", "approve") || may("mix", "remove:media"));
  EXPECT_TRUE(may("director", "approve"));
  EXPECT_FALSE(may("director", "edit") || may("director", "build") || may("root", "read") || may("", "read"));
}

}  // namespace
}  // namespace twopop::server
