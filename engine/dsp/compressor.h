#pragma once

#include "core/fields.h"
#include "core/units.h"
#include "dsp/processor.h"

#include <tuple>
#include <vector>

namespace twopop::dsp {

struct CompressorSettings {
  DbFs threshold{-20.0};
  double ratio = 2.0;        ///< dB in for one dB out above the threshold
  Decibels knee{6.0};        ///< width of the bend around the threshold
  double attack_ms = 10;     ///< time constant (63 %) of turning down
  double release_ms = 150;   ///< time constant of coming back
  Decibels make_up{};
  bool operator==(const CompressorSettings&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("threshold_dbfs", &CompressorSettings::threshold, "Level above which it turns down", {-80, 0}),
                           field("ratio", &CompressorSettings::ratio, "dB in for one dB out above the threshold", {1, 100}),
                           field("knee_db", &CompressorSettings::knee, "Width of the bend", {0, 40}),
                           field("attack_ms", &CompressorSettings::attack_ms, "Time constant of turning down", {0.01, 500}),
                           field("release_ms", &CompressorSettings::release_ms, "Time constant of coming back", {1, 500}),
                           field("make_up_db", &CompressorSettings::make_up, "Gain after it", {-24, 24}));
  }
};

/// Output level of the static curve for an input level, make-up included (Giannoulis, Massberg and Reiss, "Digital dynamic
/// range compressor design", JAES 60:399, 2012, equation 4).
DbFs static_curve(const CompressorSettings& settings, DbFs in);

/// Feed-forward compressor: peak level of the loudest channel in the log domain, static curve, then smoothing of the reduction
/// with branching attack and release (the paper above, section 3.2). All channels get the same gain.
///
/// Below the knee nothing changes: at rest and with no make-up the output is the input, bit for bit.
class Compressor {
 public:
  explicit Compressor(CompressorSettings settings) : settings_(settings) {}

  /// [setup] Fails with InvalidArgument past the ranges of the settings.
  Result<void> prepare(const ProcessSpec& spec);
  void process(AudioView<float> io) noexcept;
  /// [block] Writes the gain instead of applying it: out[i] belongs to frame i. `key` may be another sound than
  /// the one that is turned down, of up to spec.channels channels.
  void process_gain(AudioView<const float> key, float* out) noexcept;
  void reset() noexcept;
  SampleCount latency() const noexcept { return {}; }
  SampleCount pre_roll() const noexcept { return pre_roll_; }
  std::span<std::byte> state() noexcept { return std::as_writable_bytes(std::span(&state_, 1)); }

  /// [block] Several sounds, each through its own compressor, with the bits of one after the other; faster, since four recursions
  /// share a vector. Views have the same number of frames.
  static void process_together(std::span<Compressor* const> compressors, std::span<const AudioView<float>> io) noexcept;

 private:
  struct State {
    double reduction = 0;        // octaves of amplitude (6.02 dB each) turned down
    std::int64_t position = 0;   // samples since rest
  };
  friend struct CompressorKernel;

  CompressorSettings settings_;
  float knee_start_ = 1;         // amplitude below which nothing happens
  float threshold_ = 0, half_knee_ = 0, slope_ = 0, bend_ = 0, make_up_ = 0;  // in octaves of amplitude
  double attack_ = 0, release_ = 0;
  SampleCount pre_roll_{};
  State state_;
};
static_assert(Processor<Compressor>);

}  // namespace twopop::dsp
