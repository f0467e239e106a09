#pragma once

#include "analysis/sync.h"
#include "analysis/sync_fine.h"

namespace twopop::analysis {

/// Looks for places where the file's recorder lost or repeated samples: the delays then lie on pieces of parallel lines.
/// If there are any, `fine` is measured anew on the longest piece and `steps` filled; its line then holds before the first step.
Result<bool> find_steps(SampleSource& reference, SampleSource& file, const SyncTrack& reference_track, const SyncTrack& file_track,
                        const std::vector<TrackedPoint>& points, FineResult& fine, const SyncOptions& options, std::vector<SyncStep>& steps);

}  // namespace twopop::analysis
