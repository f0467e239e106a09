#pragma once

#include "session/type_info.h"

#include <string>
#include <string_view>
#include <vector>

/// Changes to a value as JSON Patch (RFC 6902). Collections are objects keyed by ids, so no path ever holds the
/// index of a list: a list changes as a whole.
namespace twopop::session {

enum class Verb { Add, Remove, Replace, Move, Copy, Test };
constexpr auto names_of(Verb) {
  return std::array{EnumName<Verb>{Verb::Add, "add"},   EnumName<Verb>{Verb::Remove, "remove"}, EnumName<Verb>{Verb::Replace, "replace"},
                    EnumName<Verb>{Verb::Move, "move"}, EnumName<Verb>{Verb::Copy, "copy"},     EnumName<Verb>{Verb::Test, "test"}};
}

struct Operation {
  Verb verb = Verb::Add;
  std::string path;   ///< JSON pointer
  std::string from;   ///< of Move and Copy
  std::string value;  ///< of Add, Replace and Test: JSON text
};

struct Patch {
  std::vector<Operation> operations;
  bool empty() const { return operations.empty(); }
};

/// Reads a patch: a list of {"op", "path", "from", "value"}; other members are ignored, as the RFC asks. Fails with
/// Damaged or InvalidArgument, naming the operation by its number from 1.
Result<Patch> parse_patch(std::string_view json);
/// The patch as JSON text on one line.
std::string patch_json(const Patch& patch);

/// What turns `before` into `after`. Values that stayed are not mentioned.
Patch difference(const TypeInfo& type, const void* before, const void* after);
template <class T>
Patch difference(const T& before, const T& after) {
  return difference(type_of<T>(), &before, &after);
}

/// Applies all operations or none. `inverse`, where given, receives what takes it back. Fails with NotFound for a path
/// that is not there, Conflict where a `test` does not hold, InvalidArgument for what the type does not allow.
Result<void> apply_patch(const TypeInfo& type, void* value, const Patch& patch, Patch* inverse = nullptr);
template <class T>
Result<void> apply_patch(T& value, const Patch& patch, Patch* inverse = nullptr) {
  return apply_patch(type_of<T>(), &value, patch, inverse);
}

/// What people type: "/mix/strips/dx/gain_db=-3". The value is JSON; where the field is a text, or what stands there is no JSON, it is
/// the text itself. "null" takes an optional away. Fails with InvalidArgument.
Result<Operation> set_operation(const TypeInfo& type, std::string_view assignment);

/// A pointer from keys, escaped: pointer({"dialogue", "clips", id, "gain_db"}).
std::string pointer(const std::vector<std::string_view>& keys);

}  // namespace twopop::session
