#pragma once

#include "core/fields.h"
#include "core/hash.h"
#include "core/result.h"
#include "core/time.h"
#include "core/timecode.h"
#include "core/units.h"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace twopop::session {

struct TypeInfo;
/// Types refer to each other through functions, so that a value may hold a list of its own kind.
using TypeRef = const TypeInfo& (*)();

enum class TypeKind {
  Bool,
  Integer,
  Number,
  Level,     ///< a number of which minus infinity (silence) is written as null
  Text,      ///< a text, or a type that is written as one ("30000/1001")
  Enum,
  Range,     ///< SampleRange, written as [begin, end)
  Object,
  Optional,  ///< absent in JSON where empty
  List,
  Map,       ///< object keyed by ids
  Json,      ///< JSON of any kind, kept as text: never in the session, only in what is said about it
};

/// JSON that has no type of ours, such as the value of a patch's operation.
struct AnyJson {
  std::string text = "null";
};

struct FieldInfo {
  std::string key;
  std::string meaning;
  Limits limits;
  TypeRef type = nullptr;
  void* (*at)(void* owner) = nullptr;
};

/// What must be known of a C++ type to read, write and describe it without its header: built once for each type
/// from its field list. Function members that a kind does not use are null.
struct TypeInfo {
  TypeKind kind = TypeKind::Bool;
  std::string scope;  ///< last namespace (or class) around an object or enum: "session"
  std::string name;   ///< of an object or enum: "Clip"
  std::vector<FieldInfo> fields;
  std::vector<std::string> names;  ///< of an enum, in declared order
  std::string pattern;             ///< regular expression of a type written as text; empty for any text
  TypeRef element = nullptr;       ///< of Optional, List and Map
  std::int64_t least = 0, most = 0;  ///< of an Integer's C++ type
  void (*reset)(void*) = nullptr;      ///< back to T{}
  const void* (*blank)() = nullptr;    ///< a T{} that lives as long as the program

  std::int64_t (*load_integer)(const void*) = nullptr;
  void (*store_integer)(void*, std::int64_t) = nullptr;
  double (*load_number)(const void*) = nullptr;
  void (*store_number)(void*, double) = nullptr;
  std::size_t (*load_name)(const void*) = nullptr;  ///< index into names
  void (*store_name)(void*, std::size_t) = nullptr;
  std::string (*load_text)(const void*) = nullptr;
  Result<void> (*store_text)(void*, std::string_view) = nullptr;
  const void* (*held)(const void*) = nullptr;  ///< null where an Optional is empty
  void* (*hold)(void*) = nullptr;              ///< makes an Optional's value
  void (*clear)(void*) = nullptr;              ///< Optional, List, Map
  std::size_t (*size)(const void*) = nullptr;  ///< List
  const void* (*item)(const void*, std::size_t) = nullptr;
  void* (*append)(void*) = nullptr;
  using Visit = void (*)(void* context, const std::string& key, const void* value);
  void (*each)(const void*, void* context, Visit) = nullptr;  ///< Map, in order of its keys
  void* (*entry)(void*, const std::string& key) = nullptr;    ///< Map: makes or finds
  void (*erase)(void*, const std::string& key) = nullptr;     ///< Map
};

/// The description of T. T may be what core/fields.h lists.
template <class T>
const TypeInfo& type_of();

