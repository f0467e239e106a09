#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/time.h"
#include "core/units.h"

#include <array>
#include <span>
#include <vector>

namespace twopop::dsp {

enum class FadeCurve {
  Linear,      ///< straight in amplitude: for joins of the same sound
  EqualPower,  ///< quarter of a sine: for joins of different sounds
  SCurve,      ///< half of a cosine: no corner at either end
  Exponential, ///< straight in dB over 60 dB: for tails
};
constexpr auto names_of(FadeCurve) {
  return std::array{EnumName{FadeCurve::Linear, "linear"}, EnumName{FadeCurve::EqualPower, "equal_power"},
                    EnumName{FadeCurve::SCurve, "s_curve"}, EnumName{FadeCurve::Exponential, "exponential"}};
}

/// Gain of a fade-in at x = 0 .. 1 (held outside): 0 at 0, 1 at 1. A fade-out at x is a fade-in at 1 - x.
double fade_gain(FadeCurve curve, double x) noexcept;

/// [block] Multiplies `io`, whose first frame is sample `begin` of a fade of `length` samples. Sample i stands at
/// x = (i + 1/2) / length, so that a fade-out over the same samples mirrors it. Frames before or after the fade get its end values.
void apply_fade_in(FadeCurve curve, SampleCount length, SamplePosition begin, AudioView<float> io) noexcept;
void apply_fade_out(FadeCurve curve, SampleCount length, SamplePosition begin, AudioView<float> io) noexcept;

struct Breakpoint {
  SamplePosition at{};
  Decibels gain{};
  bool operator==(const Breakpoint&) const = default;
};

/// A gain drawn over time: straight in dB between breakpoints, held before the first and after the last; -100 dB and
/// below is silence. A pure function of position.
class Automation {
 public:
  /// [setup] Points sorted by position; of two at one place the later counts from there on. None: 0 dB.
  explicit Automation(std::vector<Breakpoint> points);
  /// [block] Linear gains of [begin, begin + out.size()).
  void gains(SamplePosition begin, std::span<float> out) const noexcept;
  /// [block] Multiplies `io`, whose first frame is `begin`.
  void apply(SamplePosition begin, AudioView<float> io) const noexcept;

 private:
  std::vector<Breakpoint> points_;
};

/// [block] io *= gain.
void apply_gain(float gain, AudioView<float> io) noexcept;
/// [block] Every channel of io times gains[i].
void apply_gains(std::span<const float> gains, AudioView<float> io) noexcept;

}  // namespace twopop::dsp
