#include "phases/mix/detail/voices.h"
#include "phases/mix/mix.h"

#include "dsp/compressor.h"
#include "dsp/equaliser.h"
#include "dsp/limiter.h"

namespace twopop::phases::detail {
namespace {

dsp::FilterKind kind_of(session::BandKind kind) {
  switch (kind) {
    case session::BandKind::HighPass: return dsp::FilterKind::HighPass;
    case session::BandKind::LowPass: return dsp::FilterKind::LowPass;
    case session::BandKind::Bell: return dsp::FilterKind::Bell;
    case session::BandKind::LowShelf: return dsp::FilterKind::LowShelf;
    case session::BandKind::HighShelf: return dsp::FilterKind::HighShelf;
    case session::BandKind::Notch: return dsp::FilterKind::Notch;
  }
  return dsp::FilterKind::Bell;
}

session::BandKind band_of(dsp::FilterKind kind) {
  for (const auto& [value, name] : session::names_of(session::BandKind{}))
    if (kind_of(value) == kind) return value;
  return session::BandKind::Bell;
}

Hash hash_settings(const session::CompressorSettings& s, SampleRate rate) {
  return Hasher().add(s.threshold.value).add(s.ratio).add(s.knee.value).add(s.attack_ms).add(s.release_ms).add(s.make_up.value).add(rate.hz).finish();
}

/// A dsp processor that hears a sum and makes its gain.
template <class P>
class GainVoice final : public signal::Voice {
 public:
  explicit GainVoice(P processor) : processor_(std::move(processor)) {}
  void process(std::span<const AudioView<const float>> inputs, AudioView<float> out) noexcept override {
    processor_.process_gain(inputs[0], out.channel(0));
  }
  std::span<std::byte> state() noexcept override { return processor_.state(); }

 private:
  P processor_;
};

template <class P>
signal::Signal gain_signal(signal::Signal sum, const P& prototype, std::string kind, const Hash& settings, std::string text, SampleRate rate) {
  const int channels = sum->channels();
  auto make = [prototype_settings = prototype, rate, channels](std::int64_t max_block) -> std::unique_ptr<signal::Voice> {
    auto processor = prototype_settings();
    if (!processor.prepare({rate, channels, max_block})) return nullptr;
    return std::make_unique<GainVoice<decltype(processor)>>(std::move(processor));
  };
  auto probe = prototype();
  signal::Processing processing;
  if (probe.prepare({rate, channels, 4096})) {
    processing.latency = probe.latency();
    processing.pre_roll = probe.pre_roll();
  }
  processing.kind = std::move(kind);
  processing.channels = 1;
  processing.settings = settings;
  processing.text = std::move(text);
  processing.make = std::move(make);
  return signal::processed(std::move(sum), std::move(processing));
}

template <class P, class Make>
signal::Signal in_place(signal::Signal sound, Make make_processor, std::string kind, const Hash& settings, std::string text, SampleRate rate) {
  const int channels = sound->channels();
  signal::Processing processing;
  P probe = make_processor();
  if (probe.prepare({rate, channels, 4096})) {
    processing.latency = probe.latency();
    processing.pre_roll = probe.pre_roll();
  }
  processing.kind = std::move(kind);
  processing.channels = channels;
  processing.settings = settings;
  processing.text = std::move(text);
  processing.make = [make_processor, rate, channels](std::int64_t max_block) {
    return signal::voice_of(make_processor(), dsp::ProcessSpec{rate, channels, max_block});
  };
  return signal::processed(std::move(sound), std::move(processing));
}

}  // namespace

dsp::CompressorSettings settings_of(const session::CompressorSettings& s) {
  return {s.threshold, s.ratio, s.knee, s.attack_ms, s.release_ms, s.make_up};
}

dsp::ExpanderSettings settings_of(const session::ExpanderSettings& s) {
  return {s.threshold, s.ratio, s.range, s.attack_ms / 1000, s.hold_ms / 1000, s.release_ms / 1000, s.hysteresis, s.look_ahead_ms / 1000};
}

dsp::EqSettings settings_of(const std::map<session::Id, session::EqBand>& bands) {
  std::vector<const session::EqBand*> on;
  for (const auto& [id, band] : bands)
    if (band.on) on.push_back(&band);
  std::stable_sort(on.begin(), on.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
  dsp::EqSettings settings;
  for (const session::EqBand* band : on) settings.bands.push_back({kind_of(band->kind), band->frequency_hz, band->q, band->gain});
  return settings;
}

signal::Signal equalised(signal::Signal sound, const std::map<session::Id, session::EqBand>& bands, SampleRate rate) {
  const dsp::EqSettings settings = settings_of(bands);
  if (settings.bands.empty()) return sound;
  Hasher hasher;
  hasher.add(rate.hz);
  std::string text = "equaliser:";
  for (const dsp::FilterSettings& band : settings.bands) {
    hasher.add(band_of(band.kind)).add(band.frequency_hz).add(band.q).add(band.gain.value);
    text += fmt::format(" {} {:.0f} Hz {:+.1f} dB", session::names_of(band_of(band.kind))[static_cast<std::size_t>(band_of(band.kind))].name, band.frequency_hz, band.gain.value);
  }
  return in_place<dsp::Equaliser>(std::move(sound), [settings] { return dsp::Equaliser(settings); }, "equaliser", hasher.finish(), text, rate);
}

signal::Signal compressed(signal::Signal sound, const session::CompressorSettings& s, SampleRate rate) {
  if (!s.on) return sound;
  return in_place<dsp::Compressor>(std::move(sound), [settings = settings_of(s)] { return dsp::Compressor(settings); }, "compressor", hash_settings(s, rate),
                                   fmt::format("compressor {:.1f} dBFS {:.1f}:1", s.threshold.value, s.ratio), rate);
}

signal::Signal automated(signal::Signal sound, const std::map<session::Id, session::AutomationPoint>& points) {
  std::vector<signal::GainPoint> gains;
  for (const auto& [id, point] : points) gains.push_back({point.at, Decibels{point.value}});
  return signal::automated(std::move(sound), std::move(gains));
}

signal::Signal compressor_gain(signal::Signal sum, const session::CompressorSettings& s, SampleRate rate) {
  return gain_signal(std::move(sum), [settings = settings_of(s)] { return dsp::Compressor(settings); }, "bus compressor", hash_settings(s, rate),
                     fmt::format("bus compressor {:.1f} dBFS {:.1f}:1", s.threshold.value, s.ratio), rate);
}

}  // namespace twopop::phases::detail

namespace twopop::phases {

signal::Signal limiter_gain(signal::Signal sum, DbTp ceiling, SampleRate rate) {
  dsp::LimiterSettings settings;
  settings.ceiling = ceiling;
  return detail::gain_signal(std::move(sum), [settings] { return dsp::Limiter(settings); }, "limiter",
                     Hasher().add(ceiling.value).add(settings.look_ahead_ms).add(settings.release_ms).add(rate.hz).finish(),
                     fmt::format("limiter {:.2f} dBTP", ceiling.value), rate);
}

}  // namespace twopop::phases
