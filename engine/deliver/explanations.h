#pragma once

#include "cache/executor.h"

#include <map>
#include <string>

namespace twopop::deliver {

/// Why the last build did or did not render each place, kept with the cache.
Result<void> keep_explanations(cache::Store& store, const std::vector<cache::Explanation>& explanations);
/// By identity; empty before the first build.
std::map<std::string, cache::Explanation> kept_explanations(const cache::Store& store);

}  // namespace twopop::deliver
