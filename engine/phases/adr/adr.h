#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// Lines that measure under the limits become cues with reason and figure; takes are matched to them by the cue they were added
/// for, by their names, and by their words; the best is chosen. Takes whose words are nowhere in the film are refused.
Result<Proposal> spot_adr(const Context& context);
/// Chosen takes stretched onto their lines, matched in level, on room tone, with covers over the production line.
Result<Compiled> compile_adr(const Context& context);

}  // namespace twopop::phases
