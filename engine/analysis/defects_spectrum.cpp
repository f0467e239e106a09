#include "analysis/detail/defects_detectors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace twopop::analysis::detail {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kLeastDb = -160.0;

double decibels(double power) { return power > 1e-16 ? 10.0 * std::log10(power) : kLeastDb; }

std::vector<float> cosine_window(int size, std::initializer_list<double> terms) {
  std::vector<float> window(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < window.size(); ++i) {
    double sum = 0.0, sign = 1.0;
    int k = 0;
    for (const double term : terms) {
      sum += sign * term * std::cos(2.0 * kPi * k++ * static_cast<double>(i) / size);
      sign = -sign;
    }
    window[i] = static_cast<float>(sum);
  }
  return window;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Hum::Hum(SampleRate rate)
    : rate_(rate),
      factor_(std::max<std::int64_t>(1, rate.hz / 1500)),
      low_rate_hz_(static_cast<double>(rate.hz) / static_cast<double>(factor_)),
      window_(cosine_window(kSize, {0.5, 0.5})),
      fft_(kSize),
      frame_(kSize),
      bins_(static_cast<std::size_t>(fft_.bins())) {
  // A low-pass at a third of the low rate; eight low-rate samples long.
  const std::int64_t half = 4 * factor_;
  double sum = 0.0;
  for (std::int64_t i = -half; i <= half; ++i) {
    const double t = static_cast<double>(i) / static_cast<double>(factor_), c = 2.0 / 3.0;
    const double sinc = i == 0 ? c : std::sin(kPi * c * t) / (kPi * t);
    const double w = 0.42 + 0.5 * std::cos(kPi * static_cast<double>(i) / static_cast<double>(half + 1)) +
                     0.08 * std::cos(2.0 * kPi * static_cast<double>(i) / static_cast<double>(half + 1));
    taps_.push_back(static_cast<float>(sinc * w));
    sum += sinc * w;
  }
  for (float& tap : taps_) tap = static_cast<float>(tap / sum);
}

void Hum::judge(const Stretch& s) {
  if (seen_ == 0) begin_ = s.begin;
  const auto half = static_cast<std::int64_t>(taps_.size() / 2);
  for (; next_ < seen_ + s.count; next_ += factor_) {
    const float* x = s.x + (next_ - seen_) - half;
    float sums[8]{};
    std::size_t k = 0;
    for (; k + 8 <= taps_.size(); k += 8)
      for (std::size_t l = 0; l < 8; ++l) sums[l] += taps_[k + l] * x[k + l];
    float value = 0.0f;
    for (const float part : sums) value += part;
    for (; k < taps_.size(); ++k) value += taps_[k] * x[k];
    low_.push_back(value);
    if (low_.size() == kSize) analyse();
  }
  seen_ += s.count;
}

void Hum::analyse() {
  for (std::size_t i = 0; i < kSize; ++i) frame_[i] = low_[i] * window_[i];
  fft_.forward(frame_.data(), bins_.data());
  // Power of a steady line at the middle of its bin: 2 |X|^2 / (sum of the window)^2.
  constexpr double kScale = 2.0 / (0.25 * kSize * kSize);
  std::vector<float> spectrum(bins_.size());
  for (std::size_t k = 0; k < bins_.size(); ++k) spectrum[k] = static_cast<float>(decibels(kScale * static_cast<double>(std::norm(bins_[k]))));
  spectra_db_.push_back(std::move(spectrum));
  low_.erase(low_.begin(), low_.begin() + kSize / 2);
  if (spectra_db_.size() == kFramesPerVerdict) give_verdict();
}

void Hum::give_verdict() {
  const std::int64_t begin = verdict_begin_;
  verdict_begin_ = next_;
  const std::vector<std::vector<float>> spectra = std::move(spectra_db_);
  spectra_db_.clear();
  if (spectra.size() < (any_verdict_ ? 4 : 3)) return;
  any_verdict_ = true;
  std::vector<double> level(bins_.size());
  std::vector<float> column(spectra.size());
  const auto quarter = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 4);
  for (std::size_t k = 0; k < level.size(); ++k) {
    for (std::size_t f = 0; f < spectra.size(); ++f) column[f] = spectra[f][k];
    std::nth_element(column.begin(), quarter, column.end());
    level[k] = static_cast<double>(*quarter);
  }
  const double hz_per_bin = low_rate_hz_ / kSize;
  constexpr int kMostHarmonics = 10;
  struct Line {
    double over = 0, level = kLeastDb, hz = 0;
  };
  auto line_at = [&](double hz) {
    const int bin = static_cast<int>(std::lround(hz / hz_per_bin));
    const int near = static_cast<int>(std::ceil(4.0 / hz_per_bin)), far = static_cast<int>(std::ceil(14.0 / hz_per_bin));
    Line line;
    if (bin - far < 2 || bin + far >= static_cast<int>(level.size())) return line;
    int top = bin;
    for (int k = bin - 1; k <= bin + 1; ++k)
      if (level[static_cast<std::size_t>(k)] > level[static_cast<std::size_t>(top)]) top = k;
    std::vector<double> around;
    for (int k = near; k <= far; ++k) {
      around.push_back(level[static_cast<std::size_t>(bin - k)]);
      around.push_back(level[static_cast<std::size_t>(bin + k)]);
    }
    // The parabola through three bins: within 0.1 dB and a twentieth of a bin for this window.
    const double a = level[static_cast<std::size_t>(top - 1)], b = level[static_cast<std::size_t>(top)], c = level[static_cast<std::size_t>(top + 1)];
    const double bend = a - 2.0 * b + c, shift = bend < 0.0 ? 0.5 * (a - c) / bend : 0.0;
    line.over = b - median(around);
    line.level = b - 0.25 * (a - c) * shift;
    line.hz = (top + shift) * hz_per_bin;
    return line;
  };
  double best_score = 0.0, best_mains = 0.0;
  for (const double nominal : {50.0, 60.0})
    for (double mains = nominal - 0.6; mains <= nominal + 0.6; mains += 0.05) {
      double score = 0.0;
      for (int h = 1; h <= kMostHarmonics; ++h) score += std::clamp(line_at(h * mains).over - 6.0, 0.0, 30.0);
      if (score > best_score) best_score = score, best_mains = mains;
    }
  if (best_mains == 0.0) return;
  double power = 0.0, weights = 0.0, mains = 0.0;
  int lines = 0, strong = 0;
  for (int h = 1; h <= kMostHarmonics; ++h) {
    const Line line = line_at(h * best_mains);
    if (line.over < 10.0 || std::fabs(line.hz - h * best_mains) > 0.5 + 0.1 * h) continue;
    ++lines;
    if (line.over >= 15.0) ++strong;
    power += std::pow(10.0, line.level / 10.0);
    weights += h;
    mains += line.hz;
  }
  // Two strong lines and one more, or one very strong pair: a single line may be a motor or a note.
  if (lines < 3 || strong < 2 || decibels(power) < -85.0) return;
  const SampleRange range{begin_ + SampleCount{begin}, begin_ + SampleCount{next_}};
  if (!found_.empty() && found_.back().range.end >= range.begin && std::fabs(mains_.back() - mains / weights) < 0.5) {
    Defect& last = found_.back();
    last.figure = 10.0 * std::log10(0.5 * (std::pow(10.0, last.figure / 10.0) + power));
    last.count = std::max<std::int64_t>(last.count, lines);
    last.range.end = range.end;
    mains_.back() = 0.5 * (mains_.back() + mains / weights);
    return;
  }
  found_.push_back({DefectKind::Hum, range, -1, decibels(power), lines});
  mains_.push_back(mains / weights);
}

