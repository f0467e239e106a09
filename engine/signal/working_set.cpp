#include "signal/working_set.h"

#include "signal/detail/chunk.h"
#include "signal/detail/tasks.h"

namespace twopop::signal {

std::uint64_t working_set_bytes(Workspace& work, const std::vector<Signal>& stored, SampleRange range) {
  if (range.empty()) return 0;
  detail::Planner planner;
  std::vector<cache::TaskRef> tasks;
  for (const Signal& signal : stored)
    for (std::int64_t index = detail::chunk_of(range.begin); index <= detail::chunk_of(range.end - SampleCount{1}); ++index) tasks.push_back(planner.task(signal, index));
  return cache::working_set_bytes(work.store(), tasks);
}

}  // namespace twopop::signal
