#include "phases/foley/performed.h"

#include "phases/detail/sources.h"

#include <algorithm>

namespace twopop::phases::foley {

CueList cues_played_by(const session::Foley& foley, const session::Id& performance) {
  CueList cues;
  for (const auto& [id, cue] : foley.cues)
    if (cue.performance == performance && cue.status != session::CueStatus::Omitted) cues.push_back({id, &cue});
  std::stable_sort(cues.begin(), cues.end(), [](const auto& a, const auto& b) { return a.second->at < b.second->at; });
  return cues;
}

SamplePosition start_of(const session::FoleyPerformance& performance, SampleRate rate) {
  return performance.at - samples(performance.source_in_s, rate);
}

Result<Moved> performed(const Context& context, const session::FoleyPerformance& performance, const CueList& cues) {
  const SampleRate rate = context.document.rate;
  TWOPOP_TRY(const auto hits, detail::hits_of(context, performance.media));
  std::vector<Recorded> recorded;
  for (const analysis::Hit& hit : hits) {
    const double at = seconds(hit.onset, rate);
    if (at >= performance.source_in_s && at < performance.source_out_s.value_or(1e18)) recorded.push_back({performance.media, hit});
  }
  return move_performance(cues, recorded, start_of(performance, rate), rate);
}

}  // namespace twopop::phases::foley
