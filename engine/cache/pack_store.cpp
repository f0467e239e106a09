#include "cache/detail/index_log.h"
#include "cache/detail/pack.h"
#include "cache/file_system.h"
#include "cache/store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

namespace twopop::cache {

using detail::IndexEnd;
using detail::IndexReader;
using detail::IndexWriter;
using detail::Pack;
using detail::Place;

namespace {

constexpr char kIndexName[] = "index";
constexpr char kNewIndexName[] = "index.new";
constexpr char kLockName[] = "lock";
constexpr std::uint64_t kMostPackBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kLeastPackBytes = 4096;
constexpr std::uint64_t kMostDefaultBudget = 100'000'000'000;
/// The index is written in pieces of this size, and at the end.
constexpr std::size_t kIndexPieceBytes = 256 << 10;
/// An index this small is not worth rewriting.
constexpr std::uint64_t kSmallIndexBytes = 1 << 20;
/// Outcomes beyond this many whose bytes are gone are forgotten when the index is rewritten.
constexpr std::size_t kMostOutcomes = std::size_t{1} << 20;

class PackStore final : public Store {
 public:
  PackStore(std::filesystem::path folder, FileSystem& files) : folder_(std::move(folder)), files_(files) {}
  ~PackStore() override { close(); }

  Result<void> open(std::uint64_t budget_bytes);

  std::optional<Outcome> outcome_of(const Hash& recipe) const override;
  Result<Blob> get(const Hash& content) override;
  bool found_damaged(const Hash& content) const override;
  bool has(const Hash& content) const override;
  Result<void> put(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) override;
  Result<void> remember(const Hash& recipe, const Outcome& outcome) override;
  std::optional<Bytes> note(std::string_view name) const override;
  Result<void> set_note(std::string_view name, std::span<const std::byte> value) override;
  void pin(const Hash& content) override;
  void unpin(const Hash& content) override;
  void unpin_all() override;
  Result<void> sync() override;
  StoreUsage usage() const override;

 private:
  struct Entry {
    Place place;
    std::uint64_t used = 0;  ///< clock of the last use; touched under the shared lock through atomic_ref
  };
  using PackRef = std::shared_ptr<Pack>;  // shared: a reader may still hold a pack that has been compacted away

  std::uint64_t usable_bytes() const { return budget_ - 2 * pack_bytes_; }
  void touch(const Entry& entry) const;
  void set_place(const Hash& content, const Place& place);
  void drop(const Hash& content);
  void drop_damaged(const Hash& content);

  Result<void> load_index();
  Result<void> open_packs();
  Result<void> find_unindexed();
  Result<void> check_changed_packs();
  Result<void> write_index();
  Result<void> rewrite_index();
  void flush_index_piece();
  void log_uses();
  void log_packs();
  Result<void> rewrite_grown_index();
  void close();

  Result<void> make_room(std::uint64_t record_bytes);
  Result<void> evict(std::uint64_t record_bytes);
  Result<void> compact_one();
  Result<PackRef> pack_for(std::uint64_t record_bytes);
  Result<Place> append(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes);
  Result<void> remove_pack(const PackRef& pack);

  const std::filesystem::path folder_;
  FileSystem& files_;
  std::unique_ptr<FileLock> lock_;
  std::uint64_t budget_ = 0, pack_bytes_ = 0;

  /// Held while packs are written or removed; taken before index_mutex_.
  std::mutex write_mutex_;
  PackRef active_;
  std::uint32_t next_pack_ = 1;
  std::atomic<std::uint64_t> disk_bytes_{0};

