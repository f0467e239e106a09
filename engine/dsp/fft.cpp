#include "dsp/fft.h"

#include "core/exact_math.h"
#include "core/lanes.h"
#include "core/result.h"

#include <utility>

namespace twopop::dsp {

namespace {

template <class T>
struct LanesOf;
template <>
struct LanesOf<float> {
  using Four = Float4;
  using Wide = Float8;
};
template <>
struct LanesOf<double> {
  using Four = Double4;
  using Wide = Double4;
};

template <class V>
struct Complex {
  V re, im;
};
template <class V>
inline Complex<V> times(Complex<V> a, Complex<V> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/// Four-point transform of a, b, c, d; outputs 1..3 are turned by w1..w3.
template <class V>
inline void butterfly(Complex<V>& a, Complex<V>& b, Complex<V>& c, Complex<V>& d, Complex<V> w1, Complex<V> w2, Complex<V> w3) {
  const Complex<V> sum_ac{a.re + c.re, a.im + c.im}, dif_ac{a.re - c.re, a.im - c.im};
  const Complex<V> sum_bd{b.re + d.re, b.im + d.im}, dif_bd{b.re - d.re, b.im - d.im};
  a = {sum_ac.re + sum_bd.re, sum_ac.im + sum_bd.im};
  b = times<V>({dif_ac.re + dif_bd.im, dif_ac.im - dif_bd.re}, w1);
  c = times<V>({sum_ac.re - sum_bd.re, sum_ac.im - sum_bd.im}, w2);
  d = times<V>({dif_ac.re - dif_bd.im, dif_ac.im + dif_bd.re}, w3);
}

template <class V, class T>
inline Complex<V> load_complex(const T* re, const T* im, std::size_t at) {
  return {load<V>(re + at), load<V>(im + at)};
}
template <class V, class T>
inline void store_complex(T* re, T* im, std::size_t at, Complex<V> z) {
  store(re + at, z.re);
  store(im + at, z.im);
}

template <class T>
struct Sides {
  const T* re;
  const T* im;
  T* re_out;
  T* im_out;
};

/// First stage (stride 1): lanes over neighbouring p, outputs interleaved by a transpose.
template <class T>
void first_stage(Sides<T> x, const T* w, std::size_t quarter) {
  using V = typename LanesOf<T>::Four;
  for (std::size_t p = 0; p < quarter; p += 4) {
    auto a = load_complex<V>(x.re, x.im, p), b = load_complex<V>(x.re, x.im, p + quarter);
    auto c = load_complex<V>(x.re, x.im, p + 2 * quarter), d = load_complex<V>(x.re, x.im, p + 3 * quarter);
    butterfly<V>(a, b, c, d, load_complex<V>(w, w + quarter, p), load_complex<V>(w + 2 * quarter, w + 3 * quarter, p),
                 load_complex<V>(w + 4 * quarter, w + 5 * quarter, p));
    transpose(a.re, b.re, c.re, d.re);
    transpose(a.im, b.im, c.im, d.im);
    store_complex<V>(x.re_out, x.im_out, 4 * p, a);
    store_complex<V>(x.re_out, x.im_out, 4 * p + 4, b);
    store_complex<V>(x.re_out, x.im_out, 4 * p + 8, c);
    store_complex<V>(x.re_out, x.im_out, 4 * p + 12, d);
  }
}

/// A later stage: lanes over the stride.
template <class V, class T>
void stage(Sides<T> x, const T* w, std::size_t quarter, std::size_t stride) {
  constexpr std::size_t lanes = sizeof(V) / sizeof(T);
  for (std::size_t p = 0; p < quarter; ++p) {
    const auto turn = [&](std::size_t k) {
      const V zero{};
      return Complex<V>{zero + w[2 * k * quarter + p], zero + w[(2 * k + 1) * quarter + p]};
    };
    const Complex<V> w1 = turn(0), w2 = turn(1), w3 = turn(2);
    const std::size_t in = stride * p, step = stride * quarter, out = stride * 4 * p;
    for (std::size_t q = 0; q < stride; q += lanes) {
      auto a = load_complex<V>(x.re, x.im, in + q), b = load_complex<V>(x.re, x.im, in + step + q);
      auto c = load_complex<V>(x.re, x.im, in + 2 * step + q), d = load_complex<V>(x.re, x.im, in + 3 * step + q);
      butterfly<V>(a, b, c, d, w1, w2, w3);
      store_complex<V>(x.re_out, x.im_out, out + q, a);
      store_complex<V>(x.re_out, x.im_out, out + stride + q, b);
      store_complex<V>(x.re_out, x.im_out, out + 2 * stride + q, c);
      store_complex<V>(x.re_out, x.im_out, out + 3 * stride + q, d);
    }
  }
}

/// The last stage of an odd power of two: pairs.
template <class T>
void pairs_stage(Sides<T> x, std::size_t stride) {
  for (std::size_t q = 0; q < stride; ++q) {
    x.re_out[q] = x.re[q] + x.re[q + stride];
    x.im_out[q] = x.im[q] + x.im[q + stride];
    x.re_out[q + stride] = x.re[q] - x.re[q + stride];
    x.im_out[q + stride] = x.im[q] - x.im[q + stride];
  }
}

/// Four points, where one stage is the whole transform.
template <class T>
void four_points(Sides<T> x) {
  Complex<T> a{x.re[0], x.im[0]}, b{x.re[1], x.im[1]}, c{x.re[2], x.im[2]}, d{x.re[3], x.im[3]};
  butterfly<T>(a, b, c, d, {1, 0}, {1, 0}, {1, 0});
  const Complex<T> y[4] = {a, b, c, d};
  for (int k = 0; k < 4; ++k) {
    x.re_out[k] = y[k].re;
    x.im_out[k] = y[k].im;
  }
}

/// Eight points: p runs over 0 and 1 only, too few for the lanes of first_stage.
template <class T>
void first_stage_of_eight(Sides<T> x, const T* w) {
  for (std::size_t p = 0; p < 2; ++p) {
    Complex<T> a{x.re[p], x.im[p]}, b{x.re[p + 2], x.im[p + 2]}, c{x.re[p + 4], x.im[p + 4]}, d{x.re[p + 6], x.im[p + 6]};
    butterfly<T>(a, b, c, d, {w[p], w[2 + p]}, {w[4 + p], w[6 + p]}, {w[8 + p], w[10 + p]});
    const Complex<T> y[4] = {a, b, c, d};
    for (std::size_t k = 0; k < 4; ++k) {
      x.re_out[4 * p + k] = y[k].re;
      x.im_out[4 * p + k] = y[k].im;
    }
  }
}

}  // namespace

template <class T>
struct RealFft<T>::Tables {
  /// For each stage: re and im of w^p, w^2p, w^3p, each for p = 0 .. quarter-1.
  std::vector<T> stages;
  /// e^(-2 pi i k / size) for k = 0 .. size/4, by which even and odd samples are untangled.
  std::vector<T> turn_re, turn_im;
};

template <class T>
RealFft<T>::RealFft(int size) : size_(size), work_(static_cast<std::size_t>(size) * 2) {
  TWOPOP_ASSERT(size >= 8 && size <= 1 << 24 && (size & (size - 1)) == 0);
  auto tables = std::make_shared<Tables>();
  for (int n = size / 2; n >= 4; n /= 4)
    for (int power = 1; power <= 3; ++power)
      for (int im = 0; im < 2; ++im)
        for (int p = 0; p < n / 4; ++p) {
          const double turns = static_cast<double>(static_cast<std::int64_t>(power) * p % n) / n;
          tables->stages.push_back(static_cast<T>(im ? -exact::sin_turns(turns) : exact::cos_turns(turns)));
        }
  for (int k = 0; k <= size / 4; ++k) {
    tables->turn_re.push_back(static_cast<T>(exact::cos_turns(static_cast<double>(k) / size)));
    tables->turn_im.push_back(static_cast<T>(-exact::sin_turns(static_cast<double>(k) / size)));
  }
  tables_ = std::move(tables);
}

template <class T>
void RealFft<T>::transform() noexcept {
  using Lanes = LanesOf<T>;
  const std::size_t half = static_cast<std::size_t>(size_ / 2);
  const T* w = tables_->stages.data();
  side_ = 0;
  std::size_t n = half, stride = 1;
  for (; n >= 4; n /= 4, stride *= 4) {
    const std::size_t quarter = n / 4;
    const Sides<T> x{part(side_), part(side_ + 1), part(2 - side_), part(3 - side_)};
    if (half == 4) four_points(x);
    else if (half == 8 && stride == 1) first_stage_of_eight(x, w);
    else if (stride == 1) first_stage(x, w, quarter);
    else if (stride == 4) stage<typename Lanes::Four>(x, w, quarter, stride);
    else stage<typename Lanes::Wide>(x, w, quarter, stride);
    w += 6 * quarter;
    side_ = 2 - side_;
  }
  if (n == 2) {
    pairs_stage(Sides<T>{part(side_), part(side_ + 1), part(2 - side_), part(3 - side_)}, stride);
    side_ = 2 - side_;
  }
}

template <class T>
void RealFft<T>::forward(const T* in, std::complex<T>* out) noexcept {
  using V = typename LanesOf<T>::Four;
  const int half = size_ / 2;
  {
    T* re = part(0);
    T* im = part(1);
    for (int i = 0; i < half; i += 4) {
      const V low = load<V>(in + 2 * i), high = load<V>(in + 2 * i + 4);
      store(re + i, __builtin_shufflevector(low, high, 0, 2, 4, 6));
      store(im + i, __builtin_shufflevector(low, high, 1, 3, 5, 7));
    }
  }
  transform();
  const T* re = part(side_);
  const T* im = part(side_ + 1);
  const T* turn_re = tables_->turn_re.data();
  const T* turn_im = tables_->turn_im.data();
  // With Z the transform of even + i odd: E = (Z[k] + conj Z[h-k])/2, O = (Z[k] - conj Z[h-k])/(2i), and
  // X[k] = E + w^k O, X[h-k] = conj(E - w^k O).
  const T one_half = T(0.5);
  out[0] = {re[0] + im[0], 0};
  out[half] = {re[0] - im[0], 0};
  int k = 1;
  for (; k + 4 <= half / 2; k += 4) {
    const int mirror = half - k;
    const V zr = load<V>(re + k), zi = load<V>(im + k);
    const V mr_up = load<V>(re + mirror - 3), mi_up = load<V>(im + mirror - 3);
    const V mr = __builtin_shufflevector(mr_up, mr_up, 3, 2, 1, 0), mi = __builtin_shufflevector(mi_up, mi_up, 3, 2, 1, 0);
    const V er = (zr + mr) * one_half, ei = (zi - mi) * one_half;
    const V od_r = (zi + mi) * one_half, od_i = (mr - zr) * one_half;
    const V wr = load<V>(turn_re + k), wi = load<V>(turn_im + k);
    const V tr = wr * od_r - wi * od_i, ti = wr * od_i + wi * od_r;
    const V ur = er + tr, ui = ei + ti, lr = er - tr, li = ti - ei;
    T* up = reinterpret_cast<T*>(out + k);
    T* down = reinterpret_cast<T*>(out + mirror - 3);
    store(up, __builtin_shufflevector(ur, ui, 0, 4, 1, 5));
    store(up + 4, __builtin_shufflevector(ur, ui, 2, 6, 3, 7));
    store(down, __builtin_shufflevector(lr, li, 3, 7, 2, 6));
    store(down + 4, __builtin_shufflevector(lr, li, 1, 5, 0, 4));
  }
  for (; k <= half / 2; ++k) {
    const int mirror = half - k;
    const T er = (re[k] + re[mirror]) * one_half, ei = (im[k] - im[mirror]) * one_half;
    const T od_r = (im[k] + im[mirror]) * one_half, od_i = (re[mirror] - re[k]) * one_half;
    const T tr = turn_re[k] * od_r - turn_im[k] * od_i, ti = turn_re[k] * od_i + turn_im[k] * od_r;
    out[k] = {er + tr, ei + ti};
    out[mirror] = {er - tr, ti - ei};
  }
}

template <class T>
void RealFft<T>::inverse(const std::complex<T>* in, T* out) noexcept {
  using V = typename LanesOf<T>::Four;
  const int half = size_ / 2;
  // The forward transform of the parts exchanged is the inverse with its parts exchanged: `re` holds the imaginary side.
  T* re = part(1);
  T* im = part(0);
  const T* turn_re = tables_->turn_re.data();
  const T* turn_im = tables_->turn_im.data();
  const T scale = T(1) / static_cast<T>(size_);
  re[0] = (in[0].real() + in[half].real()) * scale;
  im[0] = (in[0].real() - in[half].real()) * scale;
  int k = 1;
  for (; k + 4 <= half / 2; k += 4) {
    const int mirror = half - k;
    const T* up = reinterpret_cast<const T*>(in + k);
    const T* down = reinterpret_cast<const T*>(in + mirror - 3);
    const V u0 = load<V>(up), u1 = load<V>(up + 4), d0 = load<V>(down), d1 = load<V>(down + 4);
    const V ur = __builtin_shufflevector(u0, u1, 0, 2, 4, 6), ui = __builtin_shufflevector(u0, u1, 1, 3, 5, 7);
    const V lr = __builtin_shufflevector(d1, d0, 2, 0, 6, 4), li = __builtin_shufflevector(d1, d0, 3, 1, 7, 5);
    const V er = (ur + lr) * scale, ei = (ui - li) * scale;
    const V tr = (ur - lr) * scale, ti = (ui + li) * scale;
    const V wr = load<V>(turn_re + k), wi = load<V>(turn_im + k);
    const V od_r = wr * tr + wi * ti, od_i = wr * ti - wi * tr;
    const V low_r = er + od_i, low_i = od_r - ei;
    store(re + k, er - od_i);
    store(im + k, ei + od_r);
    store(re + mirror - 3, __builtin_shufflevector(low_r, low_r, 3, 2, 1, 0));
    store(im + mirror - 3, __builtin_shufflevector(low_i, low_i, 3, 2, 1, 0));
  }
  for (; k <= half / 2; ++k) {
    const int mirror = half - k;
    const T er = (in[k].real() + in[mirror].real()) * scale, ei = (in[k].imag() - in[mirror].imag()) * scale;
    const T tr = (in[k].real() - in[mirror].real()) * scale, ti = (in[k].imag() + in[mirror].imag()) * scale;
    const T od_r = turn_re[k] * tr + turn_im[k] * ti, od_i = turn_re[k] * ti - turn_im[k] * tr;
    re[k] = er - od_i;
    im[k] = ei + od_r;
    re[mirror] = er + od_i;
    im[mirror] = od_r - ei;
  }
  transform();
  const T* even = part(side_ + 1);
  const T* odd = part(side_);
  for (int i = 0; i < half; i += 4) {
    const V e = load<V>(even + i), o = load<V>(odd + i);
    store(out + 2 * i, __builtin_shufflevector(e, o, 0, 4, 1, 5));
    store(out + 2 * i + 4, __builtin_shufflevector(e, o, 2, 6, 3, 7));
  }
}

template class RealFft<float>;
template class RealFft<double>;

}  // namespace twopop::dsp
