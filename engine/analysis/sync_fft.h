#pragma once

#include <complex>
#include <memory>
#include <span>

namespace twopop::analysis {

/// Real transform of one length with buffers of its own; any length, quick where its factors are small. One a thread.
class RealFft {
 public:
  explicit RealFft(int size);
  ~RealFft();
  RealFft(RealFft&&) noexcept;
  RealFft& operator=(RealFft&&) noexcept;

  int size() const { return size_; }
  /// `size` samples.
  std::span<float> time() const;
  /// size / 2 + 1 bins.
  std::span<std::complex<float>> bins() const;
  /// time -> bins; time is kept.
  void forward();
  /// bins -> time, multiplied by `size`; bins are spent.
  void inverse();

 private:
  struct Plans;
  struct Spare;
  std::unique_ptr<Plans> plans_;
  int size_ = 0;
};

}  // namespace twopop::analysis
