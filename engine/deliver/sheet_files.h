#pragma once

#include "deliver/build.h"

namespace twopop::deliver {

/// Writes the cue sheets of ADR, Foley and music as CSV into `out/sheets/`, and adds them to the build's outputs. A sheet
/// that says what it said before is left as it is.
Result<void> write_sheets(const BuildPlace& place, BuildOutcome& build);

}  // namespace twopop::deliver
