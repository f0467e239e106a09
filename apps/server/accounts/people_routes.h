#pragma once

#include "accounts/accounts.h"
#include "accounts/rate_limit.h"

namespace twopop::server {

/// How people come in at this server.
struct DoorSettings {
  /// Loopback only, for the person at the machine: whoever comes from it without a session is this owner. Empty: everybody logs in.
  std::string local_owner;
};

/// Between requests and accounts: who asks, the routes of people, and what is written down.
class Door {
 public:
  Door(std::shared_ptr<Accounts> accounts, DoorSettings settings);

  /// For Site::identify. Busy where one address asks too often.
  Result<Identity> identify(const Request& request);
  /// For Site::audited. Tokens of links never reach the log.
  void audited(const Request& request, int status);
  std::vector<Route> routes();

 private:
  double now_s() const;
  Response me(const Identity& who) const;
  Response log_in(const Request& request);
  Response accept(const Request& request);
  Response change_own_password(const Request& request);
  /// A cookie for a session, and who its holder is.
  Response let_in(const Request& request, const SessionMade& made);

  std::shared_ptr<Accounts> accounts_;  // shared: routes outlive whoever made them
  const DoorSettings settings_;
  const std::string local_csrf_;
  // A page asks for much at once; a person types a password ten times, not a thousand.
  RateLimit requests_{3000, 300}, logins_of_peer_{10, 0.1}, logins_of_name_{20, 0.05}, links_{20, 0.2};
};

/// `Door` as routes for the site; they share its life.
std::vector<Route> people_routes(const std::shared_ptr<Door>& door);

/// Asks for a password on the terminal (twice, unseen), or reads one line of standard input, and makes the account.
Result<void> add_user_from_terminal(Accounts& accounts, const std::string& name, const std::vector<std::string>& roles);

/// Where a server keeps its accounts unless told: XDG_STATE_HOME or ~/.local/state, twopop/server.
std::filesystem::path default_state_folder();

}  // namespace twopop::server
