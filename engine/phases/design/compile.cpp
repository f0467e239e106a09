#include "dsp/synth.h"
#include "phases/design/design.h"
#include "phases/detail/effect_steps.h"
#include "phases/detail/sources.h"
#include "phases/ranges.h"
#include "session/json.h"

namespace twopop::phases::design {
namespace {

Finding broken(const std::string& item, std::optional<SampleRange> where, const Error& error) {
  return {Severity::Error, "design", std::string(twopop::name_of(error.code)), where, item, error.message, error.remedy.empty() ? "mend it, or take it out" : error.remedy, 0, ""};
}

Result<dsp::SynthSettings> synth_of(const session::AmbienceBed& bed) {
  dsp::SynthSettings settings;
  const std::string kind = bed.synth == "tone" ? "sine" : bed.synth;
  bool known = false;
  for (const auto& name : dsp::names_of(dsp::SynthKind{}))
    if (kind == name.name && name.value != dsp::SynthKind::TwoPop) settings.kind = name.value, known = true;
  if (!known) return Error{Code::InvalidArgument, fmt::format("unknown synthesiser \"{}\"", bed.synth), "use wind, rain, tone, pink or white"};
  settings.seed = static_cast<std::uint32_t>(bed.seed);
  settings.width = std::clamp(bed.width, 0.0, 1.0);
  for (const auto& [key, value] : bed.synth_numbers) {
    bool found = false;
    std::apply(
        [&](const auto&... field) {
          (([&] {
             if constexpr (std::is_same_v<std::remove_cvref_t<decltype(settings.*field.member)>, double>)
               if (key == field.key) settings.*field.member = value, found = true;
           }()),
           ...);
        },
        dsp::SynthSettings::fields());
    if (!found) return Error{Code::InvalidArgument, fmt::format("synthesiser {}: unknown number {}", bed.synth, key), "see the table of synthesiser parameters"};
  }
  return settings;
}

/// The bed from the start of its stretch of film, before fades and gain.
Result<signal::Signal> bed_sound(const Context& context, const session::AmbienceBed& bed) {
  const SampleRange film = bed.film.range();
  if (bed.media.empty()) {
    TWOPOP_TRY(const dsp::SynthSettings settings, synth_of(bed));
    const SampleRate rate = context.document.rate;
    AudioBuffer<float> probe(1, 1);
    TWOPOP_CHECK(dsp::render_synth(settings, rate, SamplePosition{0}, probe.view()));
    signal::Generator generator;
    generator.kind = "synth";
    generator.channels = detail::film_layout(context.document) == Layout::Mono ? 1 : 2;
    generator.extent = {{0}, {film.length().value}};
    generator.settings = hash_of(session::write_json(settings, session::JsonLayout::Compact) + std::to_string(rate.hz));
    generator.text = fmt::format("{} from seed {}", bed.synth, bed.seed);
    generator.fill = [settings, rate](SamplePosition begin, AudioView<float> out) { return dsp::render_synth(settings, rate, begin, out); };
    return signal::generated(std::move(generator));
  }
  TWOPOP_TRY(const detail::Source source, detail::source_of(context, bed.media));
  const session::MediaKind kind = context.document.media.at(bed.media).kind;
  const bool library = kind == session::MediaKind::Ambience || kind == session::MediaKind::RoomTone || kind == session::MediaKind::Effect || kind == session::MediaKind::Foley;
  TWOPOP_TRY(const dsp::LoopPlan plan, detail::loop_of(context, bed.media, static_cast<std::uint64_t>(bed.seed), !library));
  return signal::spliced(source.sound, plan.list, {{0}, {film.length().value}});
}

/// What was recorded of the room itself, made for it or between the words: it lies as low as the room did, not where a field
/// recording would be put.
bool is_room_tone(const session::Document& document, const session::AmbienceBed& bed) {
  const auto media = document.media.find(bed.media);
  if (media == document.media.end()) return false;
  using session::MediaKind;
  const MediaKind kind = media->second.kind;
  return kind == MediaKind::RoomTone || kind == MediaKind::Picture || kind == MediaKind::Rushes || kind == MediaKind::Recording;
}

void compile_beds(const Context& context, Compiled& compiled) {
  const Layout layout = detail::film_layout(context.document);
  for (const auto& [id, bed] : context.document.design.ambiences) {
    const std::string item = "/design/ambiences/" + id;
    const SampleRange film = intersection(bed.film.range(), context.document.extent());
    if (film.empty()) continue;
    auto sound = bed_sound(context, bed);
    if (!sound) {
      compiled.findings.push_back(broken(item, film, sound.error()));
      continue;
    }
    signal::Signal bed_signal = signal::faded(detail::with_width(*sound, bed.width), detail::fade_of(bed.fade_in), detail::fade_of(bed.fade_out));
    bed_signal = signal::shifted(signal::amplified(std::move(bed_signal), bed.gain), bed.film.in - SamplePosition{0});
    Track track;
    track.id = "ambience-" + id;
    track.name = bed.media.empty() ? bed.synth : context.document.media.at(bed.media).name;
    track.stem = Stem::Effects;
    track.role = is_room_tone(context.document, bed) ? Role::RoomTone : Role::Ambience;
    track.sound = signal::labelled(detail::as_layout(std::move(bed_signal), layout, 0), "ambience " + id);
    track.heard = {film};
    compiled.tracks.push_back(std::move(track));
    compiled.treatments.push_back({item, bed.media.empty() ? bed.synth : context.document.media.at(bed.media).name, film,
                                   bed.media.empty() ? fmt::format("{} synthesised from seed {}", bed.synth, bed.seed)
                                                     : std::string("looped without a seam from stretches chosen by likeness, none repeated before the others were heard"),
                                   bed.decided.reason});
  }
}

/// A clip through its chain, from its own start; where it is heard in the film.
Result<signal::Signal> clip_sound(const Context& context, const session::Id& id, const session::EffectClip& clip) {
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, clip.media));
  const SampleRate rate = context.document.rate;
  const double end_s = std::min(clip.source_out_s.value_or(1e18), seconds(media.length, media.rate));
  const SampleCount length = samples(end_s - clip.source_in_s, rate);
  if (length.value < 1)
    return Error{Code::InvalidArgument, fmt::format("{}: starts at {:.3f} s of {:.3f} s", clip.name.empty() ? id : clip.name, clip.source_in_s, end_s), "choose an earlier start"};
  TWOPOP_TRY(signal::Signal sound, media_on_session_clock(context, clip.media, -1, clip.source_in_s, 0, length));
  if (clip.chain.empty()) return sound;
  TWOPOP_TRY(const dsp::EffectChain chain, detail::chain_of(clip.chain));
  std::vector<signal::Signal> inputs{std::move(sound)};
  std::map<std::string, std::size_t> impulses;
  std::vector<SampleRange> ranges{{{0}, {length.value}}};
  for (const dsp::EffectStep& step : chain)
    if (const auto* convolve = std::get_if<dsp::ConvolveStep>(&step); convolve && !impulses.contains(convolve->impulse)) {
      TWOPOP_TRY(detail::Source impulse, detail::source_of(context, convolve->impulse));
      impulses[convolve->impulse] = inputs.size();
      inputs.push_back(std::move(impulse.sound));
      ranges.push_back({{0}, {impulse.length.value}});
    }
  const auto impulse_length = [&](const std::string& name) { return ranges[impulses.at(name)].length(); };
  signal::WholeClip whole;
  whole.kind = "effect chain";
  whole.label = "effect " + id;
  whole.channels = inputs[0]->channels();
  whole.extent = {{0}, {dsp::length_after(length, chain, impulse_length).value}};
  whole.input_ranges = ranges;
  Hasher hasher;
  for (const auto& [step_id, step] : clip.chain) hasher.add(session::write_json(step, session::JsonLayout::Compact));
  whole.settings = hasher.add(rate.hz).finish();
  whole.text = fmt::format("{} effect steps", chain.size());
  whole.work = [chain, impulses, rate](std::span<const AudioView<const float>> heard) -> Result<AudioBuffer<float>> {
    const auto copy_of = [](AudioView<const float> view) {
      AudioBuffer<float> copy(view.channels(), view.frames());
      for (int c = 0; c < view.channels(); ++c) std::copy_n(view.channel(c), view.frames(), copy.channel(c));
      return copy;
    };
    return dsp::apply_chain(copy_of(heard[0]), rate, chain, [&](const std::string& name) -> Result<AudioBuffer<float>> { return copy_of(heard[impulses.at(name)]); });
  };
  return signal::whole_clip(std::move(inputs), std::move(whole));
}

