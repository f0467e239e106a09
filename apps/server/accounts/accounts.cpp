#include "accounts/accounts.h"

#include "accounts/audit_log.h"
#include "accounts/rate_limit.h"
#include "accounts/roles.h"
#include "accounts/tables.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <mutex>

namespace twopop::server {
namespace {

constexpr std::int64_t kSeenEvery_s = 60;  // how exactly the last use of a session is kept

Result<void> check_name(const std::string& name) {
  const bool odd = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x80 && !std::isalnum(c) && c != ' ' && c != '.' && c != '-' && c != '_'; });
  if (name.empty() || name.size() > 64 || odd || name.front() == ' ' || name.back() == ' ')
    return Error{Code::InvalidArgument, fmt::format("'{}' cannot be a name", name.substr(0, 80)), "take 1 to 64 letters, digits, spaces, '.', '-' or '_'"};
  return {};
}

Result<void> check_roles(const std::vector<std::string>& roles) {
  for (const std::string& role : roles)
    if (!is_role(role) || role == "actor") return Error{Code::InvalidArgument, fmt::format("'{}' is no role of an account", role.substr(0, 80)), "use owner, dialogue, adr, design, foley, music, mix, director or viewer"};
  if (roles.empty() || roles.size() > 10) return Error{Code::InvalidArgument, "an account needs one to ten roles", "name what the person works on"};
  return {};
}

std::string joined(const std::vector<std::string>& roles) {
  std::string text;
  for (const std::string& role : roles) text += (text.empty() ? "" : ",") + role;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> roles;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    roles.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return roles;
}

Error no_such_link() { return Error{Code::NotFound, "this link opens nothing (any more)", "ask the person who sent it for a new one"}; }

class SqliteAccounts final : public Accounts {
 public:
  SqliteAccounts(AccountSettings settings, Database database, std::string nobody)
      : settings_(std::move(settings)), database_(std::move(database)), audit_(database_, settings_.most_audit), nobody_(std::move(nobody)) {}

  Result<bool> has_users() override {
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(const std::int64_t count, number(database_, "SELECT count(*) FROM users"));
    return count > 0;
  }

  Result<std::vector<User>> users() override {
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(Statement rows, query(database_, "SELECT u.name, u.roles, u.created, coalesce(max(s.seen), 0), count(s.token) FROM users u LEFT JOIN sessions s ON s.user = u.name GROUP BY u.name ORDER BY u.name"));
    std::vector<User> all;
    for (;;) {
      TWOPOP_TRY(const bool row, rows.step());
      if (!row) return all;
      all.push_back({rows.text(0), split(rows.text(1)), utc_text(rows.integer(2)), rows.integer(3) ? utc_text(rows.integer(3)) : "", static_cast<int>(rows.integer(4))});
    }
  }

  Result<void> add_user(const NewUser& user) override {
    TWOPOP_CHECK(check_name(user.name));
    TWOPOP_CHECK(check_roles(user.roles));
    TWOPOP_CHECK(check_new_password(user.name, user.password));
    TWOPOP_TRY(const std::string hash, hash_password(user.password, settings_.hash));
    const std::lock_guard lock(mutex_);
    return insert_user(user.name, hash, user.roles);
  }

  Result<void> change_user(const std::string& name, const UserChange& change) override {
    std::string hash;
    if (change.roles) TWOPOP_CHECK(check_roles(*change.roles));
    if (change.password) {
      TWOPOP_CHECK(check_new_password(name, *change.password));
      TWOPOP_TRY(hash, hash_password(*change.password, settings_.hash));
    }
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(auto transaction, WriteTransaction::begin(database_));
    TWOPOP_CHECK(must_exist(name));
    if (change.roles) TWOPOP_CHECK(run(database_, "UPDATE users SET roles = ?2 WHERE name = ?1", name, joined(*change.roles)));
    if (change.password) {
      TWOPOP_CHECK(run(database_, "UPDATE users SET password = ?2 WHERE name = ?1", name, hash));
      TWOPOP_CHECK(run(database_, "DELETE FROM sessions WHERE user = ?1", name));
    }
    TWOPOP_CHECK(an_owner_is_left());
    return transaction.commit();
  }

