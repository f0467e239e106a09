#include "phases/design/design.h"
#include "phases/design/scenes.h"
#include "phases/detail/sources.h"
#include "phases/ranges.h"

#include "core/text.h"

#include <algorithm>
#include <cmath>

namespace twopop::phases::design {
namespace {

using session::MediaKind;

constexpr double kCrossfade_s = 0.5, kEndFade_s = 0.8;
constexpr double kLeastBed_s = 1.0;

/// Mean distance of two backgrounds in dB, levels apart: what remains is their colour.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double mean = 0;
  for (std::size_t i = 0; i < a.size(); ++i) mean += static_cast<double>(a[i] - b[i]) / static_cast<double>(a.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(static_cast<double>(a[i] - b[i]) - mean) / static_cast<double>(a.size());
  return sum;
}

/// Rain, birds or the sea tell a story of their own: colour alone is not reason enough to lay them.
constexpr double kStoryPenalty_db = 3;
bool tells_a_story(const std::string& name) {
  const std::string upper = to_upper(name);
  for (const char* word : {"RAIN", "THUNDER", "STORM", "WIND", "BIRD", "SEA", "OCEAN", "WAVE", "WATER", "RIVER", "FIRE", "CRICKET", "SIREN", "BELL"})
    if (upper.find(word) != std::string::npos) return true;
  return false;
}

struct Choice {
  session::Id media;
  std::string reason;
  double confidence = 0;
};

class Chooser {
 public:
  Chooser(const Context& context, Proposal& proposal) : context_(context), proposal_(proposal) {
    ambiences_ = detail::media_of_kind(context.document, MediaKind::Ambience);
  }

  std::optional<Choice> for_scene(const std::string& scene) {
    for (const session::Id& id : ambiences_)
      if (detail::speaks_of(media(id), scene)) return Choice{id, fmt::format("{} speaks of the scene \"{}\"", media(id).name, scene), 0.9};
    if (!everywhere_) everywhere_ = choose();
    return *everywhere_;
  }

 private:
  const session::Media& media(const session::Id& id) const { return context_.document.media.at(id); }

  std::optional<Choice> choose() {
    if (ambiences_.empty()) return without_ambience();
    const auto production = production_background();
    if (!production)
      return Choice{ambiences_.front(), fmt::format("{}: the first of {} ambiences by name; there is no production sound to compare with", media(ambiences_.front()).name, ambiences_.size()), 0.55};
    std::vector<std::pair<double, session::Id>> found;
    for (const session::Id& id : ambiences_) {
      const auto background = detail::background_of(context_, id);
      if (!background) {
        proposal_.findings.push_back(detail::unusable("design", id, background.error()));
        continue;
      }
      found.push_back({distance(*background, *production) + (tells_a_story(media(id).name) ? kStoryPenalty_db : 0), id});
    }
    if (found.empty()) return without_ambience();
    std::sort(found.begin(), found.end());
    std::string reason = fmt::format("{}: nearest in colour to the background of the production sound ({:.1f} dB mean distance over bands, 3 dB added for what tells a story of its own, such as rain", media(found[0].second).name, found[0].first);
    if (found.size() > 1) reason += fmt::format("; next {} with {:.1f} dB", media(found[1].second).name, found[1].first);
    return Choice{found[0].second, reason + ")", std::clamp(0.9 - found[0].first / 30, 0.5, 0.85)};
  }

  /// Of the picture's own sound, else of the first rush or recording.
  std::optional<std::vector<float>> production_background() const {
    for (const session::Id& id : production()) {
      auto background = detail::background_of(context_, id);
      if (background && *std::max_element(background->begin(), background->end()) > -110) return *std::move(background);
    }
    return std::nullopt;
  }

  std::vector<session::Id> production() const {
    std::vector<session::Id> ids;
    const session::Id picture = context_.document.picture.media;
    if (context_.document.media.contains(picture) && media(picture).channels > 0) ids.push_back(picture);
    for (const MediaKind kind : {MediaKind::Rushes, MediaKind::Recording})
      for (const session::Id& id : detail::media_of_kind(context_.document, kind))
        if (media(id).channels > 0) ids.push_back(id);
    if (ids.size() > 4) ids.resize(4);
    return ids;
  }

  std::optional<Choice> without_ambience() const {
    for (const session::Id& id : detail::media_of_kind(context_.document, MediaKind::RoomTone))
      return Choice{id, fmt::format("{}: no ambience was given, so the room tone lies under the film: music and effects alone must not fall silent", media(id).name), 0.7};
    for (const session::Id& id : production()) {
      const auto pauses = detail::pauses_of(context_, id);
      if (pauses && seconds(total(*pauses), context_.document.rate) >= 0.5)
        return Choice{id, fmt::format("pauses of {}: neither ambience nor room tone was given, and music and effects alone must not fall silent", media(id).name), 0.6};
    }
    return std::nullopt;
  }

