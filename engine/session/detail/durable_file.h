#pragma once

#include "core/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace twopop::session::detail {

/// Replaces a file by new content: after a crash it holds the old or the new, whole. Durable when this returns.
Result<void> replace_file(const std::filesystem::path& path, std::string_view content);
/// Makes the entries of a folder durable (new files, renames).
Result<void> sync_folder(const std::filesystem::path& folder);
Result<std::string> read_text(const std::filesystem::path& path);

}  // namespace twopop::session::detail
