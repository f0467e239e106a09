#pragma once

#include "analysis/sync_fine.h"
#include "analysis/sync_track.h"

namespace twopop::analysis {

/// One of two recordings in a match: how well they agree (match_along) where it is loud, and where it is not.
struct ForegroundSide {
  double loud = 0, rest = 0;  ///< mean match
  double over_db = 0;         ///< level of the loud blocks over that of the rest
  int blocks = 0;             ///< that are loud
  bool tells = false;         ///< whether the recording has anything that stands out of its background

  /// How far the agreement of the loud blocks exceeds what a common background alone would leave of the rest's under louder
  /// words. In a live room words agree by no more than 0.06, but then pauses do not either.
  double margin() const;
};

/// How well two recordings agree where they are loud: what tells the same moment from the same background. A loop of street
/// noise under two takes, a clock, a machine match well for long, but not under the words that are loudest in either.
struct ForegroundMatch {
  ForegroundSide reference, file;
  /// The lesser of the two. One alone proves nothing: of a noisy and a clean recording of different moments the noise may
  /// agree, which is loud in the noisy one; but not under the words, which are loud in the clean one. Only where the
  /// words of one do not stand out of its noise at all does the other decide; 0 where neither has any.
  double least() const {
    if (!reference.tells || !file.tells) return reference.tells ? reference.margin() : file.tells ? file.margin() : 0;
    return std::min(reference.margin(), file.margin());
  }
  bool heard() const { return reference.blocks >= kLeastBlocks && file.blocks >= kLeastBlocks; }
  static constexpr int kLeastBlocks = 4;
};

/// Loud is what lies within 12 dB of the loudest twentieth of the whole recording; of a stretch that holds nothing so loud,
/// what lies 10 dB over the quietest tenth (somebody speaks softly). At most a minute from the middle of the stretch (reference
/// seconds) is looked at.
Result<ForegroundMatch> foreground_match(SampleSource& reference, const SyncTrack& reference_track, SampleSource& file, const SyncTrack& file_track, const ClockLine& line,
                                         double begin_s, double end_s, bool inverted);

}  // namespace twopop::analysis
