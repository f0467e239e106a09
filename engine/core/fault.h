#pragma once

#include "core/random.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace twopop {

enum class Failure { None, DiskFull, IoError };

/// Decides which calls to a made disk fail, so that a test can walk through "the n-th call fails" for every n.
/// Shared by the cache's and the session store's in-memory disks. Thread-safe.
class FaultPlan {
 public:
  enum class Lasting { Once, FromThenOn };

  /// Call number `call` (the first is 0) fails, and with FromThenOn all after it.
  void fail_at(std::uint64_t call, Failure failure, Lasting lasting = Lasting::Once);
  /// Nothing fails any more.
  void heal();
  /// To be asked by each call to the disk; counts it.
  Failure next_call();
  /// Calls counted so far.
  std::uint64_t calls() const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t calls_ = 0;
  std::uint64_t failing_call_ = std::numeric_limits<std::uint64_t>::max();
  Failure failure_ = Failure::None;
  Lasting lasting_ = Lasting::Once;
};

/// The bytes of one file as a page cache holds them: what was written is read back at once, but survives a crash
/// for sure only after sync(). Not thread-safe.
class VolatileFile {
 public:
  std::uint64_t size() const { return bytes_.size(); }
  /// Copies what lies at `offset`; fewer bytes than asked only at the end of the file.
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const;
  /// A gap before `offset` is filled with zeros.
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);
  void sync();
  /// The machine stops: of what was written since the last sync, each write is kept, dropped, or torn
  /// (some of its 512-byte sectors reach the disk), as drawn. Afterwards everything counts as synced.
  void crash(RandomStream& random);
  /// Grows with each write, truncation and crash: as a time of modification does.
  std::uint64_t changes() const { return changes_; }
  /// Changes one bit, as a decaying disk does.
  void flip_bit(std::uint64_t offset, unsigned bit);

 private:
  struct Change {
    std::uint64_t offset = 0;
    std::vector<std::byte> bytes;
    std::optional<std::uint64_t> truncated_to;
  };
  static void apply(std::vector<std::byte>& to, std::uint64_t offset, std::span<const std::byte> bytes);

  std::vector<std::byte> bytes_;
  std::vector<std::byte> durable_;
  std::vector<Change> unsynced_;
  std::uint64_t changes_ = 1;
};

}  // namespace twopop
