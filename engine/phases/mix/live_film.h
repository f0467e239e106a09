#pragma once

#include "core/random.h"
#include "phases/mix/live.h"
#include "session/json.h"
#include "signal/workspace.h"

#include <filesystem>
#include <fstream>

/// For tests and benches: a film of made sounds with everything that a mix can hold, and what a live mixer is fed with.
namespace twopop::phases::testing {

/// Bursts of noise with tails that end in silence, each `every_s`, by `seed`.
inline signal::Signal bursts(std::uint64_t seed, int channels, SampleRange extent, double every_s, float level) {
  signal::Generator made;
  made.kind = "bursts";
  made.channels = channels;
  made.extent = extent;
  made.settings = Hasher().add(seed).add(every_s).add(level).finish();
  const auto every = static_cast<std::int64_t>(every_s * 48000);
  made.fill = [seed, every, level](SamplePosition begin, AudioView<float> out) -> Result<void> {
    for (std::int64_t i = 0; i < out.frames(); ++i) {
      const std::int64_t t = begin.value + i, within = t % every;
      const float envelope = within < every / 2 ? level * (1.0f - static_cast<float>(within) / static_cast<float>(every / 2)) : 0.0f;
      for (int c = 0; c < out.channels(); ++c)
        out.at(c, i) = envelope == 0 ? 0.0f : envelope * uniform11(philox(seed, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(t))[0]);
    }
    return {};
  };
  return signal::generated(std::move(made));
}

inline session::EqBand band(int order, session::BandKind kind, double hz, double q, double gain) {
  session::EqBand made;
  made.order = order;
  made.kind = kind;
  made.frequency_hz = hz;
  made.q = q;
  made.gain = {gain};
  return made;
}

struct LiveFilm {
  session::Document document;
  MixInput input;
  DbTp ceiling{-1.0};
};

/// `length` samples, `tracks` tracks over the five stems; every strip has an equaliser and a compressor, and the sum is loud enough
/// for the limiter to work.
inline LiveFilm live_film(SampleCount length, int tracks) {
  LiveFilm film;
  film.document.rate = {48000};
  film.document.picture.length = length;
  const SampleRange all{{0}, {length.value}};
  for (int n = 0; n < tracks; ++n) {
    Track track;
    track.id = fmt::format("t{}", n);
    track.stem = kStems[static_cast<std::size_t>(n) % kStems.size()];
    track.role = n == 5 ? Role::ProductionEffect : Role::Speech;
    track.pan = n % 3 == 0 ? 0.2 : 0;
    // Some begin late or end early, some are stereo.
    const SampleRange extent = n % 4 == 1 ? SampleRange{{length.value / 3}, {length.value - length.value / 5}} : all;
    track.sound = bursts(static_cast<std::uint64_t>(n) + 1, n % 5 == 4 ? 2 : 1, extent, 1.5 + 0.37 * n, n % 7 == 0 ? 0.9f : 0.25f);
    film.input.tracks.push_back(track);
    session::Strip& strip = film.document.mix.strips[track.id];
    strip.gain = {-1.0 + n % 3};
    strip.pan = n % 2 == 0 ? -0.4 : 0.3;
    strip.eq["a"] = band(0, session::BandKind::HighPass, 80, 0.7071, 0);
    strip.eq["b"] = band(1, session::BandKind::Bell, 2500, 1.2, 4);
    if (n % 2 == 0) strip.eq["c"] = band(2, session::BandKind::HighShelf, 8000, 0.7, -3);
    strip.compressor.on = n % 3 != 2;
    strip.compressor.threshold = {-24};
    strip.compressor.ratio = 3;
    strip.compressor.make_up = {3};
    strip.gain_automation["p"] = {{length.value / 7}, -4};
    strip.gain_automation["q"] = {{length.value / 2}, 2};
    strip.gain_automation["r"] = {{length.value * 3 / 4}, 0};
  }
  film.input.covers.push_back({Stem::Dialogue, "t0", {{{length.value / 4}, {length.value / 4 + 90000}}, {{2400}, signal::Curve::EqualPower}, {{4800}, signal::Curve::SCurve}}, "a line"});
  session::Bus& bus = film.document.mix.buses["dialogue"];
  bus.gain = {1.5};
  bus.eq["x"] = band(0, session::BandKind::LowShelf, 120, 0.7, -2);
  bus.compressor.on = true;
  bus.gain_automation["s"] = {{length.value / 3}, -1};
  bus.gain_automation["t"] = {{length.value / 2}, 1};
  film.document.mix.buses["music"].gain = {-2};
  film.document.mix.master.gain = {5};
  film.document.mix.master.compressor.on = true;
  film.document.mix.master.compressor.threshold = {-12};
  return film;
}

/// What the server would send: live.json, mix.f32 (planar), and chunks/TRACK-N.f32 for every chunk that is not silent.
inline Result<void> write_live_film(const LiveFilm& film, signal::Workspace& work, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "chunks");
  const auto write = [](const std::filesystem::path& path, AudioView<const float> sound) {
    std::ofstream file(path, std::ios::binary);
    for (int c = 0; c < sound.channels(); ++c) file.write(reinterpret_cast<const char*>(sound.channel(c)), static_cast<std::streamsize>(sound.frames()) * 4);
  };
  const SampleRange all = film.document.extent();
  const MixGraph graph = build_mix(film.document, film.input, film.ceiling);
  TWOPOP_TRY(const AudioBuffer<float> mix, work.read(graph.mix, all));
  write(folder / "mix.f32", mix.view());
  std::ofstream(folder / "live.json") << session::write_json(live_mix(film.document, film.input, film.ceiling, 1), session::JsonLayout::Compact);
  for (std::size_t i = 0; i < film.input.tracks.size(); ++i)
    for (std::int64_t n = 0; n * signal::kChunk.value < all.end.value; ++n) {
      const SampleRange chunk{{n * signal::kChunk.value}, {(n + 1) * signal::kChunk.value}};
      TWOPOP_TRY(const AudioBuffer<float> sound, work.read(film.input.tracks[i].sound, chunk));
      float most = 0;
      for (int c = 0; c < sound.channels(); ++c)
        for (std::int64_t t = 0; t < sound.frames(); ++t) most = std::max(most, std::fabs(sound.channel(c)[t]));
      if (most > 0) write(folder / "chunks" / fmt::format("{}-{}.f32", i, n), sound.view());
    }
  return {};
}

}  // namespace twopop::phases::testing
