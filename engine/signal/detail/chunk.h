#pragma once

#include "cache/store.h"
#include "core/audio.h"

#include <span>

namespace twopop::signal::detail {

/// How a stretch of sound is kept in the cache: planar floats (none if all are zero), then the state of the voices that
/// made it.
struct ChunkView {
  int channels = 0;
  std::int64_t frames = 0;
  bool silent = true;
  AudioView<const float> sound;  ///< empty if silent
  std::span<const std::byte> state;
};

cache::Bytes encode_chunk(AudioView<const float> sound, std::span<const std::byte> state);
Result<ChunkView> decode_chunk(std::span<const std::byte> bytes);

}  // namespace twopop::signal::detail
