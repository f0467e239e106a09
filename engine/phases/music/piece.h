#pragma once

#include "analysis/retarget.h"
#include "phases/detail/sources.h"

namespace twopop::phases::music {

/// A piece of music on the session's clock, recorded or played from a score by FluidSynth.
Result<detail::Source> piece_of(const Context& context, const session::Id& media);

/// Length in seconds without rendering anything.
Result<double> duration_s(const Context& context, const session::Id& media);

/// The piece fitted to an exact length from `source_in` on, planned once; analysis/retarget.h.
Result<analysis::RetargetPlan> fit_of(const Context& context, const session::Id& media, SampleCount source_in, const analysis::RetargetSettings& settings);

}  // namespace twopop::phases::music
