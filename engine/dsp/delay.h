#pragma once

#include "dsp/processor.h"

#include <vector>

namespace twopop::dsp {

/// Later by a whole number of samples.
class Delay {
 public:
  explicit Delay(SampleCount by) : by_(by) {}
  Result<void> prepare(const ProcessSpec& spec);
  void process(AudioView<float> io) noexcept;
  void reset() noexcept;
  /// The delay is what is asked for: it counts as latency, since the output lags.
  SampleCount latency() const noexcept { return by_; }
  SampleCount pre_roll() const noexcept { return by_; }
  std::span<std::byte> state() noexcept { return std::as_writable_bytes(std::span(past_)); }

 private:
  SampleCount by_;
  std::vector<float> past_;     // by_ samples a channel, oldest first
  std::vector<float> scratch_;  // by_ samples
};
static_assert(Processor<Delay>);

}  // namespace twopop::dsp
