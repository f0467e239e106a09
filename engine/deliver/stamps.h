#pragma once

#include "cache/store.h"

#include <filesystem>
#include <functional>

namespace twopop::deliver {

/// Writes a file unless it lies there already, untouched since it was last written from the same `stamp`. Says whether it wrote.
Result<bool> write_if_stale(cache::Store& store, const std::filesystem::path& path, const Hash& stamp, const std::function<Result<void>()>& write);

}  // namespace twopop::deliver
