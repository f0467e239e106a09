#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/units.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace twopop::analysis {

struct SpeechSettings {
  double pad_before_s = 0.15;  ///< kept before the first sound of a word: breath, unvoiced onset
  double pad_after_s = 0.25;   ///< kept after the last: release, room
  double bridge_s = 0.30;      ///< shorter pauses do not split a range
  double least_s = 0.10;       ///< shorter bursts are no speech (before the pads)
  double threshold = 0.5;      ///< probability above which a frame may be speech
  static constexpr auto fields() {
    return std::make_tuple(
        field("pad_before_s", &SpeechSettings::pad_before_s, "Kept before a word, seconds", {0.0, 5.0}),
        field("pad_after_s", &SpeechSettings::pad_after_s, "Kept after a word, seconds", {0.0, 5.0}),
        field("bridge_s", &SpeechSettings::bridge_s, "Pauses shorter than this do not split a range, seconds", {0.0, 10.0}),
        field("least_s", &SpeechSettings::least_s, "Bursts shorter than this are not speech, seconds", {0.0, 2.0}),
        field("threshold", &SpeechSettings::threshold, "Speech probability a frame must reach", {0.05, 0.95}));
  }
};

/// Bands of the noise floor: edges in Hz, speech range, about a third of an octave wide above 500 Hz.
inline constexpr std::array<double, 21> kSpeechBandEdgesHz{80,   160,  240,  320,  400,  510,  630,  770,  920,  1080, 1270,
                                                           1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300, 7000};
inline constexpr int kSpeechBands = static_cast<int>(kSpeechBandEdgesHz.size()) - 1;

/// What is known about speech in one channel of a recording.
struct SpeechMeasure {
  SampleRate rate{};
  SampleCount length{};
  /// Where somebody speaks, pads included, in order, not overlapping, within [0, length).
  std::vector<SampleRange> ranges;
  /// The same without pads, pauses up to 200 ms counted in: what gates must not touch.
  std::vector<SampleRange> speech;
  /// Probability of speech, one value per 10 ms (the i-th is centred on i x 10 ms).
  std::vector<float> probability;
  /// Level of the background between the words per band of kSpeechBandEdgesHz, dBFS RMS; -120 where there is none.
  std::array<float, kSpeechBands> noise_floor_dbfs{};
  DbFs noise_level{-120.0};   ///< background, whole band of the file, RMS
  /// RMS over `speech`, the background's power taken off: on clean sound the active speech level of ITU-T P.56
  /// (its 200 ms hangover is the bridging of `speech`), but it does not count noise as speech.
  DbFs speech_level{-120.0};
  Decibels snr{0.0};          ///< speech_level - noise_level; 0 where there is no speech
  double active_share = 0.0;  ///< of the length, by `speech`
};

/// Finds speech without a neural net: level over a two-sided noise floor per band, voicing, movement of pitch and
/// level, weighed by a logistic model of twelve figures and smoothed over time by a two-state hidden Markov model
/// (forwards and backwards, so it sees what comes). Steady sounds (rain, traffic, hum) do not trigger it.
/// Music does in part, singing wholly, and so do some rows of hard steps and a creaking door (bench/speech_bench.cpp prints how much).
///
/// Push the sound in blocks of any size; memory grows by about 3 kB a second, not with the block size.
/// The result does not depend on how the sound is split into blocks.
class SpeechDetector {
 public:
  explicit SpeechDetector(SampleRate rate, SpeechSettings settings = {});
  ~SpeechDetector();
  SpeechDetector(SpeechDetector&&) noexcept;
  SpeechDetector& operator=(SpeechDetector&&) noexcept;

  /// One channel; more than one are averaged.
  void push(AudioView<const float> block);
  SpeechMeasure finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same over a whole clip in memory.
SpeechMeasure measure_speech(AudioView<const float> clip, SampleRate rate, const SpeechSettings& settings = {});

/// What is left of [0, length) outside `ranges`, stretches of at least `least` samples.
std::vector<SampleRange> silence_between(std::span<const SampleRange> ranges, SampleCount length, SampleCount least);

/// Active speech level by ITU-T P.56 (2011) method B: 30 ms exponential averages, 200 ms hangover, 15.9 dB margin.
struct ActiveLevel {
  DbFs level{-120.0};
  double activity = 0.0;  ///< share of the time counted as active
};
ActiveLevel active_speech_level(AudioView<const float> mono, SampleRate rate);

}  // namespace twopop::analysis
