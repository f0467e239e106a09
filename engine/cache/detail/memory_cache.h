#pragma once

#include "cache/store.h"

#include <list>
#include <unordered_map>

namespace twopop::cache::detail {

/// Blobs between tasks, longest unused dropped first. Not thread-safe.
class MemoryCache {
 public:
  explicit MemoryCache(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  Blob find(const Hash& content) {
    const auto found = places_.find(content);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.end(), order_, found->second);
    return found->second->second;
  }

  void keep(const Hash& content, const Blob& blob) {
    if (blob->size() > most_bytes_ || find(content)) return;
    bytes_ += blob->size();
    order_.emplace_back(content, blob);
    places_[content] = std::prev(order_.end());
    while (bytes_ > most_bytes_) {
      bytes_ -= order_.front().second->size();
      places_.erase(order_.front().first);
      order_.pop_front();
    }
  }

  void clear() {
    order_.clear();
    places_.clear();
    bytes_ = 0;
  }

 private:
  std::uint64_t most_bytes_;
  std::uint64_t bytes_ = 0;
  std::list<std::pair<Hash, Blob>> order_;  // oldest use first
  std::unordered_map<Hash, std::list<std::pair<Hash, Blob>>::iterator> places_;
};

}  // namespace twopop::cache::detail
