#pragma once

#include "media/media.h"

#include <string>

namespace twopop::media::detail {

inline constexpr std::size_t kBextFixedBytes = 602;

/// Bytes that bext_chunk needs for all of its fields.
std::size_t bext_size(const BextFields& fields);

/// Body of a bext chunk, version 2 (EBU Tech 3285), padded with zeros to `size` bytes. A coding history that does
/// not fit is cut off at its end.
std::string bext_chunk(const BextFields& fields, std::size_t size);

}  // namespace twopop::media::detail
