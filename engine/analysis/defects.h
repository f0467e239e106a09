#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/units.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace twopop::analysis {

enum class DefectKind {
  Clipping,      ///< flat tops, at full scale or below; figure: their level, dBFS
  Dropout,       ///< sound cut to digital silence, or held at one value, and back; figure: length, ms
  Click,         ///< a pulse of less than 2 ms that no voice makes; figure: height over what the sound lets expect, dB
  Hum,           ///< mains at 50 or 60 Hz and harmonics; figure: level of all lines, dBFS
  DcOffset,      ///< figure: dBFS of the constant
  Silence,       ///< two seconds and more without sound; figure: RMS, dBFS (-120 is digital silence)
  OutOfPhase,    ///< left and right against one another: would vanish in mono; figure: correlation -1 .. 0
  BandLimited,   ///< nothing above a frequency well below half the rate: coded or resampled; figure: Hz
};
const char* name_of(DefectKind kind);
/// The figure's unit: "dBFS", "ms", "dB", "Hz" or "".
const char* unit_of(DefectKind kind);

struct Defect {
  DefectKind kind = DefectKind::Clipping;
  SampleRange range{};
  int channel = -1;      ///< -1: all
  double figure = 0.0;
  std::int64_t count = 0;  ///< clipped samples, clicks, harmonics; 1 otherwise
};
/// One sentence: "clipped at -3.1 dBFS (41 samples) on channel 1".
std::string sentence_of(const Defect& defect);

/// What is known of one channel as a whole.
struct ChannelFacts {
  DbFs peak{-120.0};
  DbFs rms{-120.0};
  double dc = 0.0;              ///< mean, linear
  DbFs noise_floor{-120.0};     ///< RMS between the words (or of the quietest tenth), digital silence left out
  DbFs speech_level{-120.0};    ///< RMS where somebody speaks (or of the loud half)
  Decibels snr{0.0};            ///< speech_level, noise taken off, over noise_floor; 0 where it cannot be told
  double bandwidth_hz = 0.0;    ///< highest frequency with sound
  double hum_hz = 0.0;          ///< mains frequency found, 0 if none
  DbFs hum_level{-120.0};
};

struct SoundFacts {
  SampleRate rate{};
  SampleRange range{};
  std::vector<ChannelFacts> channels;
  double correlation = 0.0;     ///< of left and right, -1 .. 1; 0 unless stereo
  bool dual_mono = false;       ///< both sides the same
  std::vector<Defect> defects;  ///< in order of time
};

struct DefectOptions {
  /// Where somebody speaks (SpeechMeasure::speech), sorted; empty: levels are told by their distribution.
  std::vector<SampleRange> speech;
};

/// Finds what an inspector would send back, in one pass over blocks of any size. Results do not depend on how the sound is split.
/// Memory: some kilobytes a minute for levels, none that grows otherwise, but for the defects.
class DefectScanner {
 public:
  /// Positions in results count from `begin`, the first sample that is pushed.
  DefectScanner(SampleRate rate, int channels, DefectOptions options = {}, SamplePosition begin = {});
  ~DefectScanner();
  DefectScanner(DefectScanner&&) noexcept;

  void push(AudioView<const float> block);
  SoundFacts finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

SoundFacts scan_defects(AudioView<const float> sound, SampleRate rate, const DefectOptions& options = {}, SamplePosition begin = {});
/// One audio stream of a file, or a range of it (an empty range: all).
Result<SoundFacts> scan_defects(const std::filesystem::path& file, int audio_stream = 0, const DefectOptions& options = {},
                                SampleRange range = {});

}  // namespace twopop::analysis
