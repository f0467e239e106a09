#include "analysis/detail/defects_detectors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace twopop::analysis::detail {
namespace {

constexpr double kOverResidual = 16.0;   // times the spread that the matched filter has without a pulse
constexpr double kPulseShare = 0.6;
constexpr float kLeastHeight = 0.008f;   // -42 dBFS: quieter ones are the clicks of lips and tongue

}  // namespace

Clicks::Clicks(SampleRate rate)
    : frame_(rate.hz / 50),
      alone_(rate.hz / 100),
      pulse_(std::max<std::int64_t>(2, rate.hz / 12000)),
      window_(static_cast<std::size_t>(2 * frame_)),
      windowed_(window_.size()),
      residual_(window_.size()),
      matched_(window_.size()),
      sorted_(window_.size() / 4 + 1) {
  for (std::size_t i = 0; i < window_.size(); ++i)
    window_[i] = static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(window_.size())));
}

void Clicks::judge(const Stretch& s) {
  if (first_ == INT64_MIN) first_ = s.begin.value;
  last_ = s.begin.value + s.count;
  // Frames are counted from the first sample of all: stretches are whole frames long but for the last.
  for (std::int64_t at = 0; at < s.count; at += frame_) judge_frame(s.x + at, s.begin + SampleCount{at}, std::min(frame_, s.count - at));
}

void Clicks::judge_frame(const float* x, SamplePosition begin, std::int64_t count) {
  const std::int64_t length = 2 * frame_;
  const float* from = x - frame_ / 2;
  // Without a sample that stands out of the second difference there is no click.
  float steepest = 0.0f, mean = 0.0f;
  for (std::int64_t i = 0; i < count; ++i) {
    const float bend = std::fabs(x[i] - 0.5f * (x[i - 1] + x[i + 1]));
    steepest = std::max(steepest, bend);
    mean += bend;
  }
  mean /= static_cast<float>(count);
  if (steepest < 0.5f * kLeastHeight || steepest < 4.0f * mean) return;

  for (std::int64_t i = 0; i < length; ++i) windowed_[static_cast<std::size_t>(i)] = from[i] * window_[static_cast<std::size_t>(i)];
  std::array<double, kOrder + 1> r{};
  for (int lag = 0; lag <= kOrder; ++lag) {
    std::array<float, 8> sum{};
    std::int64_t i = lag;
    for (; i + 8 <= length; i += 8)
      for (std::size_t k = 0; k < 8; ++k)
        sum[k] += windowed_[static_cast<std::size_t>(i) + k] * windowed_[static_cast<std::size_t>(i - lag) + k];
    for (const float part : sum) r[static_cast<std::size_t>(lag)] += static_cast<double>(part);
  }
  if (r[0] <= 1e-9) return;
  // Levinson and Durbin's recursion; a little white noise keeps it stable.
  r[0] *= 1.0 + 1e-6;
  std::array<double, kOrder + 1> a{};
  a[0] = 1.0;
  double error = r[0];
  for (int m = 1; m <= kOrder; ++m) {
    double k = 0.0;
    for (int j = 0; j < m; ++j) k -= a[static_cast<std::size_t>(j)] * r[static_cast<std::size_t>(m - j)];
    k /= error;
    std::array<double, kOrder + 1> next = a;
    for (int j = 1; j <= m; ++j) next[static_cast<std::size_t>(j)] += k * a[static_cast<std::size_t>(m - j)];
    a = next;
    error *= 1.0 - k * k;
    if (error <= 0.0) return;
  }
  std::array<float, kOrder + 1> tap{};
  for (int j = 0; j <= kOrder; ++j) tap[static_cast<std::size_t>(j)] = static_cast<float>(a[static_cast<std::size_t>(j)]);
  std::fill(residual_.begin(), residual_.end(), 0.0f);
  for (int j = 0; j <= kOrder; ++j) {
    const float* delayed = from - j;
    for (std::int64_t i = 0; i < length; ++i) residual_[static_cast<std::size_t>(i)] += tap[static_cast<std::size_t>(j)] * delayed[i];
  }
  std::size_t kept = 0;
  for (std::int64_t i = 0; i < length; i += 4) sorted_[kept++] = std::fabs(residual_[static_cast<std::size_t>(i)]);
  const auto middle = sorted_.begin() + static_cast<std::ptrdiff_t>(kept / 2);
  std::nth_element(sorted_.begin(), middle, sorted_.begin() + static_cast<std::ptrdiff_t>(kept));
  const double spread = static_cast<double>(*middle) / 0.6745;  // of a normal distribution with this median magnitude

  // A pulse of height h at n leaves h times the prediction's own taps in the residual from n on: the matched filter tells h.
  double tap_energy = 0.0;
  for (const double t : a) tap_energy += t * t;
  std::fill(matched_.begin(), matched_.end(), 0.0f);
  for (int j = 0; j <= kOrder; ++j) {
    const float weight = static_cast<float>(a[static_cast<std::size_t>(j)] / tap_energy);
    for (std::int64_t i = 0; i + kOrder < length; ++i)
      matched_[static_cast<std::size_t>(i)] += weight * residual_[static_cast<std::size_t>(i + j)];
  }
  auto height_at = [&](std::int64_t i) { return std::fabs(matched_[static_cast<std::size_t>(i)]); };
  const std::int64_t own = frame_ / 2;
  std::int64_t peak = own;
  for (std::int64_t i = own; i < own + count; ++i)
    if (height_at(i) > height_at(peak)) peak = i;
  const float height = height_at(peak);
  const double over = height * std::sqrt(tap_energy) / std::max(spread, 1e-7);
  if (height < kLeastHeight || over < kOverResidual) return;
  // It must be a pulse: what the residual holds around it is for the most part what a pulse leaves there. Lips and tongues
  // ring, plosives and knocks go on.
  double there = 0.0;
  for (std::int64_t i = std::max<std::int64_t>(0, peak - kOrder); i < std::min(length, peak + 2 * kOrder); ++i)
    there += static_cast<double>(residual_[static_cast<std::size_t>(i)]) * static_cast<double>(residual_[static_cast<std::size_t>(i)]);
  if (static_cast<double>(height) * static_cast<double>(height) * tap_energy < kPulseShare * there) return;
  // And it must be alone: glottal pulses come again.
  for (std::int64_t i = std::max<std::int64_t>(0, peak - alone_); i < std::min(length, peak + alone_); ++i)
    if (std::llabs(i - peak) > kOrder && height_at(i) > 0.5f * height) return;
  // Where a file begins or ends in the middle of a sound, the sound did not click.
  const SamplePosition at = begin + SampleCount{peak - own};
  if (at.value - first_ < frame_ / 10) return;
  found_.push_back({DefectKind::Click, {at, at + SampleCount{pulse_}}, -1, 20.0 * std::log10(over), 1});
}

void Clicks::finish(int channel, std::vector<Defect>& out) {
  for (Defect& d : found_) {
    if (last_ - d.range.begin.value < frame_ / 10) continue;
    d.channel = channel;
    out.push_back(d);
  }
}

}  // namespace twopop::analysis::detail
