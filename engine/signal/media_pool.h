#pragma once

#include "core/hash.h"
#include "media/spool.h"

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

/// Keeps files open between chunks: of all together so many that neither file handles nor memory pile up. Coded ones are decoded
/// once, onto the disk (media/spool.h), so that any place can be asked for by any thread. Thread-safe.
class MediaPool {
 public:
  /// `folder`: where decoded sound may lie while it is wanted, without a name, so that nothing is ever left.
  explicit MediaPool(std::filesystem::path folder = std::filesystem::temp_directory_path()) : folder_(std::move(folder)) {}

  Result<void> read(const MediaDescription& media, SamplePosition begin, AudioView<float> out);
  /// What decoders complained of so far, by path.
  std::map<std::string, std::vector<std::string>> warnings() const;
  /// Closes what is not being read, but for sound that is decoded to its end.
  void rest();
  std::size_t open_files() const;

 private:
  /// A file that was replaced is another one.
  struct Key {
    std::string path;
    Hash fingerprint;
    int audio_stream = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Idle {
    std::unique_ptr<media::Reader> reader;
    std::uint64_t used = 0;  ///< larger is later
  };
  struct Coded {
    std::mutex opening;
    std::unique_ptr<media::Spool> spool;
    std::uint64_t used = 0;
  };

  Result<void> read_direct(const Key& key, const MediaDescription& media, SamplePosition begin, AudioView<float> out);
  Result<void> read_coded(const Key& key, const MediaDescription& media, SamplePosition begin, AudioView<float> out);
  void close_oldest_direct();
  void close_oldest_coded(const Coded* kept);
  std::uint64_t room_for_decoded() const;

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
  std::map<Key, std::vector<Idle>> idle_;
  std::size_t open_ = 0;  ///< idle readers of all files
  std::map<Key, std::shared_ptr<Coded>> coded_;
  std::uint64_t uses_ = 0;
  std::map<std::string, std::vector<std::string>> warnings_;
};

}  // namespace twopop::signal
