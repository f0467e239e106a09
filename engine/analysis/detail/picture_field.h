#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// Small grey pictures as fields of points: smoothed, the empty set behind what moves, and connected spots.
namespace twopop::analysis::detail {

using Field = std::vector<std::uint8_t>;

struct FieldSize {
  int width = 0, height = 0;
  std::size_t points() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

/// Weighted mean of 3 x 3 points (1 2 1): noise and the blocks of a codec go, feet stay.
Field smoothed(std::span<const std::uint8_t> grey, FieldSize size);

/// The picture behind what moves: at each point the value that most of the frames hold, and how many of 255 do.
struct Backdrop {
  Field value, support;
};
Backdrop backdrop_of(std::span<const Field> frames, FieldSize size);

/// Points joined to one another (eight neighbours).
struct Spot {
  int left = 0, right = 0, top = 0, bottom = 0;
  std::vector<std::uint32_t> points;
  double centre_x = 0, centre_y = 0;
  int height() const { return bottom - top + 1; }
};
/// Spots of non-zero points with at least `least` of them, in reading order. `mask` is used up.
std::vector<Spot> spots_of(Field& mask, FieldSize size, std::size_t least);

/// Each point that is set, or beside one that is.
Field grown(const Field& mask, FieldSize size);

}  // namespace twopop::analysis::detail
