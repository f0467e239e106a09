#pragma once

#include "core/fields.h"
#include "core/result.h"
#include "core/time.h"
#include "core/units.h"

#include <array>
#include <span>
#include <tuple>

namespace twopop::dsp {

enum class FilterKind { HighPass, LowPass, BandPass, Notch, Bell, LowShelf, HighShelf };
constexpr auto names_of(FilterKind) {
  return std::array{EnumName{FilterKind::HighPass, "high_pass"}, EnumName{FilterKind::LowPass, "low_pass"},
                    EnumName{FilterKind::BandPass, "band_pass"}, EnumName{FilterKind::Notch, "notch"},
                    EnumName{FilterKind::Bell, "bell"},          EnumName{FilterKind::LowShelf, "low_shelf"},
                    EnumName{FilterKind::HighShelf, "high_shelf"}};
}

/// One second-order filter. Pass filters fall by 12 dB an octave; q 0.7071 makes them Butterworth. The band-pass has
/// 0 dB at its centre.
struct FilterSettings {
  FilterKind kind = FilterKind::Bell;
  double frequency_hz = 1000;  ///< corner of passes, middle of the slope of shelves, centre of the others
  double q = 0.7071067811865476;
  Decibels gain{};             ///< of bells and shelves; others have none
  bool operator==(const FilterSettings&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("kind", &FilterSettings::kind, "Shape"),
                           field("frequency_hz", &FilterSettings::frequency_hz, "Centre or corner", {10, 96000}),
                           field("q", &FilterSettings::q, "Quality", {0.1, 30}),
                           field("gain_db", &FilterSettings::gain, "For bells and shelves", {-24, 24}));
  }
};

/// A state-variable filter with trapezoidal integrators, its zero-delay loop solved: with state (s1, s2) and input x
///   y   = c1 s1 + c2 s2 + d x
///   s1' = a11 s1 + a12 s2 + x
///   s2' = a21 s1 + a22 s2 + x
/// Unlike the states of direct forms, s1 and s2 are what the analogue integrators hold (each by a constant factor), and settle
/// to the same bits from any start.
struct SvfCoefficients {
  double a11 = 0, a12 = 0, a21 = 0, a22 = 0, c1 = 0, c2 = 0, d = 1;
};

/// The only place where filters get their coefficients (Zavalishin, "The Art of VA Filter Design", 2018, chapter 4;
/// bells and shelves as in Simper, "Linear trapezoidal integrated state variable filter", 2011). Responses are those of the
/// Audio EQ Cookbook. Fails with InvalidArgument past the ranges of FilterSettings or at or above half the rate.
Result<SvfCoefficients> design(const FilterSettings& filter, SampleRate rate);

/// |H| at a frequency, as it is processed.
double magnitude(const SvfCoefficients& filter, double frequency_hz, SampleRate rate);
/// Level of a chain of filters at a frequency: what an EQ curve draws.
Decibels response(std::span<const SvfCoefficients> chain, double frequency_hz, SampleRate rate);

/// Samples after which the filter's memory has fallen by `fall`; from its slowest pole.
SampleCount settling(const SvfCoefficients& filter, Decibels fall);

/// One-pole coefficient a of y += (1 - a)(x - y) for a time constant (63 %); 0 for no time at all.
double smoothing(double time_constant_s, SampleRate rate);

}  // namespace twopop::dsp
