#pragma once

#include "core/hash.h"
#include "media/media.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace twopop::signal {

/// What must be known of a file before it is heard.
struct MediaDescription {
  std::filesystem::path path;
  Hash fingerprint;
  int audio_stream = 0;
  SampleRate rate{};
  int channels = 0;
  SampleCount length{};
  bool direct = false;
};

/// Keeps files open between chunks, some readers each, so that linear decoding goes on where it stood. Thread-safe.
class MediaPool {
 public:
  Result<void> read(const MediaDescription& media, SamplePosition begin, AudioView<float> out);
  /// What decoders complained of so far, by path.
  std::map<std::string, std::vector<std::string>> warnings() const;

 private:
  struct Idle {
    std::unique_ptr<media::Reader> reader;
    std::int64_t at = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::vector<Idle>> idle_;
  std::map<std::string, std::vector<std::string>> warnings_;
};

}  // namespace twopop::signal
