#pragma once

#include "phases/phase.h"

/// Sound design: beds under scenes, effects at their places. The parts of its Phase.
namespace twopop::phases::design {

/// Beds: an ambience under each scene, chosen by name or by likeness to the background of the production sound; without
/// ambiences, room tone; without that, the pauses of the production sound. Effects: those whose timecode lies in the film.
Result<Proposal> spot(const Context& context);
Result<Compiled> compile(const Context& context);
Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled);

}  // namespace twopop::phases::design
