#pragma once

#include "cache/store.h"
#include "signal/detail/describe.h"
#include "signal/detail/fused.h"

#include <map>

namespace twopop::signal::detail {

/// The stored stretches that a fused graph reads, fetched.
class Fetched final : public StoredSound {
 public:
  Fetched(const std::vector<Dependency>& dependencies, std::span<const cache::Blob> blobs);
  Result<void> read(const Node& node, SampleRange range, AudioView<float> out) const override;
  bool silent(const Node& node, SampleRange range) const override;

 private:
  std::map<std::pair<const Node*, std::int64_t>, cache::Blob> blobs_;
};

}  // namespace twopop::signal::detail
