#pragma once

#include "dsp/coefficients.h"

namespace twopop::dsp {

/// One state-variable filter, sample by sample: for side chains and as the plain reference of Equaliser.
class Svf {
 public:
  explicit Svf(const SvfCoefficients& coefficients) : c_(coefficients) {}

  double process(double x) noexcept {
    const double y = (c_.c1 * s1_ + c_.c2 * s2_) + c_.d * x;
    const double s1 = (c_.a11 * s1_ + c_.a12 * s2_) + x;
    s2_ = (c_.a21 * s1_ + c_.a22 * s2_) + x;
    s1_ = s1;
    return y;
  }
  void reset() noexcept { s1_ = s2_ = 0; }

 private:
  SvfCoefficients c_;
  double s1_ = 0, s2_ = 0;
};

}  // namespace twopop::dsp
