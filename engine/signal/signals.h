#pragma once

#include "core/units.h"
#include "dsp/processor.h"
#include "dsp/splices.h"
#include "signal/node.h"

#include <functional>

/// The kinds of Signal that phases build from. Film-time graphs: sources -> resampled -> whole-clip work ->
/// placed with fades and gain -> summed into tracks -> strips -> stems -> mix.
namespace twopop::signal {

enum class Curve { Linear, EqualPower, SCurve, Exponential };
struct FadeSettings {
  SampleCount length{};
  Curve curve = Curve::EqualPower;
};

/// Gain breakpoints in dB over film time, straight in dB between them, held before the first and after the last.
struct GainPoint {
  SamplePosition at{};
  Decibels gain{};
};

/// A stretch where a sound is covered by another: turned down to nothing with these fades, which lie inside the range.
struct CoveredRange {
  SampleRange range{};
  FadeSettings fade_in{}, fade_out{};  ///< fade_in: of the cover, so the covered sound fades out there
};

Signal silence(int channels);

/// One channel of a signal.
Signal channel_of(Signal input, int channel);

/// Converts a source's clock to the session's: output sample n is the source at
/// source_offset + n x (source_rate / session_rate) x (1 + drift_ppm x 1e-6) samples. (dsp/resampler.h)
Signal resampled(Signal source, SampleRate source_rate, SampleRate session_rate, double source_offset_samples, double drift_ppm,
                 SampleRange extent);

/// Only `range` is heard.
Signal cut(Signal input, SampleRange range);
/// Fades at the ends of the input's extent.
Signal faded(Signal input, FadeSettings in, FadeSettings out);
Signal amplified(Signal input, Decibels gain);
/// Later by `by` samples.
Signal shifted(Signal input, SampleCount by);
/// Inputs must have `channels` channels. Added in the order given.
Signal sum(std::vector<Signal> inputs, int channels);
/// out[o] = sum over i of coefficients[o * input channels + i] * in[i].
Signal mixed_to(Signal input, int channels, std::vector<float> coefficients);
Signal automated(Signal input, std::vector<GainPoint> points);
Signal covered(Signal input, std::vector<CoveredRange> ranges);
/// Input times a one-channel gain signal, linear.
Signal multiplied(Signal input, Signal gain);

/// Work that needs the clip as a whole (denoise, stretch, reverse): made once over `extent`, kept. `work` gets
/// `input_range` of each input; what it makes must have `extent`'s length and `channels`. Its settings are `settings`,
/// shown to people as `text`.
struct WholeClip {
  std::string kind;
  std::string label;  ///< session item it is made for: "dialogue clip c12"
  int version = 1;
  int channels = 1;
  SampleRange extent{};
  std::vector<SampleRange> input_ranges;
  Hash settings{};
  std::string text;
  std::function<Result<AudioBuffer<float>>(std::span<const AudioView<const float>> inputs)> work;
};
Signal whole_clip(std::vector<Signal> inputs, WholeClip clip);

/// A pure function of position (loops, synthesis). `fill` must not depend on how a range is split.
struct Generator {
  std::string kind;
  int version = 1;
  int channels = 1;
  SampleRange extent{};
  Hash settings{};
  std::string text;
  std::function<Result<void>(SamplePosition begin, AudioView<float> out)> fill;
};
Signal generated(Generator generator);

/// The input cut up and joined again: loops of a recording, music fitted to a length (dsp/splices.h). `list` time 0 is at
/// extent.begin, plus `phase`.
Signal spliced(Signal input, dsp::SpliceList list, SampleRange extent, SampleCount phase = {});

/// Stateful processing in film time by a dsp Processor (EQ, compressor): made by `make`, which hands back a prepared voice.
struct Processing {
  std::string kind;
  int version = 1;
  int channels = 1;          ///< of the output
  Hash settings{};
  std::string text;
  SampleCount latency{}, pre_roll{};
  std::function<std::unique_ptr<Voice>(std::int64_t max_block)> make;
};
Signal processed(Signal input, Processing processing);

/// A Voice around an in-place dsp Processor, prepared or null on failure.
template <class P>
std::unique_ptr<Voice> voice_of(P processor, const dsp::ProcessSpec& spec);

/// Kept chunk by chunk under this name (stems, the mix); with Keeping::Cheap made again when heard, and only its content
/// hashes are kept.
enum class Keeping { Dear, Cheap };
Signal stored(Signal input, std::string name, Keeping keeping = Keeping::Dear);
/// The same sound, shown to people as an item of the session.
Signal labelled(Signal input, std::string label);

}  // namespace twopop::signal

#include "signal/detail/voice_of.h"
