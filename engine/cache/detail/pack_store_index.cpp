#include "cache/detail/pack_store.h"

#include <algorithm>

namespace twopop::cache::detail {
namespace {
/// The index is written in pieces of this size, and at the end.
constexpr std::size_t kIndexPieceBytes = 256 << 10;
/// An index this small is not worth rewriting.
constexpr std::uint64_t kSmallIndexBytes = 1 << 20;
/// Outcomes beyond this many whose bytes are gone are forgotten when the index is rewritten.
constexpr std::size_t kMostOutcomes = std::size_t{1} << 20;
}  // namespace

// index_mutex_ is held, or nobody else is there yet.

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

void PackStore::found_record(const Hash& recipe, const Hash& content, const Place& place) {
  outcomes_[recipe] = {content, place.bytes};
  log_.add_outcome(recipe, outcomes_[recipe]);
  set_place(content, place);
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

void PackStore::add_note(const Hash& name, std::span<const std::byte> value) {
  NotePlace& place = notes_[name];
  note_bytes_ += value.size() - place.bytes;
  place = {log_.add_note(name, value), hash_of(value).low, static_cast<std::uint32_t>(value.size())};
}

std::optional<Bytes> PackStore::read_note(const NotePlace& place) const {
  Bytes value(place.bytes);
  if (place.offset >= index_bytes_) {
    const std::uint64_t at = place.offset - index_bytes_;
    std::copy_n(log_.bytes().begin() + static_cast<std::ptrdiff_t>(at), place.bytes, value.begin());
  } else {
    const auto got = index_->read(place.offset, value);
    if (!got || *got != value.size()) return std::nullopt;
  }
  if (hash_of(value).low != place.check) return std::nullopt;  // damaged since it was read
  return value;
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
  TWOPOP_TRY(auto file, files_.open(folder_ / kNewIndexName, Access::ReadWriteCreate));
  TWOPOP_CHECK(file->truncate(0));
  IndexWriter all;
  std::uint64_t written = 0;
  const auto write = [&](std::size_t least) -> Result<void> {
    if (all.bytes().size() < least) return {};
    TWOPOP_CHECK(file->write(written, all.bytes()));
    written += all.bytes().size();
    all.written();
    return {};
  };
  all.add_header();
  std::vector<std::pair<std::uint64_t, Hash>> by_use;
  for (const auto& [content, entry] : entries_) by_use.emplace_back(entry.used, content);
  std::sort(by_use.begin(), by_use.end());
  for (const auto& [used, content] : by_use) {
    all.add_place(content, entries_[content].place);
    TWOPOP_CHECK(write(kIndexPieceBytes));
  }
  const bool too_many = outcomes_.size() > kMostOutcomes;
  for (auto at = outcomes_.begin(); at != outcomes_.end();) {
    if (too_many && !entries_.contains(at->second.content)) {
      at = outcomes_.erase(at);
      continue;
    }
    all.add_outcome(at->first, at->second);
    ++at;
    TWOPOP_CHECK(write(kIndexPieceBytes));
  }
  std::vector<std::pair<Hash, std::optional<std::uint64_t>>> notes;  // where each lies in the new index; nothing: it cannot be read
  notes.reserve(notes_.size());
  for (const auto& [name, place] : notes_) {
    const auto value = read_note(place);
    notes.emplace_back(name, std::nullopt);
    if (!value) continue;  // costs an explanation
    notes.back().second = all.add_note(name, *value);
    TWOPOP_CHECK(write(kIndexPieceBytes));
  }
  for (const auto& [number, pack] : packs_) {
    TWOPOP_TRY(const std::uint64_t stamp, pack->stamp());
    all.add_pack_end(number, pack->size(), stamp);
    pack->logged_stamp = stamp;
    pack->logged_end = pack->size();
  }

  TWOPOP_CHECK(write(0));
  TWOPOP_CHECK(file->sync());
  TWOPOP_CHECK(files_.rename(folder_ / kNewIndexName, folder_ / kIndexName));
  index_ = std::move(file);
  index_bytes_ = written;
  note_bytes_ = 0;
  for (const auto& [name, offset] : notes) {
    const auto at = notes_.find(name);
    if (!offset) {
      notes_.erase(at);
      continue;
    }
    at->second.offset = *offset;
    note_bytes_ += at->second.bytes;
  }
  log_ = IndexWriter(all.slot());
  index_stuck_ = false;
  logged_clock_ = clock_;
  return files_.sync_folder(folder_);
}

}  // namespace twopop::cache::detail
