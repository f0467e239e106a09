#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace twopop::cache {

/// An open file. Reading and writing at different places may go on at once from several threads.
class File {
 public:
  virtual ~File() = default;
  /// Fills `into` from `offset`; returns how many bytes there were, fewer only at the end of the file.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const = 0;
  /// Writes all of `bytes` at `offset`. After an error any part of it may have been written.
  /// A full disk is OutOfSpace, everything else IoFailed.
  virtual Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  /// Makes the bytes and the size durable; a name that was made or changed needs sync_folder() too.
  virtual Result<void> sync() = 0;
  virtual Result<std::uint64_t> size() const = 0;
  /// Differs after anybody wrote to the file (its time of modification): to notice what was changed behind our back.
  virtual Result<std::uint64_t> stamp() const = 0;
};

inline Result<std::vector<std::byte>> read_whole(const File& file) {
  TWOPOP_TRY(const std::uint64_t size, file.size());
  std::vector<std::byte> bytes(size);
  TWOPOP_TRY(const std::size_t got, file.read(0, bytes));
  bytes.resize(got);
  return bytes;
}

/// Held until destroyed; freed by the system when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class Access { Read, ReadWriteCreate };

/// The disk, as far as the store needs one; faulty_file_system.h is its twin in memory.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Access access) = 0;
  /// Replaces what has the name `to`.
  virtual Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// A file, or a folder if it is empty. A file that is still open stays readable through its File. Success if there is none.
  virtual Result<void> remove(const std::filesystem::path& path) = 0;
  /// Names of the files in a folder, in no order.
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& folder) = 0;
  /// Makes a folder and those above it.
  virtual Result<void> make_folder(const std::filesystem::path& folder) = 0;
  /// Makes the names in a folder durable.
  virtual Result<void> sync_folder(const std::filesystem::path& folder) = 0;
  /// Bytes that could still be written to the disk that holds `folder`.
  virtual Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) = 0;
  /// Busy, with the holder's process id in the message, if another process (or this one) holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) = 0;
};

/// The real one.
FileSystem& disk();

}  // namespace twopop::cache
