#include "analysis/detail/k_weighting.h"

#include <cmath>
#include <cstring>
#include <numbers>

#ifdef __FMA__
#include <immintrin.h>
#endif

namespace twopop::analysis::detail {
namespace {

using Vec = double __attribute__((vector_size(32)));
using Floats = float __attribute__((vector_size(16)));

/// a * b + c, rounded once where the machine can.
inline Vec multiply_add(Vec a, Vec b, Vec c) {
#ifdef __FMA__
  return reinterpret_cast<Vec>(
      _mm256_fmadd_pd(reinterpret_cast<__m256d>(a), reinterpret_cast<__m256d>(b), reinterpret_cast<__m256d>(c)));
#else
  return a * b + c;
#endif
}

inline Floats load(const float* x) {
  Floats v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

/// Four lanes at four instants: rows of lanes become rows of instants.
inline void transpose(const float* const* lanes, std::int64_t at, Vec (&out)[4]) {
  const Floats a = load(lanes[0] + at), b = load(lanes[1] + at), c = load(lanes[2] + at), d = load(lanes[3] + at);
  const Floats ab01 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab23 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Floats cd01 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd23 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  out[0] = __builtin_convertvector(__builtin_shufflevector(ab01, cd01, 0, 1, 4, 5), Vec);
  out[1] = __builtin_convertvector(__builtin_shufflevector(ab01, cd01, 2, 3, 6, 7), Vec);
  out[2] = __builtin_convertvector(__builtin_shufflevector(ab23, cd23, 0, 1, 4, 5), Vec);
  out[3] = __builtin_convertvector(__builtin_shufflevector(ab23, cd23, 2, 3, 6, 7), Vec);
}

}  // namespace

KWeighting::KWeighting(SampleRate rate) {
  const double pi = std::numbers::pi;
  {
    const double frequency = 1681.974450955533, gain_db = 3.999843853973347, q = 0.7071752369554196;
    const double k = std::tan(pi * frequency / rate.hz);
    const double vh = std::pow(10.0, gain_db / 20.0), vb = std::pow(vh, 0.4996667741545416);
    const double a0 = 1.0 + k / q + k * k;
    const double b0 = (vh + vb * k / q + k * k) / a0;
    shelf_b1 = 2.0 * (k * k - vh) / a0 / b0;
    shelf_b2 = (vh - vb * k / q + k * k) / a0 / b0;
    shelf_a1 = 2.0 * (k * k - 1.0) / a0;
    shelf_a2 = (1.0 - k / q + k * k) / a0;
    gain_squared = b0 * b0;
  }
  const double frequency = 38.13547087602444, q = 0.5003270373238773;
  const double k = std::tan(pi * frequency / rate.hz);
  const double a0 = 1.0 + k / q + k * k;
  high_a1 = 2.0 * (k * k - 1.0) / a0;
  high_a2 = (1.0 - k / q + k * k) / a0;
}

KLanes::KLanes(SampleRate rate) : k_(rate) { reset(); }

void KLanes::reset() {
  for (State& s : state_) s = State{};
}

void KLanes::run(const float* const* lanes, std::int64_t count, double* energy) {
  const Vec b1 = Vec{} + k_.shelf_b1, b2 = Vec{} + k_.shelf_b2, a1 = Vec{} - k_.shelf_a1, a2 = Vec{} - k_.shelf_a2;
  const Vec g1 = Vec{} - k_.high_a1, g2 = Vec{} - k_.high_a2, minus_two = Vec{} - 2.0;
  State state[kVectors];
  Vec sum[kVectors]{};
  for (int v = 0; v < kVectors; ++v) state[v] = state_[v];
  // Transposed direct form II: after 0.2 s from rest it agrees with an endless run to the rounding of 64 bits.
  auto step = [&](int v, Vec x) {
    State& s = state[v];
    const Vec y = x + s.s1;
    s.s1 = multiply_add(b1, x, multiply_add(a1, y, s.s2));
    s.s2 = multiply_add(b2, x, a2 * y);
    const Vec z = y + s.h1;
    s.h1 = multiply_add(g1, z, multiply_add(minus_two, y, s.h2));
    s.h2 = multiply_add(g2, z, y);
    sum[v] = multiply_add(z, z, sum[v]);
  };
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    Vec x[kVectors][4];
    for (int v = 0; v < kVectors; ++v) transpose(lanes + 4 * v, i, x[v]);
    for (int t = 0; t < 4; ++t)
      for (int v = 0; v < kVectors; ++v) step(v, x[v][t]);
  }
  for (; i < count; ++i)
    for (int v = 0; v < kVectors; ++v) {
      const float* const* l = lanes + 4 * v;
      step(v, Vec{l[0][i], l[1][i], l[2][i], l[3][i]});
    }
  for (int v = 0; v < kVectors; ++v) {
    state_[v] = state[v];
    for (int l = 0; l < 4; ++l) energy[4 * v + l] = sum[v][l] * k_.gain_squared;
  }
}

}  // namespace twopop::analysis::detail
