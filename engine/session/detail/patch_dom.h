#pragma once

#include "session/detail/dom.h"
#include "session/patch.h"

namespace twopop::session::detail {

/// Applies all operations or none; `inverse` receives what takes them back, in order.
Result<void> apply_to_dom(Dom& root, const Patch& patch, Patch& inverse);
/// Applies what is known to fit: an inverse, or an edit of the log.
void take_back(Dom& root, const Patch& inverse);
Patch difference_of(const Dom& before, const Dom& after);

/// Where an operation may change something; empty for Test.
std::vector<std::vector<std::string>> changed_places(const Operation& operation);
/// Whether one place lies in the other, or they are the same.
bool overlap(const std::vector<std::string>& a, const std::vector<std::string>& b);
std::string join_tokens(const std::vector<std::string>& tokens);

/// A sum over the nodes of a tree: equal trees have equal sums, and a change of a subtree changes the sum by the
/// difference of that subtree's.
struct TreeSum {
  std::uint64_t high = 0, low = 0;
  bool operator==(const TreeSum&) const = default;
  TreeSum& operator+=(TreeSum other) { return high += other.high, low += other.low, *this; }
  TreeSum& operator-=(TreeSum other) { return high -= other.high, low -= other.low, *this; }
};
TreeSum sum_of(const Dom& node, const std::vector<std::string>& at = {});
std::string to_string(TreeSum sum);

}  // namespace twopop::session::detail
