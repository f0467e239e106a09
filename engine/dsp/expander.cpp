#include "dsp/expander.h"

#include "core/exact_math.h"

#include <algorithm>
#include <cmath>

namespace twopop::dsp {

void GainCurve::apply(AudioView<float> io, SamplePosition begin) const noexcept {
  if (points.size() < 2) return;
  const float share = 1.0f / static_cast<float>(step);
  for (int c = 0; c < io.channels(); ++c) {
    float* x = io.channel(c);
    for (std::int64_t i = 0; i < io.frames();) {
      const std::int64_t at = std::clamp<std::int64_t>(begin.value + i, 0, std::max<std::int64_t>(0, length.value - 1));
      const std::int64_t cell = std::min(at / step, static_cast<std::int64_t>(points.size()) - 2);
      const bool outside = at != begin.value + i;
      const std::int64_t within = at - cell * step;
      // A whole cell at once; one frame at a time outside the clip.
      const std::int64_t count = outside ? 1 : std::min({io.frames() - i, step - within, length.value - at});
      const float a = points[static_cast<std::size_t>(cell)], rise = (points[static_cast<std::size_t>(cell) + 1] - a) * share;
      for (std::int64_t k = 0; k < count; ++k) x[i + k] *= a + rise * static_cast<float>(within + k);
      i += std::max<std::int64_t>(1, count);
    }
  }
}

float GainCurve::at(SamplePosition p) const noexcept {
  float one = 1.0f;
  apply(AudioView<float>(&one, 1), p);
  return one;
}

Decibels GainCurve::deepest() const {
  const auto least = std::min_element(points.begin(), points.end());
  return least == points.end() ? Decibels{0} : Decibels{exact::db_of_gain(std::max(1e-6f, *least))};
}

Decibels closed_gain(const ExpanderSettings& settings, DbFs level) {
  const double over = level.value - settings.threshold.value;
  return Decibels{std::max(-settings.range.value, std::min(0.0, over * (settings.ratio - 1.0)))};
}

struct ExpanderCurve::Impl {
  SampleRate rate;
  ExpanderSettings settings;
  std::int32_t step = 32;
  std::int64_t length = 0;
  std::vector<double> sums;    // of squares in the current step, per channel
  std::vector<float> powers;   // loudest channel's mean square, per step

