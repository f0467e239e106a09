#pragma once

#include "analysis/sync.h"
#include "analysis/sync_fine.h"

namespace twopop::analysis {

/// Looks for places where the file's recorder lost or repeated samples (0.4 ms to 0.6 s at once): the delays then lie on pieces
/// of parallel lines. If there are any, `fine` is measured anew on the longest piece, its line moved to hold before the first
/// step, and `steps` filled. Says whether there were.
Result<bool> find_steps(SampleSource& reference, SampleSource& file, const SyncTrack& reference_track, const SyncTrack& file_track,
                        FineResult& fine, const SyncOptions& options, std::vector<SyncStep>& steps);

}  // namespace twopop::analysis
