#pragma once

#include "cache/executor.h"
#include "cache/detail/graph.h"
#include "cache/detail/last_key.h"

#include <mutex>

namespace twopop::cache::detail {

/// Keeps count of what was decided, and tells the notes what each place was filled with. Thread-safe.
class Ledger {
 public:
  explicit Ledger(Store& store) : store_(store) {}

  /// Sets reason and cause of a node whose outcome is not known.
  void find_reason(Node& node) const;
  /// The node's content is known, by being run or not: counted and explained.
  void decided(const Node& node);

  std::map<TaskKind, Tally> tallies() const;
  std::vector<Explanation> explanations() const;

 private:
  LastKey last_key_of(const Node& node) const;
  bool noted(const Node& node);

  Store& store_;
  mutable std::mutex mutex_;
  std::map<TaskKind, Tally> tallies_;
  std::unordered_map<Hash, Explanation> explanations_;
  std::unordered_map<std::uint64_t, std::uint64_t> noted_;  ///< by place: what its note says, so that it need not be read again
};

}  // namespace twopop::cache::detail
