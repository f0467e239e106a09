#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace twopop {

// Compiler vectors: the same source makes AVX2, SSE or WebAssembly code with the same bits, since every
// operation is lane by lane and contraction is off. Sums over lanes go through sum_of(), in one fixed order.
using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));
using Double4 = double __attribute__((vector_size(32)));
using Int4 = std::int32_t __attribute__((vector_size(16)));
using Int8 = std::int32_t __attribute__((vector_size(32)));
using Long4 = std::int64_t __attribute__((vector_size(32)));

/// Reads lanes from memory of any alignment.
template <class V, class T>
inline V load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof(V));
  return v;
}
/// Writes lanes to memory of any alignment.
template <class V, class T>
inline void store(T* to, V v) {
  std::memcpy(to, &v, sizeof(V));
}

inline Float8 splat8(float x) { return Float8{x, x, x, x, x, x, x, x}; }
inline Float4 splat4(float x) { return Float4{x, x, x, x}; }
inline Double4 splat4(double x) { return Double4{x, x, x, x}; }

/// a > b ? a : b in each lane (b where either is not a number).
inline Float8 greater_of(Float8 a, Float8 b) {
#if defined(__AVX2__)
  return (Float8)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return a > b ? a : b;
#endif
}
inline Double4 greater_of(Double4 a, Double4 b) {
#if defined(__AVX2__)
  return (Double4)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
  return a > b ? a : b;
#endif
}
inline float greater_of(float a, float b) { return a > b ? a : b; }
inline double greater_of(double a, double b) { return a > b ? a : b; }

/// a < b ? a : b in each lane (b where either is not a number).
inline Float8 lesser_of(Float8 a, Float8 b) {
#if defined(__AVX2__)
  return (Float8)_mm256_min_ps((__m256)a, (__m256)b);
#else
  return a < b ? a : b;
#endif
}
inline float lesser_of(float a, float b) { return a < b ? a : b; }
inline double lesser_of(double a, double b) { return a < b ? a : b; }

inline Float8 absolute_of(Float8 x) {
  Int8 bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits &= 0x7fffffff;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline Double4 to_double(Float4 x) { return __builtin_convertvector(x, Double4); }
inline Float4 to_float(Double4 x) { return __builtin_convertvector(x, Float4); }

/// a * b + c with one rounding, in each lane. For code that is never compiled to WebAssembly, where it would be slow.
inline Double4 fused(Double4 a, Double4 b, Double4 c) {
#if defined(__FMA__)
  return (Double4)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
  for (int i = 0; i < 4; ++i) c[i] = __builtin_fma(a[i], b[i], c[i]);
  return c;
#endif
}

/// Rows become columns.
template <class V>
inline void transpose(V& a, V& b, V& c, V& d) {
  const V ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const V cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// (lane 0 + lane 2) + (lane 1 + lane 3).
inline double sum_of(Double4 v) { return (v[0] + v[2]) + (v[1] + v[3]); }
inline float sum_of(Float4 v) { return (v[0] + v[2]) + (v[1] + v[3]); }
/// The upper half is added to the lower first.
inline float sum_of(Float8 v) {
  const Float4 low{v[0], v[1], v[2], v[3]}, high{v[4], v[5], v[6], v[7]};
  return sum_of(low + high);
}
inline float greatest_of(Float8 v) {
  float most = v[0];
  for (int i = 1; i < 8; ++i) most = greater_of(v[i], most);
  return most;
}

}  // namespace twopop
