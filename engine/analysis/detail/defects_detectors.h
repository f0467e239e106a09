#pragma once

#include "analysis/defects.h"
#include "dsp/fft.h"

#include <complex>
#include <cstdint>
#include <vector>

namespace twopop::analysis::detail {

/// A stretch of one channel as the detectors see it: samples [0, count) are theirs to judge, x[-margin] .. x[count + margin - 1]
/// can be read; silence stands where there is no sound.
struct Stretch {
  const float* x = nullptr;
  std::int64_t count = 0;
  std::int64_t margin = 0;
  SamplePosition begin{};  ///< of x[0]
};

/// Flat tops. Runs of samples that stay at one level (exactly: within a 16-bit step or 0.02 %; nearly: within 1 %, as
/// after a codec or a filter) although the wave comes and leaves steeply, with nothing higher around. A smooth wave
/// that is as flat at its top must leave it slowly; so steepness at the corners tells a clipped wave from a low note.
class FlatTops {
 public:
  explicit FlatTops(SampleRate rate);
  void judge(const Stretch& stretch);
  void finish(int channel, std::vector<Defect>& out);

 private:
  struct Top {
    SamplePosition begin{};
    std::int64_t length = 0;
    float level = 0;
    bool certain = false, exact = false;
  };
  bool corners(const float* x, std::int64_t begin, std::int64_t end, float least, int reach) const;
  bool highest(const Stretch& stretch, std::int64_t begin, std::int64_t end, float tolerance) const;
  SampleRate rate_;
  std::int64_t around_, near_run_;
  std::int64_t free_from_ = INT64_MIN / 2;
  std::vector<Top> tops_;
};

/// Sound that stops dead, at zero or held at a value, and comes back. What fades out before a pause is not one.
class Gaps {
 public:
  explicit Gaps(SampleRate rate);
  void judge(const Stretch& stretch);
  void finish(int channel, std::vector<Defect>& out);

 private:
  double rms(const float* from, const float* to) const;
  SampleRate rate_;
  std::int64_t edge_, least_, least_held_, wide_, long_;
  std::int64_t run_ = 0;
  bool zero_ = true;           // the run lies within one 16-bit step of zero
  double before_ = 0.0, sound_before_ = 0.0;
  std::int64_t seen_ = 0;
  std::vector<Defect> found_;
};

/// Pulses in the residual of linear prediction (Godsill and Rayner, "Digital Audio Restoration", 1998, chapter 5) that stand alone:
/// glottal pulses have brothers, plosives and knocks a tail.
class Clicks {
 public:
  explicit Clicks(SampleRate rate);
  void judge(const Stretch& stretch);
  void finish(int channel, std::vector<Defect>& out);

 private:
  static constexpr int kOrder = 16;
  void judge_frame(const float* x, SamplePosition begin, std::int64_t count);
  std::int64_t frame_, alone_, pulse_;
  std::int64_t first_ = INT64_MIN, last_ = 0;
  std::vector<float> window_, windowed_, residual_, matched_, sorted_;
  std::vector<Defect> found_;
};

/// Lines at multiples of 50 or 60 Hz that stand in the lower quartile of spectra over about twenty seconds: what is always
/// there stays, voices and notes come and go.
class Hum {
 public:
  explicit Hum(SampleRate rate);
  void judge(const Stretch& stretch);
  void finish(int channel, ChannelFacts& facts, std::vector<Defect>& out);

 private:
  static constexpr int kSize = 4096;
  static constexpr int kFramesPerVerdict = 16;
  void analyse();
  void give_verdict();
  SampleRate rate_;
  std::int64_t factor_;
  double low_rate_hz_;
  std::vector<float> taps_, low_, window_;
  std::vector<std::vector<float>> spectra_db_;
  dsp::RealFft<float> fft_;
  std::vector<float> frame_;
  std::vector<std::complex<float>> bins_;
  std::int64_t next_ = 0;      // position, counted from the first sample, of the next low-rate sample
  std::int64_t seen_ = 0, verdict_begin_ = 0;
  SamplePosition begin_{};
  bool any_verdict_ = false;
  std::vector<Defect> found_;
  std::vector<double> mains_;
};

/// The highest frequency with sound: a cliff in the mean spectrum above which nothing comes.
class Bandwidth {
 public:
  explicit Bandwidth(SampleRate rate);
  void judge(const Stretch& stretch);
  void finish(int channel, SampleRange range, ChannelFacts& facts, std::vector<Defect>& out);

 private:
  SampleRate rate_;
  dsp::RealFft<float> fft_;
  std::vector<float> window_, frame_;
  std::vector<std::complex<float>> bins_;
  std::vector<double> power_;
  std::int64_t frames_ = 0;
};

}  // namespace twopop::analysis::detail
