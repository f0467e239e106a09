#pragma once

#include "session/patch.h"

namespace twopop::session {

/// The patch of a person, with what makes the items it touches that person's decisions: analysis never overwrites those.
/// Items that are added, replaced or removed as a whole say for themselves who decided.
Patch decided_by_person(const Patch& patch);

}  // namespace twopop::session
