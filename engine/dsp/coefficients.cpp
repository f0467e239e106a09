#include "dsp/coefficients.h"

#include "core/exact_math.h"
#include "dsp/detail/check_limits.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace twopop::dsp {

namespace {

/// The analogue prototype: g sets the frequency, k the damping, and the output mixes input, band-pass and low-pass.
struct Prototype {
  double g, k, m0, m1, m2;
};

Prototype prototype_of(const FilterSettings& f, SampleRate rate) {
  const double g = exact::tan(exact::kPi * f.frequency_hz / rate.hz);
  const double k = 1 / f.q;
  const double a = exact::gain_of_db(f.gain.value / 2);  // square root of the gain
  switch (f.kind) {
    case FilterKind::LowPass: return {g, k, 0, 0, 1};
    case FilterKind::HighPass: return {g, k, 1, -k, -1};
    case FilterKind::BandPass: return {g, k, 0, k, 0};
    case FilterKind::Notch: return {g, k, 1, -k, 0};
    case FilterKind::Bell: return {g, k / a, 1, k / a * (a * a - 1), 0};
    case FilterKind::LowShelf: return {g / std::sqrt(a), k, 1, k * (a - 1), a * a - 1};
    case FilterKind::HighShelf: return {g * std::sqrt(a), k, a * a, k * (1 - a) * a, 1 - a * a};
  }
  return {g, k, 1, 0, 0};
}

}  // namespace

Result<SvfCoefficients> design(const FilterSettings& filter, SampleRate rate) {
  TWOPOP_CHECK(detail::check_limits(filter, "filter"));
  if (filter.frequency_hz * 2 >= rate.hz)
    return Error{Code::InvalidArgument, fmt::format("filter: frequency_hz = {} is not below half of {} Hz", filter.frequency_hz, rate.hz),
                 "set a lower frequency or leave the band out"};
  const auto [g, k, m0, m1, m2] = prototype_of(filter, rate);
  const double a1 = 1 / (1 + g * (g + k)), a2 = g * a1, a3 = g * a2;
  SvfCoefficients c;
  // Integrator states divided by 2 a2 and 2 a3, what the input adds to them.
  c.a11 = 2 * a1 - 1;
  c.a12 = -2 * a3;
  c.a21 = 2 * a1;
  c.a22 = 1 - 2 * a3;
  c.c1 = 2 * a2 * (m1 * a1 + m2 * a2);
  c.c2 = 2 * a3 * (m2 * (1 - a3) - m1 * a2);
  c.d = m0 + m1 * a2 + m2 * a3;
  return c;
}

double magnitude(const SvfCoefficients& f, double frequency_hz, SampleRate rate) {
  // H(z) = d + c (z - A)^-1 (1, 1).
  const double turns = frequency_hz / rate.hz;
  const std::complex<double> z(exact::cos_turns(turns), exact::sin_turns(turns));
  const std::complex<double> p = z - f.a11, q = z - f.a22;
  const std::complex<double> determinant = p * q - f.a12 * f.a21;
  const std::complex<double> s1 = (q + f.a12) / determinant, s2 = (f.a21 + p) / determinant;
  return std::abs(f.d + f.c1 * s1 + f.c2 * s2);
}

Decibels response(std::span<const SvfCoefficients> chain, double frequency_hz, SampleRate rate) {
  double gain = 1;
  for (const SvfCoefficients& filter : chain) gain *= magnitude(filter, frequency_hz, rate);
  return {exact::db_of_gain(gain)};
}

SampleCount settling(const SvfCoefficients& f, Decibels fall) {
  const double half_trace = (f.a11 + f.a22) / 2, determinant = f.a11 * f.a22 - f.a12 * f.a21;
  const double discriminant = half_trace * half_trace - determinant;
  const double slowest = discriminant < 0 ? std::sqrt(determinant) : std::fabs(half_trace) + std::sqrt(discriminant);
  const double decibels_a_sample = -exact::db_of_gain(std::min(std::max(slowest, 1e-6), 1 - 1e-9));
  return {static_cast<std::int64_t>(std::ceil(fall.value / decibels_a_sample)) + 2};
}

double smoothing(double time_constant_s, SampleRate rate) {
  return time_constant_s <= 0 ? 0.0 : exact::exp(-1 / (time_constant_s * rate.hz));
}

}  // namespace twopop::dsp
