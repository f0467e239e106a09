#include "phases/detail/items.h"

#include "session/document.h"

namespace twopop::phases::detail {
namespace {

/// Calls visit(collection path, member pointer chain applied to a document) for every collection of decided items.
template <class Visit>
void each_collection(Visit visit) {
  visit("/dialogue/placements/", [](auto& d) -> auto& { return d.dialogue.placements; });
  visit("/dialogue/clips/", [](auto& d) -> auto& { return d.dialogue.clips; });
  visit("/dialogue/fills/", [](auto& d) -> auto& { return d.dialogue.fills; });
  visit("/adr/cues/", [](auto& d) -> auto& { return d.adr.cues; });
  visit("/adr/takes/", [](auto& d) -> auto& { return d.adr.takes; });
  visit("/design/ambiences/", [](auto& d) -> auto& { return d.design.ambiences; });
  visit("/design/effects/", [](auto& d) -> auto& { return d.design.effects; });
  visit("/foley/cues/", [](auto& d) -> auto& { return d.foley.cues; });
  visit("/foley/performances/", [](auto& d) -> auto& { return d.foley.performances; });
  visit("/music/cues/", [](auto& d) -> auto& { return d.music.cues; });
  visit("/mix/strips/", [](auto& d) -> auto& { return d.mix.strips; });
  visit("/mix/buses/", [](auto& d) -> auto& { return d.mix.buses; });
}

template <class Item>
bool is_open(const Item& item) {
  if constexpr (requires { item.status; })
    return item.status == session::CueStatus::Open || item.status == session::CueStatus::Recorded;
  else
    return false;
}

}  // namespace

ItemCount count_items(const session::Document& document, std::string_view phase) {
  ItemCount count;
  const std::string prefix = fmt::format("/{}/", phase);
  each_collection([&](std::string_view path, auto collection) {
    if (!path.starts_with(prefix)) return;
    for (const auto& [id, item] : collection(document)) {
      ++count.items;
      count.by_person += item.decided.by == session::By::Person;
      count.open += is_open(item);
    }
  });
  return count;
}

void restore_item(session::Document& document, const session::Document& before, const std::string& path) {
  each_collection([&](std::string_view prefix, auto collection) {
    if (!path.starts_with(prefix)) return;
    const std::string id = path.substr(prefix.size());
    auto& now = collection(document);
    const auto& old = collection(before);
    if (const auto found = old.find(id); found != old.end())
      now[id] = found->second;
    else
      now.erase(id);
  });
}

}  // namespace twopop::phases::detail
