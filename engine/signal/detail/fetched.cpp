#include "signal/detail/fetched.h"

#include "signal/detail/chunk.h"

namespace twopop::signal::detail {

Fetched::Fetched(const std::vector<Dependency>& dependencies, std::span<const cache::Blob> blobs) {
  TWOPOP_ASSERT(dependencies.size() == blobs.size());
  for (std::size_t i = 0; i < blobs.size(); ++i) blobs_[{dependencies[i].node.get(), dependencies[i].index}] = blobs[i];
}

Result<void> Fetched::read(const Node& node, SampleRange range, AudioView<float> out) const {
  const SampleRange heard = intersection(range, node.extent());
  std::int64_t at = heard.begin.value;
  while (at < heard.end.value) {
    const bool whole = node.storage() == Storage::Whole;
    const std::int64_t index = whole ? 0 : chunk_of({at});
    const SampleRange kept = whole ? node.extent() : chunk_range(index);
    const std::int64_t end = std::min(heard.end.value, kept.end.value);
    const auto found = blobs_.find({&node, index});
    TWOPOP_ASSERT(found != blobs_.end());
    TWOPOP_TRY(const ChunkView chunk, decode_chunk(*found->second));
    if (!chunk.silent) {
      TWOPOP_ASSERT(chunk.channels == out.channels() && end - kept.begin.value <= chunk.frames);
      for (int c = 0; c < out.channels(); ++c)
        std::copy(chunk.sound.channel(c) + (at - kept.begin.value), chunk.sound.channel(c) + (end - kept.begin.value), out.channel(c) + (at - range.begin.value));
    }
    at = end;
  }
  return {};
}

bool Fetched::silent(const Node& node, SampleRange range) const {
  const SampleRange heard = intersection(range, node.extent());
  if (heard.empty()) return true;
  const bool whole = node.storage() == Storage::Whole;
  const std::int64_t first = whole ? 0 : chunk_of(heard.begin), last = whole ? 0 : chunk_of(heard.end - SampleCount{1});
  for (std::int64_t index = first; index <= last; ++index) {
    const auto found = blobs_.find({&node, index});
    if (found == blobs_.end()) return false;
    const auto chunk = decode_chunk(*found->second);
    if (!chunk || !chunk->silent) return false;
  }
  return true;
}

}  // namespace twopop::signal::detail
