#include "film/booth.h"

#include "core/hash.h"
#include "media/excerpt.h"
#include "phases/adr/take_fit.h"

#include <algorithm>

namespace twopop::server {
namespace {

using session::CueStatus;
using session::Document;
using session::Id;

constexpr double kAroundCue_s = 30;   // pre-roll and post-roll of the booth, at most
constexpr double kFoleyLength_s = 3;  // shown of a step that has no out

bool is_actor(const Identity& who) { return !who.may("read"); }

bool sees(const Identity& who, const Id& cue, CueStatus status) {
  if (!is_actor(who)) return status != CueStatus::Omitted;
  return who.cue.empty() ? status == CueStatus::Open || status == CueStatus::Recorded : who.cue == cue;
}

/// Where the first frame of an ADR take lies, its nudge not counted.
SamplePosition place_of(const Document& document, const session::AdrTake& take, const session::AdrCue& cue) {
  const auto media = document.media.find(take.media);
  return media == document.media.end() ? cue.film.in : phases::recorded_at(document, media->second).value_or(cue.film.in);
}

void add_media(const Document& document, BoothTake& take) {
  const auto media = document.media.find(take.media);
  if (media == document.media.end()) return;
  take.name = media->second.name;
  take.duration_s = media->second.duration_s;
  take.notes = media->second.notes;
}

/// In the order in which they were recorded: the number that each was given.
void in_order(const Document& document, std::vector<BoothTake>& takes) {
  const auto number = [&](const BoothTake& take) {
    const auto media = document.media.find(take.media);
    return media == document.media.end() ? 0 : std::atoi(media->second.take.c_str());
  };
  std::stable_sort(takes.begin(), takes.end(), [&](const BoothTake& a, const BoothTake& b) { return number(a) < number(b); });
}

BoothCue adr_cue(const Document& document, const Id& id, const session::AdrCue& cue) {
  BoothCue out;
  out.id = id;
  out.number = cue.number;
  out.character = cue.character;
  out.text = cue.text;
  out.alternate_text = cue.alternate_text;
  out.notes = cue.notes;
  out.in = cue.film.in;
  out.out = cue.film.out;
  out.on_screen = cue.on_screen;
  out.status = cue.status;
  for (const auto& [item, take] : document.adr.takes) {
    if (take.cue != id || take.refused) continue;
    BoothTake& shown = out.takes.emplace_back();
    shown.item = item;
    shown.media = take.media;
    shown.at = place_of(document, take, cue);
    shown.stars = take.stars;
    shown.nudge_ms = take.nudge_ms;
    shown.fit = take.fit;
    shown.worst_ms = take.worst_ms;
    shown.chosen = cue.chosen_take == item;
    add_media(document, shown);
  }
  in_order(document, out.takes);
  return out;
}

BoothCue foley_cue(const Document& document, const Id& id, const session::FoleyCue& cue) {
  BoothCue out;
  out.id = id;
  out.what = TakeFor::Foley;
  out.number = id;
  out.character = cue.character;
  out.text = cue.action.empty() ? cue.surface : cue.surface.empty() ? cue.action : cue.action + ", " + cue.surface;
  out.in = cue.at;
  out.out = cue.out.value_or(std::min(cue.at + samples(kFoleyLength_s, document.rate), SamplePosition{} + document.picture.length));
  out.on_screen = cue.on_screen;
  out.status = cue.status;
  out.pass = cue.pass;
  for (const auto& [item, performance] : document.foley.performances) {
    const auto media = document.media.find(performance.media);
    if (item != cue.performance && (media == document.media.end() || media->second.cue != id)) continue;
    BoothTake& shown = out.takes.emplace_back();
    shown.item = item;
    shown.media = performance.media;
    shown.at = performance.at;
    shown.chosen = cue.performance == item;
    add_media(document, shown);
    shown.stars = media != document.media.end() && media->second.circled.value_or(false) ? 1 : 0;
  }
  in_order(document, out.takes);
  return out;
}

/// Cues come, go and move: of what was cut for them a few are kept.
void forget_old_excerpts(const std::filesystem::path& folder) {
  constexpr std::size_t kKept = 32;
  std::error_code failed;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (entry.path().filename().string().starts_with("booth-")) found.emplace_back(entry.last_write_time(failed), entry.path());
  std::sort(found.begin(), found.end());
  for (std::size_t i = 0; i + kKept <= found.size(); ++i) std::filesystem::remove(found[i].second, failed);
}

Error no_such_take(const std::string& item) { return {Code::NotFound, fmt::format("there is no take '{}'", item.substr(0, 80)), "look at the list of takes again"}; }
Error not_allowed() { return {Code::InvalidArgument, "which take is heard, and where it lies, is for the editors of its phase", "ask one of them"}; }

}  // namespace

BoothView booth_view(const Document& document, const Identity& who) {
  BoothView view;
  view.title = document.name;
  view.rate_hz = document.rate.hz;
  view.frames = document.frames;
  view.drop_frame = document.drop_frame;
  view.start_frame = document.start_frame;
  view.length = document.picture.length;
  for (const auto& [id, cue] : document.adr.cues)
    if (sees(who, id, cue.status)) view.cues.push_back(adr_cue(document, id, cue));
  for (const auto& [id, cue] : document.foley.cues)
    if (sees(who, id, cue.status)) view.cues.push_back(foley_cue(document, id, cue));
  std::stable_sort(view.cues.begin(), view.cues.end(), [](const BoothCue& a, const BoothCue& b) { return a.in < b.in; });
  return view;
}

bool may_hear(const BoothView& view, const Identity& who, SampleRange range) {
  if (!is_actor(who)) return true;
  const SampleCount around = samples(kAroundCue_s, {view.rate_hz});
  return std::any_of(view.cues.begin(), view.cues.end(), [&](const BoothCue& cue) { return range.begin >= cue.in - around && range.end <= cue.out + around; });
}

std::optional<std::vector<SampleRange>> may_see(const BoothView& view, const Identity& who) {
  if (!is_actor(who)) return std::nullopt;
  const SampleCount around = samples(kAroundCue_s, {view.rate_hz});
  std::vector<SampleRange> open;
  for (const BoothCue& cue : view.cues) open.push_back({cue.in - around, cue.out + around});
  return open;
}

Result<std::filesystem::path> booth_picture(FilmService& film, const BoothView& view, const Identity& who) {
  TWOPOP_TRY(const std::filesystem::path whole, film.picture().proxy());
  const auto open = may_see(view, who);
  if (!open) return whole;
  Hasher hasher;
  std::vector<media::PictureStretch> stretches;
  for (const SampleRange& range : *open) {
    hasher.add(range.begin.value).add(range.end.value);
    stretches.push_back({seconds(range.begin, {view.rate_hz}), seconds(range.end, {view.rate_hz})});
  }
  const std::filesystem::path path = whole.parent_path() / fmt::format("booth-{}.mp4", to_string(hasher.add(view.rate_hz).finish()));
  // One at a time: copying takes a moment, and the same is asked for by every page of a link.
  static std::mutex copying;
  const std::lock_guard lock(copying);
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) {
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now(), failed);
    return path;
  }
  forget_old_excerpts(whole.parent_path());
  // Under its name only once it is whole: a copy that was cut short is not taken for one.
  const std::filesystem::path part = path.string() + ".part";
  const auto copied = media::copy_stretches(whole, stretches, part);
  if (copied) std::filesystem::rename(part, path, failed);
  else std::filesystem::remove(part, failed);
  if (!copied) return copied.error().code == Code::NotFound ? Error{Code::NotFound, "no picture belongs to your cue", "ask who invited you"} : copied.error();
  if (failed) return Error{Code::IoFailed, fmt::format("{}: {}", path.string(), failed.message()), "look after the disk of the film"};
  return path;
}

