#include "phases/detail/sources.h"

#include "analysis/loop_plan.h"
#include "analysis/picture_cuts.h"
#include "core/bytes.h"
#include "dsp/pan.h"
#include "dsp/resampler.h"
#include "media/picture.h"

#include <algorithm>
#include <cctype>

namespace twopop::phases::detail {
namespace {

/// More of a field recording makes no better loop, and would not fit into memory.
constexpr double kMostLoop_s = 240;
constexpr double kMostSpeech_s = 240;
constexpr double kMostBackground_s = 40;
constexpr double kMostHits_s = 300;
constexpr std::int64_t kBlock = 1 << 16;

SampleCount session_length(const signal::MediaDescription& media, SampleRate session) {
  return {mul_div(media.length.value, session.hz, media.rate.hz, Rounding::Floor)};
}

template <class T>
cache::Bytes bytes_of(const std::vector<T>& values) {
  ByteWriter writer;
  writer.put(values);
  return writer.take();
}

template <class T>
Result<std::vector<T>> values_of(const cache::Blob& blob, const std::string& what) {
  ByteReader reader(*blob);
  std::vector<T> values = reader.vector<T>();
  if (!reader.ok()) return Error{Code::Damaged, fmt::format("{}: what is known of it cannot be read", what), "remove the film's cache folder"};
  return values;
}

/// A measurement of a file, heard on the session's clock.
template <class T, class Measure>
Result<std::vector<T>> file_fact(const Context& context, const session::Id& id, const char* recipe, int version, std::uint64_t parameter, double most_s,
                                 Measure measure) {
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, id));
  const SampleRate rate = context.document.rate;
  const Hash settings = Hasher().add(media.fingerprint).add(media.audio_stream).add(rate.hz).add(parameter).finish();
  const auto work = [&media, rate, most_s, &measure]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const AudioBuffer<float> sound, hear(media, rate, most_s));
    TWOPOP_TRY(const std::vector<T> values, measure(sound));
    return bytes_of(values);
  };
  const std::string name = context.document.media.at(id).name;
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fmt::format("{} of {}", recipe, name), recipe, version, settings, work));
  return values_of<T>(blob, name);
}

}  // namespace

Result<Source> source_of(const Context& context, const session::Id& id) {
  Source source;
  TWOPOP_TRY(source.media, describe_media(context, id));
  source.length = session_length(source.media, context.document.rate);
  source.channels = source.media.channels;
  TWOPOP_TRY(source.sound, media_on_session_clock(context, id, -1, 0, 0, source.length));
  return source;
}

Result<AudioBuffer<float>> hear(const signal::MediaDescription& media, SampleRate session, double most_s) {
  TWOPOP_TRY(const std::unique_ptr<media::Reader> reader, media::Reader::open(media.path, media.audio_stream));
  const std::int64_t wanted = std::min(media.length.value, samples(most_s, media.rate).value);
  const dsp::RateMap map = dsp::RateMap::from(media.rate, session);
  AudioBuffer<float> out(media.channels, map.is_shift() ? wanted : mul_div(wanted, session.hz, media.rate.hz, Rounding::Floor));
  if (map.is_shift()) {
    for (std::int64_t at = 0; at < wanted; at += kBlock) TWOPOP_CHECK(reader->read(SamplePosition{at}, out.view().sub(at, std::min(kBlock, wanted - at))));
    return out;
  }
  // Only forwards, with what two blocks share kept: coded files are decoded once, and memory holds the result alone.
  TWOPOP_TRY(const dsp::Resampler resampler, dsp::Resampler::create(map));
  AudioBuffer<float> held;
  SampleRange have{};
  for (std::int64_t at = 0; at < out.frames(); at += kBlock) {
    const SampleRange range{SamplePosition{at}, SamplePosition{std::min(out.frames(), at + kBlock)}};
    const SampleRange needed = intersection(resampler.needs(range), {SamplePosition{0}, SamplePosition{wanted}});
    AudioBuffer<float> next(media.channels, needed.length().value);
    const SampleRange shared = intersection(have, needed);
    for (int c = 0; c < next.channels(); ++c)
      std::copy_n(held.channel(c) + (shared.begin - have.begin).value * (shared.empty() ? 0 : 1), shared.length().value, next.channel(c));
    const SamplePosition from = shared.empty() ? needed.begin : shared.end;
    TWOPOP_CHECK(reader->read(from, next.view().sub((from - needed.begin).value, (needed.end - from).value)));
    held = std::move(next);
    have = needed;
    resampler.render(range.begin, held.view(), have.begin, out.view().sub(at, range.length().value));
  }
  return out;
}

