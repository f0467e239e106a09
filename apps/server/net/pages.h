#pragma once

#include "http.h"

namespace twopop::server {

/// The studio's own files: what lies in `folder` and nothing else, whatever the path says and wherever a link in it points;
/// index.html for every path that names no file, so that each page of the studio has an address.
Response page(const std::filesystem::path& folder, const std::string& path);

/// A file below `root`, or nothing if `relative` leads out of it, by links too, or is none.
std::optional<std::filesystem::path> file_below(const std::filesystem::path& root, const std::string& relative);

}  // namespace twopop::server
