#include "media/detail/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace twopop::media::detail {
namespace {
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
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
      buffer_(std::move(other.buffer_)) {}

OutputFile::~OutputFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(part_.c_str());
}

Error OutputFile::failed(const char* what, int error) const {
  return write_error(path_, fmt::format("{} after {} bytes", what, size()).c_str(), error);
}

Result<void> OutputFile::append(std::span<const std::byte> bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (buffer_.size() >= kBufferBytes) return flush();
  return {};
}

Result<void> OutputFile::flush() {
  TWOPOP_CHECK(put(flushed_, buffer_));
  flushed_ += buffer_.size();
  buffer_.clear();
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
