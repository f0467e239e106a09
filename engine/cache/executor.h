#pragma once

#include "cache/task.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twopop::cache {

/// Why a task was, or was not, run.
enum class Reason {
  UpToDate,         ///< its key was known: taken from the cache, or not even read
  NeverMade,        ///< nothing filled this place before
  SettingsChanged,  ///< its own settings differ from last time
  InputChanged,     ///< an input's content differs; `cause` names it
  BytesMissing,     ///< known outcome, but its bytes were evicted or damaged, and somebody needs them
  Recomputed,       ///< transient: made again because somebody needs its bytes
};
const char* name_of(Reason reason);

struct Explanation {
  std::string identity;
  TaskKind kind = TaskKind::Chunk;
  Reason reason = Reason::UpToDate;
  std::string cause;  ///< which input, or which settings, as a sentence
  Hash key, content;
};

struct Tally {
  std::int64_t wanted = 0, cached = 0, rendered = 0;
};

struct Progress {
  std::int64_t done = 0, total = 0;
  double elapsed_s = 0, left_s = 0;
  std::string doing;
};

struct ExecutorOptions {
  int threads = 0;  ///< 0: as many as the machine has
  std::function<void(const Progress&)> on_progress{};  ///< called from one thread at a time, at most ten times a second
  std::atomic<bool>* cancel = nullptr;
  /// Blobs held in memory between tasks beyond what running tasks need. Bounds memory, never results.
  std::uint64_t memory_bytes = std::uint64_t{256} << 20;
};

/// Which part of a longer job a run is.
struct Part {
  std::size_t index = 0, count = 1;
  double elapsed_s = 0;  ///< in the parts before
};

/// Runs tasks on a pool of threads: keys are formed as soon as the contents of inputs are known; a task whose key
/// is known is not run; a result that comes out the same stops the spread. The contents never depend on threads,
/// order or hits. Memory is bounded by memory_bytes, not by the number of tasks.
class Executor {
 public:
  Executor(Store& store, ExecutorOptions options);
  ~Executor();

  /// Makes sure that the outcome of each wanted task is known and, for stored ones, its bytes are in the store.
  /// The contents come back in order. A failed task fails the run, after those under way have ended; of several the
  /// first in the order of the graph, whatever the number of threads. The error's message begins with its identity.
  /// Bytes of tasks in between are made again only if somebody needs them.
  /// Of a long job that is done in parts of about the same size, progress is told as of the whole.
  Result<std::vector<Hash>> run(const std::vector<TaskRef>& wanted, const Part& part = {});
  /// The bytes of one task: from the store, or by running what is missing (inputs too).
  Result<Blob> bytes(const TaskRef& task);
  /// For each wanted task in order: its bytes handed to `consume` one after another; what comes later is made
  /// meanwhile, bounded by memory_bytes. For writing long files.
  Result<void> stream(const std::vector<TaskRef>& wanted, const std::function<Result<void>(std::size_t, const Blob&)>& consume);
  /// The same for tasks that are only thought of when their turn is near (`task` of 0 to count - 1): the graph of a long film need not be
  /// held at once.
  Result<void> stream(std::size_t count, const std::function<TaskRef(std::size_t)>& task, const std::function<Result<void>(std::size_t, const Blob&)>& consume);

  /// Forgets what is held in memory between tasks.
  void rest();

  /// What the store could not keep (disk full, or the budget is with pinned contents): such results are right, but
  /// will be made again. Nothing if all was kept.
  std::optional<Error> not_kept() const;

  /// Tallies since construction, by kind. Wanted counts each distinct task once; of those with a
  /// declared content only the ones that were run.
  std::map<TaskKind, Tally> tallies() const;
  /// Every decision since construction, in no order. `tell` must not run tasks.
  void each_explanation(const std::function<void(const Explanation&)>& tell) const;
  std::vector<Explanation> explanations() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// About how many bytes the store needs to hold at once everything stored that `wanted` are made of: for
/// check_budget() before a build. Where a task was made before its true size counts, else what it expects.
std::uint64_t working_set_bytes(const Store& store, const std::vector<TaskRef>& wanted);

}  // namespace twopop::cache