void compile_effects(const Context& context, Compiled& compiled) {
  struct Lane {
    std::vector<signal::Signal> sounds;
    std::vector<SampleRange> heard;
  };
  std::map<session::Id, Lane> lanes;
  const Layout layout = detail::film_layout(context.document);
  for (const auto& [id, clip] : context.document.design.effects) {
    const std::string item = "/design/effects/" + id;
    auto sound = clip_sound(context, id, clip);
    if (!sound) {
      compiled.findings.push_back(broken(item, SampleRange{clip.at, clip.at + SampleCount{1}}, sound.error()));
      continue;
    }
    const SampleCount length = (*sound)->extent().length();
    const SampleRange heard = intersection({clip.at, clip.at + length}, context.document.extent());
    signal::Signal placed = signal::amplified(signal::faded(*sound, detail::fade_of(clip.fade_in), detail::fade_of(clip.fade_out)), clip.gain);
    placed = signal::labelled(signal::shifted(detail::as_layout(std::move(placed), layout, clip.pan), clip.at - SamplePosition{0}), "effect " + id);
    Lane& lane = lanes[clip.track.empty() ? "effects" : clip.track];
    lane.sounds.push_back(std::move(placed));
    if (!heard.empty()) lane.heard.push_back(heard);
    if (!clip.chain.empty())
      compiled.treatments.push_back({item, clip.name, heard, fmt::format("{} steps of processing", clip.chain.size()), clip.decided.reason});
  }
  for (auto& [id, lane] : lanes) {
    Track track;
    track.id = "fx-" + id;
    track.name = id;
    track.stem = Stem::Effects;
    track.role = Role::Effect;
    track.sound = signal::sum(std::move(lane.sounds), channel_count(layout));
    track.heard = unite(std::move(lane.heard));
    compiled.tracks.push_back(std::move(track));
  }
}

}  // namespace