  Result<void> remove_user(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(auto transaction, WriteTransaction::begin(database_));
    TWOPOP_CHECK(must_exist(name));
    TWOPOP_CHECK(run(database_, "DELETE FROM users WHERE name = ?1", name));
    TWOPOP_CHECK(run(database_, "DELETE FROM sessions WHERE user = ?1", name));
    TWOPOP_CHECK(an_owner_is_left());
    return transaction.commit();
  }

  Result<bool> password_is(const std::string& name, const std::string& password) override {
    std::string hash = nobody_;  // an unknown name costs the same work
    bool known = false;
    {
      const std::lock_guard lock(mutex_);
      TWOPOP_TRY(Statement row, query(database_, "SELECT password FROM users WHERE name = ?1", name));
      TWOPOP_TRY(known, row.step());
      if (known) hash = row.text(0);
    }
    return password_matches(password, hash) && known;
  }

  Result<std::optional<SessionMade>> log_in(const std::string& name, const std::string& password) override {
    TWOPOP_TRY(const bool right, password_is(name, password));
    if (!right) return std::optional<SessionMade>();
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(auto transaction, WriteTransaction::begin(database_));
    TWOPOP_CHECK(must_exist(name));  // removed meanwhile
    TWOPOP_TRY(SessionMade made, new_session(name, ""));
    TWOPOP_CHECK(transaction.commit());
    return std::optional(std::move(made));
  }

  Result<void> log_out(const std::string& session) override {
    const std::lock_guard lock(mutex_);
    return run(database_, "DELETE FROM sessions WHERE token = ?1", session);
  }

  Result<void> log_out_others(const std::string& name, const std::string& session) override {
    const std::lock_guard lock(mutex_);
    return run(database_, "DELETE FROM sessions WHERE user = ?1 AND token <> ?2", name, session);
  }

