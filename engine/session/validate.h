#pragma once

#include "session/document.h"

#include "core/result.h"

#include <string_view>

namespace twopop::session {

/// Whether a session holds together beyond what each field allows for itself: what is referred to is there, stretches
/// do not end before they begin, rates are ones we work at. Fails with InvariantBroken, naming the first place and how many
/// more there are. Says nothing of whether files exist.
///
/// An ADR cue may name a dialogue clip that is gone: spotting dialogue again retires clips, and the cue stays.
Result<void> validate(const Document& document);

/// An id made of a name: what ids may not hold becomes '-'. "Boom 2.flac" gives "Boom-2.flac".
Id id_from(std::string_view name);

/// `wish`, or `wish`-2, -3 ... where it is taken.
template <class Collection>
Id unused_id(const Collection& collection, Id wish) {
  if (!collection.contains(wish)) return wish;
  for (int n = 2;; ++n)
    if (Id next = wish + '-' + std::to_string(n); !collection.contains(next)) return next;
}

}  // namespace twopop::session
