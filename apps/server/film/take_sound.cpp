#include "film/take_sound.h"

#include "accounts/sha256.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

namespace twopop::server {
namespace {

constexpr std::int64_t kBlock = 16384;
constexpr double kBeepsHeard_s = 60;  // the row lies before the line: further into the take nobody looks for it

float sample_at(const std::byte* from, TakeFormat format) {
  if (format == TakeFormat::Float32) {
    float x;
    std::memcpy(&x, from, sizeof x);
    return x;
  }
  const std::uint32_t bits = static_cast<std::uint32_t>(from[0]) << 8 | static_cast<std::uint32_t>(from[1]) << 16 | static_cast<std::uint32_t>(from[2]) << 24;
  return static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-31f;
}

int sample_bytes(TakeFormat format) { return format == TakeFormat::Float32 ? 4 : 3; }

}  // namespace

int frame_bytes(const TakeStart& start) { return sample_bytes(start.format) * start.channels; }

Result<std::string> sha256_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Code::Unreadable, fmt::format("{} cannot be opened", path.string()), "check its permissions"};
  Sha256 sum;
  std::vector<char> portion(1 << 20);
  while (in) {
    in.read(portion.data(), static_cast<std::streamsize>(portion.size()));
    sum.add(std::as_bytes(std::span(portion).first(static_cast<std::size_t>(in.gcount()))));
  }
  if (in.bad()) return Error{Code::IoFailed, fmt::format("{} cannot be read", path.string()), "check the disk"};
  return sum.finish();
}

Result<TakeSound> make_wav(const std::filesystem::path& data, const TakeStart& start, const media::BextFields& bext, const std::filesystem::path& wav) {
  media::WavWriter::Settings settings;
  settings.rate = {start.rate_hz};
  settings.channels = start.channels;
  settings.format = start.format == TakeFormat::Float32 ? media::SampleFormat::Float32 : media::SampleFormat::Pcm24;
  settings.bext = bext;
  TWOPOP_TRY(const auto writer, media::WavWriter::create(wav, settings));
  std::ifstream in(data, std::ios::binary);
  if (!in) return Error{Code::Unreadable, fmt::format("{} cannot be opened", data.string()), "check its permissions"};

  TakeSound sound;
  const int width = sample_bytes(start.format), frame = frame_bytes(start);
  std::vector<std::byte> bytes(static_cast<std::size_t>(kBlock * frame));
  AudioBuffer<float> block(start.channels, kBlock);
  std::vector<float> heard;  // channel 0, as far as beeps are looked for
  const auto most_heard = static_cast<std::size_t>(kBeepsHeard_s * start.rate_hz);
  while (in) {
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    const std::int64_t frames = in.gcount() / frame;
    for (std::int64_t i = 0; i < frames; ++i) {
      bool full = false;
      for (int c = 0; c < start.channels; ++c) {
        const float x = sample_at(bytes.data() + i * frame + c * width, start.format);
        block.view().at(c, i) = x;
        if (!std::isfinite(x)) ++sound.not_numbers;
        else sound.peak = std::max(sound.peak, static_cast<double>(std::fabs(x)));
        full = full || std::fabs(x) >= 0.9999f;
      }
      sound.full_scale += full;
    }
    const float* first = block.channel(0);
    heard.insert(heard.end(), first, first + std::min<std::int64_t>(frames, static_cast<std::int64_t>(most_heard - heard.size())));
    TWOPOP_CHECK(writer->write(block.view().sub(0, frames)));
    sound.frames += frames;
  }
  if (in.bad()) return Error{Code::IoFailed, fmt::format("{} cannot be read", data.string()), "check the disk"};
  TWOPOP_CHECK(writer->finish());

  if (sound.not_numbers == 0) {
    BeepRow row{start.beep_hz, start.beep_ms, {}};
    for (const std::int64_t at : start.beep_frames) row.expected.push_back(static_cast<double>(at - start.first_frame) + start.latency_ms * start.rate_hz / 1000);
    sound.beeps = find_beeps(AudioView<const float>(heard.data(), static_cast<std::int64_t>(heard.size())), {start.rate_hz}, row);
  }
  return sound;
}

SamplePosition film_position(const TakeStart& start, SampleRate session, double beep_error_ms) {
  const double frames = static_cast<double>(start.first_frame - start.anchor_frame);
  const double seconds = frames / start.rate_hz - (start.latency_ms + beep_error_ms) / 1000;
  return start.anchor + samples(seconds, session);
}

}  // namespace twopop::server
