#pragma once

#include "phases/phase.h"

/// Foley: a sheet by pass, steps made from sets of recordings, performances moved onto their cues. The parts of its Phase.
namespace twopop::phases::foley {

/// Sorts the Foley recordings into sets of single hits (by surface and pass) and performances. Cues come from people, from
/// sheets, and from steps that are clearly seen in the picture (feet_spot.h).
Result<Proposal> spot(const Context& context);
Result<Compiled> compile(const Context& context);
Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled);

}  // namespace twopop::phases::foley
