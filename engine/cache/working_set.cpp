#include "cache/detail/key.h"
#include "cache/executor.h"

#include <unordered_set>

namespace twopop::cache {

std::uint64_t working_set_bytes(const Store& store, const std::vector<TaskRef>& wanted) {
  // Contents are found as the executor finds them, as far as that goes without running anything.
  struct Known {
    std::optional<Hash> content;
    bool done = false;
  };
  std::unordered_map<const Task*, Known> known;
  std::unordered_set<Hash> counted;
  std::uint64_t sum = 0;
  const auto look_at = [&](const Task& task) {
    Known& here = known[&task];
    here.done = true;
    std::optional<Outcome> outcome;
    std::vector<Hash> contents;
    for (const TaskRef& input : task.inputs())
      if (const auto& content = known[input.get()].content) contents.push_back(*content);
    const bool inputs_known = contents.size() == task.inputs().size();
    if (const Hash declared = task.declared_content(); !declared.is_zero()) known[&task].content = declared;
    else if (inputs_known) outcome = store.outcome_of(detail::key_of(task.recipe(), contents));
    if (outcome) known[&task].content = outcome->content;
    if (task.keep() != Keep::Stored) return;
    if (outcome && !counted.insert(outcome->content).second) return;
    sum += outcome ? outcome->bytes : task.expected_bytes();
  };

  std::vector<std::pair<const Task*, std::size_t>> path;
  for (const TaskRef& root : wanted) {
    path.emplace_back(root.get(), 0);
    while (!path.empty()) {
      const Task& task = *path.back().first;
      if (known[&task].done) {
        path.pop_back();
      } else if (path.back().second < task.inputs().size()) {
        path.emplace_back(task.inputs()[path.back().second++].get(), 0);
      } else {
        path.pop_back();
        look_at(task);
      }
    }
  }
  return sum;
}

}  // namespace twopop::cache
