#pragma once

#include "cache/store.h"
#include "signal/detail/describe.h"

#include <map>

namespace twopop::signal::detail {

/// The stored stretches that a fused graph reads, fetched.
class Fetched {
 public:
  Fetched(const std::vector<Dependency>& dependencies, std::span<const cache::Blob> blobs);
  /// Copies `range` of a stored node; silence outside its extent.
  Result<void> read(const Node& node, SampleRange range, AudioView<float> out) const;
  /// Whether nothing but silence was kept for the range.
  bool silent(const Node& node, SampleRange range) const;

 private:
  std::map<std::pair<const Node*, std::int64_t>, cache::Blob> blobs_;
};

/// Renders a fused graph block by block, with its voices. One use: construct, restart or resume, render onwards.
class FusedRenderer {
 public:
  static constexpr std::int64_t kBlock = 4096;

  FusedRenderer(Signal root, bool root_inside, const Fetched& fetched);
  ~FusedRenderer();

  /// Voices start from rest at `at` and run up to `to` unheard.
  Result<void> restart(SamplePosition at, SamplePosition to);
  /// Voices go on at `at` with what state() gave there.
  Result<void> resume(SamplePosition at, std::span<const std::byte> state);
  /// The next out.frames() samples.
  Result<void> render(AudioView<float> out);
  /// State of the voices after what was rendered.
  cache::Bytes state() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace twopop::signal::detail
