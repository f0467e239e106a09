#pragma once

#include "core/hash.h"

namespace twopop::cache::detail {

/// The recipe key of a result: what it is made by and what of. `contents` are those of the inputs, in order.
inline Hash key_of(const Hash& recipe, std::span<const Hash> contents) {
  Hasher hasher;
  hasher.add(recipe).add(contents.size());
  for (const Hash& content : contents) hasher.add(content);
  return hasher.finish();
}

}  // namespace twopop::cache::detail
