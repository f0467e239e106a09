#pragma once

#include "core/audio.h"
#include "core/time.h"

#include <optional>
#include <vector>

namespace twopop::server {

/// A row of equal beeps that was played while a take was recorded, and where its clock says they lie in the take.
struct BeepRow {
  double hz = 1000, length_ms = 40;
  std::vector<double> expected;  ///< frames of the take, at the start of each beep
};

struct BeepFinding {
  double error_ms = 0;           ///< median of the beeps; positive: they came later than expected
  double spread_ms = 0;          ///< between the earliest and the latest of the single errors
  double score = 0;              ///< 0..1, share of the sound at the beeps that is beep
  std::vector<double> errors_ms; ///< one for each beep
};

/// Looks for the row in channel 0, from 0.3 s before to 0.8 s after where it is expected. A filter matched to a beep, phase not
/// counted (speakers and microphones turn it); all beeps must be there at one shift, well above every other shift. Then each is
/// placed by the balance of its flanks, which noise and level do not move. Headphones that leak into the microphone are enough.
/// Empty: not found, or nothing to look for.
std::optional<BeepFinding> find_beeps(AudioView<const float> take, SampleRate rate, const BeepRow& row);

}  // namespace twopop::server
