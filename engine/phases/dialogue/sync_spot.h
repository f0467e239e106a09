#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// Places every rush and recording of the document under the picture (or, without one, against the longest recording):
/// fills dialogue.placements and dialogue.refusals of `proposal.document`, one item each with its reason and confidence; what
/// was refused becomes a finding with score and runner-up. Placements decided by a person stay as they are. First step of
/// the dialogue phase's spotting: its clips are made from these placements.
Result<void> spot_placements(const Context& context, Proposal& proposal);

}  // namespace twopop::phases
