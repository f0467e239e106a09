#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <concepts>
#include <cstddef>
#include <span>

namespace twopop::dsp {

/// What a processor is prepared for.
struct ProcessSpec {
  SampleRate rate{};
  int channels = 1;
  std::int64_t max_block = 4096;
};

/// A causal block processor with bounded memory.
///
/// prepare  [setup] allocates; fails on settings that cannot work at the rate.
/// process  [block] in place, 0 .. max_block frames. No allocation, lock, I/O or throw. The output does not
///          depend on how a stretch is split into blocks.
/// reset    [block] back to rest: the state after prepare.
/// latency  [any] samples by which the output lags the input; constant once prepared.
/// pre_roll [any] samples of input after which a start from rest differs from an endless run by
///          less than -120 dBFS (latency included).
/// state    [block] everything remembered, as bytes: copied out at a chunk's end and copied in to
///          go on. Same past, same bytes: no padding, no pointers.
template <class P>
concept Processor = requires(P p, const P c, const ProcessSpec& spec, AudioView<float> io) {
  { p.prepare(spec) } -> std::same_as<Result<void>>;
  { p.process(io) } noexcept;
  { p.reset() } noexcept;
  { c.latency() } noexcept -> std::same_as<SampleCount>;
  { c.pre_roll() } noexcept -> std::same_as<SampleCount>;
  { p.state() } noexcept -> std::same_as<std::span<std::byte>>;
};

}  // namespace twopop::dsp
