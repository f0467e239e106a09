#pragma once

#include "cache/detail/index_log.h"
#include "cache/detail/pack.h"
#include "cache/file_system.h"
#include "cache/store.h"

#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <memory_resource>
#include <unordered_map>
#include <unordered_set>

namespace twopop::cache::detail {

/// The store on packs and an index (docs/formats/cache.md). Its parts: pack_store.cpp is the face, _open.cpp reads what is
/// there, _index.cpp writes the index, _room.cpp keeps within the budget, _guests.cpp takes in what other processes made.
class PackStore final : public Store {
 public:
  PackStore(std::filesystem::path folder, FileSystem& files) : folder_(std::move(folder)), files_(files) {}
  ~PackStore() override { close(); }

  static constexpr char kIndexName[] = "index";
  static constexpr char kNewIndexName[] = "index.new";
  static constexpr char kLockName[] = "lock";
  static constexpr char kGuestsName[] = "guests";

  /// Busy, and nothing done, if somebody else holds it.
  Result<void> open(std::uint64_t budget_bytes);
  /// Writes what is not yet written; called by the destructor.
  void close();
  /// Neither bytes nor outcomes nor notes.
  bool knows_nothing() const;

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
  /// Notes are read where they lie in the index: those of a long film would take tens of megabytes.
  struct NotePlace {
    std::uint64_t offset = 0, check = 0;  ///< of the value; part of its hash
    std::uint32_t bytes = 0;
  };
  using PackRef = std::shared_ptr<Pack>;  // shared: a reader may still hold a pack that has been compacted away

  std::uint64_t usable_bytes() const { return budget_ - 2 * pack_bytes_; }
  void touch(const Entry& entry) const;
  void set_place(const Hash& content, const Place& place);
  void drop(const Hash& content);
  void drop_damaged(const Hash& content);
  void add_note(const Hash& name, std::span<const std::byte> value);
  std::optional<Bytes> read_note(const NotePlace& place) const;

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

  Result<void> make_room(std::uint64_t record_bytes);
  Result<void> evict(std::uint64_t record_bytes);
  Result<void> compact_one();
  Result<PackRef> pack_for(std::uint64_t record_bytes);
  Result<Place> append(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes);
  Result<void> remove_pack(const PackRef& pack);

  void take_in_guests();
  Result<void> take_in(const std::filesystem::path& guest);
  Result<void> take_in_index(const std::filesystem::path& guest);
  Result<void> take_in_pack(const std::filesystem::path& guest, std::uint32_t number);
  void found_record(const Hash& recipe, const Hash& content, const Place& place);

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
  /// Small things that live long lie together: one by one between what work allocates and frees, each would hold a page of memory.
  std::pmr::unsynchronized_pool_resource pool_;
  std::pmr::unordered_map<Hash, Outcome> outcomes_{&pool_};
  std::pmr::unordered_map<Hash, Entry> entries_{&pool_};
  std::pmr::unordered_map<Hash, NotePlace> notes_{&pool_};
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

}  // namespace twopop::cache::detail