  const Context& context_;
  Proposal& proposal_;
  std::vector<session::Id> ambiences_;
  std::optional<std::optional<Choice>> everywhere_;
};

void propose_beds(const Context& context, const std::vector<SamplePosition>& cuts, Proposal& proposal) {
  session::Design& design = proposal.document.design;
  std::erase_if(design.ambiences, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
  std::vector<SampleRange> taken;
  for (const auto& [id, bed] : design.ambiences) taken.push_back(bed.film.range());
  taken = unite(std::move(taken));
  const SampleRate rate = context.document.rate;
  const SampleRange film = context.document.extent();

  Chooser chooser(context, proposal);
  struct Bed {
    SampleRange film;
    Choice choice;
    std::string scene;
  };
  std::vector<Bed> beds;
  for (const detail::SceneRange& scene : detail::scenes_of(context.document, cuts)) {
    for (const SampleRange& open : subtract({scene.film}, taken)) {
      if (seconds(open.length(), rate) < kLeastBed_s && open.length() < film.length()) continue;
      const auto choice = chooser.for_scene(scene.scene);
      if (!choice) continue;
      if (!beds.empty() && beds.back().choice.media == choice->media && beds.back().film.end == open.begin) {
        beds.back().film.end = open.end;
        continue;
      }
      beds.push_back({open, *choice, scene.scene});
    }
  }
  const std::int64_t half = samples(kCrossfade_s / 2, rate).value;
  std::set<session::Id> used;
  for (std::size_t i = 0; i < beds.size(); ++i) {
    session::AmbienceBed bed;
    bed.media = beds[i].choice.media;
    bed.scene = beds[i].scene;
    // Beds overlap by a crossfade around the cut on which they change.
    const bool joins_before = i > 0 && beds[i - 1].film.end == beds[i].film.begin, joins_after = i + 1 < beds.size() && beds[i + 1].film.begin == beds[i].film.end;
    bed.film = {joins_before ? SamplePosition{beds[i].film.begin.value - half} : beds[i].film.begin, joins_after ? SamplePosition{beds[i].film.end.value + half} : beds[i].film.end};
    const std::int64_t end_fade = std::min(samples(kEndFade_s, rate).value, beds[i].film.length().value / 4);
    bed.fade_in.length = SampleCount{joins_before ? 2 * half : end_fade};
    bed.fade_out.length = SampleCount{joins_after ? 2 * half : end_fade};
    bed.decided.reason = beds[i].choice.reason;
    bed.decided.confidence = beds[i].choice.confidence;
    const session::Id id = fmt::format("bed-{}", i + 1);
    used.insert(bed.media);
    design.ambiences[design.ambiences.contains(id) ? id + "-auto" : id] = bed;
    proposal.items.push_back({"/design/ambiences/" + (design.ambiences.contains(id + "-auto") ? id + "-auto" : id), bed.decided.reason, bed.decided.confidence});
  }
  for (const auto& [id, bed] : design.ambiences) used.insert(bed.media);
  for (const session::Id& id : detail::media_of_kind(context.document, MediaKind::Ambience))
    if (!used.contains(id))
      proposal.findings.push_back({Severity::Note, "design", "ambience-unused", std::nullopt, "/media/" + id,
                                   fmt::format("{} lies under no scene", context.document.media.at(id).name), "name it after its scene, or place it by hand", 0, ""});
  if (design.ambiences.empty() && !film.empty())
    proposal.findings.push_back({Severity::Warning, "design", "no-ambience", film, "/design/ambiences", "there is neither ambience nor room tone for the film",
                                 "add a field recording or room tone; without it music and effects fall silent between their cues", 0, ""});
}

/// Effects that carry the film's timecode are placed by it.
void propose_effects(const Context& context, Proposal& proposal) {
  session::Design& design = proposal.document.design;
  std::erase_if(design.effects, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
  std::set<session::Id> placed;
  for (const auto& [id, clip] : design.effects) placed.insert(clip.media);
  const SampleRate rate = context.document.rate;
  const double start_s = static_cast<double>(context.document.start_frame) / context.document.frames.hz();
  for (const session::Id& media_id : detail::media_of_kind(context.document, MediaKind::Effect)) {
    const session::Media& media = context.document.media.at(media_id);
    if (placed.contains(media_id) || media.channels == 0) continue;
    const double at_s = media.start_of_day_s ? *media.start_of_day_s - start_s : -1;
    if (at_s < 0 || samples(at_s, rate) >= context.document.picture.length) {
      proposal.findings.push_back({Severity::Note, "design", "effect-not-placed", std::nullopt, "/media/" + media_id, fmt::format("{} has no place in the film", media.name),
                                   "place it at a time or timecode", 0, ""});
      continue;
    }
    session::EffectClip clip;
    clip.media = media_id;
    clip.track = "effects";
    clip.name = media.name;
    clip.at = SamplePosition{samples(at_s, rate).value};
    clip.fade_out.length = samples(0.01, rate);
    clip.decided.reason = fmt::format("its timecode lies {:.3f} s into the film", at_s);
    clip.decided.confidence = 0.6;
    const session::Id id = detail::id_of("fx-" + media_id);
    design.effects[id] = clip;
    proposal.items.push_back({"/design/effects/" + id, clip.decided.reason, clip.decided.confidence});
  }
}

}  // namespace

Result<Proposal> spot(const Context& context) {
  Proposal proposal;
  proposal.document = context.document;
  auto cuts = detail::picture_cuts_of(context);
  if (!cuts) {
    if (cuts.error().code == Code::Cancelled) return cuts.error();
    proposal.findings.push_back(detail::unusable("design", context.document.picture.media, cuts.error()));
  }
  if (!context.document.extent().empty()) propose_beds(context, cuts ? *cuts : std::vector<SamplePosition>{}, proposal);
  propose_effects(context, proposal);
  return proposal;
}

}  // namespace twopop::phases::design
