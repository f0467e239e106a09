#include "phases/heard.h"

#include "analysis/align.h"
#include "core/bytes.h"
#include "dsp/resampler.h"

#include <cmath>

namespace twopop::phases {
namespace {

constexpr std::int64_t kBlock = 1 << 16;

Hash key_of(const signal::MediaDescription& media, int channel) {
  return Hasher().add(media.fingerprint).add(media.audio_stream).add(channel).finish();
}

/// Samples [begin, end) of one channel of a file at its own rate.
Result<AudioBuffer<float>> stretch_of(signal::MediaPool& pool, const signal::MediaDescription& media, int channel, std::int64_t begin, std::int64_t end) {
  AudioBuffer<float> out(1, end - begin), block(media.channels, std::min(kBlock, end - begin));
  for (std::int64_t at = begin; at < end; at += kBlock) {
    const std::int64_t count = std::min(kBlock, end - at);
    TWOPOP_CHECK(pool.read(media, {at}, block.view().sub(0, count)));
    std::copy_n(block.channel(channel), count, out.channel(0) + (at - begin));
  }
  return out;
}

Result<AudioBuffer<float>> at_rate(const AudioBuffer<float>& sound, SampleRate from, SampleRate to) {
  TWOPOP_TRY(const dsp::Resampler resampler, dsp::Resampler::create(dsp::RateMap::from(from, to)));
  AudioBuffer<float> out(1, mul_div(sound.frames(), to.hz, from.hz, Rounding::Floor));
  // At the ends the filter asks for more than there is: that is silence.
  const SampleRange needs = resampler.needs({{0}, {out.frames()}});
  AudioBuffer<float> around(1, needs.length().value);
  for (std::int64_t i = 0; i < around.frames(); ++i)
    if (const std::int64_t at = needs.begin.value + i; at >= 0 && at < sound.frames()) around.channel(0)[i] = sound.channel(0)[at];
  resampler.render({0}, around.view(), needs.begin, out.view());
  return out;
}

Result<signal::MediaDescription> channel_described(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, id));
  if (channel < 0 || channel >= media.channels)
    return Error{Code::InvalidArgument, fmt::format("{}: channel {} of a file with {}", media.path.filename().string(), channel + 1, media.channels), "choose another channel"};
  return media;
}

Error unreadable(const signal::Fact& fact) {
  return {Code::Damaged, fmt::format("what is known of the {} cannot be read", fact.identity), "remove the film's cache folder"};
}

}  // namespace

Result<signal::Fact> heard_fact(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::MediaDescription media, channel_described(context, id, channel));
  const auto measure = [pool = context.work.media(), media, channel]() -> Result<cache::Bytes> {
    analysis::SpeechDetector detector(media.rate);
    AudioBuffer<float> block(media.channels, kBlock);
    for (std::int64_t at = 0; at < media.length.value; at += kBlock) {
      const std::int64_t count = std::min(kBlock, media.length.value - at);
      TWOPOP_CHECK(pool->read(media, {at}, block.view().sub(0, count)));
      detector.push(AudioView<const float>(block.view()).select(channel, 1).sub(0, count));
    }
    const analysis::SpeechMeasure m = detector.finish();
    ByteWriter writer;
    writer.put(m.ranges).put(m.speech).put(m.noise_level.value).put(m.speech_level.value).put(m.snr.value);
    return writer.take();
  };
  return signal::Fact{fmt::format("speech in {} channel {}", context.document.media.at(id).name, channel + 1), "speech", 2, key_of(media, channel), measure};
}

Result<Heard> heard_in(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::MediaDescription media, channel_described(context, id, channel));
  TWOPOP_TRY(const signal::Fact fact, heard_fact(context, id, channel));
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fact));
  ByteReader reader(*blob);
  Heard heard;
  heard.rate = media.rate;
  heard.length_s = seconds(media.length, media.rate);
  heard.ranges = reader.vector<SampleRange>();
  heard.speech = reader.vector<SampleRange>();
  heard.noise_level.value = reader.get<double>();
  heard.speech_level.value = reader.get<double>();
  heard.snr.value = reader.get<double>();
  if (!reader.ok()) return unreadable(fact);
  return heard;
}

Result<signal::Fact> hum_fact(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::MediaDescription media, channel_described(context, id, channel));
  const auto measure = [pool = context.work.media(), media, channel]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const AudioBuffer<float> sound, stretch_of(*pool, media, channel, 0, std::min<std::int64_t>(media.length.value, 60ll * media.rate.hz)));
    const dsp::Hum hum = dsp::find_hum(sound.view(), media.rate);
    ByteWriter writer;
    writer.put(hum.present).put(hum.fundamental_hz).put(hum.level.value).put(hum.prominence.value).put(hum.level_dbfs);
    return writer.take();
  };
  return signal::Fact{fmt::format("hum in {} channel {}", context.document.media.at(id).name, channel + 1), "hum", 1, key_of(media, channel), measure};
}

Result<dsp::Hum> hum_in(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::Fact fact, hum_fact(context, id, channel));
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fact));
  ByteReader reader(*blob);
  dsp::Hum hum;
  hum.present = reader.get<bool>();
  hum.fundamental_hz = reader.get<double>();
  hum.level.value = reader.get<double>();
  hum.prominence.value = reader.get<double>();
  hum.level_dbfs = reader.vector<double>();
  if (!reader.ok()) return unreadable(fact);
  return hum;
}

