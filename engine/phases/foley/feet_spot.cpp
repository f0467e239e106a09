#include "phases/foley/feet_spot.h"

#include "analysis/onsets.h"
#include "core/bytes.h"
#include "media/picture.h"
#include "phases/detail/sources.h"
#include "phases/ranges.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace twopop::phases::foley {
namespace {

constexpr int kWidth = 320, kHeight = 180;
constexpr double kAround_s = 1.0;        ///< of the sound about a contact
constexpr double kBeside_s = 0.08;       ///< a hit this far outside what the picture leaves open is another one
constexpr double kLeastRise_db = 9, kLeastStrength = 1.3;
constexpr double kHeardToo = 0.15;       ///< of confidence
/// A floor cannot be told from a small grey picture: of several sets one for a floor indoors is taken.
constexpr std::array kLikelyFloors{"hard", "wood", "concrete", "tile", "marble", "carpet"};

void put(ByteWriter& writer, const FeetInFilm& feet) {
  writer.put(feet.seen.looked_at_s).put(feet.seen.camera_moves_s).put(static_cast<std::int32_t>(feet.seen.contacts.size()));
  for (const analysis::FootContact& c : feet.seen.contacts) writer.put(c.time_s).put(c.within_s).put(c.x).put(c.y).put(c.confidence).put(std::string_view(c.reason));
  writer.put(feet.heard_s);
}

Result<FeetInFilm> taken(const cache::Blob& blob, const std::string& name) {
  ByteReader reader(*blob);
  FeetInFilm feet;
  feet.seen.looked_at_s = reader.get<double>();
  feet.seen.camera_moves_s = reader.get<double>();
  for (int count = reader.get<std::int32_t>(); count > 0 && reader.ok(); --count) {
    analysis::FootContact& c = feet.seen.contacts.emplace_back();
    c.time_s = reader.get<double>();
    c.within_s = reader.get<double>();
    c.x = reader.get<double>();
    c.y = reader.get<double>();
    c.confidence = reader.get<double>();
    c.reason = reader.text();
  }
  feet.heard_s = reader.vector<double>();
  if (!reader.ok() || feet.heard_s.size() != feet.seen.contacts.size())
    return Error{Code::Damaged, fmt::format("what is known of the feet in {} cannot be read", name), "remove the film's cache folder"};
  return feet;
}

Result<analysis::FeetSeen> look(const std::filesystem::path& path, std::vector<double> cuts_s) {
  TWOPOP_TRY(const auto reader, media::FrameReader::open(path, kWidth, kHeight));
  analysis::FootSpotter spotter(kWidth, kHeight, std::move(cuts_s));
  while (true) {
    TWOPOP_TRY(const auto frame, reader->next());
    if (!frame) break;
    spotter.add(frame->pixels, frame->time_s);
  }
  return spotter.finish();
}

/// The hit in the picture's own sound that belongs to a contact, or -1.
Result<double> heard_at(const Context& context, const signal::MediaDescription& media, const analysis::FootContact& contact) {
  const std::int64_t begin = std::clamp<std::int64_t>(samples(contact.time_s - kAround_s, media.rate).value, 0, media.length.value);
  const std::int64_t end = std::clamp<std::int64_t>(samples(contact.time_s + kAround_s, media.rate).value, begin, media.length.value);
  if (end - begin < media.rate.hz / 2) return -1.0;
  AudioBuffer<float> sound(media.channels, end - begin);
  TWOPOP_CHECK(context.work.media()->read(media, {begin}, sound.view()));
  double best = -1;
  for (const analysis::Onset& onset : analysis::find_onsets(sound.view(), media.rate, {.least_rise_db = kLeastRise_db})) {
    const double at = seconds(SamplePosition{begin + onset.at.value}, media.rate);
    if (onset.strength < kLeastStrength || std::fabs(at - contact.time_s) > contact.within_s + kBeside_s) continue;
    if (best < 0 || std::fabs(at - contact.time_s) < std::fabs(best - contact.time_s)) best = at;
  }
  return best;
}

bool written_by_people(const session::Foley& foley) {
  const auto feet = [](const auto& item) { return item.second.pass == session::FoleyPass::Feet; };
  return std::any_of(foley.performances.begin(), foley.performances.end(), feet) ||
         std::any_of(foley.cues.begin(), foley.cues.end(), [&](const auto& cue) { return feet(cue) && cue.second.decided.by == session::By::Person; });
}

/// The set that feet are made from while nobody says on what they walk.
session::Id set_for_feet(const session::Foley& foley, int& of) {
  std::vector<session::Id> sets;
  for (const auto& [id, set] : foley.sets)
    if (set.pass == session::FoleyPass::Feet && !set.media.empty()) sets.push_back(id);
  of = static_cast<int>(sets.size());
  for (const char* floor : kLikelyFloors)
    for (const session::Id& id : sets)
      if (foley.sets.at(id).surface == floor) return id;
  return sets.empty() ? session::Id() : sets.front();
}

}  // namespace

