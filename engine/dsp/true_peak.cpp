#include "dsp/true_peak.h"

#include "core/exact_math.h"
#include "core/lanes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace twopop::dsp {

namespace {

constexpr std::int64_t kHalf = TruePeak::kTaps / 2;
constexpr float kNear = 0.8f;  // of the ceiling: a rough peak below it lies below the ceiling (0.7 dB of it between 4 phases)

/// tap[p][k] weighs frame k - (Taps/2 - 1) for the point p/Phases after frame 0; p = 1 .. Phases - 1.
template <int Taps, int Phases>
struct Interpolator {
  static constexpr int kTaps = Taps, kHalfTaps = Taps / 2;
  float tap[Phases][Taps] = {};
  float bound = 1;  ///< no point is greater than this times the greatest frame it is made of

  explicit Interpolator(double beta) {
    for (int p = 1; p < Phases; ++p) {
      std::array<double, Taps> taps{};
      double sum = 0, size = 0;
      for (int k = 0; k < Taps; ++k) {
        const double t = k - (kHalfTaps - 1) - static_cast<double>(p) / Phases;
        const double inside = std::max(0.0, 1 - (t / kHalfTaps) * (t / kHalfTaps));
        double& value = taps[static_cast<std::size_t>(k)];
        value = exact::sin_turns(t / 2) / (exact::kPi * t) * exact::bessel_i0(beta * std::sqrt(inside)) / exact::bessel_i0(beta);
        sum += value;
      }
      for (int k = 0; k < Taps; ++k) {
        tap[p][k] = static_cast<float>(taps[static_cast<std::size_t>(k)] / sum);
        size += std::fabs(taps[static_cast<std::size_t>(k)] / sum);
      }
      bound = std::max(bound, static_cast<float>(size));
    }
  }
};

using Rough = Interpolator<24, 4>;
using Fine = Interpolator<TruePeak::kTaps, 8>;
const Rough& rough() {
  static const Rough table(5.0);
  return table;
}
const Fine& fine() {
  static const Fine table(9.0);
  return table;
}

/// point[p] = phase p + 1 after each of the frames f[0 .. 7], sums in registers.
template <int Taps, int Phases, std::size_t... P>
inline void interpolate(const Interpolator<Taps, Phases>& table, const float* f, Float8* point, std::index_sequence<P...>) {
  Float8 sum[] = {(static_cast<void>(P), Float8{})...};
  for (int k = 0; k < Taps; ++k) {
    const Float8 here = load<Float8>(f + k - (Taps / 2 - 1));
    ((sum[P] += table.tap[P + 1][k] * here), ...);
  }
  ((point[P] = sum[P]), ...);
}

/// Greatest magnitude at frames f[0 .. 7] and the points after each.
Float8 rough_peak(const Rough& table, const float* f) {
  Float8 point[3];
  interpolate(table, f, point, std::make_index_sequence<3>());
  Float8 most = greater_of(absolute_of(load<Float8>(f)), absolute_of(load<Float8>(f + 1)));
  for (const Float8& p : point) most = greater_of(absolute_of(p), most);
  return most;
}

/// Height of the parabola through three magnitudes where the middle one is the greatest; the middle one elsewhere.
Float8 crest(Float8 before, Float8 here, Float8 after) {
  const Float8 slope = before - after, bend = (here - before) + (here - after);
  const Float8 rise = slope * slope / (8.0f * (bend + 1e-30f));
  Int8 bits;
  std::memcpy(&bits, &rise, sizeof bits);
  bits &= (here >= before) & (here >= after);
  Float8 kept;
  std::memcpy(&kept, &bits, sizeof kept);
  return here + kept;
}

Float8 fine_peak(const Fine& table, const float* f) {
  // The last phase of the frame before, the frame, its phases 1 .. 7, the next frame.
  Float8 point[10];
  point[0] = Float8{};
  for (int k = 0; k < Fine::kTaps; ++k) point[0] += table.tap[7][k] * load<Float8>(f + k - Fine::kHalfTaps);
  point[1] = load<Float8>(f);
  interpolate(table, f, point + 2, std::make_index_sequence<7>());
  point[9] = load<Float8>(f + 1);
  for (Float8& value : point) value = absolute_of(value);
  Float8 most{};
  for (std::size_t p = 1; p < 9; ++p) most = greater_of(crest(point[p - 1], point[p], point[p + 1]), most);
  return most;
}

}  // namespace

void TruePeak::above(const float* x, std::int64_t n, float ceiling, float* peak) noexcept {
  const Rough& roughly = rough();
  const float near = ceiling * kNear, quiet = near / roughly.bound;
  const float* const frames = x + (kContext - kAhead);
  for (std::int64_t i = 0; i < n; i += 8) {
    const std::int64_t count = std::min<std::int64_t>(8, n - i);
    alignas(32) float local[2 * kHalf + 16];
    const float* f = frames + i;
    if (count < 8) {  // a part: the same arithmetic on frames with silence after them
      std::copy(f - kHalf, f + count + kHalf, local);
      std::fill(local + 2 * kHalf + count, local + 2 * kHalf + 16, 0.0f);
      f = local + kHalf;
    }
    Float8 most{};
    for (int k = -Rough::kHalfTaps; k < Rough::kHalfTaps + 8; k += 8) most = greater_of(absolute_of(load<Float8>(f + k)), most);
    if (greatest_of(most) <= quiet) continue;
    Float8 answer = rough_peak(roughly, f);
    if (greatest_of(answer) > near) {
      // A frame gets its fine peak if its own rough one is near, whatever its neighbours in the vector are.
      const Int8 is_near = answer > near;
      const Float8 finely = fine_peak(fine(), f);
      answer = is_near ? finely : answer;
    }
    for (std::int64_t k = 0; k < count; ++k) peak[i + k] = greater_of(answer[static_cast<int>(k)], peak[i + k]);
  }
}

}  // namespace twopop::dsp
