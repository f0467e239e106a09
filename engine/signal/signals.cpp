#include "signal/signals.h"

#include "core/exact_math.h"

namespace twopop::signal {
namespace {

void copy(AudioView<const float> from, AudioView<float> to) {
  for (int c = 0; c < to.channels(); ++c) std::copy(from.channel(c), from.channel(c) + to.frames(), to.channel(c));
}

SampleRange everywhere() { return {{-(std::int64_t{1} << 60)}, {std::int64_t{1} << 60}}; }

class Silence final : public Node {
 public:
  explicit Silence(int channels) : Node({}), channels_(channels) {}
  std::string_view kind() const override { return "silence"; }
  int channels() const override { return channels_; }
  SampleRange extent() const override { return {}; }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>>, AudioView<float>) const override { return {}; }

 private:
  int channels_;
};

/// A stateless node with one input on the same clock.
class Same : public Node {
 public:
  explicit Same(Signal input) : Node({std::move(input)}), extent_(inputs()[0]->extent()) {}
  int channels() const override { return inputs()[0]->channels(); }
  SampleRange extent() const override { return extent_; }

 private:
  SampleRange extent_;  // kept: chains of such nodes are long, and the planner asks for every chunk
};

class ChannelOf final : public Same {
 public:
  ChannelOf(Signal input, int channel) : Same(std::move(input)), channel_(channel) {}
  std::string_view kind() const override { return "channel"; }
  int channels() const override { return 1; }
  void describe(Hasher& hasher, SampleRange) const override { hasher.add(channel_); }
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0].select(channel_, 1), out);
    return {};
  }
  std::string settings_text() const override { return fmt::format("channel {}", channel_ + 1); }

 private:
  int channel_;
};

class Cut final : public Same {
 public:
  Cut(Signal input, SampleRange range) : Same(std::move(input)), range_(intersection(range, inputs()[0]->extent())) {}
  std::string_view kind() const override { return "cut"; }
  bool transparent() const override { return true; }
  SampleRange extent() const override { return range_; }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0], out);
    return {};
  }

 private:
  SampleRange range_;
};

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

class Shifted final : public Node {
 public:
  Shifted(Signal input, SampleCount by) : Node({std::move(input)}), by_(by), extent_(moved(inputs()[0]->extent(), by)) {}
  std::string_view kind() const override { return "shift"; }
  bool transparent() const override { return true; }
  int channels() const override { return inputs()[0]->channels(); }
  SampleRange extent() const override { return extent_; }
  SampleRange needs(std::size_t, SampleRange range) const override { return moved(range, -by_); }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0], out);
    return {};
  }

 private:
  static SampleRange moved(SampleRange range, SampleCount by) { return {range.begin + by, range.end + by}; }
  SampleCount by_;
  SampleRange extent_;
};

class Sum final : public Node {
 public:
  Sum(std::vector<Signal> inputs, int channels) : Node(std::move(inputs)), channels_(channels) {
    extent_ = this->inputs().empty() ? SampleRange{} : this->inputs()[0]->extent();
    for (const Signal& input : this->inputs()) {
      TWOPOP_ASSERT(input->channels() == channels);
      const SampleRange r = input->extent();
      if (r.empty()) continue;
      if (extent_.empty()) extent_ = r;
      extent_ = {std::min(extent_.begin, r.begin), std::max(extent_.end, r.end)};
    }
  }
  std::string_view kind() const override { return "sum"; }
  int channels() const override { return channels_; }
  SampleRange extent() const override { return extent_; }
  bool additive() const override { return true; }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>>, AudioView<float>) const override { return {}; }

 private:
  int channels_;
  SampleRange extent_{};
};

