#include "analysis/detail/align_joint.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace twopop::analysis::detail {
namespace {

double correlation(const float* a, const float* b, std::int64_t n) {
  // Sums in eight lanes: short enough for float, and fast.
  float ab[8] = {}, aa[8] = {}, bb[8] = {};
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int k = 0; k < 8; ++k) {
      ab[k] += a[i + k] * b[i + k];
      aa[k] += a[i + k] * a[i + k];
      bb[k] += b[i + k] * b[i + k];
    }
  for (; i < n; ++i) ab[0] += a[i] * b[i], aa[0] += a[i] * a[i], bb[0] += b[i] * b[i];
  double sab = 0, saa = 1e-20, sbb = 1e-20;
  for (int k = 0; k < 8; ++k) sab += ab[k], saa += aa[k], sbb += bb[k];
  return sab / std::sqrt(saa * sbb);
}

std::vector<float> thinned(std::span<const float> mono, std::int64_t begin, std::int64_t length, std::int64_t by) {
  std::vector<float> out;
  for (std::int64_t i = 0; i + by <= length; i += by) {
    float sum = 0;
    for (std::int64_t k = 0; k < by; ++k) sum += mono[static_cast<std::size_t>(begin + i + k)];
    out.push_back(sum);
  }
  return out;
}

}  // namespace

Alignment align_joint(std::span<const float> mono, std::int64_t first, std::int64_t second, std::int64_t length, std::int64_t reach) {
  const auto size = static_cast<std::int64_t>(mono.size());
  const std::int64_t least = std::max(-reach, -second), most = std::min(reach, size - length - second);
  Alignment best{0, -2};
  if (first < 0 || first + length > size || most < least) return {0, 0};
  const std::int64_t by = length > 2048 ? 4 : 1;
  std::int64_t coarse = std::clamp<std::int64_t>(0, least, most);
  if (by > 1) {
    const std::vector<float> a = thinned(mono, first, length, by), b = thinned(mono, second + least, length + most - least, by);
    double greatest = -2;
    for (std::int64_t k = 0; k * by <= most - least && k + static_cast<std::int64_t>(a.size()) <= static_cast<std::int64_t>(b.size()); ++k) {
      const double c = correlation(a.data(), b.data() + k, static_cast<std::int64_t>(a.size()));
      if (c > greatest) greatest = c, coarse = least + k * by;
    }
  }
  const std::int64_t from = by > 1 ? std::max(least, coarse - by) : least, to = by > 1 ? std::min(most, coarse + by) : most;
  for (std::int64_t shift = from; shift <= to; ++shift) {
    const double c = correlation(mono.data() + first, mono.data() + second + shift, length);
    if (c > best.correlation) best = {shift, c};
  }
  return best;
}

}  // namespace twopop::analysis::detail
