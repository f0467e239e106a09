#include "cache/detail/guest_store.h"
#include "cache/detail/pack_store.h"

#include <algorithm>

namespace twopop::cache::detail {

std::optional<Outcome> PackStore::outcome_of(const Hash& recipe) const {
  const std::shared_lock lock(index_mutex_);
  const auto found = outcomes_.find(recipe);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second;
}

bool PackStore::has(const Hash& content) const {
  const std::shared_lock lock(index_mutex_);
  return entries_.contains(content);
}

bool PackStore::knows_nothing() const {
  const std::shared_lock lock(index_mutex_);
  return outcomes_.empty() && notes_.empty() && entries_.empty();
}

bool PackStore::found_damaged(const Hash& content) const {
  const std::shared_lock lock(index_mutex_);
  return damaged_.contains(content);
}

Result<Blob> PackStore::get(const Hash& content) {
  for (;;) {
    Place place;
    PackRef pack;
    {
      const std::shared_lock lock(index_mutex_);
      const auto found = entries_.find(content);
      if (found == entries_.end()) return Blob{};
      touch(found->second);
      place = found->second.place;
      pack = packs_.at(place.pack);
    }
    if (Blob bytes = pack->read(content, place)) return bytes;
    const std::unique_lock lock(index_mutex_);
    const auto found = entries_.find(content);
    if (found == entries_.end()) return Blob{};
    // It may have been put anew meanwhile.
    if (found->second.place.pack != place.pack || found->second.place.offset != place.offset) continue;
    drop_damaged(content);
    return Blob{};
  }
}

Result<void> PackStore::put(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) {
  const std::lock_guard writing(write_mutex_);
  take_in_guests();
  std::optional<Place> place;
  if (!has(content)) {
    TWOPOP_TRY(place, append(recipe, content, bytes));
  }
  const std::unique_lock lock(index_mutex_);
  if (place) {
    set_place(content, *place);
  } else if (const auto found = entries_.find(content); found != entries_.end()) {
    touch(found->second);
  }
  Outcome& outcome = outcomes_[recipe];
  if (outcome.content != content || outcome.bytes != bytes.size()) {
    outcome = {content, bytes.size()};
    log_.add_outcome(recipe, outcome);
  }
  flush_index_piece();
  return {};
}

Result<void> PackStore::remember(const Hash& recipe, const Outcome& outcome) {
  const std::unique_lock lock(index_mutex_);
  Outcome& known = outcomes_[recipe];
  if (known.content == outcome.content && known.bytes == outcome.bytes) return {};
  known = outcome;
  log_.add_outcome(recipe, outcome);
  flush_index_piece();
  return {};
}

std::optional<Bytes> PackStore::note(std::string_view name) const {
  const Hash key = hash_of(name);
  const std::shared_lock lock(index_mutex_);
  const auto found = notes_.find(key);
  if (found == notes_.end()) return std::nullopt;
  return read_note(found->second);
}

Result<void> PackStore::set_note(std::string_view name, std::span<const std::byte> value) {
  const Hash key = hash_of(name);
  const std::unique_lock lock(index_mutex_);
  const auto known = notes_.find(key);
  if (known != notes_.end() && known->second.bytes == value.size() && known->second.check == hash_of(value).low) return {};
  add_note(key, value);
  flush_index_piece();
  return {};
}

void PackStore::pin(const Hash& content) {
  const std::unique_lock lock(index_mutex_);
  ++pins_[content];
}

void PackStore::unpin(const Hash& content) {
  const std::unique_lock lock(index_mutex_);
  const auto found = pins_.find(content);
  if (found != pins_.end() && --found->second == 0) pins_.erase(found);
}

void PackStore::unpin_all() {
  const std::unique_lock lock(index_mutex_);
  pins_.clear();
}

Result<void> PackStore::sync() {
  const std::lock_guard writing(write_mutex_);
  // Packs first: the index must not outlive what it tells of.
  std::vector<PackRef> packs;
  {
    const std::shared_lock lock(index_mutex_);
    for (const auto& [number, pack] : packs_) packs.push_back(pack);
  }
  for (const PackRef& pack : packs) TWOPOP_CHECK(pack->sync());
  const std::unique_lock lock(index_mutex_);
  log_uses();
  log_packs();
  TWOPOP_CHECK(write_index());
  TWOPOP_CHECK(index_->sync());
  TWOPOP_CHECK(rewrite_grown_index());
  return files_.sync_folder(folder_);
}

StoreUsage PackStore::usage() const {
  const std::shared_lock lock(index_mutex_);
  StoreUsage usage;
  usage.budget_bytes = budget_;
  usage.usable_bytes = usable_bytes();
  usage.disk_bytes = disk_bytes_;
  usage.stored_bytes = live_bytes_;
  usage.entries = entries_.size();
  for (const auto& [content, count] : pins_)
    if (const auto found = entries_.find(content); found != entries_.end())
      usage.pinned_bytes += Pack::record_bytes(found->second.place.bytes);
  return usage;
}

}  // namespace twopop::cache::detail

namespace twopop::cache {

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, const StoreOptions& options) {
  FileSystem& files = options.files ? *options.files : disk();
  auto store = std::make_unique<detail::PackStore>(folder, files);
  const Result<void> opened = store->open(options.budget_bytes);
  if (opened) return std::unique_ptr<Store>(std::move(store));
  if (opened.error().code != Code::Busy) return opened.error();
  TWOPOP_TRY(auto guest, detail::GuestStore::open(folder, files, options.budget_bytes));
  return std::unique_ptr<Store>(std::move(guest));
}

Result<void> check_budget(const StoreUsage& usage, std::uint64_t working_set_bytes) {
  if (working_set_bytes <= usage.usable_bytes) return {};
  const double mb = 1e-6;
  return Error{Code::OutOfSpace,
               fmt::format("this film needs {:.0f} MB of cache, and {:.0f} MB of the budget of {:.0f} MB can be used",
                           static_cast<double>(working_set_bytes) * mb, static_cast<double>(usage.usable_bytes) * mb,
                           static_cast<double>(usage.budget_bytes) * mb),
               "give the cache a larger budget; with this one things are made more than once"};
}

}  // namespace twopop::cache
