#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace twopop::media::detail {

/// A file that appears under its name only when finished: written beside it as "name.part", flushed to the disk
/// and renamed. Dropped without finish(), it leaves nothing. Errors name the file and how far it came.
class OutputFile {
 public:
  static Result<OutputFile> create(const std::filesystem::path& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Result<void> append(std::span<const std::byte> bytes);
  /// Room for the next `size` bytes, which are part of the file once they are written there: saves a copy.
  Result<std::span<std::byte>> extend(std::size_t size);
  /// Replaces bytes that were written before.
  Result<void> overwrite(std::uint64_t offset, std::span<const std::byte> bytes);
  std::uint64_t size() const { return flushed_ + used_; }
  Result<void> finish();

 private:
  OutputFile(std::filesystem::path path, std::filesystem::path part, int fd) : path_(std::move(path)), part_(std::move(part)), fd_(fd) {}
  Result<void> flush();
  Result<void> put(std::uint64_t offset, std::span<const std::byte> bytes);
  Error failed(const char* what, int error) const;

  std::filesystem::path path_, part_;
  int fd_ = -1;
  std::uint64_t flushed_ = 0, started_ = 0;  ///< bytes handed to the system, and of those on their way to the disk
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;
};

/// The name a file has until it is whole. Errors of the operating system as ours: OutOfSpace, IoFailed.
std::filesystem::path part_name(const std::filesystem::path& path);
Error write_error(const std::filesystem::path& path, const char* what, int error_number);

}  // namespace twopop::media::detail
