#pragma once

namespace twopop::signal {
namespace detail {

template <class P>
class ProcessorVoice final : public Voice {
 public:
  explicit ProcessorVoice(P processor) : processor_(std::move(processor)) {}
  void process(std::span<const AudioView<const float>> inputs, AudioView<float> out) noexcept override {
    for (int c = 0; c < out.channels(); ++c) {
      const float* from = inputs[0].channel(c);
      std::copy(from, from + out.frames(), out.channel(c));
    }
    processor_.process(out);
  }
  std::span<std::byte> state() noexcept override { return processor_.state(); }

 private:
  P processor_;
};

}  // namespace detail

template <class P>
std::unique_ptr<Voice> voice_of(P processor, const dsp::ProcessSpec& spec) {
  static_assert(dsp::Processor<P>);
  if (!processor.prepare(spec)) return nullptr;
  return std::make_unique<detail::ProcessorVoice<P>>(std::move(processor));
}

}  // namespace twopop::signal
