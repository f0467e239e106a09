#pragma once

#include "core/audio.h"
#include "core/random.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

/// Files made for the tests of this room.
namespace twopop::test {

/// A folder of its own that is gone at the end of the test.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "twopop_media_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

using Chunk = std::pair<std::string, std::string>;

inline AudioBuffer<float> noise(int channels, std::int64_t frames, std::uint64_t seed, float peak = 0.5f) {
  AudioBuffer<float> sound(channels, frames);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i)
      sound.channel(c)[i] = peak * uniform11(philox(seed, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]);
  return sound;
}

template <class T>
void put(std::string& to, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  to.append(raw, sizeof value);
}

inline std::string riff(const std::vector<Chunk>& chunks) {
  std::string body = "WAVE";
  for (const auto& [id, content] : chunks) {
    body += id;
    put(body, static_cast<std::uint32_t>(content.size()));
    body += content;
    if (content.size() % 2) body += '\0';
  }
  std::string file = "RIFF";
  put(file, static_cast<std::uint32_t>(body.size()));
  return file + body;
}

inline std::string format(int tag, int channels, int rate, int bits) {
  std::string f;
  put(f, static_cast<std::uint16_t>(tag));
  put(f, static_cast<std::uint16_t>(channels));
  put(f, static_cast<std::uint32_t>(rate));
  put(f, static_cast<std::uint32_t>(rate * channels * bits / 8));
  put(f, static_cast<std::uint16_t>(channels * bits / 8));
  put(f, static_cast<std::uint16_t>(bits));
  return f;
}

/// Interleaved samples, written one by one.
inline std::string pcm(const AudioBuffer<float>& sound, int tag, int bits) {
  std::string bytes;
  for (std::int64_t i = 0; i < sound.frames(); ++i)
    for (int c = 0; c < sound.channels(); ++c) {
      const double x = sound.channel(c)[i];
      if (tag == 3 && bits == 32) put(bytes, static_cast<float>(x));
      else if (tag == 3) put(bytes, x);
      else if (bits == 8) put(bytes, static_cast<std::uint8_t>(std::lround(x * 127) + 128));
      else if (bits == 16) put(bytes, static_cast<std::int16_t>(std::lround(x * 32767)));
      else if (bits == 32) put(bytes, static_cast<std::int32_t>(std::lround(x * 2147483647.0)));
      else {
        const auto v = static_cast<std::int32_t>(std::lround(x * 8388607));
        bytes.append(reinterpret_cast<const char*>(&v), 3);
      }
    }
  return bytes;
}

inline std::string wave(const std::string& format_chunk, const std::string& data) { return riff({{"fmt ", format_chunk}, {"data", data}}); }

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace twopop::test