class MixedTo final : public Same {
 public:
  MixedTo(Signal input, int channels, std::vector<float> coefficients)
      : Same(std::move(input)), channels_(channels), coefficients_(std::move(coefficients)) {
    TWOPOP_ASSERT(coefficients_.size() == static_cast<std::size_t>(channels * inputs()[0]->channels()));
  }
  std::string_view kind() const override { return "matrix"; }
  int channels() const override { return channels_; }
  void describe(Hasher& hasher, SampleRange) const override {
    for (float c : coefficients_) hasher.add(c);
  }
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    const int from_channels = in[0].channels();
    for (int o = 0; o < channels_; ++o)
      for (int i = 0; i < from_channels; ++i) {
        const float k = coefficients_[static_cast<std::size_t>(o * from_channels + i)];
        if (k == 0) continue;
        const float* from = in[0].channel(i);
        float* to = out.channel(o);
        for (std::int64_t n = 0; n < out.frames(); ++n) to[n] += k * from[n];
      }
    return {};
  }

 private:
  int channels_;
  std::vector<float> coefficients_;
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

class Whole final : public Node {
 public:
  Whole(std::vector<Signal> inputs, WholeClip clip) : Node(std::move(inputs)), clip_(std::move(clip)) {
    TWOPOP_ASSERT(clip_.input_ranges.size() == this->inputs().size());
  }
  std::string_view kind() const override { return clip_.kind; }
  int version() const override { return clip_.version; }
  int channels() const override { return clip_.channels; }
  SampleRange extent() const override { return clip_.extent; }
  Storage storage() const override { return Storage::Whole; }
  SampleRange needs(std::size_t input, SampleRange) const override { return clip_.input_ranges[input]; }
  void describe(Hasher& hasher, SampleRange) const override { hasher.add(clip_.settings).add(clip_.extent.length().value); }
  std::string settings_text() const override { return clip_.text; }
  std::string place() const override { return clip_.label.empty() ? std::string() : clip_.kind + " of " + clip_.label; }
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    TWOPOP_TRY(AudioBuffer<float> made, clip_.work(in));
    if (made.channels() != clip_.channels || made.frames() != clip_.extent.length().value)
      return Error{Code::Internal, fmt::format("{}: made {} channels of {} samples where {} of {} were wanted", clip_.kind, made.channels(),
                                               made.frames(), clip_.channels, clip_.extent.length().value)};
    copy(made.view(), out);
    return {};
  }

 private:
  WholeClip clip_;
};

class Generated final : public Node {
 public:
  explicit Generated(Generator generator) : Node({}), generator_(std::move(generator)) {}
  std::string_view kind() const override { return generator_.kind; }
  int version() const override { return generator_.version; }
  int channels() const override { return generator_.channels; }
  SampleRange extent() const override { return generator_.extent; }
  void describe(Hasher& hasher, SampleRange range) const override { hasher.add(generator_.settings).add((range.begin - generator_.extent.begin).value); }
  std::string settings_text() const override { return generator_.text; }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>>, AudioView<float> out) const override {
    return generator_.fill(range.begin, out);
  }

 private:
  Generator generator_;
};

class Spliced final : public Node {
 public:
  Spliced(Signal input, dsp::SpliceList list, SampleRange extent, SampleCount phase)
      : Node({std::move(input)}), list_(std::move(list)), extent_(extent), phase_(phase) {}
  std::string_view kind() const override { return "splice"; }
  int channels() const override { return inputs()[0]->channels(); }
  SampleRange extent() const override { return extent_; }
  bool scattered() const override { return true; }
  std::vector<SampleRange> needs_scattered(SampleRange range) const override { return dsp::source_ranges(list_, in_list(range)); }
  void describe(Hasher& hasher, SampleRange range) const override {
    hasher.add(list_.cyclic).add(in_list(range).begin.value);
    for (const dsp::SplicePiece& p : list_.pieces) hasher.add(p.source_begin.value).add(p.length.value).add(p.fade_in.value).add(p.correlation);
  }
  std::string settings_text() const override { return fmt::format("{} pieces{}", list_.pieces.size(), list_.cyclic ? ", looped" : ""); }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    std::int64_t at = 0;
    return dsp::render_splices(list_, in_list(range).begin,
                               [&](SamplePosition, AudioView<float> piece) -> Result<void> {
                                 TWOPOP_ASSERT(at + piece.frames() <= in[0].frames());
                                 copy(in[0].sub(at, piece.frames()), piece);
                                 at += piece.frames();
                                 return {};
                               },
                               out);
  }

 private:
  SampleRange in_list(SampleRange range) const {
    const SampleCount by = phase_ - (extent_.begin - SamplePosition{});
    return {range.begin + by, range.end + by};
  }
  dsp::SpliceList list_;
  SampleRange extent_;
  SampleCount phase_;
};

