#include "dsp/resampler.h"
#include "signal/signals.h"

#include <optional>

namespace twopop::signal {
namespace {

class Resampled final : public Node {
 public:
  Resampled(Signal source, const dsp::RateMap& map, SampleRange extent, std::string text)
      : Node({std::move(source)}), map_(map), extent_(extent), text_(std::move(text)) {
    if (auto made = dsp::Resampler::create(map)) resampler_ = *std::move(made);
  }
  std::string_view kind() const override { return "resample"; }
  int channels() const override { return inputs()[0]->channels(); }
  SampleRange extent() const override { return extent_; }
  SampleRange needs(std::size_t, SampleRange range) const override { return resampler_ ? resampler_->needs(range) : SampleRange{}; }
  void describe(Hasher& hasher, SampleRange range) const override {
    // Where the first output lies from the first source sample it needs: the same wherever the clip is in the film.
    const dsp::RateMap::Fixed first = map_.offset + map_.step * range.begin.value - (dsp::RateMap::Fixed{needs(0, range).begin.value} << 64);
    for (const dsp::RateMap::Fixed x : {map_.step, first}) hasher.add(static_cast<std::uint64_t>(x)).add(static_cast<std::uint64_t>(x >> 64));
  }
  std::string settings_text() const override { return text_; }
  Result<void> render(SampleRange range, std::span<const AudioView<const float>> in, AudioView<float> out) const override {
    if (!resampler_) return Error{Code::InvalidArgument, fmt::format("{}: this ratio of clocks is out of range", text_), "correct the placement's drift"};
    resampler_->render(range.begin, in[0], needs(0, range).begin, out);
    return {};
  }

 private:
  dsp::RateMap map_;
  SampleRange extent_;
  std::string text_;
  std::optional<dsp::Resampler> resampler_;
};

}  // namespace

Signal resampled(Signal source, SampleRate source_rate, SampleRate session_rate, double source_offset_samples, double drift_ppm, SampleRange extent) {
  const dsp::RateMap map = dsp::RateMap::from(source_rate, session_rate, drift_ppm, source_offset_samples);
  return std::make_shared<Resampled>(std::move(source), map, extent,
                                     fmt::format("from {} Hz, {:+.3f} ppm, from sample {:.2f}", source_rate.hz, drift_ppm, source_offset_samples));
}

}  // namespace twopop::signal
