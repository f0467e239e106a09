#pragma once

#include "core/lanes.h"
#include "core/units.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// Elementary functions for code that renders sound: additions, multiplications and divisions in a fixed order,
/// so the same bits on every machine, compiler and C library. Errors are stated for the ranges given and are
/// measured against a wider type in exact_math_test.cpp. Polynomials: Taylor's, or fitted by Chebyshev
/// interpolation where said; range reduction after Cody and Waite, "Software Manual for the Elementary
/// Functions" (1980). std::sqrt, std::fabs and std::floor are exact by IEEE 754 and may be used beside these.
namespace twopop::exact {

inline constexpr double kPi = 0x1.921fb54442d18p+1;
inline constexpr double kTwoPi = 0x1.921fb54442d18p+2;
inline constexpr double kLn2 = 0x1.62e42fefa39efp-1;
inline constexpr double kLn10 = 0x1.26bb1bbb55516p+1;

namespace detail {

/// Nearest whole number, ties to even; |x| < 2^51.
constexpr double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

/// y * 2^n for a normal y near 1; 0 or infinity past the range of double, with gradual underflow.
constexpr double scale(double y, double n) {
  const int whole = static_cast<int>(n);
  const int half = whole / 2;
  const auto power = [](int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); };
  return y * power(half) * power(whole - half);
}

/// e^r for |r| <= 0.35: Taylor to the 13th power, remainder below 5e-18.
constexpr double exp_near_0(double r) {
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  return 1.0 + (r + r * r * p);
}

/// x = mantissa * 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)).
struct Split {
  double mantissa, exponent;
};
constexpr Split split(double x) {
  double below = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    below = -54;
  }
  const auto bits = std::bit_cast<std::int64_t>(x);
  const std::int64_t e = (bits - 0x3fe6a09e667f3bcdLL) >> 52;
  return {std::bit_cast<double>(bits - (e << 52)), static_cast<double>(e) + below};
}

/// ln m for m in [sqrt(1/2), sqrt(2)], by 2 artanh(s), s = (m - 1)/(m + 1), arranged so that m - 1 leads.
constexpr double log_near_1(double m) {
  const double f = m - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  double p = 2.0 / 23;
  p = p * z + 2.0 / 21;
  p = p * z + 2.0 / 19;
  p = p * z + 2.0 / 17;
  p = p * z + 2.0 / 15;
  p = p * z + 2.0 / 13;
  p = p * z + 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  return f - s * (f - z * p);
}

constexpr double sin_near_0(double r) {
  const double z = r * r;
  double p = -1.0 / 1307674368000.0;
  p = p * z + 1.0 / 6227020800.0;
  p = p * z - 1.0 / 39916800.0;
  p = p * z + 1.0 / 362880.0;
  p = p * z - 1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  p = p * z - 1.0 / 6.0;
  return r + r * z * p;
}
constexpr double cos_near_0(double r) {
  const double z = r * r;
  double p = 1.0 / 20922789888000.0;
  p = p * z - 1.0 / 87178291200.0;
  p = p * z + 1.0 / 479001600.0;
  p = p * z - 1.0 / 3628800.0;
  p = p * z + 1.0 / 40320.0;
  p = p * z - 1.0 / 720.0;
  p = p * z + 1.0 / 24.0;
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + z * z * p);
}
/// sin or cos of r + quarter * pi/2.
constexpr double sin_of_quarter(double r, std::int64_t quarter) {
  const double y = quarter & 1 ? cos_near_0(r) : sin_near_0(r);
  return quarter & 2 ? -y : y;
}

struct Reduced {
  double r;
  std::int64_t quarter;
};
constexpr Reduced by_quarters_of_pi(double x) {
  const double n = nearest(x * 0x1.45f306dc9c883p-1);
  const double r = ((x - n * 0x1.921fb544p+0) - n * 0x1.0b4611a6p-34) - n * 0x1.3198a2e037073p-69;
  return {r, static_cast<std::int64_t>(n)};
}
constexpr Reduced by_quarter_turns(double turns) {
  const double n = nearest(turns * 4.0);
  return {(turns * 4.0 - n) * 0x1.921fb54442d18p+0, static_cast<std::int64_t>(n)};
}

}  // namespace detail

/// e^x, within 1.5 ulp; 0 below -745.2, infinity above 709.78.
constexpr double exp(double x) {
  if (x > 709.79) return std::numeric_limits<double>::infinity();
  if (x < -745.2) return 0.0;
  const double n = detail::nearest(x * 0x1.71547652b82fep+0);
  return detail::scale(detail::exp_near_0((x - n * 0x1.62e42fefp-1) - n * 0x1.473de6af278edp-34), n);
}

/// 2^x, within 1.5 ulp; exact for whole x.
constexpr double exp2(double x) {
  if (x > 1024.5) return std::numeric_limits<double>::infinity();
  if (x < -1080.0) return 0.0;
  const double n = detail::nearest(x);
  return detail::scale(detail::exp_near_0((x - n) * kLn2), n);
}

/// 10^x, within 2 ulp.
constexpr double pow10(double x) {
  if (x > 308.3) return std::numeric_limits<double>::infinity();
  if (x < -323.8) return 0.0;
  const double n = detail::nearest(x * 0x1.a934f0979a371p+1);
  return detail::scale(detail::exp_near_0(((x - n * 0x1.34413509p-2) - n * 0x1.ef3fde623e256p-35) * kLn10), n);
}

