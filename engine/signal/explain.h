#pragma once

#include "signal/node.h"

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

}  // namespace twopop::signal
