#include "analysis/detail/block_spectra.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace twopop::analysis::detail {
namespace {

constexpr float kSilence = 1e-12f;  // mean power of a bin: dither of 24 bits lies under it

float band_power(const std::vector<Bin>& block, int from, int to) {
  float sum = 0;
  for (int k = from; k < to; ++k) {
    const Bin x = block[static_cast<std::size_t>(k)];
    sum += x.real() * x.real() + x.imag() * x.imag();
  }
  return sum / static_cast<float>(to - from);
}

}  // namespace

BlockSpectra::BlockSpectra(SampleSource& source, double block_s)
    : source_(source), rate_(source.rate().hz), fft_(even(block_s * rate_)), window_(static_cast<std::size_t>(fft_.size())) {
  for (int i = 0; i < fft_.size(); ++i) window_[static_cast<std::size_t>(i)] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / fft_.size()));
}

int BlockSpectra::even(double size) { return std::max(64, 2 * static_cast<int>(std::lround(size / 2))); }
std::int64_t BlockSpectra::begin_of(double centre_s) const { return static_cast<std::int64_t>(std::floor(centre_s * rate_ - fft_.size() / 2.0 + 1e-9)); }

Result<void> BlockSpectra::transform(const std::vector<double>& centres_s, int keep, Spectra& out) {
  out.resize(centres_s.size());
  if (centres_s.empty()) return {};
  const int size = fft_.size();
  const std::int64_t first = begin_of(centres_s.front()), last = begin_of(centres_s.back()) + size;
  buffer_.resize(static_cast<std::size_t>(last - first));
  TWOPOP_CHECK(source_.read({first}, buffer_));
  for (std::size_t b = 0; b < centres_s.size(); ++b) {
    const double exact = centres_s[b] * rate_ - size / 2.0;
    const std::int64_t whole = begin_of(centres_s[b]);
    const float* from = buffer_.data() + (whole - first);
    const auto time = fft_.time();
    for (int i = 0; i < size; ++i) time[static_cast<std::size_t>(i)] = from[i] * window_[static_cast<std::size_t>(i)];
    fft_.forward();
    const auto bins = fft_.bins();
    out[b].resize(static_cast<std::size_t>(keep));
    // The block starts `early` samples before the place asked for: what is in it lies that much later.
    const double early = exact - static_cast<double>(whole);
    const std::complex<double> turn = std::polar(1.0, 2 * std::numbers::pi * early / size);
    std::complex<double> phase = 1;
    for (int k = 0; k < keep; ++k) {
      const Bin p(static_cast<float>(phase.real()), static_cast<float>(phase.imag()));
      const Bin x = bins[static_cast<std::size_t>(k)];
      out[b][static_cast<std::size_t>(k)] = {x.real() * p.real() - x.imag() * p.imag(), x.real() * p.imag() + x.imag() * p.real()};
      phase = {phase.real() * turn.real() - phase.imag() * turn.imag(), phase.real() * turn.imag() + phase.imag() * turn.real()};
    }
  }
  return {};
}

std::vector<int> band_edges(int keep, double block_s) {
  std::vector<int> edges{std::min(keep, std::max(2, static_cast<int>(kLow_hz * block_s)))};
  while (edges.back() < keep)
    edges.push_back(std::min(keep, edges.back() + std::max(static_cast<int>(50 * block_s), static_cast<int>(edges.back() * 0.12))));
  return edges;
}

Background background_of(const Spectra& blocks, const std::vector<int>& edges) {
  Background background;
  const std::size_t bands = edges.size() - 1;
  background.floors.assign(bands, 0.0f);
  std::vector<float> sorted;
  std::size_t heard = 0, above = 0;
  for (std::size_t b = 0; b < bands; ++b) {
    sorted.clear();
    for (const auto& block : blocks)
      if (const float p = band_power(block, edges[b], edges[b + 1]); p > kSilence) sorted.push_back(p);
    if (sorted.empty()) continue;
    const auto tenth = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 10);
    std::nth_element(sorted.begin(), tenth, sorted.end());
    background.floors[b] = *tenth;
    heard += sorted.size();
    for (const float p : sorted)
      if (p > 2 * background.over * background.floors[b]) ++above;
  }
  if (above * 100 < heard) background.over = 0;
  return background;
}

Result<Background> background_around(SampleSource& source, BlockSpectra& spectra, double begin_s, double end_s, double around_s, int keep, const std::vector<int>& edges) {
  const double length_s = static_cast<double>(source.length().value) / source.rate().hz;
  const double from = std::max(0.0, begin_s - around_s), to = std::min(length_s, end_s + around_s);
  std::vector<double> centres;
  for (double at = from + kLongBlock_s / 2; at < to - kLongBlock_s / 2; at += kLongBlock_s * 0.75) centres.push_back(at);
  if (centres.empty()) centres.push_back((from + to) / 2);
  Spectra blocks;
  TWOPOP_CHECK(spectra.transform(centres, keep, blocks));
  return background_of(blocks, edges);
}

std::vector<double> leave_foreground(Spectra& blocks, const std::vector<int>& edges, const Background& background) {
  std::vector<double> left(blocks.size(), 0.0);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    std::fill_n(blocks[i].begin(), edges[0], Bin());
    for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
      const float p = band_power(blocks[i], edges[b], edges[b + 1]);
      const float gate = p <= kSilence ? 0.0f : std::max(0.0f, 1 - background.over * background.floors[b] / p);
      const float scale = gate > 0 ? gate / std::sqrt(p) : 0.0f;
      for (int k = edges[b]; k < edges[b + 1]; ++k) blocks[i][static_cast<std::size_t>(k)] *= scale;
      left[i] += gate * gate * static_cast<float>(edges[b + 1] - edges[b]);
    }
  }
  return left;
}

void smooth(const std::vector<float>& in, int half, std::vector<float>& out) {
  const int n = static_cast<int>(in.size());
  out.resize(in.size());
  double sum = 0;
  int low = 0, high = -1;
  for (int k = 0; k < n; ++k) {
    while (high < std::min(n - 1, k + half)) sum += in[static_cast<std::size_t>(++high)];
    while (low < k - half) sum -= in[static_cast<std::size_t>(low++)];
    out[static_cast<std::size_t>(k)] = static_cast<float>(sum / (high - low + 1));
  }
}

}  // namespace twopop::analysis::detail
