#include "accounts/roles.h"
#include "http.h"

#include <algorithm>

namespace twopop::server {
namespace {

constexpr std::array kPhases{"dialogue", "adr", "design", "foley", "music", "mix"};

bool is_phase(std::string_view role) { return std::find(kPhases.begin(), kPhases.end(), role) != kPhases.end(); }

bool role_allows(std::string_view role, std::string_view right) {
  if (role == "owner") return true;
  if (role == "actor") return right == "booth";
  if (role == "viewer") return right == "read";
  if (role == "director") return right == "read" || right == "comment" || right == "approve";
  if (!is_phase(role)) return false;
  if (right == "read" || right == "comment" || right == "edit" || right == "build" || right == "edit:media") return true;
  if (right == "booth") return role == "adr" || role == "foley";
  return right.starts_with("edit:") && right.substr(5) == role;
}

}  // namespace

bool Identity::may(std::string_view right) const {
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) { return role_allows(role, right); });
}

bool is_role(std::string_view role) { return role == "owner" || role == "director" || role == "viewer" || role == "actor" || is_phase(role); }

std::vector<std::string> rights_of(const Identity& who) {
  std::vector<std::string> rights;
  for (const char* right : {"read", "comment", "approve", "build", "people", "booth", "edit", "edit:media", "remove:media"})
    if (who.may(right)) rights.emplace_back(right);
  for (const char* phase : kPhases)
    if (const std::string right = std::string("edit:") + phase; who.may(right)) rights.push_back(right);
  return rights;
}

}  // namespace twopop::server
