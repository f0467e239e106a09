#include "signal/signals.h"

#include "signal/detail/same.h"

namespace twopop::signal {
namespace {

using detail::copy;

SampleRange everywhere() { return {{-(std::int64_t{1} << 60)}, {std::int64_t{1} << 60}}; }

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

}  // namespace

Signal whole_clip(std::vector<Signal> inputs, WholeClip clip) { return std::make_shared<Whole>(std::move(inputs), std::move(clip)); }
Signal generated(Generator generator) { return std::make_shared<Generated>(std::move(generator)); }
Signal spliced(Signal input, dsp::SpliceList list, SampleRange extent, SampleCount phase) {
  return std::make_shared<Spliced>(std::move(input), std::move(list), extent, phase);
}
Signal processed(Signal input, Processing processing) { return std::make_shared<Processed>(std::move(input), std::move(processing)); }

}  // namespace twopop::signal