  /// Guards everything below.
  mutable std::shared_mutex index_mutex_;
  std::unordered_map<Hash, Outcome> outcomes_;
  std::unordered_map<Hash, Entry> entries_;
  std::unordered_map<Hash, Bytes> notes_;
  std::unordered_map<Hash, std::int64_t> pins_;
  std::unordered_set<Hash> damaged_;
  std::map<std::uint32_t, PackRef> packs_;
  std::uint64_t live_bytes_ = 0;
  mutable std::atomic<std::uint64_t> clock_{1};
  std::uint64_t logged_clock_ = 0;
  std::uint64_t note_bytes_ = 0;
  std::unique_ptr<File> index_;
  IndexWriter log_;
  std::uint64_t index_bytes_ = 0;  ///< where the bytes collected in log_ go
  bool index_stuck_ = false;       ///< a piece could not be written: tried again at sync()
  struct Known {
    std::uint64_t end = 0, stamp = 0;
  };
  std::map<std::uint32_t, Known> known_packs_;  ///< while opening: what the index tells of each pack
};

// ---- opening and closing

Result<void> PackStore::open(std::uint64_t budget_bytes) {
  TWOPOP_CHECK(files_.make_folder(folder_));
  auto lock = files_.lock(folder_ / kLockName);
  if (!lock) {
    Error error = lock.error();
    if (error.code == Code::Busy) error.message = "the cache in " + error.message;
    return error;
  }
  lock_ = *std::move(lock);
  TWOPOP_CHECK(load_index());
  TWOPOP_CHECK(open_packs());
  budget_ = budget_bytes;
  if (budget_ == 0) {
    TWOPOP_TRY(const std::uint64_t free, files_.free_bytes(folder_));
    budget_ = std::min((free + disk_bytes_) / 4, kMostDefaultBudget);
  }
  pack_bytes_ = std::clamp(budget_ / 16, kLeastPackBytes, kMostPackBytes);
  budget_ = std::max(budget_, 4 * pack_bytes_);
  TWOPOP_CHECK(find_unindexed());
  TWOPOP_CHECK(check_changed_packs());
  TWOPOP_CHECK(make_room(0));
  return index_bytes_ == 0 ? rewrite_index() : rewrite_grown_index();
}

Result<void> PackStore::load_index() {
  TWOPOP_CHECK(files_.remove(folder_ / kNewIndexName));
  TWOPOP_TRY(index_, files_.open(folder_ / kIndexName, Access::ReadWriteCreate));
  TWOPOP_TRY(const std::uint64_t size, index_->size());
  Bytes bytes(size);
  TWOPOP_TRY(const std::size_t got, index_->read(0, bytes));
  bytes.resize(got);

  bool readable = false;
  IndexReader reader;
  reader.header = [&](std::uint32_t version) { readable = version == IndexWriter::kVersion; };
  reader.outcome = [&](const Hash& recipe, const Outcome& outcome) { outcomes_[recipe] = outcome; };
  reader.place = [&](const Hash& content, const Place& place) {
    entries_[content] = {place, clock_++};
    auto& end = known_packs_[place.pack].end;
    end = std::max(end, Pack::end_of(place));
  };
  reader.gone = [&](const Hash& content) { entries_.erase(content); };
  reader.note = [&](const Hash& name, std::span<const std::byte> value) { notes_[name].assign(value.begin(), value.end()); };
  reader.uses = [&](std::span<const Hash> contents) {
    for (const Hash& content : contents)
      if (const auto found = entries_.find(content); found != entries_.end()) found->second.used = clock_++;
  };
  reader.pack_end = [&](std::uint32_t pack, std::uint64_t end, std::uint64_t stamp) {
    Known& known = known_packs_[pack];
    known = {std::max(known.end, end), stamp};
  };
  const IndexEnd end = detail::read_index(bytes, reader);
  index_bytes_ = end.bytes;
  if (!readable) {
    // Lost, or of another version: begun anew, and the packs tell what they hold.
    outcomes_.clear();
    entries_.clear();
    notes_.clear();
    known_packs_.clear();
    index_bytes_ = 0;
  }
  if (index_bytes_ < size) TWOPOP_CHECK(index_->truncate(index_bytes_));
  log_ = IndexWriter(index_bytes_ / IndexWriter::kSlotBytes);
  for (const auto& [name, value] : notes_) note_bytes_ += value.size();
  logged_clock_ = clock_;
  return {};
}

Result<void> PackStore::open_packs() {
  TWOPOP_TRY(const std::vector<std::string> names, files_.list(folder_));
  for (const auto& [number, known] : known_packs_) next_pack_ = std::max(next_pack_, number + 1);
  for (const std::string& name : names) {
    const std::uint32_t number = Pack::number_in(name);
    if (number == 0) continue;
    next_pack_ = std::max(next_pack_, number + 1);
    auto pack = Pack::open(files_, folder_, number);
    if (!pack && pack.error().code != Code::Damaged) return pack.error();
    if (!pack) {
      TWOPOP_CHECK(files_.remove(folder_ / name));
      continue;
    }
    disk_bytes_ += (*pack)->size();
    packs_[number] = *std::move(pack);
  }
  return {};
}

Result<void> PackStore::find_unindexed() {
  for (auto at = entries_.begin(); at != entries_.end();) {
    const Place& place = at->second.place;
    const auto pack = packs_.find(place.pack);
    if (pack == packs_.end() || Pack::end_of(place) > pack->second->size()) {
      log_.add_gone(at->first);
      at = entries_.erase(at);
      continue;
    }
    const std::uint64_t record = Pack::record_bytes(place.bytes);
    pack->second->live_bytes += record;
    live_bytes_ += record;
    ++at;
  }
  for (const auto& [number, pack] : packs_) {
    const std::uint64_t before = pack->size();
    const std::uint64_t begin = std::max(known_packs_[number].end, Pack::kFileHeadBytes);
    const auto found = [this](const Hash& recipe, const Hash& content, const Place& place) {
      outcomes_[recipe] = {content, place.bytes};
      log_.add_outcome(recipe, outcomes_[recipe]);
      set_place(content, place);
    };
    TWOPOP_CHECK(pack->scan(std::min(begin, before), found));
    disk_bytes_ -= before - pack->size();
    if (!active_ || pack->number() > active_->number()) active_ = pack;
  }
  return {};
}

Result<void> PackStore::check_changed_packs() {
  for (const auto& [number, pack] : packs_) {
    const Known known = known_packs_[number];
    if (known.stamp == 0) continue;
    TWOPOP_TRY(const std::uint64_t stamp, pack->stamp());
    pack->logged_end = known.end;
    pack->logged_stamp = known.stamp;
    if (stamp == known.stamp && pack->size() == known.end) continue;
    std::vector<std::pair<Hash, Place>> inside;
    for (const auto& [content, entry] : entries_)
      if (entry.place.pack == number) inside.emplace_back(content, entry.place);
    for (const auto& [content, place] : inside)
      if (!pack->read(content, place)) drop_damaged(content);
  }
  known_packs_.clear();
  return {};
}

void PackStore::close() {
  if (!index_) return;
  log_uses();
  log_packs();
  // What cannot be written now is found again in the packs, or made again.
  static_cast<void>(write_index());
}

// ---- the index; index_mutex_ is held, or nobody else is there yet

void PackStore::touch(const Entry& entry) const {
  std::atomic_ref(const_cast<std::uint64_t&>(entry.used)).store(clock_++, std::memory_order_relaxed);
}

void PackStore::set_place(const Hash& content, const Place& place) {
  if (entries_.contains(content)) drop(content);
  damaged_.erase(content);
  entries_[content] = {place, clock_++};
  const std::uint64_t record = Pack::record_bytes(place.bytes);
  packs_[place.pack]->live_bytes += record;
  live_bytes_ += record;
  log_.add_place(content, place);
}

void PackStore::drop(const Hash& content) {
  const auto found = entries_.find(content);
  if (found == entries_.end()) return;
  const std::uint64_t record = Pack::record_bytes(found->second.place.bytes);
  packs_[found->second.place.pack]->live_bytes -= record;
  live_bytes_ -= record;
  entries_.erase(found);
  log_.add_gone(content);
}

void PackStore::drop_damaged(const Hash& content) {
  drop(content);
  damaged_.insert(content);
}

Result<void> PackStore::write_index() {
  if (log_.bytes().empty()) return {};
  TWOPOP_CHECK(index_->write(index_bytes_, log_.bytes()));
  index_bytes_ += log_.bytes().size();
  log_.written();
  index_stuck_ = false;
  return {};
}

void PackStore::flush_index_piece() {
  if (log_.bytes().size() < kIndexPieceBytes || index_stuck_) return;
  index_stuck_ = !write_index();
}

void PackStore::log_uses() {
  std::vector<std::pair<std::uint64_t, Hash>> uses;
  for (const auto& [content, entry] : entries_)
    if (entry.used >= logged_clock_) uses.emplace_back(entry.used, content);
  std::sort(uses.begin(), uses.end());
  std::vector<Hash> contents;
  for (const auto& [used, content] : uses) contents.push_back(content);
  if (!contents.empty()) log_.add_uses(contents);
  logged_clock_ = clock_;
}

void PackStore::log_packs() {
  for (const auto& [number, pack] : packs_) {
    const auto stamp = pack->stamp();
    if (!stamp || (*stamp == pack->logged_stamp && pack->size() == pack->logged_end)) continue;
    log_.add_pack_end(number, pack->size(), *stamp);
    pack->logged_stamp = *stamp;
    pack->logged_end = pack->size();
  }
}

Result<void> PackStore::rewrite_grown_index() {
  const std::uint64_t live = 64 * (outcomes_.size() + entries_.size() + 2 * notes_.size()) + note_bytes_;
  return index_bytes_ > kSmallIndexBytes + 3 * live ? rewrite_index() : Result<void>{};
}

Result<void> PackStore::rewrite_index() {
  IndexWriter all;
  all.add_header();
  std::vector<std::pair<std::uint64_t, Hash>> by_use;
  for (const auto& [content, entry] : entries_) by_use.emplace_back(entry.used, content);
  std::sort(by_use.begin(), by_use.end());
  for (const auto& [used, content] : by_use) all.add_place(content, entries_[content].place);
  const bool too_many = outcomes_.size() > kMostOutcomes;
  for (auto at = outcomes_.begin(); at != outcomes_.end();) {
    if (too_many && !entries_.contains(at->second.content)) {
      at = outcomes_.erase(at);
      continue;
    }
    all.add_outcome(at->first, at->second);
    ++at;
  }
  for (const auto& [name, value] : notes_) all.add_note(name, value);
  for (const auto& [number, pack] : packs_) {
    TWOPOP_TRY(const std::uint64_t stamp, pack->stamp());
    all.add_pack_end(number, pack->size(), stamp);
    pack->logged_stamp = stamp;
    pack->logged_end = pack->size();
  }

  TWOPOP_TRY(auto file, files_.open(folder_ / kNewIndexName, Access::ReadWriteCreate));
  TWOPOP_CHECK(file->truncate(0));
  TWOPOP_CHECK(file->write(0, all.bytes()));
  TWOPOP_CHECK(file->sync());
  TWOPOP_CHECK(files_.rename(folder_ / kNewIndexName, folder_ / kIndexName));
  index_ = std::move(file);
  index_bytes_ = all.bytes().size();
  log_ = IndexWriter(all.slot());
  index_stuck_ = false;
  logged_clock_ = clock_;
  return files_.sync_folder(folder_);
}

// ---- what the face promises

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
  return found->second;
}

Result<void> PackStore::set_note(std::string_view name, std::span<const std::byte> value) {
  const Hash key = hash_of(name);
  const std::unique_lock lock(index_mutex_);
  Bytes& known = notes_[key];
  if (!known.empty() && std::equal(known.begin(), known.end(), value.begin(), value.end())) return {};
  note_bytes_ += value.size() - known.size();
  known.assign(value.begin(), value.end());
  log_.add_note(key, value);
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

// ---- packs and room; write_mutex_ is held, index_mutex_ is not

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

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, const StoreOptions& options) {
  auto store = std::make_unique<PackStore>(folder, options.files ? *options.files : disk());
  TWOPOP_CHECK(store->open(options.budget_bytes));
  return std::unique_ptr<Store>(std::move(store));
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
