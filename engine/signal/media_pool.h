#pragma once

#include "core/hash.h"
#include "media/media.h"

#include <condition_variable>
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

/// Keeps files open between chunks, some readers each, so that linear decoding goes on where it stood: of all files together so
/// many that neither file handles nor the tables of long coded files pile up. Of a long coded file there is only one reader, and
/// who comes second waits: its tables take 6 MB an hour, and decoding is little of what is done with the sound. Thread-safe.
class MediaPool {
 public:
  Result<void> read(const MediaDescription& media, SamplePosition begin, AudioView<float> out);
  /// What decoders complained of so far, by path.
  std::map<std::string, std::vector<std::string>> warnings() const;
  /// Closes what is not being read.
  void rest();
  std::size_t open_files() const;

 private:
  struct Idle {
    std::unique_ptr<media::Reader> reader;
    std::int64_t at = 0;
    std::uint64_t used = 0;  ///< larger is later
  };
  struct File {
    std::vector<Idle> idle;
    std::size_t busy = 0;  ///< readers at work
  };
  using Key = std::pair<std::string, int>;
  Result<void> read_with(Idle& taken, const MediaDescription& media, SamplePosition begin, AudioView<float> out);
  void close_oldest();
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::map<Key, File> files_;
  std::size_t open_ = 0;  ///< idle readers of all files
  std::uint64_t uses_ = 0;
  std::map<std::string, std::vector<std::string>> warnings_;
};

}  // namespace twopop::signal
