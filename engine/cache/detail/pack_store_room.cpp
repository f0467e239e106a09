#include "cache/detail/pack_store.h"

#include <algorithm>

namespace twopop::cache::detail {

// write_mutex_ is held, index_mutex_ is not.

Result<PackStore::PackRef> PackStore::pack_for(std::uint64_t record_bytes) {
  const bool fits = active_ && (active_->size() + record_bytes <= pack_bytes_ || active_->size() == Pack::kFileHeadBytes);
  if (fits) return active_;
  TWOPOP_TRY(PackRef pack, Pack::create(files_, folder_, next_pack_));
  ++next_pack_;
  disk_bytes_ += pack->size();
  const std::unique_lock lock(index_mutex_);
  packs_[pack->number()] = pack;
  return active_ = pack;
}

Result<Place> PackStore::append(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) {
  const std::uint64_t record = Pack::record_bytes(bytes.size());
  TWOPOP_CHECK(make_room(record));
  TWOPOP_TRY(const PackRef pack, pack_for(record));
  TWOPOP_TRY(const Place place, pack->append(recipe, content, bytes));
  disk_bytes_ += record;
  return place;
}

Result<void> PackStore::make_room(std::uint64_t record_bytes) {
  TWOPOP_CHECK(evict(record_bytes));
  while (disk_bytes_ + record_bytes > budget_ - pack_bytes_) TWOPOP_CHECK(compact_one());
  return {};
}

Result<void> PackStore::evict(std::uint64_t record_bytes) {
  const std::unique_lock lock(index_mutex_);
  if (live_bytes_ + record_bytes <= usable_bytes()) return {};
  std::vector<std::pair<std::uint64_t, Hash>> by_use;
  for (const auto& [content, entry] : entries_)
    if (!pins_.contains(content)) by_use.emplace_back(entry.used, content);
  std::sort(by_use.begin(), by_use.end());
  // A little more than needed, so that the next puts need not look again.
  const std::uint64_t aim = usable_bytes() - usable_bytes() / 16;
  for (const auto& [used, content] : by_use) {
    if (live_bytes_ + record_bytes <= aim) return {};
    drop(content);
  }
  if (live_bytes_ + record_bytes <= usable_bytes()) return {};
  return Error{Code::OutOfSpace,
               fmt::format("the cache in {} has no room for {} bytes more within its budget of {} bytes", folder_.string(),
                           record_bytes, budget_),
               "give it a larger budget"};
}

Result<void> PackStore::compact_one() {
  PackRef worst;
  std::uint64_t most_dead = 0;
  std::vector<std::pair<Hash, Place>> live;
  std::unordered_map<Hash, Hash> recipe_of;
  {
    const std::shared_lock lock(index_mutex_);
    for (const auto& [number, pack] : packs_) {
      const std::uint64_t dead = pack->size() - Pack::kFileHeadBytes - pack->live_bytes;
      if (dead > most_dead || !worst) {
        most_dead = dead;
        worst = pack;
      }
    }
    if (!worst || most_dead == 0)
      return Error{Code::OutOfSpace, fmt::format("the cache in {} has no room within its budget", folder_.string()),
                   "give it a larger budget"};
    for (const auto& [content, entry] : entries_)
      if (entry.place.pack == worst->number()) live.emplace_back(content, entry.place);
    if (!live.empty())
      for (const auto& [recipe, outcome] : outcomes_) recipe_of[outcome.content] = recipe;
  }
  if (active_ == worst) active_ = nullptr;
  std::sort(live.begin(), live.end(), [](const auto& a, const auto& b) { return a.second.offset < b.second.offset; });
  for (const auto& [content, place] : live) {
    const Blob bytes = worst->read(content, place);
    std::optional<Place> moved;
    if (bytes) {
      const std::uint64_t record = Pack::record_bytes(bytes->size());
      TWOPOP_TRY(const PackRef pack, pack_for(record));
      TWOPOP_TRY(moved, pack->append(recipe_of[content], content, *bytes));
      disk_bytes_ += record;
    }
    const std::unique_lock lock(index_mutex_);
    const auto found = entries_.find(content);
    if (found == entries_.end()) continue;  // found damaged by a reader meanwhile
    const std::uint64_t used = found->second.used;
    if (!moved) {
      drop_damaged(content);
      continue;
    }
    set_place(content, *moved);
    entries_[content].used = used;
  }
  return remove_pack(worst);
}

Result<void> PackStore::remove_pack(const PackRef& pack) {
  TWOPOP_CHECK(files_.remove(folder_ / Pack::name_of(pack->number())));
  disk_bytes_ -= pack->size();
  const std::unique_lock lock(index_mutex_);
  packs_.erase(pack->number());
  return {};
}

}  // namespace twopop::cache::detail
