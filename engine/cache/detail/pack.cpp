#include "cache/detail/pack.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace twopop::cache::detail {
namespace {

constexpr std::uint64_t kFileMagic = 0x6b636170706f7774;    // "twoppack"
constexpr std::uint64_t kRecordMagic = 0x64726365706f7774;  // "twopecrd"
constexpr std::uint32_t kVersion = 1;
constexpr char kPrefix[] = "pack-";

struct FileHead {
  std::uint64_t magic = kFileMagic;
  std::uint32_t version = kVersion;
  std::uint32_t number = 0;
  std::uint64_t zero[5] = {};
  std::uint64_t checksum = 0;
};
static_assert(sizeof(FileHead) == Pack::kFileHeadBytes);

struct RecordHead {
  std::uint64_t magic = kRecordMagic;
  Hash recipe, content;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_checksum = 0;
  std::uint64_t zero = 0;
  std::uint64_t offset = 0;  // of this header: a record that was moved by accident is not one
  std::uint64_t checksum = 0;
};
static_assert(sizeof(RecordHead) == Pack::kRecordHeadBytes);

/// Over all but the last field, which is the checksum.
template <class Head>
std::uint64_t head_checksum(const Head& head) {
  return hash_of(std::as_bytes(std::span(&head, 1)).first(sizeof(Head) - sizeof(std::uint64_t))).low;
}

Error no_pack(const std::string& name) { return {Code::Damaged, fmt::format("{} is not a pack of this version", name)}; }

/// The number in a pack's head.
Result<std::uint32_t> number_of(const File& file, const std::string& name) {
  FileHead head;
  TWOPOP_TRY(const std::size_t got, file.read(0, std::as_writable_bytes(std::span(&head, 1))));
  if (got != sizeof head || head.magic != kFileMagic || head.version != kVersion || head.checksum != head_checksum(head)) return no_pack(name);
  return head.number;
}

/// Tied to the content hash, so that whole bytes in the wrong place do not pass.
std::uint64_t bytes_checksum(const Hash& content, std::span<const std::byte> bytes) {
  return hash_of(bytes).high ^ std::rotl(content.low, 1);
}

}  // namespace

std::string Pack::name_of(std::uint32_t number) { return fmt::format("{}{:06}", kPrefix, number); }

std::uint32_t Pack::number_in(const std::string& name) {
  if (!name.starts_with(kPrefix)) return 0;
  std::uint32_t number = 0;
  const char* begin = name.data() + sizeof kPrefix - 1;
  const char* end = name.data() + name.size();
  const auto [at, problem] = std::from_chars(begin, end, number);
  return problem == std::errc{} && at == end ? number : 0;
}

Result<std::shared_ptr<Pack>> Pack::create(FileSystem& files, const std::filesystem::path& folder, std::uint32_t number) {
  const auto path = folder / name_of(number);
  TWOPOP_TRY(auto file, files.open(path, Access::ReadWriteCreate));
  FileHead head;
  head.number = number;
  head.checksum = head_checksum(head);
  if (auto written = file->write(0, std::as_bytes(std::span(&head, 1))); !written) {
    static_cast<void>(files.remove(path));  // what is left is not a pack and is removed at the next open
    return written.error();
  }
  auto pack = std::shared_ptr<Pack>(new Pack(std::move(file), number, kFileHeadBytes));
  pack->unsynced_ = true;
  return pack;
}

Result<std::shared_ptr<Pack>> Pack::open(FileSystem& files, const std::filesystem::path& folder, std::uint32_t number, Access access) {
  TWOPOP_TRY(auto file, files.open(folder / name_of(number), access));
  TWOPOP_TRY(const std::uint32_t found, number_of(*file, name_of(number)));
  if (found != number) return no_pack(name_of(number));
  TWOPOP_TRY(const std::uint64_t size, file->size());
  return std::shared_ptr<Pack>(new Pack(std::move(file), number, size, access));
}

Result<std::shared_ptr<Pack>> Pack::take(FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& folder, std::uint32_t number) {
  const auto path = folder / name_of(number);
  TWOPOP_CHECK(files.rename(from, path));
  TWOPOP_TRY(auto file, files.open(path, Access::ReadWriteCreate));
  TWOPOP_CHECK(number_of(*file, from.string()));
  // A process that is killed here leaves a pack with another's number, which the next open removes.
  FileHead head;
  head.number = number;
  head.checksum = head_checksum(head);
  TWOPOP_CHECK(file->write(0, std::as_bytes(std::span(&head, 1))));
  TWOPOP_TRY(const std::uint64_t size, file->size());
  auto pack = std::shared_ptr<Pack>(new Pack(std::move(file), number, size));
  pack->unsynced_ = true;
  return pack;
}

Result<Place> Pack::append(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) {
  RecordHead head;
  head.recipe = recipe;
  head.content = content;
  head.bytes = bytes.size();
  head.bytes_checksum = bytes_checksum(content, bytes);
  head.offset = size_;
  head.checksum = head_checksum(head);
  unsynced_ = true;
  Result<void> written = file_->write(size_, std::as_bytes(std::span(&head, 1)));
  if (written) written = file_->write(size_ + kRecordHeadBytes, bytes);
  if (!written) {
    // If this fails too, the next record overwrites what is there.
    static_cast<void>(file_->truncate(size_));
    return written.error();
  }
  const Place place{number_, size_ + kRecordHeadBytes, bytes.size(), head.bytes_checksum};
  size_ += record_bytes(bytes.size());
  return place;
}

Blob Pack::read(const Hash& content, const Place& place) const {
  auto bytes = std::make_shared<Bytes>(place.bytes);
  const auto got = file_->read(place.offset, *bytes);
  if (!got || *got != place.bytes || bytes_checksum(content, *bytes) != place.checksum) return nullptr;
  return bytes;
}

Result<void> Pack::scan(std::uint64_t begin,
                        const std::function<void(const Hash&, const Hash&, const Place&)>& found) {
  std::uint64_t at = begin;
  while (at + kRecordHeadBytes <= size_) {
    RecordHead head;
    TWOPOP_TRY(const std::size_t got, file_->read(at, std::as_writable_bytes(std::span(&head, 1))));
    if (got != sizeof head || head.magic != kRecordMagic || head.offset != at || head.checksum != head_checksum(head)) break;
    if (head.bytes > size_ - at - kRecordHeadBytes) break;
    found(head.recipe, head.content, {number_, at + kRecordHeadBytes, head.bytes, head.bytes_checksum});
    at += record_bytes(head.bytes);
  }
  if (at < size_ && access_ != Access::Read) {
    TWOPOP_CHECK(file_->truncate(at));
    size_ = at;
    unsynced_ = true;
  }
  return {};
}

Result<void> Pack::sync() {
  if (!unsynced_) return {};
  TWOPOP_CHECK(file_->sync());
  unsynced_ = false;
  return {};
}

}  // namespace twopop::cache::detail