class Processed final : public Node {
 public:
  Processed(Signal input, Processing processing) : Node({std::move(input)}), processing_(std::move(processing)) {}
  std::string_view kind() const override { return processing_.kind; }
  int version() const override { return processing_.version; }
  int channels() const override { return processing_.channels; }
  SampleRange extent() const override { return everywhere(); }
  void describe(Hasher& hasher, SampleRange) const override { hasher.add(processing_.settings); }
  std::string settings_text() const override { return processing_.text; }
  bool stateful() const override { return true; }
  SampleCount latency() const override { return processing_.latency; }
  SampleCount pre_roll() const override { return processing_.pre_roll; }
  std::unique_ptr<Voice> voice(std::int64_t max_block) const override { return processing_.make(max_block); }
  Result<void> render(SampleRange, std::span<const AudioView<const float>>, AudioView<float>) const override { return {}; }

 private:
  Processing processing_;
};

class Stored final : public Same {
 public:
  Stored(Signal input, std::string name, Keeping keeping) : Same(std::move(input)), name_(std::move(name)), keeping_(keeping) {}
  bool cheap() const override { return keeping_ == Keeping::Cheap; }
  std::string_view kind() const override { return "stored"; }
  bool transparent() const override { return true; }
  Storage storage() const override { return Storage::Chunks; }
  std::string place() const override { return name_; }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0], out);
    return {};
  }

 private:
  std::string name_;
  Keeping keeping_;
};

class Labelled final : public Same {
 public:
  Labelled(Signal input, std::string label) : Same(std::move(input)), label_(std::move(label)) {}
  std::string_view kind() const override { return "label"; }
  bool transparent() const override { return true; }
  std::string label() const override { return label_; }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    copy(in[0], out);
    return {};
  }

 private:
  std::string label_;
};

}  // namespace

Signal silence(int channels) { return std::make_shared<Silence>(channels); }
Signal channel_of(Signal input, int channel) {
  TWOPOP_ASSERT(channel >= 0 && channel < input->channels());
  if (input->channels() == 1) return input;
  return std::make_shared<ChannelOf>(std::move(input), channel);
}
Signal cut(Signal input, SampleRange range) { return std::make_shared<Cut>(std::move(input), range); }
Signal faded(Signal input, FadeSettings in, FadeSettings out) {
  if (in.length.value <= 0 && out.length.value <= 0) return input;
  return std::make_shared<Faded>(std::move(input), in, out);
}
Signal amplified(Signal input, Decibels gain) {
  if (gain.value == 0) return input;
  return std::make_shared<Amplified>(std::move(input), gain);
}
Signal shifted(Signal input, SampleCount by) {
  if (by.value == 0) return input;
  return std::make_shared<Shifted>(std::move(input), by);
}
Signal sum(std::vector<Signal> inputs, int channels) { return std::make_shared<Sum>(std::move(inputs), channels); }
Signal mixed_to(Signal input, int channels, std::vector<float> coefficients) {
  return std::make_shared<MixedTo>(std::move(input), channels, std::move(coefficients));
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
Signal whole_clip(std::vector<Signal> inputs, WholeClip clip) { return std::make_shared<Whole>(std::move(inputs), std::move(clip)); }
Signal generated(Generator generator) { return std::make_shared<Generated>(std::move(generator)); }
Signal spliced(Signal input, dsp::SpliceList list, SampleRange extent, SampleCount phase) {
  return std::make_shared<Spliced>(std::move(input), std::move(list), extent, phase);
}
Signal processed(Signal input, Processing processing) { return std::make_shared<Processed>(std::move(input), std::move(processing)); }
Signal stored(Signal input, std::string name, Keeping keeping) { return std::make_shared<Stored>(std::move(input), std::move(name), keeping); }
Signal labelled(Signal input, std::string label) { return std::make_shared<Labelled>(std::move(input), std::move(label)); }

}  // namespace twopop::signal
