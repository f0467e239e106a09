#include "signal/detail/chunk.h"

#include <cstring>

namespace twopop::signal::detail {
namespace {

struct Header {
  std::uint32_t magic = 0x31435054;  // "TPC1"
  std::uint32_t channels = 0;
  std::int64_t frames = 0;
  std::uint64_t state_bytes = 0;
  std::uint64_t silent = 0;
};
static_assert(sizeof(Header) == 32);

bool is_silent(AudioView<const float> sound) {
  for (int c = 0; c < sound.channels(); ++c) {
    const float* p = sound.channel(c);
    for (std::int64_t i = 0; i < sound.frames(); ++i)
      if (p[i] != 0) return false;
  }
  return true;
}

}  // namespace

cache::Bytes encode_chunk(AudioView<const float> sound, std::span<const std::byte> state) {
  Header header;
  header.channels = static_cast<std::uint32_t>(sound.channels());
  header.frames = sound.frames();
  header.state_bytes = state.size();
  header.silent = is_silent(sound);
  const std::size_t row = static_cast<std::size_t>(sound.frames()) * sizeof(float);
  const std::size_t data = header.silent ? 0 : row * header.channels;
  cache::Bytes bytes(sizeof header + data + state.size());
  std::memcpy(bytes.data(), &header, sizeof header);
  if (!header.silent)
    for (int c = 0; c < sound.channels(); ++c) std::memcpy(bytes.data() + sizeof header + row * static_cast<std::size_t>(c), sound.channel(c), row);
  if (!state.empty()) std::memcpy(bytes.data() + sizeof header + data, state.data(), state.size());
  return bytes;
}

Result<ChunkView> decode_chunk(std::span<const std::byte> bytes) {
  const Error damaged{Code::Damaged, fmt::format("a cached chunk of {} bytes is not whole", bytes.size())};
  Header header;
  const Header expected;
  if (bytes.size() < sizeof header) return damaged;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != expected.magic || header.channels > 1024 || header.frames < 0 || header.frames > (std::int64_t{1} << 40)) return damaged;
  const std::size_t data = header.silent ? 0 : static_cast<std::size_t>(header.frames) * sizeof(float) * header.channels;
  if (bytes.size() != sizeof header + data + header.state_bytes) return damaged;
  ChunkView view;
  view.channels = static_cast<int>(header.channels);
  view.frames = header.frames;
  view.silent = header.silent != 0;
  if (!view.silent)
    view.sound = AudioView<const float>(reinterpret_cast<const float*>(bytes.data() + sizeof header), view.channels, view.frames, view.frames);
  view.state = bytes.subspan(sizeof header + data);
  return view;
}

}  // namespace twopop::signal::detail