Result<std::vector<SampleRange>> pauses_of(const Context& context, const session::Id& id) {
  const SampleRate rate = context.document.rate;
  return file_fact<SampleRange>(context, id, "pauses", 1, 0, kMostSpeech_s, [rate](const AudioBuffer<float>& sound) -> Result<std::vector<SampleRange>> {
    const analysis::SpeechMeasure measure = analysis::measure_speech(sound.view(), rate);
    return analysis::silence_between(measure.ranges, SampleCount{sound.frames()}, samples(0.3, rate));
  });
}

Result<std::vector<float>> background_of(const Context& context, const session::Id& id) {
  const SampleRate rate = context.document.rate;
  return file_fact<float>(context, id, "background", 1, 0, kMostBackground_s, [rate](const AudioBuffer<float>& sound) -> Result<std::vector<float>> {
    const analysis::SpeechMeasure measure = analysis::measure_speech(sound.view(), rate);
    return std::vector<float>(measure.noise_floor_dbfs.begin(), measure.noise_floor_dbfs.end());
  });
}

Result<dsp::LoopPlan> loop_of(const Context& context, const session::Id& id, std::uint64_t seed, bool pauses_only) {
  const SampleRate rate = context.document.rate;
  std::vector<SampleRange> pauses;
  if (pauses_only) {
    TWOPOP_TRY(pauses, pauses_of(context, id));
  }
  if (pauses_only && pauses.empty())
    return Error{Code::NotFound, fmt::format("{}: nobody pauses in it", context.document.media.at(id).name), "record room tone, or give another ambience"};
  const auto plan_it = [&](const AudioBuffer<float>& sound) -> Result<std::vector<dsp::SplicePiece>> {
    analysis::LoopSettings settings;
    settings.seed = seed;
    settings.without_events = pauses_only;
    TWOPOP_TRY(const analysis::LoopFacts facts, analysis::plan_loop(sound.view(), rate, settings, pauses));
    return facts.plan.list.pieces;
  };
  TWOPOP_TRY(auto pieces, file_fact<dsp::SplicePiece>(context, id, pauses_only ? "loop of pauses" : "loop", 1, seed, kMostLoop_s, plan_it));
  return dsp::LoopPlan{{std::move(pieces), true}};
}

Result<std::vector<analysis::Hit>> hits_of(const Context& context, const session::Id& id) {
  const SampleRate rate = context.document.rate;
  return file_fact<analysis::Hit>(context, id, "hits", 1, 0, kMostHits_s,
                                  [rate](const AudioBuffer<float>& sound) -> Result<std::vector<analysis::Hit>> { return analysis::split_at_hits(sound.view(), rate); });
}

