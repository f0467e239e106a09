#include "phases/detail/sources.h"
#include "phases/foley/feet_spot.h"
#include "phases/foley/foley.h"
#include "phases/foley/plan.h"

#include <set>

namespace twopop::phases::foley {
namespace {

using session::MediaKind;

/// A file with at least so many hits, or so long, is somebody performing.
constexpr std::size_t kPerformanceHits = 4;
constexpr double kPerformance_s = 2.5;

}  // namespace

Result<Proposal> spot(const Context& context) {
  Proposal proposal;
  proposal.document = context.document;
  session::Foley& foley = proposal.document.foley;
  std::set<session::Id> known;
  for (const auto& [id, set] : foley.sets)
    for (const auto& [item, media] : set.media) known.insert(media);
  std::erase_if(foley.performances, [](const auto& p) { return p.second.decided.by == session::By::Auto; });
  for (const auto& [id, performance] : foley.performances) known.insert(performance.media);

  const SampleRate rate = context.document.rate;
  const double start_s = static_cast<double>(context.document.start_frame) / context.document.frames.hz();
  for (const session::Id& id : detail::media_of_kind(context.document, MediaKind::Foley)) {
    if (known.contains(id)) continue;
    const session::Media& media = context.document.media.at(id);
    const auto hits = detail::hits_of(context, id);
    if (!hits) {
      if (hits.error().code == Code::Cancelled) return hits.error();
      proposal.findings.push_back(detail::unusable("foley", id, hits.error()));
      continue;
    }
    if (hits->empty()) {
      proposal.findings.push_back({Severity::Warning, "foley", "no-hit", std::nullopt, "/media/" + id, fmt::format("{}: no hit was found in it", media.name),
                                   "place it as an effect, or record it again with less noise", 0, ""});
      continue;
    }
    const Named name = named(media.name);
    const double at_s = media.start_of_day_s ? *media.start_of_day_s - start_s : -1;
    const bool in_film = at_s >= 0 && samples(at_s, rate) < context.document.picture.length;
    if (in_film && (hits->size() >= kPerformanceHits || media.duration_s >= kPerformance_s)) {
      session::FoleyPerformance performance;
      performance.media = id;
      performance.pass = name.pass;
      performance.at = SamplePosition{samples(at_s, rate).value};
      performance.decided.reason = fmt::format("{} hits, timecode {:.3f} s into the film", hits->size(), at_s);
      performance.decided.confidence = 0.7;
      const session::Id item = detail::id_of("performance-" + id);
      foley.performances[item] = performance;
      proposal.items.push_back({"/foley/performances/" + item, performance.decided.reason, performance.decided.confidence});
      continue;
    }
    session::FoleySet& set = foley.sets[detail::id_of(name.set)];
    set.surface = name.surface;
    set.pass = name.pass;
    set.media[detail::id_of(id)] = id;
  }
  TWOPOP_CHECK(spot_feet(context, proposal));
  if (foley.cues.empty() && foley.performances.empty() && !foley.sets.empty())
    proposal.findings.push_back({Severity::Note, "foley", "not-spotted", std::nullopt, "/foley/cues",
                                 fmt::format("{} sets of recorded hits, but no cue: no step is seen clearly enough", foley.sets.size()),
                                 "give times on a Foley sheet (CSV), or add cues", static_cast<double>(foley.sets.size()), "sets"});
  return proposal;
}

}  // namespace twopop::phases::foley
