#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// Placement of the picture's own sound: used where no recording covers a stretch.
inline constexpr const char* kPictureSound = "picture-sound";

/// Makes clips of the dialogue stem where somebody speaks, from the placements in `proposal.document`: the microphone that
/// measures best, the others as alternatives; hum removal, noise reduction, expander and gain as measured; pads and fades.
/// Then room tone of the same takes between them. Items decided by a person stay, and nothing is laid over them.
Result<void> spot_lines(const Context& context, Proposal& proposal);

}  // namespace twopop::phases
