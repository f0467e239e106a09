#include "analysis/sync_track.h"

#include "analysis/sync_fft.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <deque>
#include <numbers>
#include <utility>

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

using HalfFrame = std::array<float, kTrackHop>;

/// Flattens frames and keeps what rises above the steady background of its band: a hum, a hiss or a loop of room tone that two
/// recordings of different moments may share says nothing about sync.
class Flattener {
 public:
  /// `over`: how far above its background a cell must rise to count; 0 keeps all.
  Flattener(float over, SyncTrack& track) : over_(over), track_(track), fft_(kTrackFrame), window_(sine_window(kTrackFrame)) {
    track_.samples.clear(), track_.levels_db.clear();
    track_.samples.reserve(static_cast<std::size_t>(track_.duration_s * kTrackRate) + 4 * kTrackFrame);
    spectra_.reserve(kStretch);
  }

  void push(const HalfFrame& half) {
    frame(before_, half);
    before_ = half;
    level(half);
  }

  void finish() {
    frame(before_, HalfFrame{});
    flush();
    track_.silent = heard_ == 0;
    track_.steady = above_ * 100 < heard_;
    track_.samples.resize(static_cast<std::size_t>(std::ceil(track_.duration_s * kTrackRate)));
    track_.levels_db.resize(static_cast<std::size_t>(track_.duration_s / kLevelHop_s) + 1, -200.0f);
  }

 private:
  static constexpr int kBand = 20;  // bins: 50 Hz
  static constexpr std::size_t kBands = (kHigh - kLow + kBand) / kBand;
  static constexpr std::size_t kStretch = 100;  // frames: 20 s
  using Bands = std::array<float, kBands>;

  static std::size_t band_begin(std::size_t b) { return static_cast<std::size_t>(kLow) + b * kBand; }
  static std::size_t band_end(std::size_t b) { return std::min<std::size_t>(band_begin(b + 1), kHigh + 1); }

  void frame(const HalfFrame& first, const HalfFrame& second) {
    const auto time = fft_.time();
    for (std::size_t i = 0; i < kTrackHop; ++i) time[i] = first[i] * window_[i], time[i + kTrackHop] = second[i] * window_[i + kTrackHop];
    fft_.forward();
    const auto bins = fft_.bins();
    Bands power;
    for (std::size_t b = 0; b < kBands; ++b) {
      float sum = 0;
      for (std::size_t k = band_begin(b); k < band_end(b); ++k) sum += std::norm(bins[k]);
      power[b] = sum / kBand;
    }
    last_.push_back(power);
    if (last_.size() > kStretch) last_.pop_front();
    spectra_.emplace_back(bins.begin() + kLow, bins.begin() + kHigh + 1);
    if (spectra_.size() == kStretch) flush();
  }

  /// The background of the stretch, the low tenth of its frames band by band; the last stretch of a recording looks back over as many.
  Bands background() {
    Bands floor{};
    for (std::size_t b = 0; b < kBands; ++b) {
      sorted_.clear();
      for (const Bands& p : last_)
        if (p[b] > kSilence) sorted_.push_back(p[b]);
      if (sorted_.empty()) continue;
      const auto tenth = sorted_.begin() + static_cast<std::ptrdiff_t>(sorted_.size() / 10);
      std::nth_element(sorted_.begin(), tenth, sorted_.end());
      floor[b] = *tenth;
    }
    return floor;
  }

