#pragma once

#include "analysis/sync_fine.h"

namespace twopop::analysis {

/// Whether two recordings hold the same events at the same times, cell by cell of 0.1 s and a sixth of an octave: what tells the
/// same moment from the same background. A loop of street noise under two takes, a clock, a machine agree for long, and to the
/// sample; but what is louder than its background, a word, a step, is loud in the one where it is not in the other.
struct ForegroundMatch {
  /// Correlation of what is loud in each: of which bands are, at a time, and of the changes of each band over 0.1 s, -1..1.
  double likeness = 0;
  double chance = 1;                        ///< standard deviation of the likeness of different moments: the shorter, the more
  double phase = 0;                         ///< mean correlation of the waveforms in the cells that are loud in both, -1..1
  int reference_cells = 0, file_cells = 0;  ///< loud cells of the stretch
  int common_cells = 0;                     ///< loud in both

  /// Fewer are a noise in the background, not a word.
  static constexpr int kLeastCells = 60;
  bool heard() const { return reference_cells >= kLeastCells && file_cells >= kLeastCells; }
  /// The likeness that is beyond chance, of what it can reach where one of the two has fewer loud cells (noise hides the others), and up to
  /// 0.1 for waveforms that agree where both are loud: birds in a camera's sound are loud too, and spoil likeness. 0 where either has
  /// nothing to tell by.
  double worth() const;
};

/// Loud is a cell that lies 6 dB over what its band reaches in the quietest quarter of the recording about the stretch, and within
/// 15 dB of what it reaches at its loudest. Of a long stretch (reference seconds) pieces that make up a minute are looked at.
Result<ForegroundMatch> foreground_match(SampleSource& reference, SampleSource& file, const ClockLine& line, double begin_s, double end_s, bool inverted);

}  // namespace twopop::analysis
