#pragma once

#include "analysis/sync_source.h"

#include <cstdint>
#include <vector>

namespace twopop::analysis {

/// Rate at which sync searches: enough for speech up to 1.85 kHz, and an hour in 14 MB.
inline constexpr double kTrackRate = 4000.0;
/// About 24 are one standard deviation: rounding lies 38 dB under what is searched with.
using TrackSamples = std::vector<std::int8_t>;
inline constexpr double kLevelHop_s = 0.05;

/// A recording reduced for searching: mono, 4 kHz, its spectrum flattened in short frames, so that every frequency between
/// 120 Hz and 1.85 kHz counts alike (phase transform, Knapp and Carter 1976), a loud door does not drown a quiet line,
/// and the steady background of each band is left out.
struct SyncTrack {
  TrackSamples samples;
  double duration_s = 0;              ///< of the recording
  bool silent = false;                ///< nothing in the band rises above digital silence
  bool steady = false;                ///< nothing rises above a steady background: that was kept
  std::vector<float> levels_db;       ///< of the band before it was flattened, every kLevelHop_s, of frames twice as long

  /// At a second of the recording; -200 outside it.
  double level_db(double at_s) const;
  /// What a twentieth of the frames exceed.
  double loud_db() const { return loud_db(0, duration_s); }
  double loud_db(double begin_s, double end_s) const;
  /// What nine tenths of the frames exceed.
  double quiet_db() const;
};

/// Reads the whole source once; twice where it turns out to be steady. Holds 20 s of it beside the track.
Result<SyncTrack> make_track(SampleSource& source);

}  // namespace twopop::analysis
