#pragma once

#include "analysis/sync.h"

namespace twopop::analysis {

/// Gives a measured match its confidence, says whether it is placed, and why. `lags` is how many places were searched.
void judge(SyncResult& result, double lags, const SyncOptions& options);

}  // namespace twopop::analysis
