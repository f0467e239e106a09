#include "signal/signals.h"

#include "core/exact_math.h"
#include "signal/detail/same.h"

namespace twopop::signal {
namespace {

using detail::copy;
using detail::Same;

/// Gain of a fade at x in 0..1; 0 is silence.
double fade_gain(Curve curve, double x) {
  switch (curve) {
    case Curve::Linear: return x;
    case Curve::EqualPower: return exact::sin(x * (exact::kPi / 2));
    case Curve::SCurve: return x * x * (3 - 2 * x);
    case Curve::Exponential: return x <= 0 ? 0 : exact::pow10(3 * (x - 1)) * (1 - 1e-3) + 1e-3 * x;
  }
  return x;
}

class Faded final : public Same {
 public:
  Faded(Signal input, FadeSettings in, FadeSettings out) : Same(std::move(input)), in_(in), out_(out) {}
  std::string_view kind() const override { return "fade"; }
  void describe(Hasher& hasher, SampleRange range) const override {
    const SampleRange whole = extent();
    if (range.begin < whole.begin + in_.length) hasher.add("in").add((whole.begin - range.begin).value).add(in_.length.value).add(in_.curve);
    if (range.end > whole.end - out_.length) hasher.add("out").add((whole.end - range.begin).value).add(out_.length.value).add(out_.curve);
  }
  std::string settings_text() const override {
    if (in_.length.value == 0 && out_.length.value == 0) return {};
    return fmt::format("fades {} and {} samples", in_.length.value, out_.length.value);
  }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0], out);
    const SampleRange whole = extent();
    const std::int64_t in_end = std::min(range.end.value, (whole.begin + in_.length).value);
    for (std::int64_t t = range.begin.value; t < in_end; ++t) scale(out, t - range.begin.value, fade_gain(in_.curve, at(t - whole.begin.value, in_)));
    const std::int64_t out_begin = std::max(range.begin.value, (whole.end - out_.length).value);
    for (std::int64_t t = out_begin; t < range.end.value; ++t)
      scale(out, t - range.begin.value, fade_gain(out_.curve, at(whole.end.value - 1 - t, out_)));
    return {};
  }

 private:
  static double at(std::int64_t n, const FadeSettings& fade) {
    return (static_cast<double>(n) + 0.5) / static_cast<double>(fade.length.value);
  }
  static void scale(AudioView<float> out, std::int64_t i, double gain) {
    for (int c = 0; c < out.channels(); ++c) out.at(c, i) = static_cast<float>(out.at(c, i) * gain);
  }
  FadeSettings in_, out_;
};

class Amplified final : public Same {
 public:
  Amplified(Signal input, Decibels gain) : Same(std::move(input)), decibels_(gain), gain_(static_cast<float>(exact::pow10(gain.value / 20))) {}
  std::string_view kind() const override { return "gain"; }
  void describe(Hasher& hasher, SampleRange) const override { hasher.add(decibels_.value); }
  std::string settings_text() const override { return fmt::format("gain {:+.2f} dB", decibels_.value); }
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    for (int c = 0; c < out.channels(); ++c) {
      const float* from = in[0].channel(c);
      float* to = out.channel(c);
      for (std::int64_t i = 0; i < out.frames(); ++i) to[i] = from[i] * gain_;
    }
    return {};
  }

 private:
  Decibels decibels_;
  float gain_;
};

