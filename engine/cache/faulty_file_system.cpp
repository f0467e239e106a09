#include "cache/faulty_file_system.h"

namespace twopop::cache {

namespace fs = std::filesystem;

class FaultyFileSystem::OpenFile final : public File {
 public:
  OpenFile(FaultyFileSystem& disk, std::shared_ptr<VolatileFile> file, std::string path)
      : disk_(disk), file_(std::move(file)), path_(std::move(path)), boot_(disk.boot_) {}

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    const std::lock_guard lock(disk_.mutex_);
    TWOPOP_CHECK(attempt("read"));
    return file_->read(offset, into);
  }
  Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    const std::lock_guard lock(disk_.mutex_);
    if (auto allowed = attempt("write"); !allowed) {
      // A write that fails may have written a part.
      if (disk_.boot_ == boot_) file_->write(offset, bytes.first(bytes.size() / 2));
      return allowed;
    }
    if (disk_.used_bytes() + bytes.size() > disk_.capacity_)
      return Error{Code::OutOfSpace, fmt::format("cannot write {}: the disk is full", path_)};
    file_->write(offset, bytes);
    return {};
  }
  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard lock(disk_.mutex_);
    TWOPOP_CHECK(attempt("truncate"));
    file_->truncate(size);
    return {};
  }
  Result<void> sync() override {
    const std::lock_guard lock(disk_.mutex_);
    TWOPOP_CHECK(attempt("sync"));
    file_->sync();
    return {};
  }
  Result<std::uint64_t> size() const override {
    const std::lock_guard lock(disk_.mutex_);
    TWOPOP_CHECK(attempt("look at"));
    return file_->size();
  }
  Result<std::uint64_t> stamp() const override {
    const std::lock_guard lock(disk_.mutex_);
    TWOPOP_CHECK(attempt("look at"));
    return file_->changes();
  }

 private:
  Result<void> attempt(const char* what) const {
    if (disk_.boot_ != boot_) return Error{Code::IoFailed, fmt::format("{}: the machine has stopped", path_)};
    return disk_.attempt(what, path_);
  }

  FaultyFileSystem& disk_;
  std::shared_ptr<VolatileFile> file_;  // shared: a removed file stays readable while it is open
  std::string path_;
  std::uint64_t boot_;
};

class FaultyFileSystem::HeldLock final : public FileLock {
 public:
  HeldLock(FaultyFileSystem& disk, std::string path) : disk_(disk), path_(std::move(path)), boot_(disk.boot_) {}
  ~HeldLock() override {
    const std::lock_guard lock(disk_.mutex_);
    if (disk_.boot_ == boot_) disk_.locked_.erase(path_);
  }

 private:
  FaultyFileSystem& disk_;
  std::string path_;
  std::uint64_t boot_;
};

Result<void> FaultyFileSystem::attempt(const char* what, const std::string& path) {
  switch (plan_.next_call()) {
    case Failure::None: return {};
    case Failure::DiskFull: return Error{Code::OutOfSpace, fmt::format("cannot {} {}: no space left", what, path)};
    case Failure::IoError: break;
  }
  return Error{Code::IoFailed, fmt::format("cannot {} {}: input/output error", what, path)};
}

std::uint64_t FaultyFileSystem::used_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [name, file] : names_) sum += file->size();
  return sum;
}

void FaultyFileSystem::crash(RandomStream& random) {
  const std::lock_guard lock(mutex_);
  ++boot_;
  locked_.clear();
  // Names are journalled: some prefix of the changes since the last sync is there after a crash.
  names_ = unsynced_names_[random.below(static_cast<std::uint32_t>(unsynced_names_.size()))];
  unsynced_names_ = {names_};
  for (auto& [name, file] : names_) file->crash(random);
}

void FaultyFileSystem::overwrite(const fs::path& path, std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(path.string());
  if (found == names_.end()) return;
  found->second->write(offset, bytes);
  found->second->sync();
}

void FaultyFileSystem::flip_bit(const fs::path& path, std::uint64_t offset, unsigned bit) {
  const std::lock_guard lock(mutex_);
  if (const auto found = names_.find(path.string()); found != names_.end()) found->second->flip_bit(offset, bit);
}

std::uint64_t FaultyFileSystem::size_of(const fs::path& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(path.string());
  return found == names_.end() ? 0 : found->second->size();
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const fs::path& path, Access access) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("open", path.string()));
  auto found = names_.find(path.string());
  if (found == names_.end()) {
    if (access == Access::Read) return Error{Code::NotFound, fmt::format("cannot open {}: no such file", path.string())};
    found = names_.emplace(path.string(), std::make_shared<VolatileFile>()).first;
    unsynced_names_.push_back(names_);
  }
  return std::unique_ptr<File>(std::make_unique<OpenFile>(*this, found->second, path.string()));
}

Result<void> FaultyFileSystem::rename(const fs::path& from, const fs::path& to) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("rename", from.string()));
  const auto found = names_.find(from.string());
  if (found == names_.end()) return Error{Code::NotFound, fmt::format("cannot rename {}: no such file", from.string())};
  names_[to.string()] = found->second;
  names_.erase(from.string());
  unsynced_names_.push_back(names_);
  return {};
}

Result<void> FaultyFileSystem::remove(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("remove", path.string()));
  if (names_.erase(path.string())) unsynced_names_.push_back(names_);
  return {};
}

Result<std::vector<std::string>> FaultyFileSystem::list(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("list", folder.string()));
  std::vector<std::string> names;
  for (const auto& [name, file] : names_)
    if (fs::path(name).parent_path() == folder) names.push_back(fs::path(name).filename().string());
  return names;
}

Result<void> FaultyFileSystem::make_folder(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  return attempt("make", folder.string());
}

Result<void> FaultyFileSystem::sync_folder(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("sync", folder.string()));
  unsynced_names_ = {names_};
  return {};
}

Result<std::uint64_t> FaultyFileSystem::free_bytes(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("look at", folder.string()));
  const std::uint64_t used = used_bytes();
  return used < capacity_ ? capacity_ - used : 0;
}

Result<std::unique_ptr<FileLock>> FaultyFileSystem::lock(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(attempt("lock", path.string()));
  if (!locked_.insert(path.string()).second)
    return Error{Code::Busy, fmt::format("{} is in use by this process", path.parent_path().string()),
                 "wait until it has ended"};
  return std::unique_ptr<FileLock>(std::make_unique<HeldLock>(*this, path.string()));
}

}  // namespace twopop::cache
