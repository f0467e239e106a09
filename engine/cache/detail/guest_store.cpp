#include "cache/detail/guest_store.h"

#include <algorithm>
#include <atomic>
#include <unistd.h>

namespace twopop::cache::detail {
namespace {
constexpr int kTries = 20;
}

Result<void> HostView::open(FileSystem& files, const std::filesystem::path& folder) {
  std::map<std::uint32_t, std::uint64_t> ends;  // what the index tells of each pack
  if (const auto index = files.open(folder / PackStore::kIndexName, Access::Read)) {
    TWOPOP_TRY(const Bytes bytes, read_whole(**index));
    bool readable = false;
    IndexReader reader;
    reader.header = [&](std::uint32_t version) { readable = version == IndexWriter::kVersion; };
    reader.outcome = [&](const Hash& recipe, const Outcome& outcome) { outcomes_[recipe] = outcome; };
    reader.place = [&](const Hash& content, const Place& place) {
      entries_[content] = place;
      ends[place.pack] = std::max(ends[place.pack], Pack::end_of(place));
    };
    reader.gone = [&](const Hash& content) { entries_.erase(content); };
    reader.note = [&](const Hash& name, std::span<const std::byte> value, std::uint64_t) { notes_[name].assign(value.begin(), value.end()); };
    reader.pack_end = [&](std::uint32_t pack, std::uint64_t end, std::uint64_t) { ends[pack] = std::max(ends[pack], end); };
    read_index(bytes, reader);
    if (!readable) {
      outcomes_.clear();
      entries_.clear();
      notes_.clear();
      ends.clear();
    }
  }
  TWOPOP_TRY(const std::vector<std::string> names, files.list(folder));
  for (const std::string& name : names) {
    const std::uint32_t number = Pack::number_in(name);
    if (number == 0) continue;
    // One that the owner has removed meanwhile is absent.
    auto pack = Pack::open(files, folder, number, Access::Read);
    if (!pack) continue;
    packs_[number] = *pack;
    // The owner's index lags behind its packs.
    TWOPOP_CHECK((*pack)->scan(std::max(ends[number], Pack::kFileHeadBytes), [&](const Hash& recipe, const Hash& content, const Place& place) {
      outcomes_[recipe] = {content, place.bytes};
      entries_[content] = place;
    }));
  }
  std::erase_if(entries_, [&](const auto& entry) { return !packs_.contains(entry.second.pack); });
  for (const auto& [content, place] : entries_) stored_bytes_ += Pack::record_bytes(place.bytes);
  return {};
}

std::optional<Outcome> HostView::outcome_of(const Hash& recipe) const {
  const auto found = outcomes_.find(recipe);
  return found == outcomes_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Bytes> HostView::note(const Hash& name) const {
  const auto found = notes_.find(name);
  return found == notes_.end() ? std::nullopt : std::optional(found->second);
}

bool HostView::has(const Hash& content) const { return entries_.contains(content) && !found_damaged(content); }

bool HostView::found_damaged(const Hash& content) const {
  const std::lock_guard lock(mutex_);
  return damaged_.contains(content);
}

Blob HostView::get(const Hash& content) {
  const auto found = entries_.find(content);
  if (found == entries_.end() || found_damaged(content)) return nullptr;
  if (Blob bytes = packs_.at(found->second.pack)->read(content, found->second)) return bytes;
  const std::lock_guard lock(mutex_);
  damaged_.insert(content);
  return nullptr;
}

Result<std::unique_ptr<GuestStore>> GuestStore::open(const std::filesystem::path& folder, FileSystem& files, std::uint64_t budget_bytes) {
  static std::atomic<unsigned> number{0};
  Result<void> opened;
  // The owner, who looks after guests that have gone, may take a folder for one of those before it is locked.
  for (int tries = 0; tries < kTries; ++tries) {
    const auto own = folder / PackStore::kGuestsName / fmt::format("guest-{}-{}", ::getpid(), ++number);
    std::unique_ptr<GuestStore> guest(new GuestStore(own, files));
    opened = guest->own_.open(budget_bytes);
    if (!opened) continue;
    guest->look_at_others(folder);
    return guest;
  }
  return opened.error();
}

GuestStore::~GuestStore() {
  if (!own_.knows_nothing()) return;  // closed, and left to the owner
  own_.close();
  const auto names = files_.list(folder_);
  if (!names) return;
  for (const std::string& name : *names) static_cast<void>(files_.remove(folder_ / name).ok());
  static_cast<void>(files_.remove(folder_).ok());
}

void GuestStore::look_at_others(const std::filesystem::path& owners) {
  // Guests first: what the owner takes in meanwhile is found with the owner then.
  std::vector<std::filesystem::path> folders;
  if (const auto guests = files_.list(owners / PackStore::kGuestsName))
    for (const std::string& name : *guests)
      if (const auto path = owners / PackStore::kGuestsName / name; path != folder_) folders.push_back(path);
  folders.push_back(owners);
  for (const auto& path : folders)
    // What cannot be read is absent.
    if (auto view = std::make_unique<HostView>(); view->open(files_, path)) others_.push_back(std::move(view));
}

bool GuestStore::others_have(const Hash& content) const {
  return std::any_of(others_.begin(), others_.end(), [&](const auto& other) { return other->has(content); });
}

bool GuestStore::found_damaged(const Hash& content) const {
  if (has(content)) return false;
  return own_.found_damaged(content) || std::any_of(others_.begin(), others_.end(), [&](const auto& other) { return other->found_damaged(content); });
}

std::optional<Outcome> GuestStore::outcome_of(const Hash& recipe) const {
  auto found = own_.outcome_of(recipe);
  for (auto other = others_.begin(); !found && other != others_.end(); ++other) found = (*other)->outcome_of(recipe);
  return found;
}

Result<Blob> GuestStore::get(const Hash& content) {
  TWOPOP_TRY(Blob bytes, own_.get(content));
  for (auto other = others_.begin(); !bytes && other != others_.end(); ++other) bytes = (*other)->get(content);
  return bytes;
}

Result<void> GuestStore::put(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) {
  return others_have(content) ? own_.remember(recipe, {content, bytes.size()}) : own_.put(recipe, content, bytes);
}

std::optional<Bytes> GuestStore::note(std::string_view name) const {
  auto found = own_.note(name);
  for (auto other = others_.begin(); !found && other != others_.end(); ++other) found = (*other)->note(hash_of(name));
  return found;
}

StoreUsage GuestStore::usage() const {
  StoreUsage usage = own_.usage();
  // What others hold needs no room of ours.
  for (const auto& other : others_) {
    usage.usable_bytes += other->stored_bytes();
    usage.stored_bytes += other->stored_bytes();
    usage.entries += other->entries();
  }
  return usage;
}

}  // namespace twopop::cache::detail
