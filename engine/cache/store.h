#pragma once

#include "core/hash.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace twopop::cache {

class FileSystem;  // cache/file_system.h: the disk as an interface, with a twin that fails on demand

using Bytes = std::vector<std::byte>;
using Blob = std::shared_ptr<const Bytes>;

/// What is known of the outcome of a recipe: known even when its bytes were evicted or damaged.
struct Outcome {
  Hash content;
  std::uint64_t bytes = 0;
};

struct StoreOptions {
  /// 0: the smaller of a quarter of the free disk and 100 GB.
  std::uint64_t budget_bytes = 0;
  FileSystem* files = nullptr;  ///< the real disk if null
};

struct StoreUsage {
  std::uint64_t budget_bytes = 0;  ///< what the packs may take on the disk
  std::uint64_t usable_bytes = 0;  ///< how much of it can be kept at once: the rest is room for moving things
  std::uint64_t disk_bytes = 0;    ///< what the packs take
  std::uint64_t stored_bytes = 0;  ///< what of that can be had by get()
  std::uint64_t pinned_bytes = 0;
  std::uint64_t entries = 0;
};

/// Content-addressed store: recipe key -> content hash -> bytes, in a few large pack files.
///
/// Every read is checked against a checksum; a damaged entry counts as absent and is forgotten. Packs that somebody else
/// wrote to, or that were being written when the process was killed, are checked when the store is opened.
/// A write that was not finished when the power went is absent at the next open. Past the budget the
/// longest unused entries that are not pinned go first; recipe -> content survives them.
/// One process holds a store open for writing (Busy otherwise). Thread-safe.
class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, const StoreOptions& options = {});
  virtual ~Store() = default;

  virtual std::optional<Outcome> outcome_of(const Hash& recipe) const = 0;
  /// The bytes of a content hash; nullptr if absent or damaged.
  virtual Result<Blob> get(const Hash& content) = 0;
  virtual bool has(const Hash& content) const = 0;
  /// Whether the bytes were found damaged since the store was opened, and not put again: unlike what was evicted,
  /// they are worth making again even if nobody needs them at the moment.
  virtual bool found_damaged(const Hash& content) const = 0;
  /// Keeps bytes under `content` and remembers recipe -> content. Bytes that are there already are not written again.
  /// OutOfSpace if the disk is full, or the budget is with pinned contents; nothing is lost that was there, and
  /// whoever asked can go on without keeping.
  virtual Result<void> put(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) = 0;
  /// Remembers an outcome whose bytes are not worth keeping.
  virtual Result<void> remember(const Hash& recipe, const Outcome& outcome) = 0;

  /// Small named records (the last key of a task, for explanations): last write wins, evicted never.
  virtual std::optional<Bytes> note(std::string_view name) const = 0;
  virtual Result<void> set_note(std::string_view name, std::span<const std::byte> value) = 0;

  /// Pinned contents are not evicted until unpinned as often as pinned, or the store is closed. What is not there
  /// yet can be pinned too.
  virtual void pin(const Hash& content) = 0;
  virtual void unpin(const Hash& content) = 0;
  virtual void unpin_all() = 0;

  /// Makes what was put durable. Called at the end of a build; losing the cache never loses work of people.
  virtual Result<void> sync() = 0;
  virtual StoreUsage usage() const = 0;
};

/// Fails with OutOfSpace and a sentence for people if `working_set_bytes` cannot be kept at once within the budget:
/// to be asked before a build starts, which then still comes out right, but makes things twice.
Result<void> check_budget(const StoreUsage& usage, std::uint64_t working_set_bytes);

}  // namespace twopop::cache
