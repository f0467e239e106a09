#pragma once

#include "signal/workspace.h"

namespace twopop::signal {

/// About how many bytes the cache needs to hold at once what these stored signals are made of within a range: for
/// cache::check_budget() before they are made.
std::uint64_t working_set_bytes(Workspace& work, const std::vector<Signal>& stored, SampleRange range);

}  // namespace twopop::signal