Result<Document> changed_take(const Document& document, const std::string& item, const BoothTakeChange& change, const Identity& who) {
  Document after = document;
  if (const auto take = after.adr.takes.find(item); take != after.adr.takes.end()) {
    const auto cue = after.adr.cues.find(take->second.cue);
    if (cue == after.adr.cues.end() || !sees(who, cue->first, cue->second.status)) return no_such_take(item);
    if ((change.nudge_ms || change.chosen) && !who.may("edit:adr")) return not_allowed();
    if (change.stars) take->second.stars = *change.stars;
    if (change.nudge_ms) take->second.nudge_ms = *change.nudge_ms;
    if (change.chosen) cue->second.chosen_take = *change.chosen ? item : cue->second.chosen_take == item ? Id() : cue->second.chosen_take;
    if (change.chosen) cue->second.decided.by = session::By::Person;
    take->second.decided.by = session::By::Person;
    return after;
  }
  const auto performance = after.foley.performances.find(item);
  if (performance == after.foley.performances.end()) return no_such_take(item);
  const auto media = after.media.find(performance->second.media);
  const auto cue = media == after.media.end() ? after.foley.cues.end() : after.foley.cues.find(media->second.cue);
  if (cue == after.foley.cues.end() || !sees(who, cue->first, cue->second.status)) return no_such_take(item);
  if ((change.nudge_ms || change.chosen) && !who.may("edit:foley")) return not_allowed();
  if (change.stars) media->second.circled = *change.stars > 0;
  // A performance has no nudge of its own: it is moved where it lies.
  if (change.nudge_ms) performance->second.at = performance->second.at + samples(*change.nudge_ms / 1000, document.rate);
  if (change.chosen) {
    cue->second.performance = *change.chosen ? item : cue->second.performance == item ? Id() : cue->second.performance;
    cue->second.decided.by = session::By::Person;
  }
  performance->second.decided.by = session::By::Person;
  return after;
}

Result<AudioBuffer<float>> guide(FilmService& film, SampleRange range, const Stop& stop) {
  TWOPOP_TRY(const CompiledRef compiled, film.compiler().newest(Sounds::kPatience, stop));
  const auto dialogue = compiled->whole.compiled.find("dialogue");
  std::vector<signal::Signal> sounds;
  if (dialogue != compiled->whole.compiled.end())
    for (const phases::Track& track : dialogue->second.tracks)
      if (track.sound && track.role != phases::Role::RoomTone) sounds.push_back(track.sound);
  if (sounds.empty()) return AudioBuffer<float>(1, range.length().value);
  return film.core().work->read(signal::sum(std::move(sounds), 1), range);
}

}  // namespace twopop::server
