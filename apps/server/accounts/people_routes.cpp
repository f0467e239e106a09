#include "accounts/people_routes.h"

#include "accounts/roles.h"
#include "session/json.h"

#include <charconv>
#include <chrono>
#include <cmath>

namespace twopop::server {
namespace {

using session::read_json;
using session::type_of;
using session::write_json;

constexpr const char* kCookie = "twopop_session";
/// A browser takes a cookie of this name only over TLS, for this host alone, with no other path.
constexpr const char* kSecureCookie = "__Host-twopop_session";

template <class T>
Response json(const T& value, int status = 200) {
  Response response;
  response.status = status;
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = write_json(value, session::JsonLayout::Compact);
  return response;
}

Response done() {
  Response response;
  response.status = 204;
  return response;
}

template <class T>
Response answer(const Result<T>& result) {
  if (!result) return problem(result.error());
  if constexpr (std::is_void_v<T>) return done();
  else return json(*result);
}

/// Calls `act` with the JSON of the body.
template <class T, class Act>
Response with(const Request& request, const Act& act) {
  const Result<T> value = read_json<T>(request.body);
  return value ? act(*value) : problem(value.error());
}

Response too_many(double wait_s) {
  Response response = problem(429, "too_many", "too many attempts", fmt::format("wait {:.0f} s", std::ceil(wait_s)));
  response.headers.emplace_back("Retry-After", fmt::format("{:.0f}", std::ceil(wait_s)));
  return response;
}

std::string cookie(const Request& request, std::string_view name) {
  const auto header = request.headers.find("cookie");
  if (header == request.headers.end()) return {};
  const std::string_view all = header->second;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(';', at), all.size());
    std::string_view part = all.substr(at, end - at);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('=')) return std::string(part.substr(name.size() + 1));
    at = end + 1;
  }
  return {};
}

std::string set_cookie(bool secure, const std::string& token, std::int64_t lasts_s) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", secure ? kSecureCookie : kCookie, token, lasts_s, secure ? "; Secure" : "");
}

bool is_loopback(std::string_view peer) { return peer.starts_with("127.") || peer == "::1" || peer.starts_with("::ffff:127."); }

/// The path for the log: what stands behind by-token is a secret.
std::string told(const Request& request) {
  constexpr std::string_view kSecret = "/by-token/";
  std::string path = request.path;
  if (const std::size_t at = path.find(kSecret); at != std::string::npos) {
    const std::size_t begin = at + kSecret.size(), end = std::min(path.find('/', begin), path.size());
    path.replace(begin, end - begin, "…");
  }
  return request.method + " " + path;
}

std::int64_t whole_number(const Request& request, const std::string& key, std::int64_t otherwise) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return otherwise;
  std::int64_t value = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

}  // namespace

Door::Door(std::shared_ptr<Accounts> accounts, DoorSettings settings)
    : accounts_(std::move(accounts)), settings_(std::move(settings)), local_csrf_(random_token()) {}

