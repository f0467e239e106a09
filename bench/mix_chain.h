#pragma once

#include "dsp/compressor.h"
#include "dsp/equaliser.h"
#include "dsp/limiter.h"
#include "dsp/pan.h"

#include <string>

/// The mix that mix_bench renders in both worlds: settings once, for ours and for ffmpeg's filter graph.
namespace twopop::bench {

inline constexpr int kTracks = 16;
inline constexpr SampleRate kRate{48000};

struct Strip {
  dsp::EqSettings eq;
  dsp::CompressorSettings compressor;
  dsp::PanSettings pan;
};

/// Settings of a dialogue, effects or music strip, a little different for each track.
inline Strip strip_of(int track) {
  const double t = track;
  Strip s;
  s.eq.bands = {{dsp::FilterKind::HighPass, 60 + 5 * t, 0.7071, {}},
                {dsp::FilterKind::Bell, 200 + 20 * t, 1.2, {-3.0 + 0.2 * t}},
                {dsp::FilterKind::Bell, 1800 + 90 * t, 0.9, {2.5 - 0.1 * t}},
                {dsp::FilterKind::Bell, 6000 + 150 * t, 1.8, {-2.0 + 0.15 * t}}};
  // ffmpeg's acompressor: attack and release are four time constants; its default knee of 2.82843 is 9.03 dB wide.
  s.compressor = {.threshold = {-24 + 0.5 * t}, .ratio = 2.0 + 0.1 * t, .knee = {9.0309}, .attack_ms = 5, .release_ms = 62.5, .make_up = {0}};
  s.pan.left_right = -0.75 + 0.1 * t;
  return s;
}

inline dsp::LimiterSettings limiter() { return {.ceiling = {-1}, .look_ahead_ms = 5, .release_ms = 50}; }

inline std::string ffmpeg_eq(const Strip& s) {
  std::string text;
  for (const dsp::FilterSettings& b : s.eq.bands) {
    if (!text.empty()) text += ",";
    if (b.kind == dsp::FilterKind::HighPass) text += fmt::format("highpass=f={}:t=q:w={}", b.frequency_hz, b.q);
    else text += fmt::format("equalizer=f={}:t=q:w={}:g={}", b.frequency_hz, b.q, b.gain.value);
  }
  return text;
}

inline std::string ffmpeg_compressor(const Strip& s) {
  const dsp::CompressorSettings& c = s.compressor;
  return fmt::format("acompressor=threshold={}:ratio={}:attack={}:release={}:knee=2.82843:makeup=1:detection=peak:link=maximum",
                     std::pow(10.0, c.threshold.value / 20), c.ratio, 4 * c.attack_ms, 4 * c.release_ms);
}

/// The whole graph over inputs 0 .. kTracks - 1.
inline std::string ffmpeg_graph() {
  std::string graph, sum;
  for (int t = 0; t < kTracks; ++t) {
    const Strip s = strip_of(t);
    const dsp::GainMatrix m = dsp::pan(Layout::Mono, Layout::Stereo, s.pan);
    graph += fmt::format("[{}:a]{},{},pan=stereo|c0={:.9f}*c0|c1={:.9f}*c0[t{}];", t, ffmpeg_eq(s), ffmpeg_compressor(s), m.at(0, 0), m.at(1, 0), t);
    sum += fmt::format("[t{}]", t);
  }
  const dsp::LimiterSettings l = limiter();
  return graph + sum + fmt::format("amix=inputs={}:normalize=0,alimiter=limit={:.6f}:attack={}:release={}:level=0[out]", kTracks,
                                   std::pow(10.0, l.ceiling.value / 20), l.look_ahead_ms, l.release_ms);
}

}  // namespace twopop::bench
