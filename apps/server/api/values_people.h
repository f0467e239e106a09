#pragma once

#include "core/fields.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// What the API says of people: who one is, accounts, links, the audit log. Times are UTC, "2026-03-01T12:00:00Z".
namespace twopop::server {

/// The one who asks.
struct Me {
  std::string name;
  std::vector<std::string> roles, rights;
  std::string csrf, film, cue;
  bool login_needed = false;
  static constexpr auto fields() {
    return std::make_tuple(field("name", &Me::name, "Author of their edits; empty: nobody is logged in"), field("roles", &Me::roles, "owner, a phase, director, viewer or actor"),
                           field("rights", &Me::rights, "What the roles allow: read, edit:mix, approve, build, people, booth ..."),
                           field("csrf", &Me::csrf, "To be sent as X-Csrf-Token with every request that changes something"),
                           field("film", &Me::film, "The only film that an actor's link opens"), field("cue", &Me::cue, "The only cue of it, where the link is for one"),
                           field("login_needed", &Me::login_needed, "Nothing is shown without a login"));
  }
};

struct Login {
  std::string name, password;
  static constexpr auto fields() {
    return std::make_tuple(field("name", &Login::name, "Name of the account", {0, 64}), field("password", &Login::password, "Its password", {0, 256}));
  }
};

struct PasswordChange {
  std::string old_password, new_password;
  static constexpr auto fields() {
    return std::make_tuple(field("old_password", &PasswordChange::old_password, "The one that held until now", {0, 256}),
                           field("new_password", &PasswordChange::new_password, "10 to 256 bytes", {0, 256}));
  }
};

struct User {
  std::string name;
  std::vector<std::string> roles;
  std::string created, seen;
  int sessions = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("name", &User::name, "Name of the account"), field("roles", &User::roles, "Roles"), field("created", &User::created, "When it was made"),
                           field("seen", &User::seen, "Last request; empty: never"), field("sessions", &User::sessions, "Browsers that are logged in"));
  }
};

struct NewUser {
  std::string name, password;
  std::vector<std::string> roles;
  static constexpr auto fields() {
    return std::make_tuple(field("name", &NewUser::name, "1 to 64 characters", {0, 64}), field("password", &NewUser::password, "10 to 256 bytes", {0, 256}),
                           field("roles", &NewUser::roles, "owner, a phase, director or viewer"));
  }
};

struct UserChange {
  std::optional<std::string> password;
  std::optional<std::vector<std::string>> roles;
  static constexpr auto fields() {
    return std::make_tuple(field("password", &UserChange::password, "A new password; ends the account's sessions"), field("roles", &UserChange::roles, "New roles"));
  }
};

struct Invitation {
  std::string id, role, film, cue, name, created_by, created, expires;
  int uses = 1, used = 0;
  bool withdrawn = false;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &Invitation::id, "Names it in the list; opens nothing"), field("role", &Invitation::role, "The one role it gives"),
                           field("film", &Invitation::film, "For an actor: the film it opens"), field("cue", &Invitation::cue, "For an actor: the only cue; empty: every open cue of the film"),
                           field("name", &Invitation::name, "Whom it is for"), field("created_by", &Invitation::created_by, "Who made it"), field("created", &Invitation::created, "When it was made"),
                           field("expires", &Invitation::expires, "When it ends, and with it an actor's visit"), field("uses", &Invitation::uses, "How often it may be used", {1, 100}),
                           field("used", &Invitation::used, "How often it was used"), field("withdrawn", &Invitation::withdrawn, "It was taken back"));
  }
};

struct NewInvitation {
  std::string role = "actor", film, cue, name;
  double hours = 72;
  int uses = 1;
  static constexpr auto fields() {
    return std::make_tuple(field("role", &NewInvitation::role, "The one role it gives"), field("film", &NewInvitation::film, "For an actor: the film", {0, 200}),
                           field("cue", &NewInvitation::cue, "For an actor: one cue, by its id", {0, 200}), field("name", &NewInvitation::name, "Whom it is for", {0, 64}),
                           field("hours", &NewInvitation::hours, "How long it holds", {0.01, 2160}), field("uses", &NewInvitation::uses, "How often it may be used", {1, 100}));
  }
};

/// The only answer that ever holds the token of a link.
struct InvitationMade {
  Invitation invitation;
  std::string token;
  static constexpr auto fields() {
    return std::make_tuple(field("invitation", &InvitationMade::invitation, "As it stands in the list"), field("token", &InvitationMade::token, "The link is /invite#TOKEN; it is not kept and cannot be shown again"));
  }
};

/// What somebody who holds a link sees before they accept.
struct InvitationLook {
  std::string role, film, cue, name, expires;
  bool account = false;
  static constexpr auto fields() {
    return std::make_tuple(field("role", &InvitationLook::role, "The role it gives"), field("film", &InvitationLook::film, "The film it opens"), field("cue", &InvitationLook::cue, "The cue it opens"),
                           field("name", &InvitationLook::name, "Whom it is for"), field("expires", &InvitationLook::expires, "When it ends"),
                           field("account", &InvitationLook::account, "Accepting makes an account: choose a name and a password"));
  }
};

struct InvitationAccept {
  std::string name, password;
  static constexpr auto fields() {
    return std::make_tuple(field("name", &InvitationAccept::name, "Name of the new account; not for actors", {0, 64}), field("password", &InvitationAccept::password, "Its password; not for actors", {0, 256}));
  }
};

struct AuditEntry {
  std::int64_t id = 0;
  std::string time, who, peer, what;
  int status = 0, more = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &AuditEntry::id, "Grows with time"), field("time", &AuditEntry::time, "When"), field("who", &AuditEntry::who, "Who; empty: nobody who was logged in"),
                           field("peer", &AuditEntry::peer, "From which address"), field("what", &AuditEntry::what, "Method and path"), field("status", &AuditEntry::status, "Answer, as HTTP counts them"),
                           field("more", &AuditEntry::more, "Refusals of the same address that were not written down since its last line"));
  }
};

}  // namespace twopop::server
