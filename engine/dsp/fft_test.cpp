#include "dsp/fft.h"

#include "core/exact_math.h"
#include "core/hash.h"
#include "core/random.h"

#include <gtest/gtest.h>

namespace twopop::dsp {
namespace {

template <class T>
std::vector<T> noise(int size, std::uint64_t seed) {
  std::vector<T> x(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(uniform11(philox(seed, 0, i)[0]));
  return x;
}

/// The definition, term by term.
std::complex<double> bin_by_definition(const std::vector<double>& x, int k) {
  std::complex<double> sum = 0;
  const auto size = static_cast<std::int64_t>(x.size());
  for (std::int64_t i = 0; i < size; ++i) {
    const double turns = static_cast<double>(i * k % size) / static_cast<double>(size);
    sum += x[static_cast<std::size_t>(i)] * std::complex(exact::cos_turns(turns), -exact::sin_turns(turns));
  }
  return sum;
}

TEST(RealFft, agrees_with_the_definition_at_every_small_size) {
  for (int size = 8; size <= 1024; size *= 2) {
    const auto x = noise<double>(size, 1);
    RealFft<double> fft(size);
    std::vector<std::complex<double>> out(static_cast<std::size_t>(fft.bins()));
    fft.forward(x.data(), out.data());
    for (int k = 0; k < fft.bins(); ++k)
      EXPECT_LT(std::abs(out[static_cast<std::size_t>(k)] - bin_by_definition(x, k)), 1e-13 * std::sqrt(size) * 4) << size << " bin " << k;
  }
}

TEST(RealFft, agrees_with_the_definition_in_chosen_bins_of_a_large_size) {
  const int size = 1 << 16;
  const auto x = noise<double>(size, 2);
  RealFft<double> fft(size);
  std::vector<std::complex<double>> out(static_cast<std::size_t>(fft.bins()));
  fft.forward(x.data(), out.data());
  for (const int k : {0, 1, 2, 777, 16384, 16385, 32767, 32768})
    EXPECT_LT(std::abs(out[static_cast<std::size_t>(k)] - bin_by_definition(x, k)), 1e-10) << k;
}

TEST(RealFft, float_and_double_agree_to_float_precision) {
  for (int size = 8; size <= 1 << 15; size *= 2) {
    const auto x = noise<float>(size, 3);
    const std::vector<double> wide(x.begin(), x.end());
    RealFft<float> fft(size);
    RealFft<double> reference(size);
    std::vector<std::complex<float>> out(static_cast<std::size_t>(fft.bins()));
    std::vector<std::complex<double>> truth(out.size());
    fft.forward(x.data(), out.data());
    reference.forward(wide.data(), truth.data());
    double error = 0, energy = 0;
    for (std::size_t k = 0; k < out.size(); ++k) {
      error += std::norm(std::complex<double>(out[k]) - truth[k]);
      energy += std::norm(truth[k]);
    }
    EXPECT_LT(10 * std::log10(error / energy), -130) << size;
  }
}

template <class T>
double round_trip_error_db(int size) {
  const auto x = noise<T>(size, 4);
  RealFft<T> fft(size);
  std::vector<std::complex<T>> bins(static_cast<std::size_t>(fft.bins()));
  std::vector<T> back(x.size());
  fft.forward(x.data(), bins.data());
  fft.inverse(bins.data(), back.data());
  double error = 1e-40, energy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    error += std::pow(static_cast<double>(back[i]) - static_cast<double>(x[i]), 2);
    energy += std::pow(static_cast<double>(x[i]), 2);
  }
  return 10 * std::log10(error / energy);
}

TEST(RealFft, the_inverse_gives_the_signal_back) {
  for (int size = 8; size <= 1 << 18; size *= 2) {
    EXPECT_LT(round_trip_error_db<float>(size), -130) << size;
    EXPECT_LT(round_trip_error_db<double>(size), -300) << size;
  }
}

TEST(RealFft, the_bits_are_pinned) {
  Hasher hasher;
  for (const int size : {16, 512, 2048}) {
    RealFft<float> fft(size);
    std::vector<std::complex<float>> bins(static_cast<std::size_t>(fft.bins()));
    fft.forward(noise<float>(size, 5).data(), bins.data());
    for (const auto& bin : bins) hasher.add(bin.real()).add(bin.imag());
  }
  EXPECT_EQ(to_string(hasher.finish()), "19744e2802c1c2f9539706eaca60d1f1");
}

TEST(RealFft, copies_work_apart_from_each_other) {
  RealFft<float> one(64);
  RealFft<float> two = one;
  const auto x = noise<float>(64, 6);
  std::vector<std::complex<float>> a(33), b(33);
  one.forward(x.data(), a.data());
  two.forward(x.data(), b.data());
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace twopop::dsp
