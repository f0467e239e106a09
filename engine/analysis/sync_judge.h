#pragma once

#include "analysis/sync.h"
#include "analysis/sync_coarse.h"

namespace twopop::analysis {

/// Gives a measured match its confidence, says whether it is placed, and why.
void judge(SyncResult& result, const Hypothesis& coarse, const SyncOptions& options);

}  // namespace twopop::analysis
