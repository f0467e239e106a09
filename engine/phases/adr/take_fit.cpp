#include "phases/adr/take_fit.h"

#include "core/bytes.h"
#include "phases/detail/sources.h"
#include "phases/clip_sound.h"

#include <cmath>

namespace twopop::phases {
namespace {

constexpr double kMostTake_s = 120;
constexpr double kAroundLine_s = 0.75;  // a take to the picture may start so much early, and end so much late

/// Distance from where it should be, in ms, that 95 % of the take's speech stays within after it was stretched.
double left_over_ms(AudioView<const float> line, AudioView<const float> stretched, SampleRate rate) {
  const analysis::Alignment again = analysis::align_take(line, stretched, rate);
  std::vector<double> off;
  const analysis::SpeechMeasure speech = analysis::measure_speech(stretched, rate);
  for (const SampleRange& r : speech.speech)
    for (std::int64_t t = r.begin.value; t < r.end.value; t += rate.hz / 100)
      off.push_back(std::fabs(dsp::warp_forward(again.map, static_cast<double>(t)) - static_cast<double>(t)) * 1000 / rate.hz);
  if (off.empty()) return 0;
  const auto at = off.begin() + static_cast<std::ptrdiff_t>(off.size() * 19 / 20);
  std::nth_element(off.begin(), at, off.end());
  return *at;
}

}  // namespace

std::optional<SamplePosition> recorded_at(const session::Document& document, const session::Media& take) {
  if (take.roll != kBoothRoll || !take.start_of_day_s) return std::nullopt;
  const double film_s = *take.start_of_day_s - static_cast<double>(document.start_frame) / document.frames.hz();
  const SamplePosition at = SamplePosition{} + samples(film_s, document.rate);
  // A film whose timecode was set anew since then says nothing of where the take lies.
  const SampleRange heard{at, at + samples(take.duration_s, document.rate)};
  if (!heard.overlaps({{0}, SamplePosition{} + document.picture.length})) return std::nullopt;
  return at;
}

Result<signal::Signal> production_line(const Context& context, const session::Id& id) {
  const auto clip = context.document.dialogue.clips.find(id);
  if (clip == context.document.dialogue.clips.end()) return Error{Code::NotFound, fmt::format("there is no dialogue clip '{}'", id), "spot the dialogue again, or choose another clip for the cue"};
  session::DialogueClip dry = clip->second;
  dry.gain = {};
  dry.fade_in = {}, dry.fade_out = {};
  return clip_sound(context, id, dry, Repairs::LeftOut);
}

Result<TakeFit> fit_of(const Context& context, const signal::Signal& line, SampleRange where, const session::Id& take, int channel,
                       std::optional<SamplePosition> at) {
  const SampleRate rate = context.document.rate;
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, take));
  if (channel < 0 || channel >= media.channels) return Error{Code::InvalidArgument, fmt::format("{}: channel {} of a take with {}", media.path.filename().string(), channel + 1, media.channels), "choose another channel"};
  TWOPOP_TRY(const Hash content, context.work.content(line, where));
  // Read before the measurement, which must not wait for other tasks.
  TWOPOP_TRY(const AudioBuffer<float> said, context.work.read(line, where));
  const auto measure = [&]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const AudioBuffer<float> all, detail::hear(media, rate, kMostTake_s));
    SampleRange heard{{0}, {all.frames()}};
    if (at) {
      const SampleCount around = samples(kAroundLine_s, rate), start = *at - SamplePosition{};
      const SampleRange near = intersection(heard, {where.begin - start - around, where.end - start + around});
      if (near.length() > around) heard = near;
    }
    const AudioView<const float> sound = all.view().select(channel, 1).sub(heard.begin.value, heard.length().value);
    analysis::Alignment a = analysis::align_take(said.view(), sound, rate);
    double worst = 0;
    if (a.same_words || a.score >= kLeastFit) {
      TWOPOP_TRY(const AudioBuffer<float> moved, dsp::stretch(sound, rate, a.map, {where.length()}));
      worst = left_over_ms(said.view(), moved.view(), rate);
    }
    for (dsp::WarpPoint& p : a.map) p.source += heard.begin.value;
    const analysis::SpeechMeasure speech = analysis::measure_speech(sound, rate);
    ByteWriter writer;
    writer.put(a.same_words).put(a.score).put(a.map).put(a.most_stretch).put(a.least_stretch).put(a.mean_shift_s).put(a.reason).put(worst).put(speech.speech_level.value).put(all.frames());
    return writer.take();
  };
  const std::string name = context.document.media.at(take).name;
  Hasher settings;
  settings.add(content).add(media.fingerprint).add(channel).add(rate.hz);
  if (at) settings.add((where.begin - *at).value).add(kAroundLine_s);
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fmt::format("fit of {} at {:.2f} s", name, seconds(where.begin, rate)), "take fit", 3, settings.finish(), measure));
  ByteReader reader(*blob);
  TakeFit fit;
  fit.alignment.same_words = reader.get<bool>();
  fit.alignment.score = reader.get<double>();
  fit.alignment.map = reader.vector<dsp::WarpPoint>();
  fit.alignment.most_stretch = reader.get<double>();
  fit.alignment.least_stretch = reader.get<double>();
  fit.alignment.mean_shift_s = reader.get<double>();
  fit.alignment.reason = reader.text();
  fit.worst_ms = reader.get<double>();
  fit.take_level.value = reader.get<double>();
  fit.take_length.value = reader.get<std::int64_t>();
  if (!reader.ok()) return Error{Code::Damaged, fmt::format("the kept fit of {} cannot be read", name), "remove the film's cache folder"};
  return fit;
}

Result<signal::Signal> fitted(const Context& context, const session::Id& item, const TakeFit& fit, SampleRange where, const session::Id& take, int channel) {
  TWOPOP_TRY(signal::Signal sound, media_on_session_clock(context, take, channel, 0, 0, fit.take_length));
  signal::WholeClip whole;
  whole.kind = "adr fit";
  whole.label = "adr take " + item;
  whole.extent = {{0}, {where.length().value}};
  whole.input_ranges = {{{0}, {fit.take_length.value}}};
  Hasher hasher;
  hasher.add(where.length().value).add(context.document.rate.hz);
  for (const dsp::WarpPoint& p : fit.alignment.map) hasher.add(p.source).add(p.target);
  whole.settings = hasher.finish();
  whole.text = fmt::format("stretched onto the line by {:.2f} to {:.2f}, pitch kept", fit.alignment.least_stretch, fit.alignment.most_stretch);
  whole.work = [map = fit.alignment.map, length = where.length(), rate = context.document.rate](std::span<const AudioView<const float>> inputs) {
    return dsp::stretch(inputs[0], rate, map, {length});
  };
  return signal::shifted(signal::whole_clip({std::move(sound)}, std::move(whole)), where.begin - SamplePosition{});
}

}  // namespace twopop::phases
