#pragma once

#include "media/encode.h"

#include <functional>
#include <optional>
#include <string>

namespace twopop::media {

struct FilmSettings {
  SoundCoding sound;
  /// Start label of the first frame, written as a timecode track in MP4 and MOV and as a tag in Matroska.
  /// Empty: that of the picture is kept.
  std::string start_timecode;
  std::string title;
  /// AAC that encode_sound() made of the same sound with the same coding: its packets are taken, and nothing is coded again. The
  /// film is the same, byte for byte.
  std::filesystem::path coded{};
};

/// Name extension, with its dot, of the container that holds this picture and this sound: the picture's own kind
/// where it can, Matroska where nothing else does. Matroska rounds times to a millisecond and states no priming for
/// AAC: with pictures that only it holds (VP8, FFV1), choose FLAC or PCM to stay within a sample.
Result<std::string> film_extension(const std::filesystem::path& picture, SoundCodec sound);

/// Writes a film: the picture's packets as they are, with its metadata, and new sound whose position 0 lies at the
/// first frame that is shown, also where the picture starts later than 0 on its file's clock.
/// `progress` is told the share done, 0 to 1; returning false stops it with Cancelled.
/// The kind of container follows the extension of `film`. It appears under its name only when complete.
Result<void> write_film(const std::filesystem::path& film, const std::filesystem::path& picture, const SoundSource& sound,
                        const FilmSettings& settings, const std::function<bool(double)>& progress = {});

}  // namespace twopop::media
