#include "deliver/moment.h"

#include "deliver/board.h"
#include "deliver/explanations.h"
#include "signal/explain.h"

namespace twopop::deliver {
namespace {

std::optional<signal::Signal> track_named(const phases::Whole& whole, const std::string& id) {
  for (const auto& [phase, compiled] : whole.compiled)
    for (const phases::Track& track : compiled.tracks)
      if (track.id == id) return track.sound;
  return std::nullopt;
}

/// `phase` empty: of any.
std::optional<signal::Signal> clip_named(const phases::Whole& whole, const std::string& phase, const std::string& id) {
  for (const auto& [name, compiled] : whole.compiled) {
    if (!phase.empty() && phase != name) continue;
    for (const phases::Track& track : compiled.tracks)
      if (const auto item = signal::find_item(track.sound, id)) return signal::shifted(item->sound, item->later);
  }
  return std::nullopt;
}

std::optional<signal::Signal> stem_named(const std::map<phases::Stem, signal::Signal>& among, const std::string& name) {
  for (const phases::Stem stem : phases::kStems)
    if (name == phases::name_of(stem))
      if (const auto found = among.find(stem); found != among.end()) return found->second;
  return std::nullopt;
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text == "Adr" ? "ADR" : text;
}

std::string phase_of(phases::Stem stem) { return stem == phases::Stem::Effects ? "design" : phases::name_of(stem); }

}  // namespace

std::vector<FilmSound> sounds_of(const phases::Whole& whole) {
  std::vector<FilmSound> sounds{{"mix", "Mix", "mix", whole.mix.mix, {}}, {"me", "Music and effects", "mix", whole.mix.music_and_effects, {}}};
  if (whole.mix.production_effects) sounds.push_back({"pfx", "Production effects", "mix", *whole.mix.production_effects, {}});
  for (const auto& [stem, sound] : whole.mix.stems) sounds.push_back({fmt::format("stem:{}", phases::name_of(stem)), capital(phases::name_of(stem)) + " stem", "mix", sound, {}});
  for (const auto& [stem, sound] : whole.mix.buses) sounds.push_back({fmt::format("bus:{}", phases::name_of(stem)), capital(phases::name_of(stem)) + " bus", phase_of(stem), sound, {}});
  for (const phases::Phase* phase : phases::order_of_operations())
    if (const auto compiled = whole.compiled.find(phase->name()); compiled != whole.compiled.end())
      for (const phases::Track& track : compiled->second.tracks) sounds.push_back({"track:" + track.id, track.name.empty() ? track.id : track.name, phase->name(), track.sound, track.heard});
  return sounds;
}

Result<signal::Signal> sound_named(const phases::Whole& whole, const std::string& name) {
  const std::size_t colon = name.find(':');
  const std::string kind = colon == std::string::npos ? std::string() : name.substr(0, colon);
  const std::string rest = colon == std::string::npos ? name : name.substr(colon + 1);
  const std::size_t slash = rest.rfind('/');
  const std::string id = slash == std::string::npos ? rest : rest.substr(slash + 1);
  std::optional<signal::Signal> found;
  if (kind.empty() && (rest.empty() || rest == "mix")) found = whole.mix.mix;
  if (kind.empty() && rest == "me") found = whole.mix.music_and_effects;
  if (kind.empty() && rest == "pfx") found = whole.mix.production_effects;
  if (!found && (kind.empty() || kind == "stem")) found = stem_named(whole.mix.stems, rest);
  if (!found && kind == "bus") found = stem_named(whole.mix.buses, rest);
  if (!found && (kind.empty() || kind == "track")) found = track_named(whole, rest);
  if (!found && kind == "clip" && slash != std::string::npos) found = clip_named(whole, rest.substr(0, slash), id);
  if (!found && kind.empty()) found = clip_named(whole, {}, id);
  if (found && *found) return *found;
  return Error{Code::NotFound, fmt::format("there is no stem, track or clip '{}'", name), "stems are dialogue, adr, effects, foley, music, me and mix; ids stand in session.json"};
}

Result<Moment> moment_of(const session::Document& document, signal::Workspace& work, const phases::Whole& whole, const std::string& phase, SamplePosition at) {
  TWOPOP_TRY(const signal::Signal sound, phases::sound_of(whole, phase));
  const auto kept = kept_explanations(work.store());
  Moment moment{phase, timecode_of(at, document), at, mul_div(at.value, 1, signal::kChunk.value, Rounding::Floor), {}, !kept.empty()};
  for (const signal::MadeOf& made : signal::made_of(sound, at)) {
    MomentStep step{made.depth, made.kind, made.item, made.settings, {}};
    for (const std::string& identity : {fmt::format("{} chunk {}", made.item, moment.chunk), made.item})
      if (const auto why = kept.find(identity); why != kept.end() && !step.last_build) step.last_build = LastBuild{why->second.identity, cache::name_of(why->second.reason), why->second.cause};
    moment.made_of.push_back(std::move(step));
  }
  return moment;
}

}  // namespace twopop::deliver
