#include "analysis/sync_steps.h"

namespace twopop::analysis {

Result<bool> find_steps(SampleSource&, SampleSource&, const SyncTrack&, const SyncTrack&,
                        const std::vector<TrackedPoint>&, FineResult&, const SyncOptions&, std::vector<SyncStep>&) {
  return false;
}

}  // namespace twopop::analysis
