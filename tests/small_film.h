#pragma once

#include "core/random.h"
#include "media/media.h"
#include "session/document.h"
#include "session/store.h"

#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace twopop::test {

inline void must(const Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().sentence());
}
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().sentence());
  return *std::move(result);
}

/// A folder of its own that goes when the test ends.
struct ScratchFolder {
  explicit ScratchFolder(const std::string& name) : path(std::filesystem::temp_directory_path() / fmt::format("twopop-{}-{}", name, ::getpid())) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

/// Bursts of a voice-like sound over quiet noise: harmonics of a gliding pitch under a syllable rhythm.
inline AudioBuffer<float> made_speech(std::uint64_t seed, double length_s, int rate) {
  AudioBuffer<float> out(1, static_cast<std::int64_t>(length_s * rate));
  double phase = 0;
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    const double t = static_cast<double>(i) / rate;
    const double line = std::fmod(t + static_cast<double>(seed % 7) * 0.37, 4.0);
    const double syllable = 0.5 - 0.5 * std::cos(2 * M_PI * 4.2 * t);
    const double level = line < 2.6 ? 0.12 * syllable : 0;
    phase += (110 + 30 * std::sin(1.7 * t) + static_cast<double>(seed % 5) * 9) / rate;
    double voice = 0;
    for (int h = 1; h <= 18; ++h) voice += std::sin(2 * M_PI * h * phase) / (1 + 0.35 * h);
    out.view().at(0, i) = static_cast<float>(level * voice * 0.4) + 0.0015f * uniform11(philox(seed, 1, static_cast<std::uint64_t>(i))[0]);
  }
  return out;
}

inline void write_wav(const std::filesystem::path& path, AudioView<const float> sound, int rate) {
  media::WavWriter::Settings settings;
  settings.rate = {rate};
  settings.channels = sound.channels();
  const auto writer = must(media::WavWriter::create(path, settings));
  must(writer->write(sound));
  must(writer->finish());
}

/// Adds a file to a document as `twopop add` would.
inline void add_media(session::Document& document, const session::Id& id, const std::filesystem::path& path, session::MediaKind kind) {
  const media::MediaInfo info = must(media::probe(path));
  session::Media media;
  media.path = path.string();
  media.fingerprint = to_string(must(media::fingerprint(path)));
  media.kind = kind;
  media.name = path.filename().string();
  media.bytes = static_cast<std::int64_t>(info.bytes);
  media.duration_s = info.duration_s;
  media.rate_hz = info.audio.front().rate.hz;
  media.channels = info.audio.front().channels;
  document.media[id] = media;
}

/// A film without a picture: `tracks` recordings of made speech, a clip every ten seconds on each, all decided by a person.
inline session::Document small_film(const std::filesystem::path& folder, int tracks, double length_s, SampleRate rate = {48000}) {
  session::Document document;
  document.rate = rate;
  document.name = "Small film";
  document.picture.length = samples(length_s, document.rate);
  for (int k = 0; k < tracks; ++k) {
    const session::Id id = fmt::format("r{}", k);
    const std::filesystem::path path = folder / (id + ".wav");
    write_wav(path, made_speech(static_cast<std::uint64_t>(k) + 1, length_s, 48000).view(), 48000);
    add_media(document, id, path, session::MediaKind::Recording);
    session::Placement placement;
    placement.media = id;
    placement.film = {{0}, {document.picture.length.value}};
    placement.drift_ppm = 12.5 * k;
    placement.method = "person";
    placement.decided.by = session::By::Person;
    document.dialogue.placements[id] = placement;
    for (int n = 0; n * 10 + 8 <= length_s; ++n) {
      session::DialogueClip clip;
      clip.placement = id;
      clip.track = fmt::format("dialogue-{}", k + 1);
      clip.film = {{samples(n * 10.0 + k * 0.2, document.rate).value}, {samples(n * 10.0 + 7 + k * 0.2, document.rate).value}};
      clip.fade_in = {samples(0.02, document.rate)};
      clip.fade_out = {samples(0.05, document.rate)};
      clip.decided.by = session::By::Person;
      document.dialogue.clips[fmt::format("c{}-{}", k, n)] = clip;
    }
  }
  return document;
}

}  // namespace twopop::test
