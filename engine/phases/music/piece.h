#pragma once

#include "analysis/retarget.h"
#include "phases/detail/sources.h"

namespace twopop::phases::music {

/// A piece of music on the session's clock, recorded or played from a score by FluidSynth.
Result<detail::Source> piece_of(const Context& context, const session::Id& media);

/// Length in seconds without rendering anything.
Result<double> duration_s(const Context& context, const session::Id& media);

/// A cue's piece fitted to its exact length, planned once (analysis/retarget.h). At the film's end the piece ends as it
/// does itself, unless that would be heard as a bad join: then it fades.
Result<analysis::RetargetPlan> fit_of(const Context& context, const session::MusicCue& cue);

}  // namespace twopop::phases::music
