#pragma once

#include "core/fields.h"
#include "core/result.h"

#include <optional>
#include <tuple>
#include <type_traits>

namespace twopop::dsp::detail {

/// Checks every number and level among a value's fields against its limits. The error names `what`, the key and the value.
template <class Settings>
Result<void> check_limits(const Settings& settings, const char* what) {
  std::optional<Error> error;
  const auto look = [&](const auto& field, double value) {
    if (error || (value >= field.limits.least && value <= field.limits.most)) return;
    error = Error{Code::InvalidArgument, fmt::format("{}: {} = {} is outside {} .. {}", what, field.key, value, field.limits.least, field.limits.most),
                  "set a value in that range"};
  };
  std::apply(
      [&](const auto&... fields) {
        const auto one = [&](const auto& field) {
          const auto& member = settings.*field.member;
          if constexpr (std::is_arithmetic_v<std::decay_t<decltype(member)>>) look(field, static_cast<double>(member));
          else if constexpr (requires { static_cast<double>(member.value); }) look(field, static_cast<double>(member.value));
        };
        (one(fields), ...);
      },
      Settings::fields());
  if (error) return *error;
  return {};
}

}  // namespace twopop::dsp::detail
