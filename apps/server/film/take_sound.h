#pragma once

#include "api/values_takes.h"
#include "core/audio.h"
#include "film/beep_check.h"
#include "media/media.h"

#include <filesystem>

namespace twopop::server {

/// Bytes of one frame as the page sends it.
int frame_bytes(const TakeStart& start);

/// What was seen on the way from the page's bytes to the WAV.
struct TakeSound {
  std::int64_t frames = 0;
  double peak = 0;                 ///< largest absolute sample
  std::int64_t full_scale = 0;     ///< frames at or over full scale
  std::int64_t not_numbers = 0;    ///< samples that are infinite or no number: what cannot come from a microphone
  std::optional<BeepFinding> beeps;
};

/// SHA-256 of a file, as hexadecimal digits.
Result<std::string> sha256_of(const std::filesystem::path& path);

/// Makes the WAV, sample for sample, and looks at it on the way. Appears under its name when it is whole.
Result<TakeSound> make_wav(const std::filesystem::path& data, const TakeStart& start, const media::BextFields& bext, const std::filesystem::path& wav);

/// Film position of the take's first sample by the page's clock and latency; `beep_error_ms` later than that is taken off.
SamplePosition film_position(const TakeStart& start, SampleRate session, double beep_error_ms);

}  // namespace twopop::server
