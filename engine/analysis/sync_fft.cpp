#include "analysis/sync_fft.h"

#include "dsp/fftw_lock.h"

#include <fftw3.h>

#include <map>
#include <mutex>

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

namespace {

/// Plans that nobody uses at the moment: planning costs more than many transforms.
constexpr std::size_t kMostSpare = 48;

}  // namespace

struct RealFft::Spare {
  std::mutex lock;
  std::multimap<int, std::unique_ptr<Plans>> plans;
  static Spare& instance() {
    static Spare* spare = new Spare;  // never destroyed: transforms may outlive static objects
    return *spare;
  }
};

RealFft::RealFft(int size) : size_(size) {
  Spare& spare = Spare::instance();
  {
    const std::lock_guard held(spare.lock);
    if (auto found = spare.plans.find(size); found != spare.plans.end()) {
      plans_ = std::move(found->second);
      spare.plans.erase(found);
      return;
    }
  }
  plans_ = std::make_unique<Plans>();
  const std::lock_guard held(dsp::fftw_planner_lock());
  plans_->time = fftwf_alloc_real(static_cast<std::size_t>(size));
  plans_->bins = fftwf_alloc_complex(static_cast<std::size_t>(size / 2 + 1));
  plans_->forward = fftwf_plan_dft_r2c_1d(size, plans_->time, plans_->bins, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
  plans_->inverse = fftwf_plan_dft_c2r_1d(size, plans_->bins, plans_->time, FFTW_ESTIMATE);
}

RealFft::~RealFft() {
  if (!plans_) return;
  Spare& spare = Spare::instance();
  const std::lock_guard held(spare.lock);
  if (spare.plans.size() < kMostSpare) spare.plans.emplace(size_, std::move(plans_));
}

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
