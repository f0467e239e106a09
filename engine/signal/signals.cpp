#include "signal/signals.h"

#include "signal/detail/same.h"

namespace twopop::signal {
namespace {

using detail::copy;
using detail::Same;

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
    by_begin_.reserve(this->inputs().size());
    for (std::size_t i = 0; i < this->inputs().size(); ++i)
      if (const SampleRange r = this->inputs()[i]->extent(); !r.empty()) by_begin_.push_back({r.begin, r.end, r.end, i});
    std::stable_sort(by_begin_.begin(), by_begin_.end(), [](const Input& a, const Input& b) { return a.begin < b.begin; });
    for (std::size_t k = 1; k < by_begin_.size(); ++k) by_begin_[k].last_end = std::max(by_begin_[k].end, by_begin_[k - 1].last_end);
  }
  std::string_view kind() const override { return "sum"; }
  int channels() const override { return channels_; }
  SampleRange extent() const override { return extent_; }
  bool additive() const override { return true; }
  std::vector<std::size_t> heard_in(SampleRange range) const override {
    std::vector<std::size_t> heard;
    auto k = std::lower_bound(by_begin_.begin(), by_begin_.end(), range.end, [](const Input& input, SamplePosition end) { return input.begin < end; });
    while (k != by_begin_.begin() && (--k)->last_end > range.begin)
      if (k->end > range.begin) heard.push_back(k->index);
    std::sort(heard.begin(), heard.end());
    return heard;
  }
  void describe(Hasher&, SampleRange) const override {}
  Result<void> render(SampleRange, std::span<const AudioView<const float>>, AudioView<float>) const override { return {}; }

 private:
  struct Input {
    SamplePosition begin, end;
    SamplePosition last_end;  ///< of this and all that begin before it
    std::size_t index;
  };
  int channels_;
  SampleRange extent_{};
  std::vector<Input> by_begin_;
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
Signal shifted(Signal input, SampleCount by) {
  if (by.value == 0) return input;
  return std::make_shared<Shifted>(std::move(input), by);
}
Signal sum(std::vector<Signal> inputs, int channels) { return std::make_shared<Sum>(std::move(inputs), channels); }
Signal mixed_to(Signal input, int channels, std::vector<float> coefficients) {
  return std::make_shared<MixedTo>(std::move(input), channels, std::move(coefficients));
}
Signal stored(Signal input, std::string name, Keeping keeping) { return std::make_shared<Stored>(std::move(input), std::move(name), keeping); }
Signal labelled(Signal input, std::string label) { return std::make_shared<Labelled>(std::move(input), std::move(label)); }

}  // namespace twopop::signal
