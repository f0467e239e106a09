#pragma once

#include "session/type_info.h"

#include <string>
#include <string_view>

/// JSON of any value that declares its fields (core/fields.h).
namespace twopop::session {

enum class JsonLayout { Compact, Indented };

/// What to do with a key that no field has. `ext` may stand in every object and is never looked into.
enum class UnknownKeys {
  Refuse,
  Skip,  ///< for files of a newer minor version
};

/// Reads a whole value; keys that are absent keep their defaults. Fails with InvalidArgument, or Damaged where the text
/// is not JSON, and names the place: "/dialogue/clips/c12/gain_db: 400 is above 48 dB". On failure `value` is unspecified.
Result<void> read_json(std::string_view text, const TypeInfo& type, void* value, UnknownKeys unknown = UnknownKeys::Refuse);
/// Keys come in declared order, ids in alphabetical order; empty optionals are left out. Numbers read back to the same bits.
std::string write_json(const TypeInfo& type, const void* value, JsonLayout layout);

template <class T>
Result<T> read_json(std::string_view text, UnknownKeys unknown = UnknownKeys::Refuse) {
  T value{};
  TWOPOP_CHECK(read_json(text, type_of<T>(), &value, unknown));
  return value;
}

template <class T>
std::string write_json(const T& value, JsonLayout layout = JsonLayout::Indented) {
  return write_json(type_of<T>(), &value, layout);
}

/// A text as a JSON string, in quotes.
std::string json_string(std::string_view text);

}  // namespace twopop::session
