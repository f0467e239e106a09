#include "analysis/sync_fft.h"

#include "dsp/fftw_lock.h"

#include <fftw3.h>

namespace twopop::analysis {

struct RealFft::Plans {
  float* time = nullptr;
  fftwf_complex* bins = nullptr;
  fftwf_plan forward = nullptr;
  fftwf_plan inverse = nullptr;
  ~Plans() {
    const std::lock_guard held(dsp::fftw_planner_lock());
    if (forward) fftwf_destroy_plan(forward);
    if (inverse) fftwf_destroy_plan(inverse);
    fftwf_free(time);
    fftwf_free(bins);
  }
};

RealFft::RealFft(int size) : plans_(std::make_unique<Plans>()), size_(size) {
  const std::lock_guard held(dsp::fftw_planner_lock());
  plans_->time = fftwf_alloc_real(static_cast<std::size_t>(size));
  plans_->bins = fftwf_alloc_complex(static_cast<std::size_t>(size / 2 + 1));
  plans_->forward = fftwf_plan_dft_r2c_1d(size, plans_->time, plans_->bins, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
  plans_->inverse = fftwf_plan_dft_c2r_1d(size, plans_->bins, plans_->time, FFTW_ESTIMATE);
}

RealFft::~RealFft() = default;
RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;

std::span<float> RealFft::time() const { return {plans_->time, static_cast<std::size_t>(size_)}; }

std::span<std::complex<float>> RealFft::bins() const {
  // fftwf_complex has the layout of std::complex<float> by FFTW's contract.
  return {reinterpret_cast<std::complex<float>*>(plans_->bins), static_cast<std::size_t>(size_ / 2 + 1)};
}

void RealFft::forward() { fftwf_execute(plans_->forward); }
void RealFft::inverse() { fftwf_execute(plans_->inverse); }

}  // namespace twopop::analysis
