#include "analysis/true_peak.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#ifdef __AVX__
#include <immintrin.h>
#endif

namespace twopop::analysis {
namespace {

using Vec = float __attribute__((vector_size(32)));  // TruePeakInterpolator::Points
using Mask = std::int32_t __attribute__((vector_size(32)));
constexpr int kLanes = 8;
/// Rounding of the bound and of the sums it stands for.
constexpr float kSlack = 1.0f + 1e-5f;

Vec load(const float* x) {
  Vec v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

/// a * b + c, rounded once where the machine can.
Vec multiply_add(float a, Vec b, Vec c) {
#ifdef __FMA__
  return reinterpret_cast<Vec>(_mm256_fmadd_ps(_mm256_set1_ps(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(c)));
#else
  return a * b + c;
#endif
}

Vec magnitude(Vec v) {
  const Mask keep = Mask{} + 0x7fffffff;
  return reinterpret_cast<Vec>(reinterpret_cast<Mask>(v) & keep);
}

Vec greater(Vec a, Vec b) { return a > b ? a : b; }

float greatest(Vec v) {
  float most = v[0];
  for (int i = 1; i < kLanes; ++i) most = std::max(most, v[i]);
  return most;
}

bool any_above(Vec v, float level) {
#ifdef __AVX__
  return _mm256_movemask_ps(reinterpret_cast<__m256>(v > level)) != 0;
#else
  return greatest(v) > level;
#endif
}

/// Tap at a distance of t samples from the interpolated point.
double tap(double t) {
  if (std::fabs(t) >= TruePeakInterpolator::kDelay) return 0.0;
  const double x = std::numbers::pi * t;
  return (t == 0.0 ? 1.0 : std::sin(x) / x) * 0.5 * (1.0 + std::cos(x / TruePeakInterpolator::kDelay));
}

}  // namespace

TruePeakInterpolator::TruePeakInterpolator(SampleRate rate)
    : factor_(rate.hz < 96000 ? Factor::Four : rate.hz < 192000 ? Factor::Two : Factor::One) {
  if (factor_ == Factor::One) return;
  double half_sum = 0.0, quarter_sum = 0.0;
  for (int k = 0; k < kTaps / 2; ++k) {
    // Tap k looks at x[-k], its mirror at x[k - 11]; the point lies a half (a quarter) after x[-6].
    const double distance = 5.0 - k;
    half_[k] = static_cast<float>(tap(distance + 0.5));
    const double near = tap(distance + 0.75), far = tap(distance + 0.25);
    even_[k] = static_cast<float>(0.5 * (near + far));
    odd_[k] = static_cast<float>(0.5 * (near - far));
    half_sum += 2.0 * std::fabs(half_[k]);
    quarter_sum += std::fabs(near) + std::fabs(far);
  }
  bound_ = static_cast<float>(factor_ == Factor::Four ? std::max(half_sum, quarter_sum) : half_sum) * kSlack;
}

/// The points that belong to eight samples.
inline TruePeakInterpolator::Points TruePeakInterpolator::points_at(const float* at) const {
  Vec half{}, even{}, odd{};
  for (int k = 0; k < kTaps / 2; ++k) {
    const Vec a = load(at - k), b = load(at + k - kHistory);
    const Vec sum = a + b;
    half = multiply_add(half_[k], sum, half);
    even = multiply_add(even_[k], sum, even);
    odd = multiply_add(odd_[k], a - b, odd);
  }
  if (factor_ == Factor::Two) return magnitude(half);
  return greater(magnitude(half), magnitude(even) + magnitude(odd));  // max(|even + odd|, |even - odd|)
}

/// The points of fewer than eight samples at the end.
float TruePeakInterpolator::peak_of_rest(const float* x, std::int64_t count) const {
  float rest[kHistory + kLanes]{};
  std::memcpy(rest, x - kHistory, sizeof(float) * static_cast<std::size_t>(kHistory + count));
  const Vec points = points_at(rest + kHistory);
  float most = 0.0f;
  for (std::int64_t k = 0; k < count; ++k) most = std::max(most, points[k]);
  return most;
}

float TruePeakInterpolator::peak(const float* x, std::int64_t count) const {
  if (factor_ == Factor::One) return 0.0f;
  Vec most{};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) most = greater(most, points_at(x + i));
  return i < count ? std::max(greatest(most), peak_of_rest(x + i, count - i)) : greatest(most);
}

float TruePeakInterpolator::peak_above(const float* x, std::int64_t count, float floor) const {
  if (factor_ == Factor::One) return floor;
  // Points of eight samples are made from those eight and the eleven before: they can exceed the floor only if one of
  // these three groups of eight holds a sample above floor / bound. Bit 0 stands for the present group.
  float enough = floor / bound_;
  unsigned groups = sample_peak(x - kHistory, kHistory) > enough ? 3u : 0u;
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    groups = groups << 1 | (any_above(magnitude(load(x + i)), enough) ? 1u : 0u);
    if ((groups & 7u) == 0) continue;
    const Vec points = points_at(x + i);
    if (!any_above(points, floor)) continue;
    floor = greatest(points);
    enough = floor / bound_;
  }
  return i < count ? std::max(floor, peak_of_rest(x + i, count - i)) : floor;
}

float sample_peak(const float* x, std::int64_t count) {
  Vec a{}, b{};
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    a = greater(a, magnitude(load(x + i)));
    b = greater(b, magnitude(load(x + i + kLanes)));
  }
  float most = greatest(greater(a, b));
  for (; i < count; ++i) most = std::max(most, std::fabs(x[i]));
  return most;
}

DbTp true_peak(AudioView<const float> samples, SampleRate rate) {
  const TruePeakInterpolator interpolator(rate);
  float most = 0.0f;
  constexpr std::int64_t kBlock = 4096;
  constexpr int kHistory = TruePeakInterpolator::kHistory;
  std::vector<float> block(kHistory + kBlock);
  for (int c = 0; c < samples.channels(); ++c) {
    const float* x = samples.channel(c);
    most = std::max(most, sample_peak(x, samples.frames()));
    std::fill(block.begin(), block.end(), 0.0f);
    for (std::int64_t at = 0; at < samples.frames() + kHistory; at += kBlock) {
      const std::int64_t there = std::clamp<std::int64_t>(samples.frames() - at, 0, kBlock);
      std::copy_n(x + at, there, block.data() + kHistory);
      std::fill(block.begin() + kHistory + there, block.end(), 0.0f);
      most = interpolator.peak_above(block.data() + kHistory, kBlock, most);
      std::copy_n(block.data() + kBlock, kHistory, block.data());
    }
  }
  return {level_of(static_cast<double>(most)).value};
}

}  // namespace twopop::analysis
