#include "media/detail/output_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace twopop::media::detail {
namespace {
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
/// So much is sent on its way to the disk at a time, so that finish() waits for little.
constexpr std::uint64_t kStartBytes = std::uint64_t{16} << 20;
}

std::filesystem::path part_name(const std::filesystem::path& path) {
  std::filesystem::path part = path;
  part += ".part";
  return part;
}

Error write_error(const std::filesystem::path& path, const char* what, int error_number) {
  if (error_number == ENOSPC || error_number == EDQUOT)
    return Error{Code::OutOfSpace, fmt::format("{}: {}: the disk is full", path.string(), what), "free some space and build again"};
  if (error_number == EFBIG)
    return Error{Code::OutOfSpace, fmt::format("{}: {}: the file may not grow further", path.string(), what),
                 "write to another disk, or raise the limit on file sizes"};
  return Error{error_number == ENOENT ? Code::NotFound : Code::IoFailed, fmt::format("{}: {}: {}", path.string(), what, std::strerror(error_number)),
               "check that the folder exists and can be written to"};
}

Result<OutputFile> OutputFile::create(const std::filesystem::path& path) {
  std::filesystem::path part = part_name(path);
  const int fd = ::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return write_error(path, "creating it", errno);
  return OutputFile(path, std::move(part), fd);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_(std::move(other.part_)),
      fd_(std::exchange(other.fd_, -1)),
      flushed_(other.flushed_),
      started_(other.started_),
      buffer_(std::move(other.buffer_)),
      used_(std::exchange(other.used_, 0)) {}

OutputFile::~OutputFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(part_.c_str());
}

Error OutputFile::failed(const char* what, int error) const {
  return write_error(path_, fmt::format("{} after {} bytes", what, size()).c_str(), error);
}

Result<std::span<std::byte>> OutputFile::extend(std::size_t size) {
  if (used_ > 0 && used_ + size > kBufferBytes) TWOPOP_CHECK(flush());
  if (buffer_.size() < used_ + size) buffer_.resize(std::max(kBufferBytes, used_ + size));
  const std::span<std::byte> room = std::span(buffer_).subspan(used_, size);
  used_ += size;
  return room;
}

Result<void> OutputFile::append(std::span<const std::byte> bytes) {
  TWOPOP_TRY(const std::span<std::byte> room, extend(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), room.begin());
  return {};
}

Result<void> OutputFile::flush() {
  TWOPOP_CHECK(put(flushed_, std::span(buffer_).first(used_)));
  flushed_ += used_;
  used_ = 0;
  if (flushed_ - started_ < kStartBytes) return {};
  // A hint: where the system does not take it, finish() waits longer.
  ::sync_file_range(fd_, static_cast<off_t>(started_), static_cast<off_t>(flushed_ - started_), SYNC_FILE_RANGE_WRITE);
  started_ = flushed_;
  return {};
}

Result<void> OutputFile::put(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("writing", errno);
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> OutputFile::overwrite(std::uint64_t offset, std::span<const std::byte> bytes) {
  TWOPOP_CHECK(flush());
  TWOPOP_ASSERT(offset + bytes.size() <= flushed_);
  return put(offset, bytes);
}

Result<void> OutputFile::finish() {
  TWOPOP_CHECK(flush());
  if (::fsync(fd_) != 0) return failed("flushing", errno);
  const int closed = ::close(std::exchange(fd_, -1));
  if (closed != 0 || ::rename(part_.c_str(), path_.c_str()) != 0) {
    const Error error = failed("finishing", errno);
    ::unlink(part_.c_str());
    return error;
  }
  return {};
}

}  // namespace twopop::media::detail
