#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace twopop {

/// A number of samples per channel.
struct SampleCount {
  std::int64_t value = 0;
  constexpr auto operator<=>(const SampleCount&) const = default;
  friend constexpr SampleCount operator+(SampleCount a, SampleCount b) { return {a.value + b.value}; }
  friend constexpr SampleCount operator-(SampleCount a, SampleCount b) { return {a.value - b.value}; }
  friend constexpr SampleCount operator-(SampleCount a) { return {-a.value}; }
};

/// A place in time, counted in samples from the first frame of the film (or of a file, where said).
struct SamplePosition {
  std::int64_t value = 0;
  constexpr auto operator<=>(const SamplePosition&) const = default;
  friend constexpr SampleCount operator-(SamplePosition a, SamplePosition b) { return {a.value - b.value}; }
  friend constexpr SamplePosition operator+(SamplePosition a, SampleCount b) { return {a.value + b.value}; }
  friend constexpr SamplePosition operator-(SamplePosition a, SampleCount b) { return {a.value - b.value}; }
};

/// Samples per second and channel. Whole hertz.
struct SampleRate {
  std::int32_t hz = 48000;
  constexpr auto operator<=>(const SampleRate&) const = default;
};

/// Half-open range [begin, end).
struct SampleRange {
  SamplePosition begin{};
  SamplePosition end{};
  constexpr auto operator<=>(const SampleRange&) const = default;
  constexpr SampleCount length() const { return end - begin; }
  constexpr bool empty() const { return end <= begin; }
  constexpr bool contains(SamplePosition p) const { return begin <= p && p < end; }
  constexpr bool overlaps(SampleRange o) const { return begin < o.end && o.begin < end; }
};

constexpr SampleRange intersection(SampleRange a, SampleRange b) {
  SampleRange r{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  if (r.end < r.begin) r.end = r.begin;
  return r;
}

enum class Rounding { Floor, Nearest, Ceiling };

/// a * b / c in 128 bits, rounded as told (nearest: halves up). c must be positive.
constexpr std::int64_t mul_div(std::int64_t a, std::int64_t b, std::int64_t c, Rounding rounding) {
  __extension__ typedef __int128 Wide;
  Wide product = static_cast<Wide>(a) * b;
  if (rounding == Rounding::Nearest) {
    product = product * 2 + c;
    Wide q = product / (static_cast<Wide>(c) * 2);
    if (product % (static_cast<Wide>(c) * 2) < 0) --q;
    return static_cast<std::int64_t>(q);
  }
  Wide q = product / c;
  const Wide r = product % c;
  if (r < 0 && rounding == Rounding::Floor) --q;
  if (r > 0 && rounding == Rounding::Ceiling) ++q;
  return static_cast<std::int64_t>(q);
}

/// Picture frames per second as a ratio, e.g. 30000/1001.
struct FrameRate {
  std::int32_t numerator = 25;
  std::int32_t denominator = 1;
  constexpr auto operator<=>(const FrameRate&) const = default;
  constexpr double hz() const { return static_cast<double>(numerator) / denominator; }
  /// Frames counted by timecode in one second of its display: 24 for 24000/1001.
  constexpr std::int32_t nominal() const { return (numerator + denominator - 1) / denominator; }
};

namespace frame_rates {
inline constexpr FrameRate k23_976{24000, 1001};
inline constexpr FrameRate k24{24, 1};
inline constexpr FrameRate k25{25, 1};
inline constexpr FrameRate k29_97{30000, 1001};
inline constexpr FrameRate k30{30, 1};
inline constexpr FrameRate k50{50, 1};
inline constexpr FrameRate k59_94{60000, 1001};
inline constexpr FrameRate k60{60, 1};
}  // namespace frame_rates

/// First sample at or after the start of a frame (frame 0 starts at sample 0).
constexpr SamplePosition sample_of_frame(std::int64_t frame, FrameRate frames, SampleRate rate,
                                         Rounding rounding = Rounding::Ceiling) {
  return {mul_div(frame * frames.denominator, rate.hz, frames.numerator, rounding)};
}

/// The frame that is on screen at a sample.
constexpr std::int64_t frame_of_sample(SamplePosition at, FrameRate frames, SampleRate rate) {
  return mul_div(at.value, frames.numerator, static_cast<std::int64_t>(rate.hz) * frames.denominator, Rounding::Floor);
}

constexpr double seconds(SampleCount n, SampleRate rate) { return static_cast<double>(n.value) / rate.hz; }
constexpr double seconds(SamplePosition p, SampleRate rate) { return static_cast<double>(p.value) / rate.hz; }
/// Nearest whole sample.
constexpr SampleCount samples(double seconds, SampleRate rate) {
  const double x = seconds * rate.hz;
  return {static_cast<std::int64_t>(x + (x < 0 ? -0.5 : 0.5))};
}

}  // namespace twopop
