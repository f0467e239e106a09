#pragma once

#include "core/audio.h"
#include "media/detail/riff.h"

#include <cstddef>

namespace twopop::media::detail {

/// Interleaved little-endian samples to planar float, full scale 1. `from` holds out.frames() frames of
/// out.channels() samples; integers are divided by their full scale (2^15, 2^23, 2^31), 8 bits are offset by 128.
/// Values of float files that are no numbers become 0.
void planar_of(const std::byte* from, SampleCoding coding, AudioView<float> out);

/// Planar float to interleaved bytes, rounded to nearest (halves to even), clamped to full scale; NaN becomes 0.
/// Float32 is not clamped. Unsigned8 and Float64 are not written.
void interleaved_of(AudioView<const float> from, SampleCoding coding, std::byte* out);

}  // namespace twopop::media::detail