Result<signal::Fact> quality_fact(const Context& context, const session::Id& id, int channel, double in_s, double out_s) {
  TWOPOP_TRY(const signal::MediaDescription media, channel_described(context, id, channel));
  constexpr double kAround_s = 5.0;
  const auto at = [&](double s) { return std::clamp<std::int64_t>(samples(s, media.rate).value, 0, media.length.value); };
  const std::int64_t in = at(in_s), out = at(out_s), begin = at(in_s - kAround_s), end = at(out_s + kAround_s);
  const auto measure = [pool = context.work.media(), media, channel, in, out, begin, end]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const AudioBuffer<float> sound, stretch_of(*pool, media, channel, begin, end));
    const analysis::LineQuality q = analysis::measure_line(sound.view(), media.rate, {{in - begin}, {out - begin}});
    ByteWriter writer;
    writer.put(q.snr.value).put(q.speech_level.value).put(q.noise_level.value).put(q.peak.value).put(q.clipped_samples).put(q.dropouts).put(q.dropout_s);
    writer.put(q.hum).put(q.hum_hz).put(q.hum_over_noise.value).put(q.missing).put(q.score).put(static_cast<std::int32_t>(q.faults.size()));
    for (const analysis::LineVerdict& v : q.faults) writer.put(v.fault).put(v.figure).put(std::string_view(v.unit)).put(v.reason);
    return writer.take();
  };
  return signal::Fact{fmt::format("line in {} channel {} at {:.2f} s", context.document.media.at(id).name, channel + 1, in_s), "line quality", 2,
                      Hasher().add(key_of(media, channel)).add(in).add(out).finish(), measure};
}

Result<analysis::LineQuality> quality_of(const Context& context, const session::Id& id, int channel, double in_s, double out_s) {
  TWOPOP_TRY(const signal::Fact fact, quality_fact(context, id, channel, in_s, out_s));
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fact));
  ByteReader reader(*blob);
  analysis::LineQuality q;
  q.snr.value = reader.get<double>();
  q.speech_level.value = reader.get<double>();
  q.noise_level.value = reader.get<double>();
  q.peak.value = reader.get<double>();
  q.clipped_samples = reader.get<std::int64_t>();
  q.dropouts = reader.get<int>();
  q.dropout_s = reader.get<double>();
  q.hum = reader.get<bool>();
  q.hum_hz = reader.get<double>();
  q.hum_over_noise.value = reader.get<double>();
  q.missing = reader.get<bool>();
  q.score = reader.get<double>();
  static constexpr const char* kUnits[] = {"", "dB", "dBFS", "ms", "s", "samples"};
  for (int count = reader.get<std::int32_t>(); count > 0 && reader.ok(); --count) {
    analysis::LineVerdict& v = q.faults.emplace_back();
    v.fault = reader.get<analysis::LineFault>();
    v.figure = reader.get<double>();
    const std::string unit = reader.text();
    for (const char* known : kUnits)
      if (unit == known) v.unit = known;
    v.reason = reader.text();
  }
  if (!reader.ok()) return unreadable(fact);
  return q;
}

Result<std::optional<signal::Fact>> likeness_fact(const Context& context, const Stretch& guide, const Stretch& other) {
  TWOPOP_TRY(const signal::MediaDescription a, channel_described(context, guide.media, guide.channel));
  TWOPOP_TRY(const signal::MediaDescription b, channel_described(context, other.media, other.channel));
  const auto range = [](const signal::MediaDescription& m, const Stretch& s) {
    const auto at = [&](double t) { return SamplePosition{std::clamp<std::int64_t>(samples(t, m.rate).value, 0, m.length.value)}; };
    return SampleRange{at(s.in_s), at(s.out_s)};
  };
  const SampleRange ra = range(a, guide), rb = range(b, other);
  const double shortest = std::min(seconds(ra.length(), a.rate), seconds(rb.length(), b.rate)), longest = std::max(seconds(ra.length(), a.rate), seconds(rb.length(), b.rate));
  if (shortest < 0.8 || longest > 30) return std::optional<signal::Fact>();
  const auto measure = [pool = context.work.media(), a, b, one = guide.channel, two = other.channel, ra, rb]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const AudioBuffer<float> x, stretch_of(*pool, a, one, ra.begin.value, ra.end.value));
    TWOPOP_TRY(AudioBuffer<float> y, stretch_of(*pool, b, two, rb.begin.value, rb.end.value));
    if (b.rate != a.rate) { TWOPOP_TRY(y, at_rate(y, b.rate, a.rate)); }
    ByteWriter writer;
    writer.put(analysis::align_take(x.view(), y.view(), a.rate).score);
    return writer.take();
  };
  return std::optional(signal::Fact{fmt::format("words of {} against {} at {:.2f} s", context.document.media.at(other.media).name, context.document.media.at(guide.media).name, guide.in_s), "likeness", 3,
                                    Hasher().add(key_of(a, guide.channel)).add(key_of(b, other.channel)).add(ra.begin.value).add(ra.end.value).add(rb.begin.value).add(rb.end.value).finish(), measure});
}

Result<double> likeness_of(const Context& context, const Stretch& guide, const Stretch& other) {
  TWOPOP_TRY(const std::optional<signal::Fact> fact, likeness_fact(context, guide, other));
  if (!fact) return 1.0;
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(*fact));
  return ByteReader(*blob).get<double>();
}

double source_second(const session::Placement& p, SamplePosition film, SampleRate rate) {
  return p.source_at_in_s + seconds(film - p.film.in, rate) * (1 + p.drift_ppm * 1e-6);
}

SamplePosition film_position(const session::Placement& p, double source_s, SampleRate rate) {
  return p.film.in + samples((source_s - p.source_at_in_s) / (1 + p.drift_ppm * 1e-6), rate);
}

}  // namespace twopop::phases
