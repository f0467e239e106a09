#pragma once

#include "session/json.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

/// JSON as a tree, for the .cpp files of this room.
namespace twopop::session::detail {

using Dom = nlohmann::json;

/// Parses RFC 8259 text. Refuses, with line and column, what is malformed, a key that stands twice in an object, and
/// nesting deeper than 100. Fails with Damaged.
Result<Dom> parse_dom(std::string_view text);

/// Keys in the order that `type` declares, after those it does not know; without a type alphabetically.
std::string print_dom(const Dom& dom, const TypeInfo* type, JsonLayout layout);

/// JSON pointers (RFC 6901).
std::string escaped_token(std::string_view key);
Result<std::vector<std::string>> pointer_tokens(std::string_view pointer);
/// The node at a pointer, or null where there is none. Lists are not entered: they change as a whole.
const Dom* find(const Dom& root, const std::vector<std::string>& tokens);
Dom* find(Dom& root, const std::vector<std::string>& tokens);

/// Reads `dom` into `value`, which is reset first. `place` is the pointer of `dom`, for error messages. `skipped` receives the
/// places of unknown keys that were passed over.
Result<void> from_dom(const TypeInfo& type, const Dom& dom, void* value, UnknownKeys unknown, std::string place = {},
                      Limits limits = {}, std::vector<std::string>* skipped = nullptr);
Dom to_dom(const TypeInfo& type, const void* value);
/// Trees of two values without the items and fields that are the same in both: what a difference needs, at the price of what differs.
std::pair<Dom, Dom> to_differing_doms(const TypeInfo& type, const void* a, const void* b);

/// The type of what a pointer names, found through the types alone; `type` is null beyond `ext` and unknown keys.
struct Placed {
  const TypeInfo* type = nullptr;
  Limits limits{};
  /// Tokens up to and including the id of the innermost collection item around it; 0 where it lies in none.
  std::size_t item_tokens = 0;
};
Placed placed(const TypeInfo& root, const std::vector<std::string>& tokens);

/// Brings the part of `value` that a pointer names in line with the tree, after the tree was changed there.
Result<void> refresh(const TypeInfo& root, void* value, const Dom& tree, const std::vector<std::string>& tokens,
                     UnknownKeys unknown);

/// Adds to `dom` every declared key it lacks, with its default, takes out empty optionals, and writes numbers as their
/// type does (0.0 for 0). Keeps what is unknown; what does not fit the type stays as it is.
void complete(const TypeInfo& type, Dom& dom);

}  // namespace twopop::session::detail
