#include "analysis/sync_track.h"

#include "analysis/sync_fft.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <deque>
#include <numbers>

namespace twopop::analysis {
namespace {

constexpr double kFrame_s = 0.4;
constexpr double kLow_hz = 120, kHigh_hz = 1850;
constexpr double kBin_hz = 1 / kFrame_s;
constexpr int kTrackFrame = static_cast<int>(kFrame_s * kTrackRate), kTrackHop = kTrackFrame / 2;
/// Mean power of a bin below which a band holds nothing: dither of 24 bits lies under it.
constexpr float kSilence = 1e-12f;
/// How far above its background a cell must rise to count.
constexpr float kOver = 2.5f;

double sinc(double x) { return std::abs(x) < 1e-9 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }
std::int16_t rounded(float value) { return static_cast<std::int16_t>(value < 0 ? value - 0.5f : value + 0.5f); }

/// Blackman window on -1..1.
double blackman(double x) {
  return std::abs(x) >= 1 ? 0.0 : 0.42 + 0.5 * std::cos(std::numbers::pi * x) + 0.08 * std::cos(2 * std::numbers::pi * x);
}

/// Every `step`-th sample after a linear-phase low-pass, in line with the input: output m is input m x step.
class Decimator {
 public:
  Decimator(double rate, int step) : step_(step) {
    // Passband 2 kHz, alias-free up to there: the transition may reach rate / step - 2 kHz.
    const double middle = rate / step / 2;
    const double width = std::max(rate / step - 4000, 500.0);
    half_ = step == 1 ? 0 : static_cast<int>(std::ceil(2.75 * rate / width));
    taps_.resize(static_cast<std::size_t>(2 * half_ + 1));
    double sum = 0;
    for (int i = -half_; i <= half_; ++i) {
      const double tap = sinc(2 * middle / rate * i) * blackman(i / (half_ + 1.0));
      taps_[static_cast<std::size_t>(i + half_)] = static_cast<float>(tap);
      sum += tap;
    }
    for (float& tap : taps_) tap = static_cast<float>(tap / sum);
    held_.assign(static_cast<std::size_t>(half_), 0.0f);
  }

  void push(std::span<const float> in, std::vector<float>& out) {
    held_.insert(held_.end(), in.begin(), in.end());
    std::size_t at = 0;
    for (; at + taps_.size() <= held_.size(); at += static_cast<std::size_t>(step_)) out.push_back(filtered(held_.data() + at));
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(std::min(at, held_.size())));
  }
  int half() const { return half_; }

 private:
  float filtered(const float* in) const {
    typedef float Lanes __attribute__((vector_size(32)));
    typedef float Anywhere __attribute__((vector_size(32), aligned(4), may_alias));
    Lanes sum{};
    std::size_t i = 0;
    for (; i + 8 <= taps_.size(); i += 8) {
      const Lanes x = *reinterpret_cast<const Anywhere*>(in + i), h = *reinterpret_cast<const Anywhere*>(taps_.data() + i);
      sum += x * h;
    }
    float total = 0;
    for (int lane = 0; lane < 8; ++lane) total += sum[lane];
    for (; i < taps_.size(); ++i) total += in[i] * taps_[i];
    return total;
  }

  int step_;
  int half_ = 0;
  std::vector<float> taps_;
  std::vector<float> held_;
};

/// Rates that do not divide evenly: to 8 kHz by windowed sinc, phase from the output index.
class OddRate {
 public:
  explicit OddRate(double rate) : ratio_(rate / 8000.0) { held_.assign(kHalf, 0.0f); }
  void push(std::span<const float> in, std::vector<float>& out) {
    held_.insert(held_.end(), in.begin(), in.end());
    for (;; ++made_) {
      const double at = static_cast<double>(made_) * ratio_ - static_cast<double>(base_);
      const std::int64_t whole = static_cast<std::int64_t>(std::floor(at));
      if (whole + 2 * kHalf + 1 > static_cast<std::int64_t>(held_.size())) break;
      double sum = 0;
      for (int i = 0; i < 2 * kHalf; ++i) {
        const double x = at - static_cast<double>(whole) + kHalf - 1 - i;
        sum += held_[static_cast<std::size_t>(whole + 1 + i)] * sinc(x * kCut) * kCut * blackman(x / kHalf);
      }
      out.push_back(static_cast<float>(sum));
    }
    const std::int64_t spent = std::clamp<std::int64_t>(static_cast<std::int64_t>(static_cast<double>(made_) * ratio_) - base_ - 1, 0,
                                                        static_cast<std::int64_t>(held_.size()));
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(spent));
    base_ += spent;
  }