double Door::now_s() const { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Result<Identity> Door::identify(const Request& request) {
  const bool local = is_loopback(request.peer);
  // Without a login there is only the person at the machine, who may ask as fast as they like.
  if (!(local && !settings_.local_owner.empty()))
    if (const auto wait = requests_.take(peer_key(request.peer), now_s()))
      return Error{Code::Busy, "too many requests from this address", fmt::format("wait {:.0f} s", std::ceil(*wait))};
  TWOPOP_TRY(Identity who, accounts_->who(cookie(request, request.secure ? kSecureCookie : kCookie)));
  if (who.name.empty() && local && !settings_.local_owner.empty()) {
    who.name = settings_.local_owner;
    who.roles = {"owner"};
    who.csrf = local_csrf_;
  }
  return who;
}

void Door::audited(const Request& request, int status) {
  AuditEntry entry;
  // Whoever gives a name to log in is written down under it, right or wrong.
  entry.who = request.who.name.empty() ? request.claimed : request.who.name;
  entry.peer = request.peer;
  entry.what = told(request);
  entry.status = status;
  accounts_->note(std::move(entry));
}

Response Door::me(const Identity& who) const {
  return json(Me{who.name, who.roles, rights_of(who), who.csrf, who.film, who.cue, settings_.local_owner.empty()});
}

Response Door::let_in(const Request& request, const SessionMade& made) {
  const Result<Identity> who = accounts_->who(made.token);
  if (!who) return problem(who.error());
  request.claimed = who->name;
  Response response = me(*who);
  response.headers.emplace_back("Set-Cookie", set_cookie(request.secure, made.token, made.lasts_s));
  return response;
}

Response Door::log_in(const Request& request) {
  return with<Login>(request, [&](const Login& login) {
    request.claimed = login.name;
    if (const auto wait = logins_of_peer_.take(peer_key(request.peer), now_s())) return too_many(*wait);
    if (const auto wait = logins_of_name_.take(login.name, now_s())) return too_many(*wait);
    const auto made = accounts_->log_in(login.name, login.password);
    if (!made) return problem(made.error());
    if (!*made) return problem(401, "wrong_login", "name or password are wrong", "try again, or ask an owner for a new password");
    return let_in(request, **made);
  });
}

Response Door::accept(const Request& request) {
  if (const auto wait = links_.take(peer_key(request.peer), now_s())) return too_many(*wait);
  return with<InvitationAccept>(request, [&](const InvitationAccept& wish) {
    const auto made = accounts_->accept(request.in_path.at("token"), wish);
    return made ? let_in(request, *made) : problem(made.error());
  });
}

Response Door::change_own_password(const Request& request) {
  // Actors and the person at the machine have no password.
  if (request.who.session.empty() || !request.who.film.empty()) return problem(401, "login_needed", "only an account has a password", "log in first");
  return with<PasswordChange>(request, [&](const PasswordChange& change) {
    if (const auto wait = logins_of_peer_.take(peer_key(request.peer), now_s())) return too_many(*wait);
    const auto right = accounts_->password_is(request.who.name, change.old_password);
    if (!right) return problem(right.error());
    if (!*right) return problem(403, "wrong_password", "that is not the present password", "try again, or ask an owner for a new one");
    const Result<void> changed = accounts_->change_user(request.who.name, {change.new_password, std::nullopt});
    if (!changed) return problem(changed.error());
    // Every session has ended, this one too: the browser gets another.
    const auto made = accounts_->log_in(request.who.name, change.new_password);
    if (!made) return problem(made.error());
    return *made ? let_in(request, **made) : problem(401, "wrong_login", "the password was changed meanwhile", "log in again");
  });
}

std::vector<Route> Door::routes() {
  std::vector<Route> all;
  const auto add = [&](std::string method, std::string pattern, std::string right, std::string summary, session::TypeRef takes, session::TypeRef gives, std::function<Response(const Request&)> handle) -> Route& {
    Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.right = std::move(right);
    route.summary = std::move(summary);
    route.takes = takes;
    route.gives = gives;
    route.body = takes ? Body::Whole : Body::None;
    route.body_limit = 16 << 10;
    route.handle = std::move(handle);
    return all.emplace_back(std::move(route));
  };
  const auto accounts = accounts_;

  add("GET", "/api/me", "", "Who one is and what one may do", nullptr, &type_of<Me>, [this](const Request& r) { return me(r.who); });
  add("POST", "/api/me/password", "", "Changes one's own password; ends one's other sessions", &type_of<PasswordChange>, &type_of<Me>, [this](const Request& r) { return change_own_password(r); });
  add("POST", "/api/login", "", "Starts a session: a cookie", &type_of<Login>, &type_of<Me>, [this](const Request& r) { return log_in(r); });
  add("POST", "/api/logout", "", "Ends the session", nullptr, nullptr, [accounts](const Request& r) {
    if (!r.who.session.empty())
      if (const auto ended = accounts->log_out(r.who.session); !ended) return problem(ended.error());
    Response response = done();
    response.headers.emplace_back("Set-Cookie", set_cookie(r.secure, "", 0));
    return response;
  });

  add("GET", "/api/users", "people", "Accounts", nullptr, &type_of<std::vector<User>>, [accounts](const Request&) { return answer(accounts->users()); });
  add("POST", "/api/users", "people", "Makes an account", &type_of<NewUser>, nullptr, [accounts](const Request& r) { return with<NewUser>(r, [&](const NewUser& user) { return answer(accounts->add_user(user)); }); });
  add("PATCH", "/api/users/{name}", "people", "Gives an account another password or other roles", &type_of<UserChange>, nullptr, [accounts](const Request& r) {
    return with<UserChange>(r, [&](const UserChange& change) { return answer(accounts->change_user(r.in_path.at("name"), change)); });
  });
  add("DELETE", "/api/users/{name}", "people", "Removes an account and ends its sessions", nullptr, nullptr, [accounts](const Request& r) { return answer(accounts->remove_user(r.in_path.at("name"))); });

  add("GET", "/api/invitations", "people", "Links that were given out", nullptr, &type_of<std::vector<Invitation>>, [accounts](const Request&) { return answer(accounts->invitations()); });
  add("POST", "/api/invitations", "people", "Makes a link for one role; the answer alone holds its token", &type_of<NewInvitation>, &type_of<InvitationMade>, [accounts](const Request& r) {
    return with<NewInvitation>(r, [&](const NewInvitation& wish) { return answer(accounts->invite(wish, r.who.name)); });
  });
  add("DELETE", "/api/invitations/{id}", "people", "Withdraws a link; an actor who came by it is out at once", nullptr, nullptr, [accounts](const Request& r) { return answer(accounts->withdraw(r.in_path.at("id"))); });
  add("GET", "/api/invitations/by-token/{token}", "", "What a link is for", nullptr, &type_of<InvitationLook>, [this](const Request& r) {
    if (const auto wait = links_.take(peer_key(r.peer), now_s())) return too_many(*wait);
    return answer(accounts_->look(r.in_path.at("token")));
  });
  add("POST", "/api/invitations/by-token/{token}/accept", "", "Uses a link: starts a session", &type_of<InvitationAccept>, &type_of<Me>, [this](const Request& r) { return accept(r); });

  Route& audit = add("GET", "/api/audit", "people", "Who did what, newest first", nullptr, &type_of<std::vector<AuditEntry>>, [accounts](const Request& r) {
    return answer(accounts->audit(whole_number(r, "before", std::numeric_limits<std::int64_t>::max()), static_cast<int>(std::clamp<std::int64_t>(whole_number(r, "limit", 100), 1, 1000))));
  });
  audit.query = {{"before", "Lines before this id", false}, {"limit", "How many, at most 1000; 100 if left out", false}};
  return all;
}

std::vector<Route> people_routes(const std::shared_ptr<Door>& door) {
  std::vector<Route> routes = door ? door->routes() : Door(nullptr, {}).routes();
  for (Route& route : routes) route.handle = [door, handle = std::move(route.handle)](const Request& request) { return handle(request); };
  return routes;
}

}  // namespace twopop::server
