#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/units.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace twopop::dsp {

/// A gain over time in the clip's own time: linear factors every `step` samples, straight lines between.
struct GainCurve {
  SampleRate rate{};
  SampleCount length{};
  std::int32_t step = 32;
  std::vector<float> points;  ///< point i is the gain at sample i x step; the last reaches past the end

  /// Multiplies `io`, whose first frame is sample `begin` of the clip. Frames outside the clip keep the nearest gain.
  /// Any split of a range into calls gives the same samples.
  void apply(AudioView<float> io, SamplePosition begin) const noexcept;
  /// Gain at one sample.
  float at(SamplePosition p) const noexcept;
  Decibels deepest() const;
};

struct ExpanderSettings {
  DbFs threshold{-50.0};
  double ratio = 2.0;          ///< dB down at the output for each dB under the threshold at the input
  Decibels range{12.0};        ///< never turned down by more than this
  double attack_s = 0.003;     ///< opening
  double hold_s = 0.10;        ///< stays open so long after the level fell under the threshold
  double release_s = 0.15;     ///< closing
  Decibels hysteresis{4.0};    ///< once open, closes only this far under the threshold
  double look_ahead_s = 0.01;  ///< opens so long before the sound that opens it
  static constexpr auto fields() {
    return std::make_tuple(
        field("threshold_dbfs", &ExpanderSettings::threshold, "Level under which sound is turned down", {-120.0, 0.0}),
        field("ratio", &ExpanderSettings::ratio, "dB out per dB in under the threshold", {1.0, 20.0}),
        field("range_db", &ExpanderSettings::range, "Greatest reduction", {0.0, 80.0}),
        field("attack_s", &ExpanderSettings::attack_s, "Time to open", {0.0001, 1.0}),
        field("hold_s", &ExpanderSettings::hold_s, "Stays open after the level fell", {0.0, 4.0}),
        field("release_s", &ExpanderSettings::release_s, "Time to close", {0.001, 5.0}),
        field("hysteresis_db", &ExpanderSettings::hysteresis, "Distance between opening and closing level", {0.0, 24.0}),
        field("look_ahead_s", &ExpanderSettings::look_ahead_s, "Opens this long before the sound", {0.0, 0.5}));
  }
};

/// What a closed expander does to a steady level: by how much it is turned down, 0 dB at most.
Decibels closed_gain(const ExpanderSettings& settings, DbFs level);

/// Works out the gain of a downward expander over a whole clip (level detection, static curve and smoothing in the log
/// domain as in Giannoulis, Massberg and Reiss, JAES 60:399, 2012). Hysteresis and hold remember without bound, so it
/// runs once a clip, from its first sample, and what is kept is the curve.
///
/// Push the clip in blocks of any size. Channels are linked: the loudest decides.
class ExpanderCurve {
 public:
  static Result<ExpanderCurve> create(SampleRate rate, const ExpanderSettings& settings);
  ExpanderCurve(ExpanderCurve&&) noexcept;
  ExpanderCurve& operator=(ExpanderCurve&&) noexcept;
  ~ExpanderCurve();
  void push(AudioView<const float> block);
  /// `speech`: ranges in which it must stay open, in clip time, whatever the level; may be empty.
  GainCurve finish(std::span<const SampleRange> speech = {});

 private:
  struct Impl;
  explicit ExpanderCurve(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The same over a clip in memory.
Result<GainCurve> gain_curve(AudioView<const float> clip, SampleRate rate, const ExpanderSettings& settings,
                             std::span<const SampleRange> speech = {});

}  // namespace twopop::dsp
