// The K filter's inner loop for vectors of KLANES_WIDTH doubles. Included once for each width, within a namespace of its own and
// under the instruction set that the width asks for; the lanes of every width do the same operations in the same order.

using Vec = double __attribute__((vector_size(8 * KLANES_WIDTH)));
using Floats = float __attribute__((vector_size(16)));

/// a * b + c, rounded once where the machine can.
static inline Vec multiply_add(Vec a, Vec b, Vec c) {
#if KLANES_WIDTH == 8
  return reinterpret_cast<Vec>(_mm512_fmadd_pd(reinterpret_cast<__m512d>(a), reinterpret_cast<__m512d>(b), reinterpret_cast<__m512d>(c)));
#elif defined(__FMA__)
  return reinterpret_cast<Vec>(_mm256_fmadd_pd(reinterpret_cast<__m256d>(a), reinterpret_cast<__m256d>(b), reinterpret_cast<__m256d>(c)));
#else
  return a * b + c;
#endif
}

static inline Floats load(const float* x) {
  Floats v;
  std::memcpy(&v, x, sizeof v);
  return v;
}

/// Four lanes at four instants: rows of lanes become rows of instants.
static inline void transpose(const float* const* lanes, std::int64_t at, Floats (&out)[4]) {
  const Floats a = load(lanes[0] + at), b = load(lanes[1] + at), c = load(lanes[2] + at), d = load(lanes[3] + at);
  const Floats ab01 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab23 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Floats cd01 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd23 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  out[0] = __builtin_shufflevector(ab01, cd01, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(ab01, cd01, 2, 3, 6, 7);
  out[2] = __builtin_shufflevector(ab23, cd23, 0, 1, 4, 5);
  out[3] = __builtin_shufflevector(ab23, cd23, 2, 3, 6, 7);
}

static inline void instants(const float* const* lanes, std::int64_t at, Vec (&out)[4]) {
  Floats low[4];
  transpose(lanes, at, low);
#if KLANES_WIDTH == 8
  Floats high[4];
  transpose(lanes + 4, at, high);
  for (int t = 0; t < 4; ++t) out[t] = __builtin_convertvector(__builtin_shufflevector(low[t], high[t], 0, 1, 2, 3, 4, 5, 6, 7), Vec);
#else
  for (int t = 0; t < 4; ++t) out[t] = __builtin_convertvector(low[t], Vec);
#endif
}

struct State {
  Vec s1, s2, h1, h2, sum;
};

struct Taps {
  Vec b1, b2, a1, a2, g1, g2, minus_two;
};

/// Transposed direct form II: after 0.2 s from rest it agrees with an endless run to the rounding of 64 bits.
static inline void step(State& s, const Taps& t, Vec x) {
  const Vec y = x + s.s1;
  s.s1 = multiply_add(t.a1, y, multiply_add(t.b1, x, s.s2));
  s.s2 = multiply_add(t.b2, x, t.a2 * y);
  const Vec z = y + s.h1;
  s.h1 = multiply_add(t.g1, z, multiply_add(t.minus_two, y, s.h2));
  s.h2 = multiply_add(t.g2, z, y);
  s.sum = multiply_add(z, z, s.sum);
}

static inline Vec fetch(const double* from) {
  Vec v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

/// Two vectors of lanes, so that the latency of one hides behind the other. `state` is kept in rows of KLanes::kLanes.
static void run(const KWeighting& k, double* state, const float* const* lanes, std::int64_t count, double* energy) {
  const Taps taps{Vec{} + k.shelf_b1, Vec{} + k.shelf_b2, Vec{} - k.shelf_a1, Vec{} - k.shelf_a2, Vec{} - k.high_a1, Vec{} - k.high_a2, Vec{} - 2.0};
  constexpr int kRow = KLanes::kLanes;
  State s[2];
  for (int v = 0; v < 2; ++v) {
    const double* from = state + v * KLANES_WIDTH;
    s[v] = {fetch(from), fetch(from + kRow), fetch(from + 2 * kRow), fetch(from + 3 * kRow), Vec{}};
  }
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    Vec x[2][4];
    for (int v = 0; v < 2; ++v) instants(lanes + v * KLANES_WIDTH, i, x[v]);
    for (int t = 0; t < 4; ++t)
      for (int v = 0; v < 2; ++v) step(s[v], taps, x[v][t]);
  }
  for (; i < count; ++i)
    for (int v = 0; v < 2; ++v) {
      Vec x;
      for (int l = 0; l < KLANES_WIDTH; ++l) x[l] = static_cast<double>(lanes[v * KLANES_WIDTH + l][i]);
      step(s[v], taps, x);
    }
  for (int v = 0; v < 2; ++v) {
    double* to = state + v * KLANES_WIDTH;
    const Vec rows[4] = {s[v].s1, s[v].s2, s[v].h1, s[v].h2};
    for (int r = 0; r < 4; ++r) std::memcpy(to + r * kRow, &rows[r], sizeof rows[r]);
    for (int l = 0; l < KLANES_WIDTH; ++l) energy[v * KLANES_WIDTH + l] = s[v].sum[l] * k.gain_squared;
  }
}
