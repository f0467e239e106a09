#pragma once

#include "film/compiled_film.h"

#include <list>
#include <unordered_map>

namespace twopop::server {

using SharedBytes = std::shared_ptr<const std::vector<std::byte>>;  // shared: with the cache of chunks and with the network

/// Chunk n of a sound, as it is sent.
struct SoundChunk {
  std::int64_t revision = 0;
  Hash content;          ///< equal contents are equal samples
  int channels = 0;
  bool silent = false;
  SharedBytes samples;   ///< planar floats, channel after channel; null where `known` was still right
};

/// Sound of the newest revision, rendered where it is not in the cache. A bounded number of renders at once; what was sent
/// lately is held, up to a bound. Thread-safe.
class Sounds {
 public:
  Sounds(FilmCore& core, FilmCompiler& compiler);

  Result<std::vector<SoundInfo>> list(const Stop& stop);
  /// Samples [n x 2^18, (n + 1) x 2^18); silence behind the film's end. With `known` equal to the content, no samples.
  Result<SoundChunk> chunk(const std::string& sound, std::int64_t n, std::optional<Hash> known, const Stop& stop);
  /// Any range in memory, of a sound or of a recording, for pictures of it. At most `most_s` seconds.
  Result<AudioBuffer<float>> stretch(const std::string& sound, SampleRange range, const Stop& stop);

  /// How long a request waits for the newest revision before it is served the last.
  static constexpr std::chrono::milliseconds kPatience{2000};

 private:
  Result<SharedBytes> rendered(const signal::Signal& sound, SampleRange range, const Hash& content);

  FilmCore& core_;
  FilmCompiler& compiler_;
  Gate gate_;
  std::mutex mutex_;
  struct Held {
    Hash content;
    SharedBytes bytes;
  };
  std::list<Held> held_;  ///< used last first
  std::unordered_map<Hash, std::list<Held>::iterator> where_;
  std::uint64_t held_bytes_ = 0;
};

/// Samples as they are sent: channel after channel.
SharedBytes planar(AudioView<const float> sound);

/// What stands for the sound of a range of a signal, made if need be, without rendering what is only fused.
Result<Hash> content_of(signal::Workspace& work, const signal::Signal& sound, SampleRange range);

}  // namespace twopop::server
