#pragma once

#include "phases/phase.h"

/// Music: cues fitted to their length, in the scene or over it, out of the way of speech. The parts of its Phase.
namespace twopop::phases::music {

/// A short film gets one cue from its first frame to its last, a longer one an opening and a closing cue around the speech.
Result<Proposal> spot(const Context& context);
Result<Compiled> compile(const Context& context);
Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled);

}  // namespace twopop::phases::music
