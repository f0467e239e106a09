// Our real FFT against FFTW (ESTIMATE, single precision), forward and inverse, per transform.
#include "dsp/fft.h"

#include <fftw3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace {

template <class F>
double microseconds(F&& work, int times) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) work();
    best = std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / times);
  }
  return best;
}

}  // namespace

int main() {
  std::printf("%8s %14s %14s %8s %16s\n", "size", "ours us", "FFTW us", "ratio", "ours, double us");
  for (int log = 8; log <= 20; log += 2) {
    const int size = 1 << log;
    const int times = std::max(1, (1 << 22) / size);
    std::vector<float> x(static_cast<std::size_t>(size), 0.25f);
    std::vector<double> xd(x.begin(), x.end());
    std::vector<std::complex<float>> bins(static_cast<std::size_t>(size / 2 + 1));
    std::vector<std::complex<double>> bins_d(bins.size());
    twopop::dsp::RealFft<float> ours(size);
    twopop::dsp::RealFft<double> ours_d(size);
    const double us = microseconds([&] { ours.forward(x.data(), bins.data()); ours.inverse(bins.data(), x.data()); }, times) / 2;
    const double us_d = microseconds([&] { ours_d.forward(xd.data(), bins_d.data()); ours_d.inverse(bins_d.data(), xd.data()); }, times) / 2;
    auto* out = reinterpret_cast<fftwf_complex*>(bins.data());
    fftwf_plan to = fftwf_plan_dft_r2c_1d(size, x.data(), out, FFTW_ESTIMATE);
    fftwf_plan back = fftwf_plan_dft_c2r_1d(size, out, x.data(), FFTW_ESTIMATE);
    const double peer = microseconds([&] { fftwf_execute(to); fftwf_execute(back); for (auto& v : x) v = 0.25f; }, times) / 2;
    fftwf_destroy_plan(to);
    fftwf_destroy_plan(back);
    std::printf("%8d %14.2f %14.2f %8.2f %16.2f\n", size, us, peer, peer / us, us_d);
  }
}
