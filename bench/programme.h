#pragma once

#include "core/random.h"
#include "core/result.h"
#include "media/media.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace twopop::bench {

/// Writes a 24-bit stereo WAV at 48 kHz, `fill` is given each block with its first frame.
inline Result<void> write_stereo(const std::filesystem::path& path, std::int64_t frames,
                                 const std::function<Result<void>(std::int64_t, AudioView<float>)>& fill) {
  media::WavWriter::Settings settings;
  settings.rate = {48000};
  TWOPOP_TRY(const std::unique_ptr<media::WavWriter> writer, media::WavWriter::create(path, settings));
  AudioBuffer<float> block(2, 48000);
  for (std::int64_t at = 0; at < frames; at += block.frames()) {
    const AudioView<float> part = block.view().sub(0, std::min(block.frames(), frames - at));
    TWOPOP_CHECK(fill(at, part));
    TWOPOP_CHECK(writer->write(part));
  }
  return writer->finish();
}

/// A programme out of real recordings: the files one after another, over and over, each at most a minute at a time,
/// mono on both sides, times a gain. Rates are taken as they are: the figures measured here do not depend on pitch.
inline Result<void> write_programme(const std::filesystem::path& path, const std::filesystem::path& corpus, double minutes,
                                    float gain = 1.0f) {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"music", "speech", "ambience"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus / folder)) {
      const std::string kind = entry.path().extension();
      if (kind == ".ogg" || kind == ".flac" || kind == ".wav" || kind == ".mp3") files.push_back(entry.path());
    }
  std::sort(files.begin(), files.end());
  if (files.empty()) return Error{Code::NotFound, fmt::format("no recordings in {}", corpus.string())};
  constexpr std::int64_t kTurn = 60 * 48000;
  std::size_t next = 0;
  std::int64_t turn = 0, inside = kTurn;
  AudioBuffer<float> sound;
  return write_stereo(path, static_cast<std::int64_t>(minutes * 60) * 48000, [&](std::int64_t, AudioView<float> out) -> Result<void> {
    for (std::int64_t i = 0; i < out.frames();) {
      if (inside >= turn) {
        TWOPOP_TRY(auto reader, media::Reader::open(files[next++ % files.size()]));
        sound = AudioBuffer<float>(reader->channels(), kTurn);
        TWOPOP_TRY(turn, reader->read({0}, sound.view()));
        inside = 0;
        continue;
      }
      const std::int64_t count = std::min(out.frames() - i, turn - inside);
      for (int c = 0; c < 2; ++c) {
        const float* from = sound.channel(std::min(c, sound.channels() - 1)) + inside;
        std::transform(from, from + count, out.channel(c) + i, [gain](float x) { return gain * x; });
      }
      inside += count;
      i += count;
    }
    return {};
  });
}

/// White noise driven far into clipping: where bounds on true peaks prune least.
inline Result<void> write_clipped_noise(const std::filesystem::path& path, double minutes) {
  return write_stereo(path, static_cast<std::int64_t>(minutes * 60) * 48000, [](std::int64_t at, AudioView<float> out) -> Result<void> {
    for (std::int64_t i = 0; i < out.frames(); ++i) {
      const auto bits = philox(1, 0, static_cast<std::uint64_t>(at + i));
      for (int c = 0; c < 2; ++c) out.channel(c)[i] = std::clamp(2.0f * uniform11(bits[static_cast<std::size_t>(c)]), -1.0f, 1.0f);
    }
    return {};
  });
}

}  // namespace twopop::bench
