#include "session/decided.h"

#include <array>
#include <set>

namespace twopop::session {
namespace {

constexpr std::array<std::string_view, 12> kCollections{
    "/dialogue/placements/", "/dialogue/clips/", "/dialogue/fills/", "/adr/cues/",  "/adr/takes/",  "/design/ambiences/",
    "/design/effects/",      "/foley/cues/",     "/foley/performances/", "/music/cues/", "/mix/strips/", "/mix/buses/"};

/// The decided item that a path lies within; empty if there is none, or the path is the item itself.
std::string item_around(const std::string& path) {
  constexpr std::string_view kMaster = "/mix/master";
  if (path.starts_with("/mix/master/")) return std::string(kMaster);
  for (const std::string_view collection : kCollections) {
    if (!path.starts_with(collection)) continue;
    const std::size_t end = path.find('/', collection.size());
    return end == std::string::npos ? std::string() : path.substr(0, end);
  }
  return {};
}

}  // namespace

Patch decided_by_person(const Patch& patch) {
  Patch whole = patch;
  std::set<std::string> items, said;
  for (const Operation& operation : patch.operations) {
    if (operation.verb == Verb::Test) continue;
    const std::string item = item_around(operation.path);
    if (item.empty()) continue;
    if (operation.path.starts_with(item + "/decided")) said.insert(item);
    items.insert(item);
  }
  for (const std::string& item : items)
    if (!said.contains(item)) whole.operations.push_back({Verb::Replace, item + "/decided/by", "", "\"person\""});
  return whole;
}

}  // namespace twopop::session
