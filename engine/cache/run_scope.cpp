#include "cache/run_scope.h"

#include "cache/detail/key.h"

#include <utility>

namespace twopop::cache {
namespace {
thread_local const RunScope* innermost = nullptr;
}

RunScope::RunScope(Stop stop, Tell tell, Decided decided)
    : stop_(std::move(stop)), tell_(std::move(tell)), decided_(std::move(decided)), outer_(std::exchange(innermost, this)) {}
RunScope::~RunScope() { innermost = outer_; }
const RunScope* RunScope::current() { return innermost; }

Blob known(Store& store, const Hash& recipe) {
  const auto outcome = store.outcome_of(detail::key_of(recipe, {}));
  if (!outcome) return nullptr;
  auto blob = store.get(outcome->content);
  return blob ? *std::move(blob) : nullptr;
}

}  // namespace twopop::cache
