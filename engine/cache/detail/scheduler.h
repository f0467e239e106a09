#pragma once

#include "cache/detail/graph.h"
#include "cache/detail/ledger.h"
#include "cache/detail/memory_cache.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace twopop::cache::detail {

/// The pool of threads and the rules by which tasks are run.
///
/// A node is *resolved* when its content is known: from the cache by its key, or by running it. Its *bytes* are
/// gathered only when something that must run needs them: from memory, from the store, or by running it again.
/// All work is jobs in one heap, ordered depth first, so memory holds what a few tasks need and not the whole graph.
class Scheduler {
 public:
  Scheduler(Store& store, const ExecutorOptions& options);
  ~Scheduler();

  using TaskAt = std::function<TaskRef(std::size_t)>;

  Result<std::vector<Hash>> run(const std::vector<TaskRef>& wanted, const Part& part);
  Result<void> stream(std::size_t count, const TaskAt& task, Run::Urgency urgency,
                      const std::function<Result<void>(std::size_t, const Blob&)>& consume);

  void rest();
  std::optional<Error> not_kept() const;
  const Ledger& ledger() const { return ledger_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  using Clock = std::chrono::steady_clock;
  enum class Want { Stored, Blob };
  struct Made;
  class ProgressReport;
  class RunGuard;

  // On the calling thread.
  Result<std::vector<Hash>> run_once(const std::vector<TaskRef>& wanted, const Part& part, Run& run);
  Result<void> stream_once(std::size_t count, const TaskAt& task, std::size_t& consumed, Run& run,
                           const std::function<Result<void>(std::size_t, const Blob&)>& consume);
  Node* add(Lock& lock, Run& run, const TaskRef& wanted, Want want);
  void begin(Run& run, Run::Urgency urgency);
  /// Until `enough`, or until nothing is left to wait for.
  void wait(Lock& lock, Run& run, ProgressReport& progress, const std::function<bool()>& enough);
  void end(Lock& lock, Run& run);

  // The mutex is held.
  void push(Run& run, Node& node, Job::Kind kind);
  void inputs_known(Run& run, Node& node);
  void resolved(Run& run, Node& node);
  void want_stored(Run& run, Node& node);
  void unfinished(Run& run, Node& node);
  void settle(Run& run, Node& node);
  void finish(Run& run, Node& node);
  void drop_holder(Run& run, Node& node);
  void handed_over(Run& run, Node& node);
  bool demand(Run& run, Node& node);
  void have_bytes(Run& run, Node& node, const Blob& blob);
  void gather(Run& run, Node& node);
  void drop_inputs(Node& node);
  void completed(Run& run, Node& node, const Made& made);
  void fail(Run& run, std::size_t index, Error error);
  bool cancelled(const Run& run) const {
    return run.abandoned || (options_.cancel && options_.cancel->load(std::memory_order_relaxed)) || (run.scope && run.scope->stopped());
  }
  void decided(const Run& run, const Node& node);
  void job_done(Run& run);
  double seconds_left(const Run& run) const;

  // On a worker; the mutex is let go while a task runs or the store is read.
  void work();
  void fetch(Lock& lock, Run& run, Node& node);
  void execute(Lock& lock, Run& run, Node& node);
  Made make(const Node& node, const std::vector<Blob>& inputs);

  Store& store_;
  ExecutorOptions options_;
  std::size_t threads_;
  Ledger ledger_;

  mutable std::mutex mutex_;
  std::condition_variable work_to_do_, something_done_;
  std::vector<Job> heap_;
  std::uint64_t next_sequence_ = 0;
  bool stopping_ = false;
  MemoryCache memory_;
  /// Tasks under way by key, and who waits for the same.
  std::unordered_map<Hash, std::vector<std::pair<Run*, Node*>>> under_way_;
  /// Contents that were known and are being made anew, and the key of the task that makes them.
  std::unordered_map<Hash, Hash> made_again_;
  std::optional<Error> not_kept_;
  std::string doing_;
  std::map<TaskKind, std::pair<double, std::int64_t>> spent_;  ///< seconds and tasks run, by kind

  std::mutex progress_mutex_;
  std::vector<std::thread> workers_;
};

}  // namespace twopop::cache::detail
