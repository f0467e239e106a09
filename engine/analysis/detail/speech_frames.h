#pragma once

#include "analysis/speech.h"
#include "dsp/fft.h"

#include <complex>
#include <cstdint>
#include <deque>
#include <vector>

namespace twopop::analysis::detail {

/// What the detector remembers of 10 ms of sound.
struct SpeechFrame {
  std::array<std::uint8_t, kSpeechBands> band{};  ///< level in steps of 0.5 dB over -120 dBFS
  std::uint8_t voicing = 0;                       ///< height of the pitch peak, what is steady taken off, x 255
  std::uint8_t tonal = 0;                         ///< the same with everything in it
  std::uint8_t lag = 0;                           ///< pitch period, 32 ln(period / 2 ms) rounded; 22 steps an octave
  float power = 0;                                ///< mean square of the whole band in these 10 ms

  double band_db(int b) const { return -120.0 + 0.5 * band[static_cast<std::size_t>(b)]; }
};

/// A long recording's frames; a deque, as it grows without a second copy.
using SpeechFrameList = std::deque<SpeechFrame>;

/// Turns sound into frames: averaged to one channel, brought down to 14 .. 28 kHz, transformed every 10 ms.
/// Frame i is centred on i x 10 ms of the input. Same frames for any split into blocks.
class SpeechFrames {
 public:
  explicit SpeechFrames(SampleRate rate);
  void push(AudioView<const float> block);
  /// Frames of everything pushed; nothing may be pushed after.
  SpeechFrameList finish();
  std::int64_t length() const { return length_; }

 private:
  void take(float x);
  void low_sample(float x);
  void analyse();
  struct Peak {
    int lag;
    float strength;
  };
  Peak pitch_peak(const std::vector<float>& magnitude);

  SampleRate rate_;
  int factor_;                  // input samples per internal sample
  double internal_hz_;
  std::int64_t length_ = 0;     // input samples seen
  std::vector<float> taps_, line_;
  std::size_t line_at_ = 0;
  int phase_ = 0;
  std::vector<float> ring_;     // internal samples, last `window` of them, twice
  std::int64_t internal_ = 0;   // internal samples made
  std::int64_t next_ = 0;       // frame to come
  int window_, lag_least_, lag_most_;
  dsp::RealFft<float> fft_;
  std::vector<float> hann_, work_, magnitude_, lively_, smooth_, steady_, window_correlation_;
  std::vector<std::complex<float>> spectrum_;
  std::vector<int> band_begin_;
  int voice_begin_, voice_end_;
  double scale_;
  double energy_ = 0;
  std::vector<float> energies_; // per 10 ms of input
  SpeechFrameList frames_;
};

}  // namespace twopop::analysis::detail
