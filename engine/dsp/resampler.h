#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"

#include <cstdint>
#include <memory>

namespace twopop::dsp {

/// Where the samples of one clock lie on another: output sample n is the source at `offset + n * step`.
/// 64 bits before the point and 64 behind it: positions are exact and do not drift, however late in a film.
struct RateMap {
  __extension__ typedef __int128 Fixed;
  Fixed offset = 0;              ///< source samples
  Fixed step = Fixed{1} << 64;   ///< source samples for one output sample

  /// Source sample of output 0 is `offset_samples`; a step is source_rate / session_rate * (1 + drift_ppm * 1e-6), rounded
  /// to 2^-64 of a sample. Positive drift: the source's clock ran fast and holds more samples.
  static RateMap from(SampleRate source, SampleRate session, double drift_ppm = 0, double offset_samples = 0);
  bool operator==(const RateMap&) const = default;
  /// Neither the rate nor the place between samples changes: output is the source moved by whole samples.
  bool is_shift() const { return step == Fixed{1} << 64 && static_cast<std::uint64_t>(offset) == 0; }
  /// For reports: source position of an output sample.
  double position_of(SamplePosition output) const;
};

/// Conversion between clocks by windowed sincs: any ratio, any start, the same bits whoever asks for what range.
///
/// Two steps, both in double precision. A long Kaiser-windowed sinc (Kaiser and Schafer, IEEE Trans. ASSP 28:105, 1980) cuts at
/// the lower of the two Nyquist frequencies and doubles the rate, by FFT over blocks that lie on a fixed grid of the source; where
/// the rate falls it widens in proportion. A sinc of 20 taps in 512 phases, parabolas between them, then reads the result at the exact
/// positions. Images, aliases and noise below -140 dB, flat within 0.01 dB up to 0.91 of the lower Nyquist frequency
/// (measured in resampler_test.cpp). Stateless: safe from many threads.
class Resampler {
 public:
  /// [setup] Fails with InvalidArgument on a step below 1/64 or above 64.
  static Result<Resampler> create(const RateMap& map);

  const RateMap& map() const { return map_; }
  /// [any] Source samples that output samples [range) are made of.
  SampleRange needs(SampleRange range) const;
  /// [any] Output from `begin` on; frame 0 of `source` is source sample `source_begin`. `source` covers
  /// needs(begin .. begin + out.frames()), channels as in `out`; what it lacks at its ends counts as silence.
  /// Allocates scratch that does not grow with the range.
  void render(SamplePosition begin, AudioView<const float> source, SamplePosition source_begin, AudioView<float> out) const;

 private:
  struct Filter;
  static std::shared_ptr<const Filter> filter_of(double step);
  Resampler(const RateMap& map, std::shared_ptr<const Filter> filter) : map_(map), filter_(std::move(filter)) {}
  std::int64_t block_of(SamplePosition output) const;
  RateMap map_;
  std::shared_ptr<const Filter> filter_;  // shared by all of the same step
};

}  // namespace twopop::dsp