Result<FeetInFilm> feet_in_film(const Context& context) {
  const session::Id id = context.document.picture.media;
  const auto found = context.document.media.find(id);
  if (id.empty() || found == context.document.media.end() || !found->second.has_picture) return FeetInFilm{};
  const session::Media& picture = found->second;
  TWOPOP_TRY(const Hash fingerprint, parse_hash(picture.fingerprint));
  TWOPOP_TRY(const std::vector<SamplePosition> cuts, detail::picture_cuts_of(context));
  std::vector<double> cuts_s;
  Hasher settings;
  settings.add(fingerprint).add(kWidth).add(kHeight);
  for (const SamplePosition cut : cuts) {
    cuts_s.push_back(seconds(cut, context.document.rate));
    settings.add(cuts_s.back());
  }
  const std::filesystem::path path = media_path(context, picture);
  // Described here: a fact that asks for another one could wait for its own worker.
  std::optional<signal::MediaDescription> sound;
  if (picture.channels > 0) {
    TWOPOP_TRY(sound, describe_media(context, id));
  }
  const auto work = [&]() -> Result<cache::Bytes> {
    FeetInFilm feet;
    TWOPOP_TRY(feet.seen, look(path, cuts_s));
    for (const analysis::FootContact& contact : feet.seen.contacts) {
      double at = -1;
      if (sound) {
        TWOPOP_TRY(at, heard_at(context, *sound, contact));
      }
      feet.heard_s.push_back(at);
    }
    ByteWriter writer;
    put(writer, feet);
    return writer.take();
  };
  TWOPOP_TRY(const cache::Blob blob, context.work.fact("feet in " + picture.name, "feet", 1, settings.finish(), work));
  return taken(blob, picture.name);
}

Result<void> spot_feet(const Context& context, Proposal& proposal) {
  session::Foley& foley = proposal.document.foley;
  std::erase_if(foley.cues, [](const auto& cue) { return cue.second.decided.by == session::By::Auto && cue.second.pass == session::FoleyPass::Feet; });
  int sets = 0;
  const session::Id set = set_for_feet(foley, sets);
  if (set.empty() || written_by_people(foley)) return {};
  Result<FeetInFilm> feet = feet_in_film(context);
  if (!feet) {
    if (feet.error().code == Code::Cancelled) return feet.error();
    proposal.findings.push_back(detail::unusable("foley", context.document.picture.media, feet.error()));
    return {};
  }
  const SampleRate rate = context.document.rate;
  const auto dialogue = context.earlier.find("dialogue");
  const std::vector<SampleRange> speech = dialogue == context.earlier.end() ? std::vector<SampleRange>{} : unite(dialogue->second->speech);
  std::vector<SampleRange> cues;
  for (std::size_t i = 0; i < feet->seen.contacts.size(); ++i) {
    const analysis::FootContact& seen = feet->seen.contacts[i];
    // Where somebody speaks, a hit is a consonant as well as a step.
    const double heard = feet->heard_s[i];
    const SamplePosition heard_at = SamplePosition{samples(heard, rate).value};
    const bool heard_too = heard >= 0 && std::none_of(speech.begin(), speech.end(), [&](const SampleRange& r) { return r.contains(heard_at); });
    const SamplePosition at = heard_too ? heard_at : SamplePosition{samples(seen.time_s, rate).value};
    if (!context.document.extent().contains(at)) continue;
    const double confidence = std::min(0.95, seen.confidence + (heard_too ? kHeardToo : 0));
    const std::string reason = fmt::format("seen in the picture at {:.0f} % from the left, within {:.0f} ms: {}{}", 100 * seen.x, 1000 * seen.within_s, seen.reason,
                                           heard_too ? fmt::format("; a hit in the picture's own sound {:+.0f} ms from there, taken as the time", 1000 * (heard - seen.time_s)) : "");
    if (confidence < kAcceptConfidence) {
      proposal.findings.push_back({Severity::Note, "foley", "step-unsure", SampleRange{at, at + SampleCount{1}}, "/foley/cues", fmt::format("perhaps a step ({:.2f}): {}", confidence, reason),
                                   "look at it; add a cue if it is one", confidence, "probability"});
      continue;
    }
    session::FoleyCue cue;
    cue.pass = session::FoleyPass::Feet;
    cue.at = at;
    cue.set = set;
    cue.surface = foley.sets.at(set).surface;
    cue.action = "step";
    cue.decided = {session::By::Auto, reason, confidence};
    const session::Id id = fmt::format("step-{:09}", mul_div(at.value, 1000, rate.hz, Rounding::Floor));
    if (foley.cues.contains(id)) continue;
    foley.cues[id] = cue;
    cues.push_back({at, at + SampleCount{1}});
    proposal.items.push_back({"/foley/cues/" + id, reason, confidence});
  }
  if (!cues.empty() && sets > 1)
    proposal.findings.push_back({Severity::Note, "foley", "surface-guessed", SampleRange{cues.front().begin, cues.back().end}, "/foley/sets/" + set,
                                 fmt::format("{} steps are seen, but not on what: they are made from {}, one of {} sets", cues.size(), set, sets), "name another set in the cues if the floor is another",
                                 static_cast<double>(sets), "sets"});
  if (feet->seen.camera_moves_s >= 1)
    proposal.findings.push_back({Severity::Note, "foley", "feet-not-looked-at", std::nullopt, "/foley/cues",
                                 fmt::format("steps are looked for where the camera rests: in {:.1f} s of the picture it moves", feet->seen.camera_moves_s), "give their times on a Foley sheet (CSV)",
                                 feet->seen.camera_moves_s, "s"});
  return {};
}

}  // namespace twopop::phases::foley