  void flush() {
    const Bands floor = background();
    for (std::size_t f = 0; f < spectra_.size(); ++f) {
      const Bands& power = last_[last_.size() - spectra_.size() + f];
      const auto bins = fft_.bins();
      std::fill(bins.begin(), bins.end(), std::complex<float>());
      for (std::size_t b = 0; b < kBands; ++b) {
        const float p = power[b];
        if (p <= kSilence) continue;
        ++heard_;
        if (p > 2 * kOver * floor[b]) ++above_;
        const float gate = std::max(0.0f, 1 - over_ * floor[b] / p);
        if (!(gate > 0)) continue;
        for (std::size_t k = band_begin(b); k < band_end(b); ++k) {
          const std::complex<float> x = spectra_[f][k - kLow];
          // Between flattening by bands (keeps harmonics) and bin by bin (keeps only phase).
          bins[k] = x * (gate / std::sqrt(std::sqrt(p * std::max(std::norm(x), 1e-3f * p))));
        }
      }
      fft_.inverse();
      const auto back = fft_.time();
      constexpr float kScale = 24.0f / 40.0f;
      for (std::size_t i = 0; i < kTrackHop; ++i) {
        const float whole = std::clamp((back[i] * window_[i] + tail_[i]) * kScale, -127.0f, 127.0f);
        tail_[i] = back[i + kTrackHop] * window_[i + kTrackHop];
        if (started_) track_.samples.push_back(static_cast<std::int8_t>(std::lrint(whole)));
      }
      started_ = true;
    }
    spectra_.clear();
  }

  /// Levels of first differences, so that rumble does not hide what is said.
  void level(const HalfFrame& half) {
    constexpr std::size_t kHop = static_cast<std::size_t>(kLevelHop_s * kTrackRate);
    static_assert(kTrackHop % kHop == 0);
    for (std::size_t begin = 0; begin < kTrackHop; begin += kHop) {
      double power = 0;
      for (std::size_t i = begin; i < begin + kHop; ++i) {
        power += std::pow(half[i] - last_sample_, 2);
        last_sample_ = half[i];
      }
      track_.levels_db.push_back(static_cast<float>(10 * std::log10((power + last_power_) / (2 * kHop) + 1e-20)));
      last_power_ = power;
    }
  }

  float over_;
  SyncTrack& track_;
  RealFft fft_;
  std::vector<float> window_;
  HalfFrame before_{}, tail_{};
  std::deque<Bands> last_;                                // at most a stretch of them
  std::vector<std::vector<std::complex<float>>> spectra_; // of the stretch so far
  std::vector<float> sorted_;
  std::size_t above_ = 0, heard_ = 0;
  bool started_ = false;
  double last_sample_ = 0, last_power_ = 0;
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

  void push(std::vector<float>& in, Flattener& out) {
    held_.insert(held_.end(), in.begin(), in.end());
    in.clear();
    std::size_t at = 0;
    for (; at + static_cast<std::size_t>(frame_) <= held_.size(); at += static_cast<std::size_t>(hop_)) one(held_.data() + at, out);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
  }

 private:
  void one(const float* in, Flattener& out) {
    const std::span<float> time = in_fft_.time();
    for (std::size_t i = 0; i < time.size(); ++i) time[i] = in[i] * window_[i];
    in_fft_.forward();
    const auto made = out_fft_.bins();
    std::fill(made.begin(), made.end(), std::complex<float>());
    std::copy_n(in_fft_.bins().begin() + kLow, kHigh - kLow + 1, made.begin() + kLow);
    out_fft_.inverse();
    const auto back = out_fft_.time();
    for (std::size_t i = 0; i < kTrackHop; ++i) {
      half_[i] = (back[i] * out_window_[i] + tail_[i]) / static_cast<float>(frame_);
      tail_[i] = back[i + kTrackHop] * out_window_[i + kTrackHop];
    }
    if (std::exchange(started_, true)) out.push(half_);  // the first half frame lies before the recording
  }

  int frame_, hop_;
  RealFft in_fft_, out_fft_;
  std::vector<float> window_, out_window_, tail_, held_;
  HalfFrame half_{};
  bool started_ = false;
};

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
  SyncTrack track;
  const std::int64_t length = source.length().value;
  track.duration_s = static_cast<double>(length) / rate;
  for (float over = kOver;; over = 0) {
    Decimator decimator(rate, step);
    OddRate to_8k(static_cast<double>(rate) / step);
    Narrow narrow(odd ? 8000.0 : static_cast<double>(rate) / step);
    Flattener flattener(over, track);
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
      narrow.push(even, flattener);
    }
    flattener.finish();
    // A recording of nothing but a steady sound keeps it all.
    if (!track.steady || track.silent || over == 0) break;
  }
  return track;
}

}  // namespace twopop::analysis
