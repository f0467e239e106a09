#include "cache/detail/pack_store.h"

#include <algorithm>

namespace twopop::cache::detail {
namespace {
constexpr std::uint64_t kMostPackBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kLeastPackBytes = 4096;
constexpr std::uint64_t kMostDefaultBudget = 100'000'000'000;
}  // namespace

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
  TWOPOP_CHECK(index_bytes_ == 0 ? rewrite_index() : rewrite_grown_index());
  take_in_guests();
  return {};
}

Result<void> PackStore::load_index() {
  TWOPOP_CHECK(files_.remove(folder_ / kNewIndexName));
  TWOPOP_TRY(index_, files_.open(folder_ / kIndexName, Access::ReadWriteCreate));
  TWOPOP_TRY(const Bytes bytes, read_whole(*index_));

  // An entry takes a slot for its outcome, one for its place and some for its note.
  const std::size_t likely = bytes.size() / (4 * IndexWriter::kSlotBytes);
  outcomes_.reserve(likely);
  entries_.reserve(likely);
  notes_.reserve(likely);

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
  reader.note = [&](const Hash& name, std::span<const std::byte> value, std::uint64_t offset) {
    notes_[name] = {offset, hash_of(value).low, static_cast<std::uint32_t>(value.size())};
  };
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
  if (index_bytes_ < bytes.size()) TWOPOP_CHECK(index_->truncate(index_bytes_));
  log_ = IndexWriter(index_bytes_ / IndexWriter::kSlotBytes);
  for (const auto& [name, value] : notes_) note_bytes_ += value.bytes;
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
    TWOPOP_CHECK(pack->scan(std::min(begin, before), [this](const Hash& recipe, const Hash& content, const Place& place) { found_record(recipe, content, place); }));
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
  index_ = nullptr;
  lock_ = nullptr;
}

}  // namespace twopop::cache::detail