 private:
  static constexpr int kHalf = 24;
  static constexpr double kCut = 0.6;
  double ratio_;
  std::int64_t made_ = 0, base_ = 0;
  std::vector<float> held_;
};

constexpr int kLow = static_cast<int>(kLow_hz / kBin_hz), kHigh = static_cast<int>(kHigh_hz / kBin_hz);

std::vector<float> sine_window(int size) {
  std::vector<float> window(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) window[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(std::numbers::pi * i / size));
  return window;
}

/// Half frames of the 4 kHz signal as 16-bit numbers, each with a scale of its own: any level keeps its resolution.
struct Halves {
  std::vector<std::int16_t> samples;
  std::vector<float> scales;
};

/// To exactly 4 kHz, limited to the band, by overlapping frames whose spectra are cut short.
class Narrow {
 public:
  explicit Narrow(double rate)
      : frame_(static_cast<int>(std::lround(kFrame_s * rate))), hop_(frame_ / 2), in_fft_(frame_), out_fft_(kTrackFrame),
        window_(sine_window(frame_)), out_window_(sine_window(kTrackFrame)) {
    tail_.assign(kTrackHop, 0.0f);
    held_.assign(static_cast<std::size_t>(hop_), 0.0f);
  }

  void push(std::vector<float>& in, Halves& out) {
    held_.insert(held_.end(), in.begin(), in.end());
    in.clear();
    std::size_t at = 0;
    for (; at + static_cast<std::size_t>(frame_) <= held_.size(); at += static_cast<std::size_t>(hop_)) one(held_.data() + at, out);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
  }

 private:
  void one(const float* in, Halves& out) {
    const std::span<float> time = in_fft_.time();
    for (std::size_t i = 0; i < time.size(); ++i) time[i] = in[i] * window_[i];
    in_fft_.forward();
    const auto made = out_fft_.bins();
    std::fill(made.begin(), made.end(), std::complex<float>());
    std::copy_n(in_fft_.bins().begin() + kLow, kHigh - kLow + 1, made.begin() + kLow);
    out_fft_.inverse();
    const auto back = out_fft_.time();
    float peak = 0;
    for (int i = 0; i < kTrackHop; ++i) {
      half_[static_cast<std::size_t>(i)] = back[static_cast<std::size_t>(i)] * out_window_[static_cast<std::size_t>(i)] + tail_[static_cast<std::size_t>(i)];
      tail_[static_cast<std::size_t>(i)] = back[static_cast<std::size_t>(i + kTrackHop)] * out_window_[static_cast<std::size_t>(i + kTrackHop)];
      peak = std::max(peak, std::abs(half_[static_cast<std::size_t>(i)]));
    }
    if (!started_) {  // the first half frame lies before the recording
      started_ = true;
      return;
    }
    const float scale = peak > 0 ? peak / 32000 : 1;
    for (const float value : half_) out.samples.push_back(rounded(value / scale));
    out.scales.push_back(scale / static_cast<float>(frame_));
  }

  int frame_, hop_;
  RealFft in_fft_, out_fft_;
  std::vector<float> window_, out_window_, tail_, held_;
  std::array<float, kTrackHop> half_{};
  bool started_ = false;
};