Result<Compiled> compile(const Context& context) {
  Compiled compiled;
  compile_beds(context, compiled);
  compile_effects(context, compiled);
  return compiled;
}

Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled) {
  std::vector<Finding> findings;
  const SampleRange film = context.document.extent();
  std::vector<SampleRange> covered;
  for (const Track& track : compiled.tracks)
    if (track.role == Role::Ambience || track.role == Role::RoomTone) covered.insert(covered.end(), track.heard.begin(), track.heard.end());
  for (const SampleRange& hole : subtract({film}, unite(std::move(covered))))
    if (seconds(hole.length(), context.document.rate) >= 1)
      findings.push_back({Severity::Warning, "design", "no-ambience", hole, "/design/ambiences",
                          fmt::format("{:.1f} s of film have no ambience", seconds(hole.length(), context.document.rate)), "lay a bed under it",
                          seconds(hole.length(), context.document.rate), "s"});
  for (const auto& [id, clip] : context.document.design.effects)
    if (!film.contains(clip.at))
      findings.push_back({Severity::Warning, "design", "effect-outside-film", std::nullopt, "/design/effects/" + id,
                          fmt::format("{} starts outside the film", clip.name.empty() ? id : clip.name), "move it, or take it out", seconds(clip.at, context.document.rate), "s"});
  std::set<session::Id> used;
  for (const auto& [id, bed] : context.document.design.ambiences) used.insert(bed.media);
  for (const auto& [id, clip] : context.document.design.effects) used.insert(clip.media);
  for (const session::Id& id : used) {
    const auto media = context.document.media.find(id);
    if (media == context.document.media.end()) continue;
    using session::MediaKind;
    const bool library = media->second.kind == MediaKind::Ambience || media->second.kind == MediaKind::Effect;
    if (library && media->second.licence.licence.empty())
      findings.push_back({Severity::Note, "design", "licence-missing", std::nullopt, "/media/" + id, fmt::format("{}: no licence is noted", media->second.name),
                          "note under which licence it may be used", 0, ""});
  }
  return findings;
}

}  // namespace twopop::phases::design
