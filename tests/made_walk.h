#pragma once

#include "core/random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

/// Pictures drawn for tests and benches: somebody walks over a floor, and when each foot comes down is known exactly.
namespace twopop::test {

struct MadeWalk {
  int width = 320, height = 180;
  double frames_per_s = 25;
  double shown_per_s = 25;       ///< each frame is shown until the next is due
  double figure = 120;           ///< height of the walker, points
  double step_s = 0.55, stride = 0.32;  ///< of the figure's height
  int steps = 8;
  std::uint64_t seed = 1;
  double noise = 1.5;            ///< grey levels
  std::uint8_t shoe = 25, body = 45;
  double pan_per_s = 0;          ///< the camera's, points

  /// When each foot comes down, seconds. The first steps away from two feet at rest.
  std::vector<double> contacts() const {
    std::vector<double> at;
    double t = 0.8;
    for (int k = 0; k < steps; ++k) {
      at.push_back(t);
      t += step_s * (1 + 0.12 * uniform11(philox(seed, 7, static_cast<std::uint64_t>(k))[0]));
    }
    return at;
  }
  double length_s() const { return contacts().back() + 1.2; }

  std::vector<std::uint8_t> frame_at(double shown_s) const {
    const double t = std::floor(shown_s * frames_per_s + 1e-6) / frames_per_s;
    const auto index = static_cast<std::uint64_t>(std::llround(shown_s * shown_per_s));
    std::vector<std::uint8_t> out(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    const double floor_y = 0.93 * height, shift = pan_per_s * t;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const int sx = static_cast<int>(std::floor(x + shift));
        const double plank = y > 0.55 * height ? 90 + 25 * hashed(sx / 9, y / 40) : 170 + 15 * hashed(sx / 23, y / 17);
        out[at(x, y)] = level(plank, index, x, y);
      }
    const std::vector<double> down = contacts();
    const double step = stride * figure, start = 0.5 * width - step * steps / 2;
    // Foot k lands at start + (k + 1) x step; it had stood two steps before.
    const auto foot_place = [&](int parity, double& lift) {
      double x = start + (parity ? 0.0 : -0.35 * step);
      lift = 0;
      for (int k = parity; k < steps; k += 2) {
        const auto n = static_cast<std::size_t>(k);
        const double swing = std::min(0.42, 0.75 * step_s), begin = down[n] - swing, to = start + (k + 1) * step;
        if (t >= down[n]) { x = to; continue; }
        if (t > begin) {
          const double u = (t - begin) / swing;
          lift = 0.05 * figure * std::sin(M_PI * u);
          x += (to - x) * u * u * (3 - 2 * u);
        }
        break;
      }
      return x;
    };
    double lift[2] = {0, 0};
    const double x0 = foot_place(0, lift[0]), x1 = foot_place(1, lift[1]);
    const double hip_x = (x0 + x1) / 2, hip_y = floor_y - 0.5 * figure;
    for (const int k : {0, 1}) {
      const double fx = k ? x1 : x0, fy = floor_y - lift[k];
      for (double u = 0; u <= 1; u += 0.03) disc(out, hip_x + (fx - hip_x) * u, hip_y + (fy - 0.04 * figure - hip_y) * u, 0.035 * figure, body, index);
      for (double u = -0.3; u <= 1; u += 0.05) disc(out, fx + 0.09 * figure * u, fy - 0.022 * figure, 0.024 * figure, shoe, index);
    }
    for (double u = 0; u <= 1; u += 0.1) disc(out, hip_x, hip_y - 0.32 * figure * u, 0.09 * figure, body, index);
    disc(out, hip_x, hip_y - 0.43 * figure, 0.065 * figure, 40, index);
    return out;
  }

 private:
  std::size_t at(int x, int y) const { return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x); }
  double hashed(int a, int b) const {
    const std::uint64_t mixed = (static_cast<std::uint64_t>(a + 100000) * 1000003 + static_cast<std::uint64_t>(b + 100000) + seed) * 0x9E3779B97F4A7C15ull;
    return static_cast<double>(mixed >> 40) / 8388608.0 - 1;
  }
  std::uint8_t level(double value, std::uint64_t frame, int x, int y) const {
    // A multiplicative hash: a camera's noise need not be good, and there are many points.
    const std::uint64_t mixed = (frame * 1000003 + at(x, y) + seed * 77) * 0x9E3779B97F4A7C15ull;
    const double n = noise * (static_cast<double>(mixed >> 40) / 8388608.0 - 1);
    return static_cast<std::uint8_t>(std::clamp(value + n, 0.0, 255.0));
  }
  void disc(std::vector<std::uint8_t>& out, double cx, double cy, double r, double value, std::uint64_t frame) const {
    for (int y = std::max(0, static_cast<int>(cy - r)); y <= std::min(height - 1, static_cast<int>(cy + r)); ++y)
      for (int x = std::max(0, static_cast<int>(cx - r)); x <= std::min(width - 1, static_cast<int>(cx + r)); ++x)
        if (std::hypot(x - cx, y - cy) <= r) out[at(x, y)] = level(value, frame, x, y);
  }
};

/// How spotted times lie against true ones: each true one has at most one, the nearest within `within_s`.
struct Hits {
  int found = 0, missed = 0, false_ones = 0;
  std::vector<double> errors_s;  ///< spotted - true
};
inline Hits match_times(const std::vector<double>& spotted, const std::vector<double>& real, double within_s) {
  Hits out;
  std::vector<bool> used(spotted.size());
  for (const double t : real) {
    std::size_t best = spotted.size();
    for (std::size_t i = 0; i < spotted.size(); ++i)
      if (!used[i] && std::fabs(spotted[i] - t) <= within_s && (best == spotted.size() || std::fabs(spotted[i] - t) < std::fabs(spotted[best] - t))) best = i;
    if (best == spotted.size()) {
      ++out.missed;
      continue;
    }
    used[best] = true;
    ++out.found;
    out.errors_s.push_back(spotted[best] - t);
  }
  out.false_ones = static_cast<int>(spotted.size()) - out.found;
  return out;
}

}  // namespace twopop::test
