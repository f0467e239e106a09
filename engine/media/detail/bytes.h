#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace twopop::media::detail {

/// Bytes that can be read at any place: a file on disk, or memory in tests and fuzzers.
class Bytes {
 public:
  virtual ~Bytes() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills as much of `out` as there is from `offset`; returns how many bytes that were. Fails with IoFailed.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> out) const = 0;
};

/// A file, read in place with pread: no shared cursor, no mapping that faults when the file shrinks.
class FileBytes final : public Bytes {
 public:
  /// Fails with NotFound, or Unreadable (a folder, no permission).
  static Result<FileBytes> open(const std::filesystem::path& path);
  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&& other) noexcept;
  ~FileBytes() override;

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  FileBytes(std::filesystem::path path, int fd, std::uint64_t size) : path_(std::move(path)), fd_(fd), size_(size) {}

  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

class MemoryBytes final : public Bytes {
 public:
  explicit MemoryBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> out) const override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace twopop::media::detail
