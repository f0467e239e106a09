#pragma once

#include "cache/detail/index_log.h"
#include "cache/file_system.h"

#include <functional>

namespace twopop::cache::detail {

/// One file of records, appended to until it is full. A record is a header and the bytes (docs/formats/cache.md).
class Pack {
 public:
  static constexpr std::uint64_t kFileHeadBytes = 64;
  static constexpr std::uint64_t kRecordHeadBytes = 80;

  static std::string name_of(std::uint32_t number);
  /// The number in a file's name, or 0 if it is not the name of a pack.
  static std::uint32_t number_in(const std::string& name);

  static Result<std::shared_ptr<Pack>> create(FileSystem& files, const std::filesystem::path& folder, std::uint32_t number);
  /// Damaged if the file does not begin as a pack of this version and number does.
  /// With Access::Read nothing of it is ever changed, whoever else is writing to it.
  static Result<std::shared_ptr<Pack>> open(FileSystem& files, const std::filesystem::path& folder, std::uint32_t number, Access access = Access::ReadWriteCreate);
  /// Moves a pack from another folder, where it has any number, to this one. Damaged as open().
  static Result<std::shared_ptr<Pack>> take(FileSystem& files, const std::filesystem::path& from, const std::filesystem::path& folder, std::uint32_t number);

  /// Appends one record. After a failure the pack ends where it did before.
  Result<Place> append(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes);
  /// The bytes at `place`; nullptr if they are not the ones that were put there.
  Blob read(const Hash& content, const Place& place) const;
  /// Calls `found` for each record from `begin` on, and cuts off what lies behind the last whole one (unless it is only read).
  Result<void> scan(std::uint64_t begin,
                    const std::function<void(const Hash& recipe, const Hash& content, const Place&)>& found);
  Result<void> sync();

  std::uint32_t number() const { return number_; }
  std::uint64_t size() const { return size_; }
  static std::uint64_t end_of(const Place& place) { return place.offset + place.bytes; }
  static std::uint64_t record_bytes(std::uint64_t bytes) { return kRecordHeadBytes + bytes; }

  /// Of the file: see File::stamp.
  Result<std::uint64_t> stamp() const { return file_->stamp(); }

  // Kept by the store:
  std::uint64_t live_bytes = 0;     ///< records that are still wanted
  std::uint64_t logged_end = 0;     ///< what the index knows of the end
  std::uint64_t logged_stamp = 0;   ///< and of the stamp; 0: nothing

 private:
  Pack(std::unique_ptr<File> file, std::uint32_t number, std::uint64_t size, Access access = Access::ReadWriteCreate)
      : file_(std::move(file)), number_(number), size_(size), access_(access) {}

  std::unique_ptr<File> file_;
  std::uint32_t number_;
  std::uint64_t size_;
  Access access_;
  bool unsynced_ = false;
};

}  // namespace twopop::cache::detail
