#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace twopop::server {

/// A peak as it is drawn: least and most x 127, rounded outwards, so that no sound is drawn as silence.
struct DrawnPeak {
  std::int8_t least = 0, most = 0;
  bool operator==(const DrawnPeak&) const = default;
};
DrawnPeak drawn(std::span<const float> samples);
DrawnPeak joined(DrawnPeak a, DrawnPeak b);

/// Peaks of a sound on disk, several resolutions: level L has one for 256 x 4^L samples. Any range of any level is read without the
/// rest. Memory: one level of the channels while it is written, nothing afterwards.
///
/// Format (little-endian): "TWPK", version, channels, levels (32 bits each), length in samples (64 bits), then for each level the number
/// of its peaks (64 bits); then level by level, channel by channel, its peaks of two bytes.
class PeakFile {
 public:
  static constexpr std::int64_t kSamplesAPeak = 256;
  static constexpr std::int64_t kJoined = 4;

  /// Fails with NotFound where there is no file, Damaged where it is none of ours or was cut short.
  static Result<PeakFile> open(const std::filesystem::path& path);
  PeakFile(PeakFile&& other) noexcept;
  PeakFile& operator=(PeakFile&&) = delete;
  ~PeakFile();

  int channels() const { return channels_; }
  int levels() const { return static_cast<int>(counts_.size()); }
  SampleCount length() const { return {length_}; }
  std::int64_t count(int level) const { return counts_[static_cast<std::size_t>(level)]; }
  /// Peaks [begin, begin + count) of a channel, or of all joined with channel -1; clipped to what there is. A level above the last is
  /// empty. Fails with InvalidArgument for other channels and levels.
  Result<std::vector<DrawnPeak>> read(int channel, int level, std::int64_t begin, std::int64_t count) const;

  /// Writes a file from level 0 of each channel (the last peak may stand for fewer samples); it appears under its name when complete.
  static Result<void> write(const std::filesystem::path& path, const std::vector<std::vector<DrawnPeak>>& channels, SampleCount length);

 private:
  PeakFile() = default;
  int file_ = -1, channels_ = 0;
  std::int64_t length_ = 0;
  std::vector<std::int64_t> counts_, offsets_;
};

}  // namespace twopop::server
