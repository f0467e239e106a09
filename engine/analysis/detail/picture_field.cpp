#include "analysis/detail/picture_field.h"

#include <algorithm>
#include <cstdlib>

namespace twopop::analysis::detail {
namespace {

constexpr int kAlike = 8;            ///< grey levels within which two frames hold the same
constexpr std::size_t kVotes = 48;   ///< frames asked for the backdrop

}  // namespace

Field smoothed(std::span<const std::uint8_t> grey, FieldSize size) {
  Field out(size.points());
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      int sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          const int yy = std::clamp(y + dy, 0, size.height - 1), xx = std::clamp(x + dx, 0, size.width - 1);
          sum += (2 - std::abs(dy)) * (2 - std::abs(dx)) * grey[static_cast<std::size_t>(yy * size.width + xx)];
        }
      out[static_cast<std::size_t>(y * size.width + x)] = static_cast<std::uint8_t>((sum + 8) / 16);
    }
  return out;
}

Backdrop backdrop_of(std::span<const Field> frames, FieldSize size) {
  const std::size_t votes = std::min(frames.size(), kVotes);
  std::vector<const Field*> asked;
  for (std::size_t k = 0; k < votes; ++k) asked.push_back(&frames[votes == 1 ? 0 : k * (frames.size() - 1) / (votes - 1)]);
  Backdrop out{Field(size.points()), Field(size.points())};
  for (std::size_t p = 0; p < size.points(); ++p) {
    int count[256] = {};
    for (const Field* f : asked) ++count[(*f)[p]];
    // The densest window of values, then the middle of what lies in it.
    int within = 0, best = 0, from = 0;
    for (int v = 0; v < 256; ++v) {
      within += count[v];
      if (v > kAlike) within -= count[v - kAlike - 1];
      if (within > best) best = within, from = std::max(0, v - kAlike);
    }
    int seen = 0, middle = from;
    for (int v = from; v < std::min(256, from + kAlike + 1); ++v) {
      seen += count[v];
      middle = v;
      if (2 * seen >= best) break;
    }
    out.value[p] = static_cast<std::uint8_t>(middle);
    out.support[p] = static_cast<std::uint8_t>(votes ? 255 * best / static_cast<int>(votes) : 0);
  }
  return out;
}

std::vector<Spot> spots_of(Field& mask, FieldSize size, std::size_t least) {
  std::vector<Spot> spots;
  std::vector<std::uint32_t> open;
  for (std::size_t start = 0; start < mask.size(); ++start) {
    if (!mask[start]) continue;
    Spot spot;
    spot.left = spot.right = static_cast<int>(start) % size.width;
    spot.top = spot.bottom = static_cast<int>(start) / size.width;
    open.assign(1, static_cast<std::uint32_t>(start));
    mask[start] = 0;
    double sum_x = 0, sum_y = 0;
    while (!open.empty()) {
      const std::uint32_t p = open.back();
      open.pop_back();
      spot.points.push_back(p);
      const int x = static_cast<int>(p) % size.width, y = static_cast<int>(p) / size.width;
      sum_x += x, sum_y += y;
      spot.left = std::min(spot.left, x), spot.right = std::max(spot.right, x);
      spot.top = std::min(spot.top, y), spot.bottom = std::max(spot.bottom, y);
      for (int yy = std::max(0, y - 1); yy <= std::min(size.height - 1, y + 1); ++yy)
        for (int xx = std::max(0, x - 1); xx <= std::min(size.width - 1, x + 1); ++xx) {
          const auto q = static_cast<std::uint32_t>(yy * size.width + xx);
          if (mask[q]) mask[q] = 0, open.push_back(q);
        }
    }
    if (spot.points.size() < least) continue;
    spot.centre_x = sum_x / static_cast<double>(spot.points.size());
    spot.centre_y = sum_y / static_cast<double>(spot.points.size());
    spots.push_back(std::move(spot));
  }
  return spots;
}

Field grown(const Field& mask, FieldSize size) {
  Field out(mask.size());
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      if (!mask[static_cast<std::size_t>(y * size.width + x)]) continue;
      for (int yy = std::max(0, y - 1); yy <= std::min(size.height - 1, y + 1); ++yy)
        for (int xx = std::max(0, x - 1); xx <= std::min(size.width - 1, x + 1); ++xx) out[static_cast<std::size_t>(yy * size.width + xx)] = 1;
    }
  return out;
}

}  // namespace twopop::analysis::detail
