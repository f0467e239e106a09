#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// A stretch of a recording in which only the room is heard, and what a loop of it covers.
struct ToneSource {
  session::Id media;
  int channel = 0;
  double in_s = 0, out_s = 0;  ///< in the file
};

/// The stretch looped without a seam over `extent` (film time), mono. The plan of the loop is a fact; `seed` chooses among
/// equally good orders. Fails as describe_media does, and with InvalidArgument where the stretch is too short to loop.
Result<signal::Signal> looped_tone(const Context& context, const ToneSource& tone, SampleRange extent, std::uint64_t seed);

}  // namespace twopop::phases