void Hum::finish(int channel, ChannelFacts& facts, std::vector<Defect>& out) {
  if (!spectra_db_.empty()) give_verdict();
  for (std::size_t i = 0; i < found_.size(); ++i) {
    found_[i].channel = channel;
    found_[i].range.end = std::min(found_[i].range.end, begin_ + SampleCount{seen_});
    out.push_back(found_[i]);
    if (found_[i].figure > facts.hum_level.value) {
      facts.hum_level = {found_[i].figure};
      facts.hum_hz = mains_[i];
    }
  }
}

Bandwidth::Bandwidth(SampleRate rate)
    : rate_(rate),
      fft_(static_cast<int>(std::bit_floor(static_cast<unsigned>(rate.hz / 20)))),
      window_(cosine_window(fft_.size(), {0.35875, 0.48829, 0.14128, 0.01168})),  // Blackman and Harris: -92 dB beside the line
      frame_(window_.size()),
      bins_(static_cast<std::size_t>(fft_.bins())),
      power_(bins_.size()) {}

void Bandwidth::judge(const Stretch& s) {
  if (s.count < fft_.size()) return;
  const float* x = s.x + (s.count - fft_.size()) / 2;
  double sum = 0.0;
  for (std::size_t i = 0; i < frame_.size(); ++i) {
    frame_[i] = x[i] * window_[i];
    sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  }
  if (sum < 1e-5 * fft_.size()) return;  // -50 dBFS
  fft_.forward(frame_.data(), bins_.data());
  for (std::size_t k = 0; k < bins_.size(); ++k) power_[k] += static_cast<double>(std::norm(bins_[k]));
  ++frames_;
}

void Bandwidth::finish(int channel, SampleRange range, ChannelFacts& facts, std::vector<Defect>& out) {
  const double half_rate = rate_.hz / 2.0, hz_per_bin = half_rate / static_cast<double>(power_.size() - 1);
  facts.bandwidth_hz = half_rate;
  if (frames_ < 16) return;
  std::vector<double> until(power_.size() + 1), level;
  for (std::size_t k = 0; k < power_.size(); ++k) until[k + 1] = until[k] + decibels(power_[k] / static_cast<double>(frames_));
  auto mean = [&](double from_hz, double to_hz) {
    const auto from = static_cast<std::size_t>(std::max(1.0, from_hz / hz_per_bin));
    const auto to = std::min(power_.size(), static_cast<std::size_t>(to_hz / hz_per_bin) + 1);
    return to > from ? (until[to] - until[from]) / static_cast<double>(to - from) : kLeastDb;
  };
  const double side = half_rate / 24.0;  // 1 kHz at 48 kHz
  double deepest = 0.0, edge = 0.0;
  for (double hz = half_rate / 12.0; hz < 0.93 * half_rate; hz += hz_per_bin) {
    const double fall = mean(hz - 0.8 * side, hz - 0.1 * side) - mean(hz + 0.15 * side, hz + side);
    if (fall > deepest) deepest = fall, edge = hz;
  }
  const double under = mean(edge + 0.15 * side, edge + side);
  // A cliff, far under the sound: voices fall off by themselves, but slowly.
  double loudest = kLeastDb;
  for (double hz = side; hz < edge; hz += 0.5 * side) loudest = std::max(loudest, mean(hz - 0.5 * side, hz + 0.5 * side));
  if (deepest < 16.0 || loudest - under < 45.0) return;
  for (double hz = edge + side; hz < half_rate - side; hz += 0.5 * side)
    if (mean(hz, hz + side) > under + 6.0) return;  // a notch, not an end
  facts.bandwidth_hz = edge;
  if (edge < 0.85 * half_rate) out.push_back({DefectKind::BandLimited, range, channel, edge, 1});
}

}  // namespace twopop::analysis::detail
