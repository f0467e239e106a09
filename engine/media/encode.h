#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace twopop::media {

enum class SoundCodec { Aac, Pcm16, Pcm24, Flac };

/// Sound to be coded: `read` fills a block with the samples from a position on; asked in order, each once.
struct SoundSource {
  SampleRate rate{};
  int channels = 2;
  SampleCount length{};
  std::function<Result<void>(SamplePosition begin, AudioView<float> out)> read;
};

struct SoundCoding {
  SoundCodec codec = SoundCodec::Aac;
  /// AAC only. 0: 128 kbit/s a channel, LFE included.
  std::int64_t bit_rate_bps = 0;
};

/// Codes sound alone: AAC into .m4a, FLAC into .flac, PCM into .wav, whatever the name is. Decoded again it is as
/// long as it was and starts with its first sample: encoder delay is stated in the container.
/// The file appears under its name only when complete. Fails with Unsupported where the codec cannot take the rate
/// or channel count, OutOfSpace, IoFailed, or with what `source` failed with.
/// `progress` is told the share done, 0 to 1, every second of sound; returning false stops it with Cancelled.
Result<void> encode_sound(const std::filesystem::path& path, const SoundSource& source, const SoundCoding& coding,
                          const std::function<bool(double)>& progress = {});

}  // namespace twopop::media
