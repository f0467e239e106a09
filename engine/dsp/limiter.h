#pragma once

#include "core/fields.h"
#include "core/units.h"
#include "dsp/processor.h"

#include <memory>
#include <tuple>

namespace twopop::dsp {

struct LimiterSettings {
  DbTp ceiling{-1.0};
  double look_ahead_ms = 3;  ///< the gain starts to fall so long before a peak
  double release_ms = 80;    ///< time constant of coming back
  bool operator==(const LimiterSettings&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("ceiling_dbtp", &LimiterSettings::ceiling, "True peak that is never passed", {-40, 0}),
                           field("look_ahead_ms", &LimiterSettings::look_ahead_ms, "Starts to turn down this long before a peak", {0.5, 20}),
                           field("release_ms", &LimiterSettings::release_ms, "Time constant of coming back", {5, 500}));
  }
};

/// Look-ahead true-peak limiter: one gain over time for all channels.
///
/// The detector oversamples (ITU-R BS.1770-5, annex 2, with 8 phases of a longer filter and the peak between them
/// interpolated), but only where a bound says that a peak may lie above the ceiling. The wanted gain is held over the look-ahead,
/// recovers exponentially and is smoothed by two running means in whole numbers, which do not drift. Never raises level.
/// Not for loudness correction.
class Limiter {
 public:
  explicit Limiter(LimiterSettings settings);
  Limiter(Limiter&&) noexcept;
  Limiter& operator=(Limiter&&) noexcept;
  ~Limiter();

  /// [setup] Fails with InvalidArgument past the ranges of the settings.
  Result<void> prepare(const ProcessSpec& spec);
  /// [block] In place; the output lags by latency().
  void process(AudioView<float> io) noexcept;
  /// [block] The gain alone, from the sum of what it will be applied to: gain_out[i] belongs to the frame that was pushed
  /// latency() frames before frame i. Use one Limiter either for this or for process().
  void process_gain(AudioView<const float> sum, float* gain_out) noexcept;
  void reset() noexcept;
  SampleCount latency() const noexcept;
  SampleCount pre_roll() const noexcept;
  std::span<std::byte> state() noexcept;

 private:
  struct Impl;
  LimiterSettings settings_;
  std::unique_ptr<Impl> impl_;
};
static_assert(Processor<Limiter>);

}  // namespace twopop::dsp
