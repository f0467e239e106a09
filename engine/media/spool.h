#pragma once

#include "media/media.h"

#include <atomic>
#include <shared_mutex>

namespace twopop::media {

/// Coded sound to be heard at any place. A coder's state reaches back, so the samples of a place are only those of one run from the
/// start: it is decoded once, forwards, into a file without a name, and read back from there. Where that file cannot be made, or
/// grows too large, it is decoded from the start again for each step back. Thread-safe.
class Spool {
 public:
  /// `folder`: where the file lies while it is open; it takes at most `most_bytes`. Fails as Reader::open.
  static Result<std::unique_ptr<Spool>> open(const std::filesystem::path& path, int audio_stream, const std::filesystem::path& folder, std::uint64_t most_bytes);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  SampleRate rate() const { return rate_; }
  int channels() const { return channels_; }
  /// As Reader::read.
  Result<std::int64_t> read(SamplePosition begin, AudioView<float> out);
  std::vector<std::string> warnings() const;
  /// What the file takes on the disk.
  std::uint64_t bytes() const { return bytes_; }
  /// Everything is decoded: the decoder and its tables are let go.
  bool complete() const;

 private:
  Spool() = default;
  Result<void> decode_to(std::int64_t end);
  Result<void> load(std::int64_t begin, AudioView<float> out) const;

  SampleRate rate_{};
  int channels_ = 0, file_ = -1;
  std::uint64_t most_bytes_ = 0;
  std::atomic<std::uint64_t> bytes_{0};
  mutable std::shared_mutex mutex_;  ///< held alone while decoding
  std::unique_ptr<Reader> decoder_;  ///< none once all is decoded
  std::int64_t decoded_ = 0;         ///< frames in the file
  std::vector<std::string> warnings_;
};

}  // namespace twopop::media
