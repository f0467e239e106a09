#pragma once

#include "media/detail/bytes.h"
#include "media/detail/riff.h"
#include "media/media.h"

namespace twopop::media::detail {

/// PCM in place. `wave` was read from `bytes` and its coding is not Other.
std::unique_ptr<Reader> direct_reader(FileBytes bytes, RiffWave wave);

/// Anything FFmpeg decodes, from the first sample on.
Result<std::unique_ptr<Reader>> coded_reader(const std::filesystem::path& path, int audio_stream);

/// Media info of a RIFF file, without opening it with FFmpeg.
MediaInfo info_of(const std::filesystem::path& path, const RiffWave& wave, std::uint64_t bytes);
/// Media info of anything else.
Result<MediaInfo> coded_info(const std::filesystem::path& path, std::uint64_t bytes);

/// An error with the file's name before its message.
Error in_file(const std::filesystem::path& path, Error error);

}  // namespace twopop::media::detail
