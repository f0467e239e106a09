#pragma once

#include "analysis/sync_source.h"

#include <cstdint>
#include <list>

namespace twopop::analysis {

/// Coded sound at hand while it is compared with one file after the other: what fits is decoded once, and what was not used for
/// longest makes room. Uncoded files are read where they lie. Files must not change while they lie on a shelf. Not thread-safe.
class SourceShelf {
 public:
  explicit SourceShelf(std::uint64_t most_bytes = std::uint64_t{64} << 20) : most_bytes_(most_bytes) {}

  /// As open_source, of the first audio stream.
  Result<std::unique_ptr<SampleSource>> open(const std::filesystem::path& path, ChannelPick pick = {});
  /// How many channels are worth listening to: 1 where all of a decoded file carry the same sound (differences under -30 dB: coding alone makes -43).
  Result<int> channels(const std::filesystem::path& path);

  struct Sound {
    AudioBuffer<float> samples;
    SampleRate rate{};
    double start_s = 0;
  };

 private:
  struct File {
    std::filesystem::path path;
    int channels = 0;
    std::shared_ptr<const Sound> sound;  ///< none of files that are not kept
  };
  Result<const File*> file(const std::filesystem::path& path);

  std::uint64_t most_bytes_, bytes_ = 0;
  std::list<File> files_;  ///< the last used first
};

}  // namespace twopop::analysis
