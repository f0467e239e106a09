#pragma once

#include <complex>
#include <memory>
#include <vector>

namespace twopop::dsp {

/// Fourier transform of real signals of a power-of-two length, by one fixed algorithm: the same bits on every
/// machine, so it may be used where sound is rendered (FFTW picks its algorithm by machine).
///
/// Stockham's self-sorting radix-4 transform on split real and imaginary parts (Van Loan, "Computational
/// Frameworks for the Fast Fourier Transform", SIAM 1992, section 1.7), of half the length, with the usual
/// untangling of even and odd samples. T is float or double. One object a thread; copies share their tables.
template <class T>
class RealFft {
 public:
  /// [setup] `size` is a power of two, 8 .. 2^24.
  explicit RealFft(int size);

  int size() const noexcept { return size_; }
  /// size/2 + 1: from 0 Hz to half the rate, both included.
  int bins() const noexcept { return size_ / 2 + 1; }
  /// [block] out[k] = sum over i of in[i] e^(-2 pi i k i / size), k = 0 .. size/2. `in` holds size() samples, `out`
  /// bins() values; they must not overlap.
  void forward(const T* in, std::complex<T>* out) noexcept;
  /// [block] The signal whose transform is `in`, scaled so that inverse(forward(x)) is x. The imaginary parts of the
  /// first and last bin are taken as 0.
  void inverse(const std::complex<T>* in, T* out) noexcept;

 private:
  struct Tables;
  void transform() noexcept;
  T* part(int which) noexcept { return work_.data() + static_cast<std::size_t>(which) * static_cast<std::size_t>(size_ / 2); }

  int size_;
  std::shared_ptr<const Tables> tables_;
  std::vector<T> work_;  // re, im of the data, re, im of the other side
  int side_ = 0;         // where transform() left its result: parts side_ and side_ + 1
};

extern template class RealFft<float>;
extern template class RealFft<double>;

}  // namespace twopop::dsp
