#pragma once

#include "core/audio.h"
#include "dsp/fft.h"
#include "dsp/processor.h"

#include <vector>

namespace twopop::dsp {

/// Convolution with an impulse response by uniformly partitioned overlap-save (Gardner, "Efficient convolution without
/// input-output delay", JAES 43:127, 1995, section 2). A one-channel response serves every channel; otherwise channel c
/// of the sound meets channel c of the response.
///
/// As a Processor it lags by kBlock samples. Blocks lie on a grid counted from rest, so the split of a stretch does not matter.
class Convolver {
 public:
  static constexpr int kBlock = 512;

  explicit Convolver(AudioBuffer<float> impulse) : impulse_(std::move(impulse)), fft_(2 * kBlock) {}

  /// [setup] Fails with InvalidArgument on an empty response, or channels that do not match.
  Result<void> prepare(const ProcessSpec& spec);
  void process(AudioView<float> io) noexcept;
  void reset() noexcept;
  SampleCount latency() const noexcept { return {kBlock}; }
  SampleCount pre_roll() const noexcept { return {kBlock + impulse_.frames() + kBlock}; }
  std::span<std::byte> state() noexcept { return std::as_writable_bytes(std::span(state_)); }

 private:
  void run_block() noexcept;

  AudioBuffer<float> impulse_;
  RealFft<float> fft_;
  int channels_ = 0;
  std::size_t partitions_ = 0;
  std::vector<float> spectra_;  // of the response: partitions x (re[kBlock + 1], im[kBlock + 1]) a response channel
  std::vector<float> state_;    // position in the block, newest spectrum, input, output, past spectra
  std::vector<float> sum_, time_;
  std::vector<std::complex<float>> bins_;
};
static_assert(Processor<Convolver>);

/// The whole of `in` through `impulse`, tail included: `in.frames() + impulse.frames() - 1` frames, no delay.
/// Fails as Convolver::prepare does.
Result<AudioBuffer<float>> convolve(AudioView<const float> in, AudioView<const float> impulse);

}  // namespace twopop::dsp
