#pragma once

#include "analysis/sync_source.h"

#include <cstdint>
#include <vector>

namespace twopop::analysis {

/// Rate at which sync searches: enough for speech up to 1.85 kHz, and an hour in 29 MB.
inline constexpr double kTrackRate = 4000.0;

/// A recording reduced for searching: mono, 4 kHz, its spectrum flattened in short frames, so that every frequency between
/// 120 Hz and 1.85 kHz counts alike (phase transform, Knapp and Carter 1976), a loud door does not drown a quiet line,
/// and the steady background of each band is left out.
struct SyncTrack {
  std::vector<std::int16_t> samples;  ///< about 4000 is one standard deviation
  double duration_s = 0;              ///< of the recording
  bool silent = false;                ///< nothing in the band rises above digital silence
  bool steady = false;                ///< nothing rises above a steady background: that was kept
};

/// Reads the whole source once.
Result<SyncTrack> make_track(SampleSource& source);

}  // namespace twopop::analysis
