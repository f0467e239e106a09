#include "analysis/sync_judge.h"

namespace twopop::analysis {

void judge(SyncResult& result, const Hypothesis& coarse, const SyncOptions& options) {
  static_cast<void>(coarse);
  result.confidence = result.score > 8 ? 1 : 0;
  result.placed = result.confidence >= options.placed_from;
}

}  // namespace twopop::analysis
