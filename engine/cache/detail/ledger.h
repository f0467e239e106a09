#pragma once

#include "cache/executor.h"
#include "cache/detail/graph.h"
#include "cache/detail/last_key.h"

#include <memory>
#include <memory_resource>
#include <mutex>
#include <string_view>

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
  void each_explanation(const std::function<void(const Explanation&)>& tell) const;

 private:
  LastKey last_key_of(const Node& node) const;
  bool noted(const Node& node);

  Store& store_;
  mutable std::mutex mutex_;
  std::map<TaskKind, Tally> tallies_;
  /// An Explanation in less room: a long film has a hundred thousand, with few causes.
  struct Kept {
    Hash key, content;
    std::string_view identity;
    std::uint32_t cause = 0;
    TaskKind kind = TaskKind::Chunk;
    Reason reason = Reason::UpToDate;
  };
  std::string_view kept(const std::string& identity);
  std::uint32_t number_of(const std::string& cause);
  void forget();

  std::pmr::unsynchronized_pool_resource pool_;  ///< as in the store: long lives between short ones
  std::pmr::unordered_map<Hash, Kept> explanations_{&pool_};
  std::vector<std::unique_ptr<char[]>> names_;  ///< blocks that the identities lie in
  char* names_end_ = nullptr;                   ///< where the next goes in the last of them
  std::size_t names_left_ = 0;
  std::vector<std::string> causes_;
  std::unordered_map<std::string, std::uint32_t> cause_numbers_;
  std::pmr::unordered_map<std::uint64_t, std::uint64_t> noted_{&pool_};  ///< by place: what its note says, so that it need not be read again
};

}  // namespace twopop::cache::detail