namespace detail {

template <class T>
constexpr std::string_view pretty_name() {
  const std::string_view all = __PRETTY_FUNCTION__;
  const std::size_t begin = all.find("T = ") + 4;
  return all.substr(begin, all.find_first_of(";]", begin) - begin);
}

void name_type(TypeInfo& type, std::string_view qualified);

template <class T>
concept WithFields = requires { T::fields(); };
template <class T>
concept WithNames = requires(T t) { names_of(t); };

template <class T>
struct IsLevel : std::false_type {};
template <class Tag, class Step>
struct IsLevel<twopop::detail::Level<Tag, Step>> : std::true_type {};

template <class T>
struct Unwrap {
  static constexpr bool optional = false, list = false, map = false;
};
template <class T>
struct Unwrap<std::optional<T>> {
  static constexpr bool optional = true, list = false, map = false;
  using Element = T;
};
template <class T>
struct Unwrap<std::vector<T>> {
  static constexpr bool optional = false, list = true, map = false;
  using Element = T;
};
template <class T>
struct Unwrap<std::map<std::string, T>> {
  static constexpr bool optional = false, list = false, map = true;
  using Element = T;
};

/// How the types that are written as a text are written.
template <class T>
struct TextForm;
template <>
struct TextForm<std::string> {
  static constexpr const char* pattern = "";
  static std::string write(const std::string& value) { return value; }
  static Result<std::string> read(std::string_view text) { return std::string(text); }
};
template <>
struct TextForm<std::filesystem::path> {
  static constexpr const char* pattern = "";
  static std::string write(const std::filesystem::path& value) { return value.string(); }
  static Result<std::filesystem::path> read(std::string_view text) { return std::filesystem::path(text); }
};
template <>
struct TextForm<Hash> {
  static constexpr const char* pattern = "^[0-9a-f]{32}$";
  static std::string write(const Hash& value) { return to_string(value); }
  static Result<Hash> read(std::string_view text) { return parse_hash(text); }
};
/// "25", "29.97" or any ratio, "15/1"; "0/1" where there is no picture.
template <>
struct TextForm<FrameRate> {
  static constexpr const char* pattern = "^[0-9]+(\\.[0-9]+|/[0-9]+)?$";
  static std::string write(const FrameRate& value);
  static Result<FrameRate> read(std::string_view text);
};
/// As FrameRate, and "29.97df", "59.94df".
template <>
struct TextForm<TimecodeRate> {
  static constexpr const char* pattern = "^[0-9]+(\\.[0-9]+(df)?|/[0-9]+)?$";
  static std::string write(const TimecodeRate& value);
  static Result<TimecodeRate> read(std::string_view text);
};
template <class T>
concept WithTextForm = requires(T t) { TextForm<T>::write(t); };

/// The number inside the one-number types of core/time.h and core/units.h, or the number itself.
template <class T>
decltype(auto) number_in(T& t) {
  using U = std::remove_const_t<T>;
  if constexpr (std::is_same_v<U, SampleRate>)
    return (t.hz);
  else if constexpr (std::is_same_v<U, Timecode>)
    return (t.frame);
  else if constexpr (requires { t.value; })
    return (t.value);
  else
    return (t);
}
template <class T>
using NumberIn = std::remove_cvref_t<decltype(number_in(std::declval<T&>()))>;
template <class T>
concept WithNumber = std::is_arithmetic_v<NumberIn<T>> && !std::is_same_v<T, bool>;

template <class T, std::size_t... I>
void add_fields(TypeInfo& type, std::index_sequence<I...>) {
  (type.fields.push_back([] {
    constexpr auto declared = std::get<I>(T::fields());
    using Member = std::remove_cvref_t<decltype(std::declval<T&>().*(declared.member))>;
    return FieldInfo{declared.key, declared.meaning, declared.limits, &type_of<Member>, [](void* owner) -> void* {
                       return &(static_cast<T*>(owner)->*std::get<I>(T::fields()).member);
                     }};
  }()),
   ...);
}

template <class T>
TypeInfo make_number() {
  using N = NumberIn<T>;
  TypeInfo type;
  if constexpr (std::is_integral_v<N>) {
    type.kind = TypeKind::Integer;
    type.least = static_cast<std::int64_t>(std::numeric_limits<N>::min());
    type.most = std::in_range<std::int64_t>(std::numeric_limits<N>::max())
                    ? static_cast<std::int64_t>(std::numeric_limits<N>::max())
                    : std::numeric_limits<std::int64_t>::max();
    type.load_integer = [](const void* p) { return static_cast<std::int64_t>(number_in(*static_cast<const T*>(p))); };
    type.store_integer = [](void* p, std::int64_t v) { number_in(*static_cast<T*>(p)) = static_cast<N>(v); };
  } else {
    type.kind = IsLevel<T>::value ? TypeKind::Level : TypeKind::Number;
    type.load_number = [](const void* p) { return static_cast<double>(number_in(*static_cast<const T*>(p))); };
    type.store_number = [](void* p, double v) { number_in(*static_cast<T*>(p)) = static_cast<N>(v); };
  }
  return type;
}

template <class T>
TypeInfo make_enum() {
  TypeInfo type;
  type.kind = TypeKind::Enum;
  name_type(type, pretty_name<T>());
  for (const auto& known : names_of(T{})) type.names.emplace_back(known.name);
  type.load_name = [](const void* p) {
    const T value = *static_cast<const T*>(p);
    std::size_t i = 0;
    for (const auto& known : names_of(T{})) {
      if (known.value == value) return i;
      ++i;
    }
    TWOPOP_ASSERT(!"an enumerator without a name");
    return i;
  };
  type.store_name = [](void* p, std::size_t index) {
    std::size_t i = 0;
    for (const auto& known : names_of(T{}))
      if (i++ == index) *static_cast<T*>(p) = known.value;
  };
  return type;
}

template <class T>
TypeInfo make_text() {
  TypeInfo type;
  type.kind = TypeKind::Text;
  type.pattern = TextForm<T>::pattern;
  type.load_text = [](const void* p) { return TextForm<T>::write(*static_cast<const T*>(p)); };
  type.store_text = [](void* p, std::string_view text) -> Result<void> {
    TWOPOP_TRY(*static_cast<T*>(p), TextForm<T>::read(text));
    return {};
  };
  return type;
}

template <class T>
TypeInfo make_container() {
  using E = typename Unwrap<T>::Element;
  TypeInfo type;
  type.element = &type_of<E>;
  if constexpr (Unwrap<T>::optional) {
    type.kind = TypeKind::Optional;
    type.held = [](const void* p) -> const void* {
      const T& value = *static_cast<const T*>(p);
      return value ? &*value : nullptr;
    };
    type.hold = [](void* p) -> void* { return &static_cast<T*>(p)->emplace(); };
    type.clear = [](void* p) { static_cast<T*>(p)->reset(); };
  } else if constexpr (Unwrap<T>::list) {
    type.kind = TypeKind::List;
    type.size = [](const void* p) { return static_cast<const T*>(p)->size(); };
    type.item = [](const void* p, std::size_t i) -> const void* { return &(*static_cast<const T*>(p))[i]; };
    type.append = [](void* p) -> void* { return &static_cast<T*>(p)->emplace_back(); };
    type.clear = [](void* p) { static_cast<T*>(p)->clear(); };
  } else {
    type.kind = TypeKind::Map;
    type.each = [](const void* p, void* context, TypeInfo::Visit visit) {
      for (const auto& [key, value] : *static_cast<const T*>(p)) visit(context, key, &value);
    };
    type.entry = [](void* p, const std::string& key) -> void* { return &(*static_cast<T*>(p))[key]; };
    type.erase = [](void* p, const std::string& key) { static_cast<T*>(p)->erase(key); };
    type.clear = [](void* p) { static_cast<T*>(p)->clear(); };
  }
  return type;
}

template <class T>
TypeInfo make_type() {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, SampleRange>) {
    TypeInfo type;
    type.kind = std::is_same_v<T, bool> ? TypeKind::Bool : TypeKind::Range;
    return type;
  } else if constexpr (std::is_same_v<T, AnyJson>) {
    TypeInfo type;
    type.kind = TypeKind::Json;
    return type;
  } else if constexpr (WithTextForm<T>) {
    return make_text<T>();
  } else if constexpr (WithNames<T>) {
    return make_enum<T>();
  } else if constexpr (WithFields<T>) {
    TypeInfo type;
    type.kind = TypeKind::Object;
    name_type(type, pretty_name<T>());
    add_fields<T>(type, std::make_index_sequence<std::tuple_size_v<decltype(T::fields())>>());
    return type;
  } else if constexpr (Unwrap<T>::optional || Unwrap<T>::list || Unwrap<T>::map) {
    static_assert(!std::is_same_v<T, std::vector<bool>>, "a list of bools has no addresses: use a list of an enum");
    return make_container<T>();
  } else {
    static_assert(WithNumber<T>, "core/fields.h lists the types a field may have");
    return make_number<T>();
  }
}

}  // namespace detail

template <class T>
const TypeInfo& type_of() {
  static const TypeInfo type = [] {
    TypeInfo made = detail::make_type<T>();
    made.reset = [](void* p) { *static_cast<T*>(p) = T{}; };
    made.blank = []() -> const void* {
      static const T blank{};
      return &blank;
    };
    return made;
  }();
  return type;
}

}  // namespace twopop::session
