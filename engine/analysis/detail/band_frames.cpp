#include "analysis/detail/band_frames.h"

#include <algorithm>
#include <bit>

namespace twopop::analysis::detail {

std::vector<float> mono_of(AudioView<const float> sound) {
  std::vector<float> mono(static_cast<std::size_t>(sound.frames()), 0.0f);
  const float share = sound.channels() > 0 ? 1.0f / static_cast<float>(sound.channels()) : 0.0f;
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < sound.frames(); ++i) mono[static_cast<std::size_t>(i)] += share * sound.at(c, i);
  return mono;
}

int frame_size_for(double seconds, SampleRate rate) {
  const double wanted = std::max(64.0, seconds * rate.hz);
  const int below = static_cast<int>(std::bit_floor(static_cast<unsigned>(wanted)));
  return wanted > 1.42 * below ? 2 * below : below;
}

BandFrames band_frames(const float* mono, std::int64_t length, SampleRate rate, int size, std::int64_t hop, const BandLayout& layout) {
  const double bin_hz = static_cast<double>(rate.hz) / size;
  const double highest = std::min(layout.highest_hz, 0.47 * rate.hz);
  BandFrames out;
  out.hop = hop;
  out.frames = length / hop + 1;
  std::vector<int> edges{std::max(1, static_cast<int>(std::lround(layout.lowest_hz / bin_hz)))};
  for (double f = edges.front() * bin_hz;;) {
    f *= std::exp2(1 / layout.bands_per_octave);
    if (f > highest) break;
    const int bin = static_cast<int>(std::lround(f / bin_hz));
    if (bin > edges.back()) edges.push_back(bin);
  }
  out.bands = std::max(1, static_cast<int>(edges.size()) - 1);
  if (edges.size() < 2) edges.push_back(edges.front() + 1);
  for (int b = 0; b < out.bands; ++b)
    out.centre_hz.push_back(std::sqrt(static_cast<double>(edges[static_cast<std::size_t>(b)]) * edges[static_cast<std::size_t>(b) + 1]) * bin_hz);
  out.power.assign(static_cast<std::size_t>(out.frames * out.bands), 0.0f);
  each_spectrum(mono, length, size, hop, [&](std::int64_t n, const float* power, int bins) {
    float* row = out.row(n);
    for (int b = 0; b < out.bands; ++b) {
      float sum = 0;
      for (int k = edges[static_cast<std::size_t>(b)]; k < std::min(bins, edges[static_cast<std::size_t>(b) + 1]); ++k) sum += power[k];
      row[b] = sum;
    }
  });
  return out;
}

}  // namespace twopop::analysis::detail