/// Flattens frames and keeps what rises above the steady background of its band: a hum, a hiss or a loop of room tone that two
/// recordings of different moments may share says nothing about sync.
void flatten(Halves& halves, SyncTrack& track) {
  constexpr int kBand = 20;  // bins: 50 Hz
  constexpr int kBands = (kHigh - kLow + kBand) / kBand;
  const std::size_t frames = halves.scales.size() + 1;
  RealFft fft(kTrackFrame);
  const std::vector<float> window = sine_window(kTrackFrame);
  const auto load = [&](std::size_t frame) {
    const auto time = fft.time();
    for (int half = 0; half < 2; ++half) {
      const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(frame) - 1 + half;
      for (int i = 0; i < kTrackHop; ++i) {
        const std::size_t to = static_cast<std::size_t>(half * kTrackHop + i);
        time[to] = from < 0 || from >= static_cast<std::ptrdiff_t>(halves.scales.size())
                       ? 0.0f
                       : static_cast<float>(halves.samples[static_cast<std::size_t>(from * kTrackHop + i)]) * halves.scales[static_cast<std::size_t>(from)] * window[to];
      }
    }
    fft.forward();
  };
  using Bands = std::array<float, kBands>;
  const auto powers = [&] {  // of the frame that was loaded, band by band
    Bands out;
    for (int b = 0; b < kBands; ++b) {
      float sum = 0;
      for (int k = kLow + b * kBand; k < std::min(kLow + (b + 1) * kBand, kHigh + 1); ++k) sum += std::norm(fft.bins()[static_cast<std::size_t>(k)]);
      out[static_cast<std::size_t>(b)] = sum / kBand;
    }
    return out;
  };
  // Background of a stretch of 20 s: the low tenth of its frames, band by band; the last stretch looks back over as many.
  // A recording of nothing but a steady sound keeps it all.
  constexpr std::size_t kStretch = 100;
  std::vector<Bands> floors((frames + kStretch - 1) / kStretch);
  std::deque<Bands> last;
  std::vector<float> sorted;
  std::size_t above = 0, heard = 0;
  for (std::size_t f = 0; f < frames; ++f) {
    load(f);
    last.push_back(powers());
    if (last.size() > kStretch) last.pop_front();
    if ((f + 1) % kStretch != 0 && f + 1 < frames) continue;
    const std::size_t s = f / kStretch;
    for (std::size_t b = 0; b < kBands; ++b) {
      sorted.clear();
      for (const Bands& p : last)
        if (p[b] > kSilence) sorted.push_back(p[b]);
      if (sorted.empty()) continue;
      const auto tenth = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 10);
      std::nth_element(sorted.begin(), tenth, sorted.end());
      floors[s][b] = *tenth;
    }
    for (std::size_t i = last.size() - (f + 1 - s * kStretch); i < last.size(); ++i)
      for (std::size_t b = 0; b < kBands; ++b) {
        if (last[i][b] <= kSilence) continue;
        ++heard;
        if (last[i][b] > 2 * kOver * floors[s][b]) ++above;
      }
  }
  track.silent = heard == 0;
  track.steady = above * 100 < heard;
  const float over = track.steady ? 0.0f : kOver;

  // What is made of a half frame takes its place: the next frame does not read it again.
  std::vector<float> tail(kTrackHop, 0.0f);
  for (std::size_t f = 0; f < frames; ++f) {
    load(f);
    const Bands loud = powers();
    const auto bins = fft.bins();
    std::fill(bins.begin(), bins.begin() + kLow, std::complex<float>());
    std::fill(bins.begin() + kHigh + 1, bins.end(), std::complex<float>());
    for (int b = 0; b < kBands; ++b) {
      const float p = loud[static_cast<std::size_t>(b)];
      const float gate = p <= kSilence ? 0.0f : std::max(0.0f, 1 - over * floors[f / kStretch][static_cast<std::size_t>(b)] / p);
      for (int k = kLow + b * kBand; k < std::min(kLow + (b + 1) * kBand, kHigh + 1); ++k) {
        std::complex<float>& x = bins[static_cast<std::size_t>(k)];
        // Between flattening by bands (keeps harmonics) and bin by bin (keeps only phase).
        x = gate > 0 ? x * (gate / std::sqrt(std::sqrt(p * std::max(std::norm(x), 1e-3f * p)))) : std::complex<float>();
      }
    }
    fft.inverse();
    const auto back = fft.time();
    constexpr float kScale = 4000.0f / 40.0f;
    for (std::size_t i = 0; i < kTrackHop; ++i) {
      const float whole = back[i] * window[i] + tail[i];
      tail[i] = back[i + kTrackHop] * window[i + kTrackHop];
      if (f > 0) halves.samples[(f - 1) * kTrackHop + i] = rounded(std::clamp(whole * kScale, -32000.0f, 32000.0f));
    }
  }
  track.samples = std::move(halves.samples);
}

