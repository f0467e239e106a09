#pragma once

#include <limits>
#include <tuple>

namespace twopop {

/// Allowed values of a number, both ends included; and for texts the greatest length.
struct Limits {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// One field of a value: the key it has in JSON (with the unit in it), where it lives, what it means.
///
/// A value declares its fields once:
///
///     struct Fade {
///       SampleCount length{};
///       FadeShape shape = FadeShape::EqualPower;
///       static constexpr auto fields() {
///         return std::make_tuple(field("length_samples", &Fade::length, "Length; 0 is a cut"),
///                                field("shape", &Fade::shape, "Curve"));
///       }
///     };
///
/// Reading with errors that name the place, writing, JSON Schema and TypeScript types come from it
/// (session/json.h). Fields may be bool, integers, double, std::string, the types of core/time.h and core/units.h,
/// enums with `constexpr auto names_of(Enum)`, other values with fields(), std::optional, std::vector and
/// std::map<std::string, T> of those.
template <class Owner, class Member>
struct Field {
  const char* key;
  Member Owner::* member;
  const char* meaning;
  Limits limits;
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(const char* key, Member Owner::* member, const char* meaning, Limits limits = {}) {
  return {key, member, meaning, limits};
}

template <class Enum>
struct EnumName {
  Enum value;
  const char* name;
};
template <class Enum>
EnumName(Enum, const char*) -> EnumName<Enum>;  // clang 16 does not deduce aggregates by itself

}  // namespace twopop
