#pragma once

#include "analysis/feet.h"
#include "phases/phase.h"

namespace twopop::phases::foley {

/// Feet seen in the film's picture, and heard in its own sound: a fact. Empty where there is no picture.
struct FeetInFilm {
  analysis::FeetSeen seen;
  /// Of each contact, the second at which something hits in the picture's own sound beside it; -1 where nothing does.
  std::vector<double> heard_s;
};
Result<FeetInFilm> feet_in_film(const Context& context);

/// Cues for the steps that are seen, where recorded steps wait for them and nobody has written when feet are heard. What is
/// unsure becomes a finding.
Result<void> spot_feet(const Context& context, Proposal& proposal);

}  // namespace twopop::phases::foley
