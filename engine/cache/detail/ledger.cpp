#include "cache/detail/ledger.h"

#include <algorithm>
#include <utility>

namespace twopop::cache::detail {
namespace {
constexpr std::size_t kMostExplanations = std::size_t{1} << 18;
}

Texts::Text Texts::add(std::string_view text) {
  // The number must come out as it went in: no leading zero, and not too long.
  std::size_t digits = text.size();
  while (digits > 0 && text.size() - digits < 9 && text[digits - 1] >= '0' && text[digits - 1] <= '9') --digits;
  while (digits + 1 < text.size() && text[digits] == '0') ++digits;
  Text kept;
  if (digits < text.size()) {
    kept.number = 0;
    for (const char c : text.substr(digits)) kept.number = kept.number * 10 + (c - '0');
  }
  const std::string_view stem = text.substr(0, digits);
  const auto known = numbers_.find(stem);
  if (known != numbers_.end()) {
    kept.stem = known->second;
  } else {
    kept.stem = static_cast<std::uint32_t>(stems_.size());
    numbers_.emplace(stems_.emplace_back(stem), kept.stem);
  }
  return kept;
}

std::string Texts::text(const Text& text) const {
  const std::string& stem = stems_[text.stem];
  return text.number == kNone ? stem : stem + std::to_string(text.number);
}

void Texts::clear() {
  numbers_.clear();
  stems_.clear();
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
    explanation.identity = texts_.add(node.identity);
    ++tally.wanted;
    ++(run ? tally.rendered : tally.cached);
  } else if (run && static_cast<Reason>(explanation.reason) == Reason::UpToDate) {
    --tally.cached;
    ++tally.rendered;
  } else {
    return;
  }
  explanation = {node.content, explanation.identity, texts_.add(node.cause), static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(node.reason)};
}

void Ledger::forget() {
  explanations_.clear();
  texts_.clear();
}

std::map<TaskKind, Tally> Ledger::tallies() const {
  const std::lock_guard lock(mutex_);
  return tallies_;
}

void Ledger::each_explanation(const std::function<void(const Explanation&)>& tell) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, e] : explanations_) {
    std::string identity = texts_.text(e.identity);
    const Hash key{id.high ^ short_identity(identity), id.low};
    tell({std::move(identity), static_cast<TaskKind>(e.kind), static_cast<Reason>(e.reason), texts_.text(e.cause), key, e.content});
  }
}

}  // namespace twopop::cache::detail
