#include "cache/detail/ledger.h"

#include <algorithm>
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
  if (explanations_.size() >= kMostExplanations) forget();
  Tally& tally = tallies_[kind];
  const auto [at, first] = explanations_.try_emplace(id);
  Kept& explanation = at->second;
  if (first) {
    explanation.identity = kept(node.identity);
    ++tally.wanted;
    ++(run ? tally.rendered : tally.cached);
  } else if (run && explanation.reason == Reason::UpToDate) {
    --tally.cached;
    ++tally.rendered;
  } else {
    return;
  }
  explanation = {node.key, node.content, explanation.identity, number_of(node.cause), kind, node.reason};
}

std::string_view Ledger::kept(const std::string& identity) {
  constexpr std::size_t kBlock = 1 << 16;
  if (identity.size() > names_left_) {
    names_left_ = std::max(kBlock, identity.size());
    names_.push_back(std::make_unique<char[]>(names_left_));
    names_end_ = names_.back().get();
  }
  char* const at = std::exchange(names_end_, names_end_ + identity.size());
  names_left_ -= identity.size();
  identity.copy(at, identity.size());
  return {at, identity.size()};
}

std::uint32_t Ledger::number_of(const std::string& cause) {
  const auto [at, first] = cause_numbers_.try_emplace(cause, static_cast<std::uint32_t>(causes_.size()));
  if (first) causes_.push_back(cause);
  return at->second;
}

void Ledger::forget() {
  explanations_.clear();
  names_.clear();
  names_left_ = 0;
  causes_.clear();
  cause_numbers_.clear();
}

std::map<TaskKind, Tally> Ledger::tallies() const {
  const std::lock_guard lock(mutex_);
  return tallies_;
}

void Ledger::each_explanation(const std::function<void(const Explanation&)>& tell) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, e] : explanations_) tell({std::string(e.identity), e.kind, e.reason, causes_[e.cause], e.key, e.content});
}

}  // namespace twopop::cache::detail
