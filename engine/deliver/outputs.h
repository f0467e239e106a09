#pragma once

#include "deliver/build.h"

namespace twopop::deliver {

/// Writes mix, stems, M&E and the film of a build that has come so far as to be rendered and measured. Adds to its
/// outputs and findings.
Result<void> write_sound_and_film(const BuildPlace& place, BuildOutcome& build);

}  // namespace twopop::deliver
