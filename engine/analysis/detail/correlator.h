#pragma once

#include "analysis/detail/block_spectra.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace twopop::analysis::detail {

/// The correlation of a weighted spectrum around lag 0, four times finer than its bins allow.
class Correlator {
 public:
  Correlator(int bins, double block_s) : block_s_(block_s), bins_(bins) {
    int size = 256;
    while (size < 8 * bins) size *= 2;
    fft_ = RealFft(size);
  }
  double step_s() const { return block_s_ / fft_.size(); }

  void load(const std::vector<Bin>& spectrum) {
    const auto bins = fft_.bins();
    std::fill(bins.begin(), bins.end(), Bin());
    for (int k = 0; k < bins_; ++k) bins[static_cast<std::size_t>(k)] = spectrum[static_cast<std::size_t>(k)];
    fft_.inverse();
  }
  float at(std::int64_t i) const {
    const std::int64_t n = fft_.size();
    return fft_.time()[static_cast<std::size_t>(((i % n) + n) % n)];
  }

  struct Peak {
    double delay_s = 0;
    double height = 0;  ///< over the root mean square of the lags up to 50 ms away
    float value = 0;
  };
  /// Largest value within `reach_s` of `around_s`; of either sign where `sign` is 0.
  Peak peak(double around_s, double reach_s, int sign) const {
    const std::int64_t middle = std::llround(around_s / step_s()), reach = std::max<std::int64_t>(2, std::llround(reach_s / step_s()));
    std::int64_t best = middle;
    float most = -1;
    for (std::int64_t i = middle - reach; i <= middle + reach; ++i) {
      const float v = sign == 0 ? std::abs(at(i)) : static_cast<float>(sign) * at(i);
      if (v > most) most = v, best = i;
    }
    const double y0 = std::abs(at(best - 1)), y1 = std::abs(at(best)), y2 = std::abs(at(best + 1));
    const double bend = y0 - 2 * y1 + y2;
    const double fraction = bend < 0 ? std::clamp(0.5 * (y0 - y2) / bend, -1.0, 1.0) : 0;
    double squares = 0;
    std::int64_t count = 0;
    const std::int64_t far = std::min<std::int64_t>(std::llround(0.05 / step_s()), fft_.size() / 4), near = std::llround(0.002 / step_s());
    for (std::int64_t i = best - far; i <= best + far; i += 2) {
      if (std::abs(i - best) < near) continue;
      squares += static_cast<double>(at(i)) * at(i);
      ++count;
    }
    Peak p;
    p.value = at(best);
    p.delay_s = (static_cast<double>(best) + fraction) * step_s();
    p.height = squares > 0 ? y1 / std::sqrt(squares / static_cast<double>(count)) : 0;
    return p;
  }

 private:
  double block_s_;
  int bins_;
  RealFft fft_{256};
};

/// Multiplies a cross-spectrum by exp(i 2 pi k delay / block): takes a delay out.
inline void turn(std::vector<Bin>& spectrum, double delay_s, double block_s) {
  const std::complex<double> step = std::polar(1.0, 2 * std::numbers::pi * delay_s / block_s);
  std::complex<double> phase = 1;
  for (Bin& bin : spectrum) {
    const Bin p(static_cast<float>(phase.real()), static_cast<float>(phase.imag()));
    bin = {bin.real() * p.real() - bin.imag() * p.imag(), bin.real() * p.imag() + bin.imag() * p.real()};
    phase = {phase.real() * step.real() - phase.imag() * step.imag(), phase.real() * step.imag() + phase.imag() * step.real()};
  }
}

}  // namespace twopop::analysis::detail