  void close_step(std::int64_t frames) {
    double most = 0;
    for (double& s : sums) most = std::max(most, s), s = 0;
    powers.push_back(static_cast<float>(most / static_cast<double>(frames)));
  }
};

ExpanderCurve::ExpanderCurve(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExpanderCurve::ExpanderCurve(ExpanderCurve&&) noexcept = default;
ExpanderCurve& ExpanderCurve::operator=(ExpanderCurve&&) noexcept = default;
ExpanderCurve::~ExpanderCurve() = default;

Result<ExpanderCurve> ExpanderCurve::create(SampleRate rate, const ExpanderSettings& s) {
  if (rate.hz < 1000)
    return Error{Code::InvalidArgument, fmt::format("expander: a rate of {} Hz is too low", rate.hz), "use a rate from 1000 Hz"};
  if (!(s.ratio >= 1.0) || !(s.range.value >= 0) || !(s.attack_s > 0) || !(s.release_s > 0) || !(s.hold_s >= 0) ||
      !(s.hysteresis.value >= 0) || !(s.look_ahead_s >= 0) || !std::isfinite(s.threshold.value))
    return Error{Code::InvalidArgument,
                 fmt::format("expander: threshold {} dBFS, ratio {}, range {} dB, attack {} s, hold {} s, release {} s, hysteresis {} dB, "
                             "look-ahead {} s cannot work together",
                             s.threshold.value, s.ratio, s.range.value, s.attack_s, s.hold_s, s.release_s, s.hysteresis.value, s.look_ahead_s),
                 "use a ratio from 1, times above 0 and distances from 0 dB"};
  auto impl = std::make_unique<Impl>();
  impl->rate = rate;
  impl->settings = s;
  impl->step = std::max(1, rate.hz / 1500);
  return ExpanderCurve(std::move(impl));
}

void ExpanderCurve::push(AudioView<const float> block) {
  Impl& m = *impl_;
  if (m.sums.size() < static_cast<std::size_t>(block.channels())) m.sums.resize(static_cast<std::size_t>(block.channels()), 0.0);
  for (std::int64_t i = 0; i < block.frames(); ++i) {
    for (int c = 0; c < block.channels(); ++c) {
      const double x = block.at(c, i);
      m.sums[static_cast<std::size_t>(c)] += x * x;
    }
    if (++m.length % m.step == 0) m.close_step(m.step);
  }
}

GainCurve ExpanderCurve::finish(std::span<const SampleRange> speech) {
  Impl& m = *impl_;
  const ExpanderSettings& s = m.settings;
  if (m.length % m.step) m.close_step(m.length % m.step);
  const auto steps = static_cast<std::int64_t>(m.powers.size());
  const double step_s = static_cast<double>(m.step) / m.rate.hz;
  const auto in_steps = [&](double t) { return static_cast<std::int64_t>(t / step_s + 0.5); };

  // Target in dB: 8 steps (5 ms) of RMS against the threshold, with hysteresis and hold.
  std::vector<float> target(static_cast<std::size_t>(steps));
  bool open = false;
  std::int64_t hold = 0;
  for (std::int64_t i = 0; i < steps; ++i) {
    double sum = 0;
    const std::int64_t begin = std::max<std::int64_t>(0, i - 4), end = std::min(steps, i + 4);
    for (std::int64_t k = begin; k < end; ++k) sum += m.powers[static_cast<std::size_t>(k)];
    const double level = 10.0 * exact::log10(sum / static_cast<double>(end - begin) + 1e-20);
    const double over = level - s.threshold.value;
    if (over >= 0) open = true;
    if (open && over >= -s.hysteresis.value) hold = in_steps(s.hold_s);
    else if (open && hold-- <= 0) open = false;
    target[static_cast<std::size_t>(i)] = open ? 0.0f : static_cast<float>(closed_gain(s, DbFs{level}).value);
  }
  // Speech keeps it open, from early enough for the attack to have ended.
  const auto early = in_steps(5 * s.attack_s);
  for (const SampleRange& r : speech) {
    const std::int64_t begin = std::max<std::int64_t>(0, r.begin.value / m.step - early), end = std::min(steps, r.end.value / m.step + 1);
    for (std::int64_t i = begin; i < end; ++i) target[static_cast<std::size_t>(i)] = 0.0f;
  }

  GainCurve curve{m.rate, {m.length}, m.step, {}};
  const double attack = 1.0 - exact::exp(-step_s / s.attack_s), release = 1.0 - exact::exp(-step_s / s.release_s);
  const std::int64_t ahead = in_steps(s.look_ahead_s);
  std::vector<std::int64_t> queue(static_cast<std::size_t>(steps) + 1);  // greatest target of those to come, van Herk's way
  std::size_t head = 0, tail = 0;
  std::int64_t seen = 0;
  double gain = steps > 0 ? *std::max_element(target.begin(), target.begin() + std::min(steps, ahead + 1)) : 0.0;
  for (std::int64_t i = 0; i < steps; ++i) {
    for (; seen < std::min(steps, i + ahead + 1); ++seen) {
      while (tail > head && target[static_cast<std::size_t>(queue[tail - 1])] <= target[static_cast<std::size_t>(seen)]) --tail;
      queue[tail++] = seen;
    }
    while (queue[head] < i) ++head;
    const double wanted = target[static_cast<std::size_t>(queue[head])];
    gain += (wanted > gain ? attack : release) * (wanted - gain);
    curve.points.push_back(static_cast<float>(exact::gain_of_db(gain)));
  }
  for (const SampleRange& r : speech) {
    const std::int64_t begin = std::max<std::int64_t>(0, r.begin.value / m.step), end = std::min(steps, r.end.value / m.step + 2);
    for (std::int64_t i = begin; i < end; ++i) curve.points[static_cast<std::size_t>(i)] = 1.0f;
  }
  const float last = curve.points.empty() ? 1.0f : curve.points.back();
  while (curve.points.size() < static_cast<std::size_t>(steps) + 2) curve.points.push_back(last);
  return curve;
}

Result<GainCurve> gain_curve(AudioView<const float> clip, SampleRate rate, const ExpanderSettings& settings, std::span<const SampleRange> speech) {
  TWOPOP_TRY(auto curve, ExpanderCurve::create(rate, settings));
  curve.push(clip);
  return curve.finish(speech);
}

}  // namespace twopop::dsp
