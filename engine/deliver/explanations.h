#pragma once

#include "cache/executor.h"
#include "core/bytes.h"

#include <map>
#include <string>

namespace twopop::deliver {

/// Keeps why a build did or did not render each place, with the cache. Written in parts, as a long film has a hundred thousand;
/// those of the build before hold until finish().
class ExplanationKeeper {
 public:
  explicit ExplanationKeeper(cache::Store& store);
  void add(const cache::Explanation& explanation);
  /// Fails with what the store said of any part.
  Result<void> finish();

 private:
  void write_part();

  cache::Store& store_;
  std::uint32_t side_ = 0, parts_ = 0, in_part_ = 0;
  ByteWriter part_;
  Result<void> written_;
};

/// By identity; empty before the first build.
std::map<std::string, cache::Explanation> kept_explanations(const cache::Store& store);

}  // namespace twopop::deliver
