#include "analysis/detail/block_spectra.h"
#include "analysis/sync_fine.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {

using detail::Bin;
using detail::BlockSpectra;
using detail::Spectra;

Result<std::vector<float>> match_along(SampleSource& reference, SampleSource& file, const ClockLine& line, double begin_s, double end_s, double hop_s, bool inverted) {
  constexpr double kBlock_s = 0.1;
  BlockSpectra of_reference(reference, kBlock_s), of_file(file, kBlock_s);
  const int keep = std::min({of_reference.bins(), of_file.bins(), static_cast<int>(10000 * kBlock_s) + 1});
  const int low = static_cast<int>(150 * kBlock_s);
  std::vector<double> centres, file_centres;
  const int count = std::max(1, static_cast<int>((end_s - begin_s) / hop_s));
  for (int i = 0; i < count; ++i) {
    centres.push_back(begin_s + i * hop_s);
    file_centres.push_back(line.file_at(centres.back()));
  }
  Spectra x, y;
  TWOPOP_CHECK(of_reference.transform(centres, keep, x));
  TWOPOP_CHECK(of_file.transform(file_centres, keep, y));
  // Flattened by the mean spectrum of the stretch, in bands of 50 Hz.
  const auto mean_bands = [&](const Spectra& spectra) {
    std::vector<double> mean(static_cast<std::size_t>(keep / 5 + 1), 1e-12);
    for (const auto& block : spectra)
      for (int k = low; k < keep; ++k) mean[static_cast<std::size_t>(k / 5)] += std::norm(block[static_cast<std::size_t>(k)]);
    return mean;
  };
  const std::vector<double> x_mean = mean_bands(x), y_mean = mean_bands(y);
  std::vector<float> wx(static_cast<std::size_t>(keep)), wy(static_cast<std::size_t>(keep)), both(static_cast<std::size_t>(keep));
  for (int k = low; k < keep; ++k) {
    const std::size_t i = static_cast<std::size_t>(k), band = static_cast<std::size_t>(k / 5);
    wx[i] = static_cast<float>(1 / x_mean[band]);
    wy[i] = static_cast<float>(1 / y_mean[band]);
    both[i] = std::sqrt(wx[i] * wy[i]);
  }
  std::vector<float> match(centres.size());
  for (std::size_t b = 0; b < centres.size(); ++b) {
    float cross = 0, a = 0, c = 0;
    for (std::size_t k = static_cast<std::size_t>(low); k < wx.size(); ++k) {
      const Bin p = x[b][k], q = y[b][k];
      cross += (p.real() * q.real() + p.imag() * q.imag()) * both[k];
      a += (p.real() * p.real() + p.imag() * p.imag()) * wx[k];
      c += (q.real() * q.real() + q.imag() * q.imag()) * wy[k];
    }
    const float whole = std::sqrt(a * c);
    match[b] = whole > 0 ? (inverted ? -cross : cross) / whole : 0.0f;
  }
  return match;
}

}  // namespace twopop::analysis
