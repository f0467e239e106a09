#include "dsp/fades.h"

#include "core/exact_math.h"
#include "core/lanes.h"

#include <algorithm>

namespace twopop::dsp {

namespace {

constexpr double kSilenceDb = -100;
constexpr double kOctaveDb = 6.020599913279624;

/// Position x of sample i of a fade, held within 0 .. 1.
double place(std::int64_t i, std::int64_t length) {
  if (length <= 0) return i < 0 ? 0 : 1;
  return std::clamp((static_cast<double>(i) + 0.5) / static_cast<double>(length), 0.0, 1.0);
}

void fade(FadeCurve curve, SampleCount length, SamplePosition begin, bool in, AudioView<float> io) noexcept {
  for (std::int64_t i = 0; i < io.frames(); ++i) {
    const std::int64_t at = begin.value + i;
    const double x = at < 0 ? 0 : at >= length.value ? 1 : place(at, length.value);
    const auto gain = static_cast<float>(fade_gain(curve, in ? x : 1 - x));
    if (gain == 1) continue;
    for (int c = 0; c < io.channels(); ++c) io.at(c, i) *= gain;
  }
}

/// Gains of a line in octaves of amplitude, `octaves` at 0 and rising by `slope` a sample, from sample `first` of it on.
void ramp(double octaves, double slope, std::int64_t first, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); i += 8) {
    Float8 level;
    for (int k = 0; k < 8; ++k) level[k] = static_cast<float>(octaves + slope * static_cast<double>(first + static_cast<std::int64_t>(i) + k));
    const Float8 gain = exact::fast_exp2(level);
    for (std::size_t k = 0; k < 8 && i + k < out.size(); ++k) out[i + k] = gain[k];
  }
}

}  // namespace

double fade_gain(FadeCurve curve, double x) noexcept {
  if (!(x > 0)) return 0;
  if (x >= 1) return 1;
  switch (curve) {
    case FadeCurve::Linear: return x;
    case FadeCurve::EqualPower: return exact::sin_turns(x / 4);
    case FadeCurve::SCurve: return 0.5 - 0.5 * exact::cos_turns(x / 2);
    case FadeCurve::Exponential: return (exact::pow10(3 * x) - 1) / 999;
  }
  return 1;
}

void apply_fade_in(FadeCurve curve, SampleCount length, SamplePosition begin, AudioView<float> io) noexcept {
  fade(curve, length, begin, true, io);
}
void apply_fade_out(FadeCurve curve, SampleCount length, SamplePosition begin, AudioView<float> io) noexcept {
  fade(curve, length, begin, false, io);
}

Automation::Automation(std::vector<Breakpoint> points) : points_(std::move(points)) {
  std::stable_sort(points_.begin(), points_.end(), [](const Breakpoint& a, const Breakpoint& b) { return a.at < b.at; });
  for (Breakpoint& point : points_) point.gain.value = std::max(point.gain.value, kSilenceDb);
}

void Automation::gains(SamplePosition begin, std::span<float> out) const noexcept {
  if (points_.empty()) {
    std::fill(out.begin(), out.end(), 1.0f);
    return;
  }
  const SamplePosition end = begin + SampleCount{static_cast<std::int64_t>(out.size())};
  auto next = std::upper_bound(points_.begin(), points_.end(), begin, [](SamplePosition at, const Breakpoint& p) { return at < p.at; });
  for (SamplePosition at = begin; at < end;) {
    const SamplePosition stop = next == points_.end() ? end : std::min(end, next->at);
    const auto part = out.subspan(static_cast<std::size_t>((at - begin).value), static_cast<std::size_t>((stop - at).value));
    const bool held = next == points_.begin() || next == points_.end();
    const Breakpoint& before = next == points_.begin() ? points_.front() : *std::prev(next);
    const Breakpoint& after = held ? before : *next;
    if (before.gain == after.gain) {
      const double db = before.gain.value;
      std::fill(part.begin(), part.end(), db <= kSilenceDb ? 0.0f : static_cast<float>(exact::gain_of_db(db)));
    } else {
      // Counted from the breakpoint, not from `begin`, so that any split gives the same bits.
      const double slope = (after.gain - before.gain).value / kOctaveDb / static_cast<double>((after.at - before.at).value);
      ramp(before.gain.value / kOctaveDb, slope, (at - before.at).value, part);
    }
    at = stop;
    if (next != points_.end() && next->at <= at) ++next;
  }
}

void Automation::apply(SamplePosition begin, AudioView<float> io) const noexcept {
  std::array<float, 512> gain;
  for (std::int64_t done = 0; done < io.frames();) {
    const std::int64_t n = std::min<std::int64_t>(io.frames() - done, static_cast<std::int64_t>(gain.size()));
    const std::span part = std::span(gain).first(static_cast<std::size_t>(n));
    gains(begin + SampleCount{done}, part);
    apply_gains(part, io.sub(done, n));
    done += n;
  }
}

void apply_gain(float gain, AudioView<float> io) noexcept {
  for (int c = 0; c < io.channels(); ++c) {
    float* x = io.channel(c);
    std::int64_t i = 0;
    for (; i + 8 <= io.frames(); i += 8) store(x + i, load<Float8>(x + i) * gain);
    for (; i < io.frames(); ++i) x[i] *= gain;
  }
}

void apply_gains(std::span<const float> gains, AudioView<float> io) noexcept {
  for (int c = 0; c < io.channels(); ++c) {
    float* x = io.channel(c);
    std::int64_t i = 0;
    for (; i + 8 <= io.frames(); i += 8) store(x + i, load<Float8>(x + i) * load<Float8>(gains.data() + i));
    for (; i < io.frames(); ++i) x[i] *= gains[static_cast<std::size_t>(i)];
  }
}

}  // namespace twopop::dsp
