#pragma once

#include "accounts/secrets.h"
#include "api/values_people.h"
#include "http.h"

#include <functional>
#include <memory>

namespace twopop::server {

struct AccountSettings {
  std::filesystem::path folder;                ///< accounts.db lies in it; made for its owner alone (0700)
  std::int64_t session_idle_s = 12 * 3600;     ///< a login ends when it was not used for so long ...
  std::int64_t session_most_s = 7 * 24 * 3600; ///< ... and at the latest after this
  int most_users = 1000, most_invitations = 1000, most_sessions_each = 20;
  std::int64_t most_audit = 50'000;            ///< lines kept; the oldest go first
  HashCost hash;
  std::function<double()> now;                 ///< seconds since 1970; empty: the system's clock
};

/// A login that was just made: the token goes into the cookie and is not kept.
struct SessionMade {
  std::string token;
  std::int64_t lasts_s = 0;
};

/// Who may come in: accounts, logins, links, and the log of what they did. One SQLite database (docs/formats/accounts.md);
/// the command line may write to it while a server runs. Any thread.
///
/// Errors: InvalidArgument, NotFound, AlreadyExists, Conflict (the last owner), and the disk's.
class Accounts {
 public:
  static Result<std::shared_ptr<Accounts>> open(AccountSettings settings);
  virtual ~Accounts() = default;

  virtual Result<bool> has_users() = 0;
  virtual Result<std::vector<User>> users() = 0;
  virtual Result<void> add_user(const NewUser& user) = 0;
  /// A new password ends the account's sessions; new roles hold from the next request on.
  virtual Result<void> change_user(const std::string& name, const UserChange& change) = 0;
  virtual Result<void> remove_user(const std::string& name) = 0;

  /// Empty: name or password are wrong; which of them cannot be told from the answer or from how long it took.
  virtual Result<std::optional<SessionMade>> log_in(const std::string& name, const std::string& password) = 0;
  virtual Result<void> log_out(const std::string& session) = 0;
  /// Ends every session of an account but one.
  virtual Result<void> log_out_others(const std::string& name, const std::string& session) = 0;
  virtual Result<bool> password_is(const std::string& name, const std::string& password) = 0;
  /// Who holds a session's token: nobody (an empty Identity) where it is unknown, ended, or its link was withdrawn.
  virtual Result<Identity> who(const std::string& token) = 0;

  virtual Result<std::vector<Invitation>> invitations() = 0;
  virtual Result<InvitationMade> invite(const NewInvitation& wish, const std::string& by) = 0;
  /// Ends the visits of actors who came by it, too.
  virtual Result<void> withdraw(const std::string& id) = 0;
  /// NotFound, with the same words, for tokens that are unknown, used up, withdrawn or too old.
  virtual Result<InvitationLook> look(const std::string& token) = 0;
  /// Uses the link once. An actor is let in; for every other role an account is made, and let in.
  virtual Result<SessionMade> accept(const std::string& token, const InvitationAccept& answer) = 0;

  /// Writes a line. Refusals of one address are thinned, so that nobody washes the log out by asking for nonsense.
  virtual void note(AuditEntry entry) = 0;
  /// Newest first, before an id where one is given.
  virtual Result<std::vector<AuditEntry>> audit(std::int64_t before, int limit) = 0;
};

/// "2026-03-01T12:00:00Z".
std::string utc_text(std::int64_t seconds);

}  // namespace twopop::server