/// ln x, within 1.5 ulp; -infinity for 0, not a number below.
constexpr double log(double x) {
  if (!(x > 0)) return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  if (x > std::numeric_limits<double>::max()) return x;
  const detail::Split s = detail::split(x);
  return s.exponent * 0x1.62e42fefp-1 + (detail::log_near_1(s.mantissa) + s.exponent * 0x1.473de6af278edp-34);
}

/// log2 x, within 2.5 ulp; exact for powers of two.
constexpr double log2(double x) {
  if (!(x > 0) || x > std::numeric_limits<double>::max()) return log(x);
  const detail::Split s = detail::split(x);
  return s.exponent + detail::log_near_1(s.mantissa) * 0x1.71547652b82fep+0;
}

/// log10 x, within 2.5 ulp.
constexpr double log10(double x) { return log(x) * 0x1.bcb7b1526e50ep-2; }

/// x^y for x > 0; relative error about 1e-16 * (1 + |y ln x|).
constexpr double pow(double x, double y) { return exp(y * log(x)); }

/// sin x, x in radians, |x| <= 1e6: absolute error below 2e-16.
constexpr double sin(double x) {
  const auto [r, quarter] = detail::by_quarters_of_pi(x);
  return detail::sin_of_quarter(r, quarter);
}
/// cos x, x in radians, |x| <= 1e6: absolute error below 2e-16.
constexpr double cos(double x) {
  const auto [r, quarter] = detail::by_quarters_of_pi(x);
  return detail::sin_of_quarter(r, quarter + 1);
}
/// tan x, x in radians, |x| <= 1e6, within 4 ulp in (-pi/2, pi/2).
constexpr double tan(double x) { return sin(x) / cos(x); }

/// sin of a whole number of turns and a part: sin(2 pi t), |t| < 2^48; the reduction is exact, so a phase kept in
/// turns never drifts.
constexpr double sin_turns(double t) {
  const auto [r, quarter] = detail::by_quarter_turns(t);
  return detail::sin_of_quarter(r, quarter);
}
/// cos(2 pi t), |t| < 2^48.
constexpr double cos_turns(double t) {
  const auto [r, quarter] = detail::by_quarter_turns(t);
  return detail::sin_of_quarter(r, quarter + 1);
}

/// tanh x: absolute error below 3e-16.
constexpr double tanh(double x) {
  if (x > 20) return 1;
  if (x < -20) return -1;
  const double e = exp(2 * x);
  return (e - 1) / (e + 1);
}

/// Amplitude factor of a level in dB: 10^(dB/20).
constexpr double gain_of_db(double db) { return pow10(db * 0.05); }
/// Level in dB of an amplitude factor: 20 log10 g; -infinity for 0.
constexpr double db_of_gain(double gain) { return 20.0 * log10(gain); }
constexpr Gain gain_of(Decibels level) { return {gain_of_db(level.value)}; }
constexpr Decibels decibels_of(Gain gain) { return {db_of_gain(gain.value)}; }

/// Modified Bessel function of the first kind, order 0, |x| <= 100: relative error below 1e-14 (power series).
constexpr double bessel_i0(double x) {
  const double q = 0.25 * x * x;
  double term = 1, sum = 1;
  for (int k = 1; k < 400 && term > sum * 1e-18; ++k) {
    term *= q / (static_cast<double>(k) * k);
    sum += term;
  }
  return sum;
}

/// log2 in float lanes: absolute error below 4e-7 for |log2 x| < 1, relative below 3e-7 beyond.
/// What lies below 2^-126 (zero and negatives too) counts as 2^-126.
inline Float8 fast_log2(Float8 x) {
  x = greater_of(x, splat8(0x1p-126f));
  Int8 bits;
  std::memcpy(&bits, &x, sizeof bits);
  const Int8 e = (bits - 0x3f3504f3) >> 23;
  bits -= e << 23;
  Float8 m;
  std::memcpy(&m, &bits, sizeof m);
  const Float8 s = (m - 1.0f) / (m + 1.0f);
  const Float8 z = s * s;
  // Chebyshev fit of 2 artanh(s) / (s ln 2) in z over the range of s; error 3.5e-7.
  const Float8 p = (0.5957596069003719f * z + 0.9615889466940781f) * z + 2.8853904219618327f;
  return __builtin_convertvector(e, Float8) + s * p;
}

/// 2^x in float lanes: relative error below 4e-7; x is held within [-126, 126].
inline Float8 fast_exp2(Float8 x) {
  x = lesser_of(greater_of(x, splat8(-126.0f)), splat8(126.0f));
  const Float8 shifted = x + 0x1.8p23f;
  const Float8 r = x - (shifted - 0x1.8p23f);
  // Chebyshev fit of (2^r - 1)/r over [-1/2, 1/2]; error 3.2e-7 before the factor r.
  Float8 p = 0.0013381302537320797f * r + 0.009666368515385448f;
  p = p * r + 0.05550381013796457f;
  p = p * r + 0.2402234903802036f;
  p = p * r + 0.6931471805599453f;
  p = p * r + 1.0f;
  Int8 n, bits;
  std::memcpy(&n, &shifted, sizeof n);
  std::memcpy(&bits, &p, sizeof bits);
  bits += n << 23;
  std::memcpy(&p, &bits, sizeof p);
  return p;
}

}  // namespace twopop::exact
