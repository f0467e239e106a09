#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace twopop::media::detail {

/// Decodes one audio stream from its first sample to its last, never seeking.
///
/// What the container says about priming, padding and edits is applied. Where time stamps leave a gap, or a
/// packet is damaged, there is silence of that length, so that what follows stays where it belongs.
class LinearDecoder {
 public:
  static Result<std::unique_ptr<LinearDecoder>> open(const std::filesystem::path& path, int audio_stream);
  virtual ~LinearDecoder() = default;

  virtual SampleRate rate() const = 0;
  virtual int channels() const = 0;
  /// What the container says; 0 where it says nothing.
  virtual std::int64_t stated_length() const = 0;
  /// Time of the first sample on the file's clock.
  virtual double start_s() const = 0;
  /// About 16384 frames or more; none at the end.
  virtual Result<AudioBuffer<float>> next() = 0;
  virtual const std::vector<std::string>& warnings() const = 0;
};

}  // namespace twopop::media::detail
