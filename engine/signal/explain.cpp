#include "signal/explain.h"

namespace twopop::signal {
namespace {

void walk(const Signal& node, SamplePosition at, int depth, std::vector<MadeOf>& out) {
  if (!node->extent().contains(at) || depth > 60) return;
  const std::string item = node->label().empty() ? node->place() : node->label();
  const std::string settings = node->settings_text();
  const bool shown = !item.empty() || !settings.empty();
  if (shown) out.push_back({depth, std::string(node->kind()), item, settings});
  const int next = depth + (shown ? 1 : 0);
  for (std::size_t i = 0; i < node->inputs().size(); ++i) {
    const SampleRange moment{at, at + SampleCount{1}};
    if (node->scattered()) {
      for (const SampleRange& piece : node->needs_scattered(moment)) walk(node->inputs()[i], piece.begin, next, out);
      continue;
    }
    SampleRange needed = node->needs(i, moment);
    // Work on a whole clip keeps its clock: the moment lies as deep in its input as in itself.
    if (node->storage() == Storage::Whole)
      needed.begin = std::min(needed.begin + (at - node->extent().begin), needed.end - SampleCount{1});
    else
      needed.begin.value += (needed.length().value - 1) / 2;
    walk(node->inputs()[i], needed.begin, next, out);
  }
}

std::optional<FoundItem> find(const Signal& node, std::string_view item, SampleCount later, int depth) {
  const std::string label = node->label();
  if (!label.empty() && (label == item || (label.size() > item.size() && label.ends_with(item) && label[label.size() - item.size() - 1] == ' ')))
    return FoundItem{node, later};
  if (depth > 60 || node->scattered() || node->storage() == Storage::Whole) return std::nullopt;
  for (std::size_t i = 0; i < node->inputs().size(); ++i) {
    const SamplePosition zero{};
    const SampleCount moved = node->transparent() ? zero - node->needs(i, {zero, zero}).begin : SampleCount{};
    if (auto found = find(node->inputs()[i], item, later + moved, depth + 1)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FoundItem> find_item(const Signal& signal, std::string_view item) { return find(signal, item, {}, 0); }

std::vector<MadeOf> made_of(const Signal& signal, SamplePosition at) {
  std::vector<MadeOf> out;
  walk(signal, at, 0, out);
  return out;
}

}  // namespace twopop::signal
