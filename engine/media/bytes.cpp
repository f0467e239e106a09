#include "media/detail/bytes.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace twopop::media::detail {

Result<FileBytes> FileBytes::open(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return Error{Code::NotFound, fmt::format("{}: no such file", path.string()), "check the path, or relink the media"};
    return Error{Code::Unreadable, fmt::format("{}: {}", path.string(), std::strerror(errno)), "check its permissions"};
  }
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    return Error{Code::Unreadable, fmt::format("{}: not a file", path.string()), "name a media file"};
  }
  return FileBytes(path, fd, static_cast<std::uint64_t>(info.st_size));
}

FileBytes::FileBytes(FileBytes&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

FileBytes& FileBytes::operator=(FileBytes&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

FileBytes::~FileBytes() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> FileBytes::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n == 0) break;
    if (n < 0) {
      if (errno == EINTR) continue;
      return Error{Code::IoFailed, fmt::format("{}: reading at byte {}: {}", path_.string(), offset, std::strerror(errno)),
                   "check the disk"};
    }
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<std::size_t> MemoryBytes::read(std::uint64_t offset, std::span<std::byte> out) const {
  if (out.empty() || offset >= bytes_.size()) return std::size_t{0};
  const std::size_t n = std::min(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
  std::memcpy(out.data(), bytes_.data() + offset, n);
  return n;
}

}  // namespace twopop::media::detail