class Automated final : public Same {
 public:
  Automated(Signal input, std::vector<GainPoint> points) : Same(std::move(input)), points_(std::move(points)) {
    std::stable_sort(points_.begin(), points_.end(), [](const GainPoint& a, const GainPoint& b) { return a.at < b.at; });
  }
  std::string_view kind() const override { return "automation"; }
  void describe(Hasher& hasher, SampleRange range) const override {
    // The points inside, and one on either side: the rest cannot be heard here.
    auto first = std::upper_bound(points_.begin(), points_.end(), range.begin, [](SamplePosition t, const GainPoint& p) { return t < p.at; });
    if (first != points_.begin()) --first;
    for (auto p = first; p != points_.end(); ++p) {
      const bool only = p == first && (p + 1 == points_.end() || (p + 1)->at >= range.end) && p->at <= range.begin;
      // A stretch under one constant value sounds the same wherever its points lie.
      if (only && (p + 1 == points_.end() || (p + 1)->gain == p->gain)) {
        hasher.add("constant").add(p->gain.value);
        return;
      }
      hasher.add((p->at - range.begin).value).add(p->gain.value);
      if (p->at >= range.end) break;
    }
  }
  std::string settings_text() const override { return fmt::format("automation of {} points", points_.size()); }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    std::int64_t t = range.begin.value;
    while (t < range.end.value) {
      const auto next = std::upper_bound(points_.begin(), points_.end(), SamplePosition{t}, [](SamplePosition x, const GainPoint& p) { return x < p.at; });
      const std::int64_t end = next == points_.end() ? range.end.value : std::min(range.end.value, next->at.value);
      const std::int64_t i0 = t - range.begin.value, n = end - t;
      if (next == points_.begin() || next == points_.end() || (next - 1)->gain == next->gain) {
        const Decibels level = points_.empty() ? Decibels{} : next == points_.begin() ? next->gain : (next - 1)->gain;
        const float gain = static_cast<float>(exact::pow10(level.value / 20));
        for (int c = 0; c < out.channels(); ++c)
          for (std::int64_t i = 0; i < n; ++i) out.at(c, i0 + i) = in[0].at(c, i0 + i) * gain;
      } else {
        const GainPoint& a = *(next - 1);
        const double slope = (next->gain.value - a.gain.value) / static_cast<double>((next->at - a.at).value);
        for (std::int64_t i = 0; i < n; ++i) {
          const double level = a.gain.value + slope * static_cast<double>(t + i - a.at.value);
          const float gain = static_cast<float>(exact::pow10(level / 20));
          for (int c = 0; c < out.channels(); ++c) out.at(c, i0 + i) = in[0].at(c, i0 + i) * gain;
        }
      }
      t = end;
    }
    return {};
  }

 private:
  std::vector<GainPoint> points_;
};

class Covered final : public Same {
 public:
  Covered(Signal input, std::vector<CoveredRange> ranges) : Same(std::move(input)), ranges_(std::move(ranges)) {}
  std::string_view kind() const override { return "cover"; }
  void describe(Hasher& hasher, SampleRange range) const override {
    for (const CoveredRange& r : ranges_)
      if (r.range.overlaps(range))
        hasher.add((r.range.begin - range.begin).value).add((r.range.end - range.begin).value).add(r.fade_in.length.value)
            .add(r.fade_in.curve).add(r.fade_out.length.value).add(r.fade_out.curve);
  }
  std::string settings_text() const override { return fmt::format("covered in {} places", ranges_.size()); }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0], out);
    for (const CoveredRange& r : ranges_) {
      const SampleRange now = intersection(r.range, range);
      for (std::int64_t t = now.begin.value; t < now.end.value; ++t) {
        const std::int64_t from_begin = t - r.range.begin.value, to_end = r.range.end.value - 1 - t;
        double gain = 0;
        if (from_begin < r.fade_in.length.value) gain = std::max(gain, rest(r.fade_in, from_begin));
        if (to_end < r.fade_out.length.value) gain = std::max(gain, rest(r.fade_out, to_end));
        for (int c = 0; c < out.channels(); ++c) out.at(c, t - range.begin.value) = static_cast<float>(out.at(c, t - range.begin.value) * gain);
      }
    }
    return {};
  }

 private:
  /// What is left of the covered sound n samples into the cover's fade: the fade run backwards.
  static double rest(const FadeSettings& fade, std::int64_t n) {
    return fade_gain(fade.curve, 1 - (static_cast<double>(n) + 0.5) / static_cast<double>(fade.length.value));
  }
  std::vector<CoveredRange> ranges_;
};

class Multiplied final : public Node {
 public:
  Multiplied(Signal input, Signal gain) : Node({std::move(input), std::move(gain)}) { TWOPOP_ASSERT(inputs()[1]->channels() == 1); }
  std::string_view kind() const override { return "multiply"; }
  int channels() const override { return inputs()[0]->channels(); }
  SampleRange extent() const override { return inputs()[0]->extent(); }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    for (int c = 0; c < out.channels(); ++c)
      for (std::int64_t i = 0; i < out.frames(); ++i) out.at(c, i) = in[0].at(c, i) * in[1].at(0, i);
    return {};
  }
};

}  // namespace

Signal faded(Signal input, FadeSettings in, FadeSettings out) {
  if (in.length.value <= 0 && out.length.value <= 0) return input;
  return std::make_shared<Faded>(std::move(input), in, out);
}
Signal amplified(Signal input, Decibels gain) {
  if (gain.value == 0) return input;
  return std::make_shared<Amplified>(std::move(input), gain);
}
Signal automated(Signal input, std::vector<GainPoint> points) {
  if (points.empty()) return input;
  return std::make_shared<Automated>(std::move(input), std::move(points));
}
Signal covered(Signal input, std::vector<CoveredRange> ranges) {
  if (ranges.empty()) return input;
  return std::make_shared<Covered>(std::move(input), std::move(ranges));
}
Signal multiplied(Signal input, Signal gain) { return std::make_shared<Multiplied>(std::move(input), std::move(gain)); }

}  // namespace twopop::signal
