#pragma once

#include "signal/node.h"

#include <optional>

namespace twopop::signal {

/// One step of what a moment is made of.
struct MadeOf {
  int depth = 0;
  std::string kind;
  std::string item;      ///< session item, or the place in the cache for stored nodes
  std::string settings;
};

/// Walks the graph below a signal along everything that can be heard at a moment, outermost first.
std::vector<MadeOf> made_of(const Signal& signal, SamplePosition at);

/// A part of a graph that stands for an item of the session.
struct FoundItem {
  Signal sound;
  SampleCount later{};  ///< by which its clock lies behind the graph's: film time = its time + later
};
/// The first node below whose label is `item`, or ends with a space and `item`.
std::optional<FoundItem> find_item(const Signal& signal, std::string_view item);

}  // namespace twopop::signal
