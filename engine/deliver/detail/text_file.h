#pragma once

#include "core/result.h"

#include <filesystem>
#include <string_view>

namespace twopop::deliver::detail {

/// Writes a text under a name that appears only when all of it is there. Gives whether the file differed before.
Result<bool> write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace twopop::deliver::detail
