#pragma once

#include "core/exact_math.h"
#include "core/lanes.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace twopop::dsp::detail {

/// exp(E1(v) / 2), the factor by which the log-spectral amplitude estimator (Ephraim and Malah, IEEE Trans. ASSP 33:443,
/// 1985, eq. 20) differs from Wiener's gain. From a table with 128 points an octave, straight between them: within
/// 2e-5 of the true value for v from 2^-24 to 2^6; held beyond.
class LsaFactor {
 public:
  LsaFactor() : table_(static_cast<std::size_t>((kLast - kFirst) * kPerOctave + 2)) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const double octave = static_cast<double>(i / kPerOctave), part = static_cast<double>(i % kPerOctave) / kPerOctave;
      table_[i] = static_cast<float>(exact::exp(0.5 * exponential_integral(exact::exp2(octave + kFirst) * (1.0 + part))));
    }
  }
  Float8 operator()(Float8 v) const {
    v = lesser_of(greater_of(v, splat8(kLeast)), splat8(kMost));
    Int8 bits;
    std::memcpy(&bits, &v, sizeof bits);
    bits -= (127 + kFirst) << 23;
    const Int8 cell = bits >> 16;
    const Float8 part = __builtin_convertvector(bits & 0xffff, Float8) * 0x1p-16f;
    Float8 below, above;
    for (int l = 0; l < 8; ++l) {
      below[l] = table_[static_cast<std::size_t>(cell[l])];
      above[l] = table_[static_cast<std::size_t>(cell[l]) + 1];
    }
    return below + part * (above - below);
  }

  /// E1(x) for x > 0: power series below 1 (Abramowitz and Stegun 5.1.11), continued fraction from there (5.1.22).
  static double exponential_integral(double x) {
    if (x < 1) {
      double sum = -0.57721566490153286 - exact::log(x), term = 1;
      for (int k = 1; k < 30; ++k) {
        term *= -x / k;
        sum -= term / k;
      }
      return sum;
    }
    double fraction = 0;
    for (int k = 60; k > 0; --k) fraction = k / (1.0 + k / (x + fraction));
    return exact::exp(-x) / (x + fraction);
  }

 private:
  static constexpr int kFirst = -24, kLast = 6;
  static constexpr std::size_t kPerOctave = 128;
  static constexpr float kLeast = 0x1p-24f, kMost = 0x1.fffp5f;
  std::vector<float> table_;
};

}  // namespace twopop::dsp::detail