  Result<Identity> who(const std::string& token) override {
    if (token.size() != 43) return Identity{};
    const std::string session = sha256_hex(token);
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(Statement row, query(database_, R"(SELECT s.created, s.seen, s.user, u.roles, s.invitation, i.name, i.film, i.cue, i.expires, i.withdrawn
      FROM sessions s LEFT JOIN users u ON u.name = s.user LEFT JOIN invitations i ON i.id = s.invitation WHERE s.token = ?1)", session));
    TWOPOP_TRY(const bool known, row.step());
    if (!known) return Identity{};
    const std::int64_t now = now_s();
    const bool is_actor = !row.text(4).empty();
    const bool ended = now - row.integer(0) > settings_.session_most_s || now - row.integer(1) > settings_.session_idle_s;
    const bool closed = is_actor && (row.integer(8) <= now || row.integer(9) != 0 || row.text(6).empty());
    if (ended || closed) {
      TWOPOP_CHECK(run(database_, "DELETE FROM sessions WHERE token = ?1", session));
      return Identity{};
    }
    if (now - row.integer(1) >= kSeenEvery_s) TWOPOP_CHECK(run(database_, "UPDATE sessions SET seen = ?2 WHERE token = ?1", session, now));
    Identity who;
    who.session = session;
    who.csrf = sha256_hex("csrf of " + token);
    if (is_actor) {
      // No account can have such a name: an actor passes for nobody else.
      who.name = row.text(5) + " (by link)";
      who.roles = {"actor"};
      who.film = row.text(6);
      who.cue = row.text(7);
    } else {
      who.name = row.text(2);
      who.roles = split(row.text(3));
    }
    return who;
  }

  Result<std::vector<Invitation>> invitations() override {
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(Statement rows, query(database_, "SELECT id, role, film, cue, name, created_by, created, expires, uses, used, withdrawn FROM invitations ORDER BY created DESC, id"));
    std::vector<Invitation> all;
    for (;;) {
      TWOPOP_TRY(const bool row, rows.step());
      if (!row) return all;
      all.push_back(invitation_of(rows));
    }
  }

  Result<InvitationMade> invite(const NewInvitation& wish, const std::string& by) override {
    if (!is_role(wish.role)) return Error{Code::InvalidArgument, fmt::format("'{}' is no role", wish.role.substr(0, 80)), "use a phase, director, viewer, owner or actor"};
    const bool actor = wish.role == "actor";
    if (actor) TWOPOP_CHECK(check_name(wish.name));
    if (actor && wish.film.empty()) return Error{Code::InvalidArgument, "an actor's link needs its film", "name the film it opens"};
    if (!actor && !(wish.film.empty() && wish.cue.empty())) return Error{Code::InvalidArgument, "only an actor's link is for one film", "leave film and cue out"};
    InvitationMade made;
    made.token = random_token();
    const std::string id = random_token().substr(0, 12), token = sha256_hex(made.token);
    const std::lock_guard lock(mutex_);
    const std::int64_t now = now_s(), expires = now + static_cast<std::int64_t>(wish.hours * 3600);
    TWOPOP_TRY(auto transaction, WriteTransaction::begin(database_));
    // What ended a month ago is of use to nobody.
    TWOPOP_CHECK(run(database_, "DELETE FROM invitations WHERE expires < ?1", now - 30 * 24 * 3600));
    TWOPOP_TRY(const std::int64_t count, number(database_, "SELECT count(*) FROM invitations"));
    if (count >= settings_.most_invitations) return Error{Code::OutOfSpace, fmt::format("there are {} links already", count), "wait until some have ended"};
    TWOPOP_CHECK(run(database_, "INSERT INTO invitations VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0)", id, token, wish.role, wish.film, wish.cue, wish.name, by, now, expires, wish.uses));
    TWOPOP_CHECK(transaction.commit());
    made.invitation = {id, wish.role, wish.film, wish.cue, wish.name, by, utc_text(now), utc_text(expires), wish.uses, 0, false};
    return made;
  }

  Result<void> withdraw(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(auto transaction, WriteTransaction::begin(database_));
    TWOPOP_TRY(const std::int64_t known, number(database_, "SELECT count(*) FROM invitations WHERE id = ?1", id));
    if (!known) return Error{Code::NotFound, "there is no such link", "look at the list again"};
    TWOPOP_CHECK(run(database_, "UPDATE invitations SET withdrawn = 1 WHERE id = ?1", id));
    TWOPOP_CHECK(run(database_, "DELETE FROM sessions WHERE invitation = ?1", id));
    return transaction.commit();
  }

  Result<InvitationLook> look(const std::string& token) override {
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(const Invitation found, standing(token));
    return InvitationLook{found.role, found.film, found.cue, found.name, found.expires, found.role != "actor"};
  }

  Result<SessionMade> accept(const std::string& token, const InvitationAccept& answer) override {
    std::string hash;
    TWOPOP_TRY(const InvitationLook seen, look(token));
    if (seen.account) {
      TWOPOP_CHECK(check_name(answer.name));
      TWOPOP_CHECK(check_new_password(answer.name, answer.password));
      TWOPOP_TRY(hash, hash_password(answer.password, settings_.hash));
    }
    const std::lock_guard lock(mutex_);
    TWOPOP_TRY(auto transaction, WriteTransaction::begin(database_));
    TWOPOP_TRY(const Invitation found, standing(token));  // somebody else may have used it since
    TWOPOP_CHECK(run(database_, "UPDATE invitations SET used = used + 1 WHERE id = ?1", found.id));
    if (seen.account) TWOPOP_CHECK(insert_user(answer.name, hash, {found.role}));
    TWOPOP_TRY(SessionMade made, new_session(seen.account ? answer.name : "", seen.account ? "" : found.id));
    TWOPOP_CHECK(transaction.commit());
    return made;
  }

  void note(AuditEntry entry) override {
    const std::lock_guard lock(mutex_);
    audit_.add(std::move(entry), now());
  }

  Result<std::vector<AuditEntry>> audit(std::int64_t before, int limit) override {
    const std::lock_guard lock(mutex_);
    return audit_.before(before, limit);
  }

 private:
  double now() const { return settings_.now ? settings_.now() : std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }
  std::int64_t now_s() const { return static_cast<std::int64_t>(now()); }

  Result<void> must_exist(const std::string& name) {
    TWOPOP_TRY(const std::int64_t count, number(database_, "SELECT count(*) FROM users WHERE name = ?1", name));
    if (!count) return Error{Code::NotFound, fmt::format("there is no account '{}'", name.substr(0, 80)), "look at the list of people again"};
    return {};
  }

  /// Inside a transaction that is given up if not. A server without accounts at all has none to lose.
  Result<void> an_owner_is_left() {
    TWOPOP_TRY(const std::int64_t owners, number(database_, "SELECT count(*) FROM users WHERE ',' || roles || ',' LIKE '%,owner,%'"));
    if (!owners) return Error{Code::Conflict, "that would leave the server without an owner", "make another owner first"};
    return {};
  }

  Result<void> insert_user(const std::string& name, const std::string& hash, const std::vector<std::string>& roles) {
    TWOPOP_TRY(const std::int64_t count, number(database_, "SELECT count(*) FROM users"));
    if (count >= settings_.most_users) return Error{Code::OutOfSpace, fmt::format("there are {} accounts already", count), "remove some"};
    TWOPOP_TRY(const std::int64_t taken, number(database_, "SELECT count(*) FROM users WHERE name = ?1 COLLATE NOCASE", name));
    if (taken) return Error{Code::AlreadyExists, fmt::format("there is an account '{}' already", name), "take another name"};
    return run(database_, "INSERT INTO users VALUES(?1, ?2, ?3, ?4)", name, hash, joined(roles), now_s());
  }

  Result<SessionMade> new_session(const std::string& user, const std::string& invitation) {
    SessionMade made{random_token(), settings_.session_most_s};
    const std::int64_t now = now_s();
    TWOPOP_CHECK(run(database_, "DELETE FROM sessions WHERE created < ?1 OR seen < ?2", now - settings_.session_most_s, now - settings_.session_idle_s));
    TWOPOP_CHECK(run(database_, "DELETE FROM sessions WHERE user = ?1 AND invitation = ?2 AND token NOT IN (SELECT token FROM sessions WHERE user = ?1 AND invitation = ?2 ORDER BY seen DESC LIMIT ?3)",
                     user, invitation, settings_.most_sessions_each - 1));
    TWOPOP_CHECK(run(database_, "INSERT INTO sessions VALUES(?1, ?2, ?3, ?4, ?4)", sha256_hex(made.token), user, invitation, now));
    return made;
  }

  static Invitation invitation_of(const Statement& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), utc_text(row.integer(6)), utc_text(row.integer(7)), static_cast<int>(row.integer(8)), static_cast<int>(row.integer(9)), row.integer(10) != 0};
  }

  Result<Invitation> standing(const std::string& token) {
    const std::string hash = sha256_hex(token);
    TWOPOP_TRY(Statement row, query(database_, R"(SELECT id, role, film, cue, name, created_by, created, expires, uses, used, withdrawn FROM invitations
      WHERE token = ?1 AND withdrawn = 0 AND used < uses AND expires > ?2)", hash, now_s()));
    TWOPOP_TRY(const bool stands, row.step());
    if (!stands) return no_such_link();
    return invitation_of(row);
  }

  const AccountSettings settings_;
  std::mutex mutex_;
  Database database_;
  AuditLog audit_;
  const std::string nobody_;
};

}  // namespace

std::string utc_text(std::int64_t seconds) {
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

Result<std::shared_ptr<Accounts>> Accounts::open(AccountSettings settings) {
  TWOPOP_TRY(Database database, open_accounts_database(settings.folder));
  TWOPOP_TRY(std::string nobody, hash_password(random_token(), settings.hash));
  return std::shared_ptr<Accounts>(std::make_shared<SqliteAccounts>(std::move(settings), std::move(database), std::move(nobody)));
}

}  // namespace twopop::server
