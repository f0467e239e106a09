#include "cache/detail/pack_store.h"

#include <algorithm>

namespace twopop::cache::detail {

// write_mutex_ is held, or nobody else is there yet; index_mutex_ is not.

void PackStore::take_in_guests() {
  const auto guests = files_.list(folder_ / kGuestsName);
  if (!guests) return;  // nobody was ever here
  // What a guest made can be made again: whatever goes wrong here is nobody's error.
  for (const std::string& name : *guests) static_cast<void>(take_in(folder_ / kGuestsName / name).ok());
}

Result<void> PackStore::take_in(const std::filesystem::path& guest) {
  const auto lock = files_.lock(guest / kLockName);
  if (!lock) return {};  // at work
  TWOPOP_TRY(std::vector<std::string> names, files_.list(guest));
  std::sort(names.begin(), names.end());
  // The index first: what it says of a recipe is overtaken by the record of its bytes.
  TWOPOP_CHECK(take_in_index(guest));
  for (const std::string& name : names)
    if (const std::uint32_t number = Pack::number_in(name); number != 0 && !take_in_pack(guest, number)) TWOPOP_CHECK(files_.remove(guest / name));
  {
    // Written down before the guest's own word of it goes: whoever comes meanwhile finds it in one place or the other.
    const std::unique_lock index(index_mutex_);
    TWOPOP_CHECK(write_index());
  }
  for (const char* name : {kIndexName, kNewIndexName, kLockName}) TWOPOP_CHECK(files_.remove(guest / name));
  // Somebody who came in meanwhile keeps the folder.
  return files_.remove(guest);
}

Result<void> PackStore::take_in_index(const std::filesystem::path& guest) {
  const auto file = files_.open(guest / kIndexName, Access::Read);
  if (!file) return {};
  TWOPOP_TRY(const Bytes bytes, read_whole(**file));
  const std::unique_lock lock(index_mutex_);
  bool readable = false;
  IndexReader reader;
  reader.header = [&](std::uint32_t version) { readable = version == IndexWriter::kVersion; };
  reader.outcome = [&](const Hash& recipe, const Outcome& outcome) {
    if (readable && outcomes_.emplace(recipe, outcome).second) log_.add_outcome(recipe, outcome);
  };
  reader.note = [&](const Hash& name, std::span<const std::byte> value, std::uint64_t) {
    if (readable && !notes_.contains(name)) add_note(name, value);
  };
  read_index(bytes, reader);
  flush_index_piece();
  return {};
}

Result<void> PackStore::take_in_pack(const std::filesystem::path& guest, std::uint32_t number) {
  struct Record {
    Hash recipe, content;
    Place place;
  };
  std::vector<Record> records;
  std::uint64_t size = 0;
  {
    TWOPOP_TRY(const PackRef pack, Pack::open(files_, guest, number, Access::Read));
    TWOPOP_CHECK(pack->scan(Pack::kFileHeadBytes, [&](const Hash& recipe, const Hash& content, const Place& place) { records.push_back({recipe, content, place}); }));
    size = pack->size();
    if (records.empty()) return Error{Code::NotFound, "nothing is in it"};
    if (size > pack_bytes_ + Pack::record_bytes(records.back().place.bytes)) {
      // Made under a larger budget: moved as a whole it could not be compacted within ours.
      for (const Record& record : records)
        if (const Blob bytes = has(record.content) ? nullptr : pack->read(record.content, record.place)) {
          TWOPOP_TRY(const Place place, append(record.recipe, record.content, *bytes));
          const std::unique_lock lock(index_mutex_);
          found_record(record.recipe, record.content, place);
        }
      return files_.remove(guest / Pack::name_of(number));
    }
  }
  TWOPOP_CHECK(make_room(size));
  const std::uint32_t mine = next_pack_++;
  auto taken = Pack::take(files_, guest / Pack::name_of(number), folder_, mine);
  if (!taken) {
    static_cast<void>(files_.remove(folder_ / Pack::name_of(mine)).ok());
    return taken.error();
  }
  const PackRef pack = *std::move(taken);
  disk_bytes_ += pack->size();
  const std::unique_lock lock(index_mutex_);
  packs_[mine] = pack;
  const std::uint64_t before = pack->size();
  const Result<void> scanned = pack->scan(Pack::kFileHeadBytes, [&](const Hash& recipe, const Hash& content, const Place& place) {
    if (!entries_.contains(content)) found_record(recipe, content, place);
  });
  disk_bytes_ -= before - pack->size();
  flush_index_piece();
  return scanned;
}

}  // namespace twopop::cache::detail
