#pragma once

#include "cache/file_system.h"
#include "core/fault.h"

#include <map>
#include <mutex>
#include <set>

namespace twopop::cache {

/// A disk in memory that fails as real ones do: the plan says which call fails, crash() stops the machine, after
/// which writes and names that were not synced may be gone or torn. For tests. Thread-safe.
class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(std::uint64_t capacity_bytes = std::uint64_t{1} << 40) : capacity_(capacity_bytes) {}

  FaultPlan& plan() { return plan_; }
  /// Files opened before stay dead: every call on them is IoFailed. Locks are free again.
  void crash(RandomStream& random);
  /// Writes as another program would that should not.
  void overwrite(const std::filesystem::path& path, std::uint64_t offset, std::span<const std::byte> bytes);
  /// Changes one bit of a file, as a decaying disk does: nothing shows it but the bit.
  void flip_bit(const std::filesystem::path& path, std::uint64_t offset, unsigned bit);
  std::uint64_t size_of(const std::filesystem::path& path) const;

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Access access) override;
  Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& folder) override;
  Result<void> make_folder(const std::filesystem::path& folder) override;
  Result<void> sync_folder(const std::filesystem::path& folder) override;
  Result<std::uint64_t> free_bytes(const std::filesystem::path& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) override;

 private:
  class OpenFile;
  class HeldLock;
  using Names = std::map<std::string, std::shared_ptr<VolatileFile>>;

  Result<void> attempt(const char* what, const std::string& path);
  std::uint64_t used_bytes() const;

  mutable std::mutex mutex_;
  FaultPlan plan_;
  std::uint64_t capacity_;
  std::uint64_t boot_ = 0;
  Names names_;
  /// The names as they were after each change since the last sync of a folder; the first is durable.
  std::vector<Names> unsynced_names_{Names{}};
  std::set<std::string> locked_;
};

}  // namespace twopop::cache
