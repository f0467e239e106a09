#pragma once

#include "cache/executor.h"
#include "cache/detail/graph.h"
#include "cache/detail/last_key.h"

#include <deque>
#include <memory_resource>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace twopop::cache::detail {

/// Texts of which many differ in the number they end in ("track x chunk 87") or not at all, in little room.
class Texts {
 public:
  struct Text {
    std::uint32_t stem = 0;
    std::int32_t number = kNone;
  };
  Text add(std::string_view text);
  std::string text(const Text& text) const;
  void clear();

 private:
  static constexpr std::int32_t kNone = -1;
  std::deque<std::string> stems_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

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
  using Text = Texts::Text;
  mutable std::mutex mutex_;
  std::map<TaskKind, Tally> tallies_;
  /// An Explanation in less room: a long film has a hundred thousand, with few causes.
  struct Kept {
    Hash content;
    Text identity, cause;
    std::uint8_t kind = 0, reason = 0;
  };
  void forget();

  std::pmr::unsynchronized_pool_resource pool_;  ///< as in the store: long lives between short ones
  std::pmr::unordered_map<Hash, Kept> explanations_{&pool_};  ///< by key and place
  Texts texts_;
  std::pmr::unordered_map<std::uint64_t, std::uint64_t> noted_{&pool_};  ///< by place: what its note says, so that it need not be read again
};

}  // namespace twopop::cache::detail
