#include "cache/detail/ledger.h"

#include <utility>

namespace twopop::cache::detail {
namespace {
constexpr std::size_t kMostExplanations = std::size_t{1} << 18;
}

LastKey Ledger::last_key_of(const Node& node) const {
  LastKey last{node.key, node.recipe, node.task->settings_text(), {}};
  for (const Node* input : node.inputs) last.inputs.emplace_back(short_identity(input->identity), input->content);
  return last;
}

void Ledger::find_reason(Node& node) const {
  const auto note = store_.note(last_key_note_name(node.identity));
  const auto last = note ? decode_last_key(*note) : std::nullopt;
  std::vector<std::string> names;
  for (const Node* input : node.inputs) names.push_back(input->identity);
  std::tie(node.reason, node.cause) = why_run(last ? &*last : nullptr, last_key_of(node), names);
}

/// Whether the place's note is known to say this key; from now on it is.
bool Ledger::noted(const Node& node) {
  const std::lock_guard lock(mutex_);
  if (noted_.size() >= kMostExplanations) noted_.clear();
  return std::exchange(noted_[short_identity(node.identity)], node.key.low) == node.key.low;
}

void Ledger::decided(const Node& node) {
  if (!node.declared && !noted(node)) {
    const std::string name = last_key_note_name(node.identity);
    const auto note = store_.note(name);
    if (!note || last_key_in(*note) != node.key)
      // A note that cannot be written costs an explanation, not a result.
      static_cast<void>(store_.set_note(name, encode(last_key_of(node))));
  }
  const bool run = node.reason != Reason::UpToDate;
  const TaskKind kind = node.task->kind();
  const Hash id{node.key.high ^ short_identity(node.identity), node.key.low};
  const std::lock_guard lock(mutex_);
  // A process that lives on decides without end; a build comes nowhere near this.
  if (explanations_.size() >= kMostExplanations) explanations_.clear();
  Tally& tally = tallies_[kind];
  const auto [at, first] = explanations_.try_emplace(id);
  Explanation& explanation = at->second;
  if (first) {
    ++tally.wanted;
    ++(run ? tally.rendered : tally.cached);
  } else if (run && explanation.reason == Reason::UpToDate) {
    --tally.cached;
    ++tally.rendered;
  } else {
    return;
  }
  explanation = {node.identity, kind, node.reason, node.cause, node.key, node.content};
}

std::map<TaskKind, Tally> Ledger::tallies() const {
  const std::lock_guard lock(mutex_);
  return tallies_;
}

std::vector<Explanation> Ledger::explanations() const {
  const std::lock_guard lock(mutex_);
  std::vector<Explanation> all;
  all.reserve(explanations_.size());
  for (const auto& [id, explanation] : explanations_) all.push_back(explanation);
  return all;
}

}  // namespace twopop::cache::detail
