#pragma once

#include "session/type_info.h"

#include <algorithm>

namespace twopop::session::detail {

/// No place and no length in samples reaches further (300 years of film), so that sums and differences of some of them stay within 64 bits.
inline constexpr std::int64_t kFarthestSample = 1'000'000'000'000'000;

/// What a field's number may be: as declared, and what its type allows everywhere.
inline Limits limits_of(const TypeInfo& type, const Limits& declared) {
  if (&type != &type_of<SamplePosition>() && &type != &type_of<SampleCount>()) return declared;
  constexpr auto most = static_cast<double>(kFarthestSample);
  return {std::max(declared.least, -most), std::min(declared.most, most)};
}

}  // namespace twopop::session::detail
