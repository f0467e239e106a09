#pragma once

#include "phases/foley/plan.h"
#include "phases/phase.h"

namespace twopop::phases::foley {

/// Cues by what plays them, in order of time; omitted ones left out.
using CueList = std::vector<std::pair<session::Id, const session::FoleyCue*>>;
CueList cues_played_by(const session::Foley& foley, const session::Id& performance);

/// Film time of the first sample of a performance's file.
SamplePosition start_of(const session::FoleyPerformance& performance, SampleRate rate);

/// A performance split at its hits, each matched to the cue that it is moved onto; what compile plays, and what a Foley artist
/// wants to see of a take. Fails where the recording cannot be read.
Result<Moved> performed(const Context& context, const session::FoleyPerformance& performance, const CueList& cues);

}  // namespace twopop::phases::foley
