#pragma once

#include "dsp/coefficients.h"
#include "dsp/processor.h"

#include <vector>

namespace twopop::dsp {

struct EqSettings {
  std::vector<FilterSettings> bands;  ///< in the order in which they work; at most Equaliser::kMostBands
  bool operator==(const EqSettings&) const = default;
  static constexpr auto fields() { return std::make_tuple(field("bands", &EqSettings::bands, "In the order in which they work")); }
};

/// A chain of second-order filters, the same for every channel.
///
/// Four bands run at once, one in each lane of a vector, each a sample behind the one before; double precision between
/// bands. The same bits as one Svf after another with the result rounded to float.
class Equaliser {
 public:
  static constexpr int kMostBands = 32;

  explicit Equaliser(EqSettings settings) : settings_(std::move(settings)) {}

  /// [setup] Fails with InvalidArgument on a band that design() refuses, naming its number.
  Result<void> prepare(const ProcessSpec& spec);
  void process(AudioView<float> io) noexcept;
  void reset() noexcept;
  SampleCount latency() const noexcept { return {}; }
  SampleCount pre_roll() const noexcept { return pre_roll_; }
  std::span<std::byte> state() noexcept;

  /// [block] Several one-channel sounds, each through its own equaliser, with the bits of one after the other; faster, since
  /// two recursions hide each other's latency. Views have the same number of frames.
  static void process_together(std::span<Equaliser* const> equalisers, std::span<const AudioView<float>> io) noexcept;

  /// [any] Of the prepared bands; the curve to draw.
  Decibels response_at(double frequency_hz) const;

 private:
  struct Lanes {  // of four bands, last band first
    double a11[4], a12[4], a21[4], a22[4], c1[4], c2[4], d[4];
  };
  friend struct EqualiserKernel;

  EqSettings settings_;
  SampleRate rate_{};
  std::vector<SvfCoefficients> coefficients_;
  std::vector<Lanes> groups_;
  std::vector<double> state_;  // position, then 4 x s1 and 4 x s2 a group and channel
  SampleCount pre_roll_{};
};
static_assert(Processor<Equaliser>);

}  // namespace twopop::dsp