/// Levels of first differences, so that rumble does not hide what is said.
void take_levels(const Halves& halves, SyncTrack& track) {
  constexpr std::int64_t kHop = static_cast<std::int64_t>(kLevelHop_s * kTrackRate);
  const auto frames = static_cast<std::int64_t>(track.duration_s / kLevelHop_s) + 1, count = static_cast<std::int64_t>(halves.samples.size());
  track.levels_db.assign(static_cast<std::size_t>(frames), -200.0f);
  std::vector<double> powers(static_cast<std::size_t>(frames), 0.0);
  double last = 0;
  for (std::int64_t i = 0; i < std::min(count, frames * kHop); ++i) {
    const double x = static_cast<double>(halves.samples[static_cast<std::size_t>(i)]) * halves.scales[static_cast<std::size_t>(i / kTrackHop)];
    powers[static_cast<std::size_t>(i / kHop)] += (x - last) * (x - last);
    last = x;
  }
  for (std::int64_t f = 0; f < frames; ++f) {
    const double around = powers[static_cast<std::size_t>(f)] + (f > 0 ? powers[static_cast<std::size_t>(f - 1)] : 0.0);
    track.levels_db[static_cast<std::size_t>(f)] = static_cast<float>(10 * std::log10(around / (2 * kHop) + 1e-20));
  }
}

/// Largest step that leaves at least 8 kHz and frames of whole, even length; 0 if there is none.
int whole_step(int rate) {
  for (int step = rate / 8000; step >= 1; --step)
    if ((static_cast<std::int64_t>(rate) * 2) % (static_cast<std::int64_t>(step) * 10) == 0 && rate / step <= 16000) return step;
  return 0;
}

}  // namespace

double SyncTrack::level_db(double at_s) const {
  const double frame = std::round(at_s / kLevelHop_s);
  return frame < 0 || frame >= static_cast<double>(levels_db.size()) ? -200.0 : levels_db[static_cast<std::size_t>(frame)];
}

namespace {

double level_at(std::span<const float> levels, int percent) {
  if (levels.empty()) return -200;
  std::vector<float> sorted(levels.begin(), levels.end());
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) * static_cast<std::size_t>(percent) / 100);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

}  // namespace

double SyncTrack::loud_db(double begin_s, double end_s) const {
  const auto frame = [&](double s) { return static_cast<std::size_t>(std::clamp(s / kLevelHop_s, 0.0, static_cast<double>(levels_db.size()))); };
  return frame(end_s) <= frame(begin_s) ? -200 : level_at(std::span(levels_db).subspan(frame(begin_s), frame(end_s) - frame(begin_s)), 95);
}

double SyncTrack::quiet_db() const { return level_at(levels_db, 10); }

Result<SyncTrack> make_track(SampleSource& source) {
  const int rate = source.rate().hz;
  if (rate < 4000) return Error{Code::Unsupported, fmt::format("{} Hz is too low a sample rate for sync", rate), "give a file of 4 kHz or more"};
  int step = rate < 8000 ? 0 : whole_step(rate);
  const bool odd = step == 0;
  if (odd) step = std::max(1, rate / 16000);
  Decimator decimator(rate, step);
  OddRate to_8k(static_cast<double>(rate) / step);
  Narrow narrow(odd ? 8000.0 : static_cast<double>(rate) / step);
  Halves halves;

  SyncTrack track;
  const std::int64_t length = source.length().value;
  track.duration_s = static_cast<double>(length) / rate;
  halves.samples.reserve(static_cast<std::size_t>(track.duration_s * kTrackRate) + 2 * kTrackFrame);
  std::vector<float> block(1 << 16), middle, even;
  // Past the end, silence flushes what the filters and frames still hold.
  const std::int64_t end = length + decimator.half() + static_cast<std::int64_t>(rate * (kFrame_s + 0.01));
  for (std::int64_t at = 0; at < end; at += static_cast<std::int64_t>(block.size())) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(block.size()), end - at));
    TWOPOP_CHECK(source.read({at}, std::span(block).first(count)));
    decimator.push(std::span(block).first(count), odd ? middle : even);
    if (odd) {
      to_8k.push(middle, even);
      middle.clear();
    }
    narrow.push(even, halves);
  }
  take_levels(halves, track);
  flatten(halves, track);
  track.samples.resize(static_cast<std::size_t>(std::ceil(track.duration_s * kTrackRate)));
  return track;
}

}  // namespace twopop::analysis
