#include "cache/file_system.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

namespace twopop::cache {
namespace {

namespace fs = std::filesystem;

Error failed(const char* what, const fs::path& path, int number) {
  const std::string reason = std::generic_category().message(number);
  if (number == ENOSPC || number == EDQUOT)
    return {Code::OutOfSpace, fmt::format("cannot {} {}: {}", what, path.string(), reason),
            "free some space on this disk, or give the cache a smaller budget"};
  if (number == ENOENT) return {Code::NotFound, fmt::format("cannot {} {}: {}", what, path.string(), reason)};
  return {Code::IoFailed, fmt::format("cannot {} {}: {}", what, path.string(), reason),
          "check the disk and the rights on this folder"};
}

class DiskFile final : public File {
 public:
  DiskFile(int descriptor, fs::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~DiskFile() override { ::close(descriptor_); }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got =
          ::pread(descriptor_, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put =
          ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failed("write", path_, errno);
      done += static_cast<std::size_t>(put);
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return failed("truncate", path_, errno);
    return {};
  }

  Result<void> sync() override {
    if (::fdatasync(descriptor_) != 0) return failed("sync", path_, errno);
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return failed("look at", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<std::uint64_t> stamp() const override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return failed("look at", path_, errno);
    return static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(status.st_mtim.tv_nsec);
  }

 private:
  int descriptor_;
  fs::path path_;
};

class DiskLock final : public FileLock {
 public:
  explicit DiskLock(int descriptor) : descriptor_(descriptor) {}
  ~DiskLock() override { ::close(descriptor_); }

 private:
  int descriptor_;
};

class DiskFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const fs::path& path, Access access) override {
    const int flags = access == Access::Read ? O_RDONLY : O_RDWR | O_CREAT;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (descriptor < 0) return failed("open", path, errno);
    return std::unique_ptr<File>(std::make_unique<DiskFile>(descriptor, path));
  }

  Result<void> rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from, errno);
    return {};
  }

  Result<void> remove(const fs::path& path) override {
    if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    if (errno == EISDIR && ::rmdir(path.c_str()) == 0) return {};
    return failed("remove", path, errno);
  }

  Result<std::vector<std::string>> list(const fs::path& folder) override {
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem))
      names.push_back(at->path().filename().string());
    if (problem) return failed("list", folder, problem.value());
    return names;
  }

  Result<void> make_folder(const fs::path& folder) override {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem) return failed("make the folder", folder, problem.value());
    return {};
  }

  Result<void> sync_folder(const fs::path& folder) override {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failed("open", folder, errno);
    const int done = ::fsync(descriptor);
    const int number = errno;
    ::close(descriptor);
    // Some network file systems cannot sync a folder: they keep names durable themselves.
    if (done != 0 && number != EINVAL) return failed("sync", folder, number);
    return {};
  }

  Result<std::uint64_t> free_bytes(const fs::path& folder) override {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) return failed("look at", folder, errno);
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Result<std::unique_ptr<FileLock>> lock(const fs::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) return failed("open", path, errno);
    auto held = std::make_unique<DiskLock>(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return failed("lock", path, errno);
      char text[32] = {};
      const ssize_t length = ::pread(descriptor, text, sizeof text - 1, 0);
      const std::string holder = length > 1 ? fmt::format("process {}", std::atol(text)) : "another process";
      return Error{Code::Busy, fmt::format("{} is in use by {}", path.parent_path().string(), holder),
                   "wait until it has ended, or end it"};
    }
    // Who holds it is only told for the message above: not knowing it must not keep anyone from working.
    const std::string text = fmt::format("{}\n", ::getpid());
    if (::ftruncate(descriptor, 0) == 0) (void)!::pwrite(descriptor, text.data(), text.size(), 0);
    return std::unique_ptr<FileLock>(std::move(held));
  }
};

}  // namespace

FileSystem& disk() {
  static DiskFileSystem real;
  return real;
}

}  // namespace twopop::cache
