#pragma once

#include "http.h"

namespace twopop::server {

/// "owner", a phase, "director", "viewer" or "actor".
bool is_role(std::string_view role);
/// All that somebody may do, for pages that show only that.
std::vector<std::string> rights_of(const Identity& who);

}  // namespace twopop::server
