#pragma once

#include <cmath>
#include <compare>

namespace twopop {

/// Linear amplitude factor. 1 leaves a sound as it is.
struct Gain {
  double value = 1.0;
  constexpr auto operator<=>(const Gain&) const = default;
  friend constexpr Gain operator*(Gain a, Gain b) { return {a.value * b.value}; }
};

/// A relative level in dB (a gain, a ratio, a range).
struct Decibels {
  double value = 0.0;
  constexpr auto operator<=>(const Decibels&) const = default;
  friend constexpr Decibels operator+(Decibels a, Decibels b) { return {a.value + b.value}; }
  friend constexpr Decibels operator-(Decibels a, Decibels b) { return {a.value - b.value}; }
  friend constexpr Decibels operator-(Decibels a) { return {-a.value}; }
};

/// A difference of loudness in LU; numerically a dB.
struct Lu {
  double value = 0.0;
  constexpr auto operator<=>(const Lu&) const = default;
  friend constexpr Lu operator+(Lu a, Lu b) { return {a.value + b.value}; }
  friend constexpr Lu operator-(Lu a, Lu b) { return {a.value - b.value}; }
  friend constexpr Lu operator-(Lu a) { return {-a.value}; }
};

namespace detail {
/// A level against a reference: levels differ by Step, and move by Step; two levels never add.
template <class Tag, class Step>
struct Level {
  double value = 0.0;
  constexpr auto operator<=>(const Level&) const = default;
  friend constexpr Step operator-(Level a, Level b) { return {a.value - b.value}; }
  friend constexpr Level operator+(Level a, Step b) { return {a.value + b.value}; }
  friend constexpr Level operator-(Level a, Step b) { return {a.value - b.value}; }
};
}  // namespace detail

/// Sample level in dB relative to full scale (a sample of magnitude 1).
using DbFs = detail::Level<struct DbFsTag, Decibels>;
/// True-peak level (ITU-R BS.1770-5 annex 2).
using DbTp = detail::Level<struct DbTpTag, Decibels>;
/// Loudness, K-weighted, relative to full scale (ITU-R BS.1770-5).
using Lufs = detail::Level<struct LufsTag, Lu>;

constexpr Decibels as_decibels(Lu difference) { return {difference.value}; }
constexpr Lu as_lu(Decibels difference) { return {difference.value}; }

/// For settings and reports; code that renders sound uses core/exact_math.h instead.
inline Gain gain_of(Decibels level) { return {std::pow(10.0, level.value / 20.0)}; }
inline Decibels decibels_of(Gain gain) { return {20.0 * std::log10(gain.value)}; }
/// Level of an amplitude; -infinity for 0.
inline DbFs level_of(double amplitude) { return {20.0 * std::log10(std::fabs(amplitude))}; }

}  // namespace twopop
