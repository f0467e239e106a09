#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace twopop::analysis {

/// One channel of sound that sync looks at: a file, a channel of a file, or a buffer.
/// Not thread-safe: one source a thread.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual SampleRate rate() const = 0;
  /// Samples it holds; for coded files what the container says.
  virtual SampleCount length() const = 0;
  /// Second of the file's clock at which sample 0 is heard (0 for plain sound files).
  virtual double start_s() const { return 0; }
  /// Fills `out` from `begin`; silence before 0 and beyond the end. Fails as media::Reader does.
  virtual Result<void> read(SamplePosition begin, std::span<float> out) = 0;
};

/// Which channel of a file stands for it.
struct ChannelPick {
  int channel = -1;  ///< from 0; -1: the mean of all
};

/// Opens one audio stream of a media file. Fails as media::Reader::open, and with InvalidArgument for a channel it has not.
Result<std::unique_ptr<SampleSource>> open_source(const std::filesystem::path& path, ChannelPick pick = {}, int audio_stream = 0);
/// Looks at samples that the caller keeps alive.
std::unique_ptr<SampleSource> source_of(std::span<const float> samples, SampleRate rate);

}  // namespace twopop::analysis