Result<std::vector<SamplePosition>> picture_cuts_of(const Context& context) {
  const session::Id id = context.document.picture.media;
  const auto found = context.document.media.find(id);
  if (id.empty() || found == context.document.media.end() || !found->second.has_picture) return std::vector<SamplePosition>{};
  TWOPOP_TRY(const Hash fingerprint, parse_hash(found->second.fingerprint));
  const std::filesystem::path path = media_path(context, found->second);
  const SampleRate rate = context.document.rate;
  const auto look = [&path, rate]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const media::FrameTimes times, media::frame_times(path));
    TWOPOP_TRY(const auto reader, media::FrameReader::open(path));
    std::optional<analysis::CutDetector> detector;
    while (true) {
      TWOPOP_TRY(const auto frame, reader->next());
      if (!frame) break;
      if (!detector) detector.emplace(frame->width, frame->height);
      detector->add(frame->pixels);
    }
    std::vector<SamplePosition> cuts;
    if (detector)
      for (const analysis::PictureCut& cut : detector->finish())
        if (cut.confidence >= 0.4 && cut.frame < times.count()) cuts.push_back(times.position_of(cut.frame, rate));
    return bytes_of(cuts);
  };
  TWOPOP_TRY(const cache::Blob blob,
             context.work.fact("cuts of " + found->second.name, "picture cuts", 1, Hasher().add(fingerprint).add(rate.hz).finish(), look));
  return values_of<SamplePosition>(blob, found->second.name);
}

signal::Signal as_layout(signal::Signal sound, Layout layout, double pan) {
  const int from = sound->channels();
  const Layout own = from == 1 ? Layout::Mono : from == 6 ? Layout::Surround51 : from == 8 ? Layout::Surround71 : Layout::Stereo;
  // A recording of another number of channels is heard by its first two.
  if (from != channel_count(own)) {
    std::vector<float> first(static_cast<std::size_t>(2 * from), 0.0f);
    first[0] = first[static_cast<std::size_t>(from) + 1] = 1;
    sound = signal::mixed_to(std::move(sound), 2, std::move(first));
  }
  const dsp::GainMatrix matrix = layout == Layout::Mono ? dsp::downmix(own, layout) : dsp::pan(own, layout, {.left_right = pan});
  if (own == layout && pan == 0) return sound;
  return signal::mixed_to(std::move(sound), channel_count(layout), matrix.gains);
}

signal::Signal with_width(signal::Signal sound, double width) {
  if (sound->channels() != 2 || width == 1) return sound;
  const auto own = static_cast<float>(0.5 * (1 + width)), other = static_cast<float>(0.5 * (1 - width));
  return signal::mixed_to(std::move(sound), 2, {own, other, other, own});
}

signal::FadeSettings fade_of(const session::Fade& fade) {
  using F = session::FadeShape;
  const signal::Curve curve = fade.shape == F::Linear     ? signal::Curve::Linear
                              : fade.shape == F::SCurve      ? signal::Curve::SCurve
                              : fade.shape == F::Exponential ? signal::Curve::Exponential
                                                             : signal::Curve::EqualPower;
  return {fade.length, curve};
}

Layout film_layout(const session::Document& document) {
  switch (document.layout) {
    case session::LayoutName::Mono: return Layout::Mono;
    case session::LayoutName::Stereo: return Layout::Stereo;
    case session::LayoutName::Surround51: return Layout::Surround51;
    case session::LayoutName::Surround71: return Layout::Surround71;
  }
  return Layout::Stereo;
}

session::Id id_of(std::string_view name) {
  session::Id id;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
    id.push_back(plain ? c : '-');
  }
  return id.empty() ? "item" : id;
}

std::vector<session::Id> media_of_kind(const session::Document& document, session::MediaKind kind) {
  std::vector<session::Id> ids;
  for (const auto& [id, media] : document.media)
    if (media.kind == kind && media.problem.empty()) ids.push_back(id);
  std::stable_sort(ids.begin(), ids.end(), [&](const auto& a, const auto& b) { return document.media.at(a).name < document.media.at(b).name; });
  return ids;
}

Finding unusable(const char* phase, const session::Id& media, const Error& error) {
  return {Severity::Error, phase, std::string(twopop::name_of(error.code)), std::nullopt, "/media/" + media, error.message,
          error.remedy.empty() ? "replace the file" : error.remedy, 0, ""};
}

}  // namespace twopop::phases::detail
