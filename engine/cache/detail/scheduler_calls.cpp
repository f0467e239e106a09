#include "cache/detail/scheduler.h"

#include <algorithm>
#include <deque>

namespace twopop::cache::detail {
namespace {

/// A task that comes out otherwise than recorded (the cache came from another machine, or a recipe changed without
/// its version) makes what hangs on it be looked at again; more often than this it never comes out the same.
constexpr int kMostAttempts = 4;
constexpr std::chrono::milliseconds kReportInterval{100};
/// The walk over a graph lets others have the mutex after so many tasks.
constexpr std::size_t kTasksAtOnce = 64;

}  // namespace

/// Tells the caller how far a run is, from the thread that waits for it.
class Scheduler::ProgressReport {
 public:
  using Count = std::function<std::pair<std::int64_t, std::int64_t>()>;  // done, total

  ProgressReport(Scheduler& scheduler, const Part& part, Count count) : scheduler_(scheduler), part_(part), count_(std::move(count)) {}

  void report(Lock& lock, const Run& run, bool last) {
    const auto& tell = run.scope && run.scope->tell() ? run.scope->tell() : scheduler_.options_.on_progress;
    const Clock::time_point now = Clock::now();
    if (!tell || (!last && now - told_ < kReportInterval)) return;
    told_ = now;
    Progress progress;
    std::tie(progress.done, progress.total) = count_();
    const double elapsed_s = std::chrono::duration<double>(now - began_).count();
    progress.left_s = last ? 0 : scheduler_.seconds_left(run);
    // The parts to come are taken to be like this one.
    progress.left_s += static_cast<double>(part_.count - 1 - part_.index) * (elapsed_s + progress.left_s);
    progress.done += static_cast<std::int64_t>(part_.index) * progress.total;
    progress.total *= static_cast<std::int64_t>(part_.count);
    progress.elapsed_s = part_.elapsed_s + elapsed_s;
    progress.doing = scheduler_.doing_;
    lock.unlock();
    {
      const std::lock_guard one_at_a_time(scheduler_.progress_mutex_);
      tell(progress);
    }
    lock.lock();
  }

 private:
  Scheduler& scheduler_;
  Part part_;
  Count count_;
  Clock::time_point began_ = Clock::now(), told_ = began_;
};

/// What is thrown through a run (there was no memory for its graph) must not take it away from under the workers.
class Scheduler::RunGuard {
 public:
  RunGuard(Scheduler& scheduler, Lock& lock, Run& run) : scheduler_(scheduler), lock_(lock), run_(run) {}
  ~RunGuard() {
    if (run_.ended) return;
    if (!lock_.owns_lock()) lock_.lock();
    run_.abandoned = true;
    scheduler_.end(lock_, run_);
  }
  RunGuard(const RunGuard&) = delete;
  RunGuard& operator=(const RunGuard&) = delete;

 private:
  Scheduler& scheduler_;
  Lock& lock_;
  Run& run_;
};

double Scheduler::seconds_left(const Run& run) const {
  double all_seconds = 0;
  std::int64_t all_tasks = 0;
  for (const auto& [kind, spent] : spent_) {
    all_seconds += spent.first;
    all_tasks += spent.second;
  }
  if (all_tasks == 0) return 0;
  double left = 0;
  for (const auto& [kind, count] : run.unresolved) {
    const auto found = spent_.find(kind);
    const double mean = found != spent_.end() ? found->second.first / static_cast<double>(found->second.second)
                                              : all_seconds / static_cast<double>(all_tasks);
    left += mean * static_cast<double>(count);
  }
  return left / static_cast<double>(threads_);
}

void Scheduler::begin(Run& run, Run::Urgency urgency) {
  run.urgency = urgency;
  run.sequence = next_sequence_++;
}

Node* Scheduler::add(Lock& lock, Run& run, const TaskRef& wanted, Want want) {
  struct Step {
    Node* node;
    std::size_t next_input;
  };
  std::vector<Step> path;
  const auto enter = [&](const TaskRef& task) {
    auto& slot = run.nodes[task.get()];
    if (!slot) {
      slot = std::make_unique<Node>();
      Node& node = *slot;
      node.task = task;
      node.identity = task->identity();
      node.kind = task->kind();
      node.keep = task->keep();
      node.recipe = task->recipe();
      node.key = node.content = task->declared_content();
      node.declared = !node.content.is_zero();
      node.index = run.next_index;
      ++run.unresolved[node.kind];
      path.push_back({&node, 0});
    } else if (slot->retired) {
      slot->retired = false;
      path.push_back({slot.get(), 0});
    }
    return slot.get();
  };

  Node* const root = enter(wanted);
  root->guarded = true;
  if (want == Want::Blob) {
    ++root->holders;
    ++root->claims;
    ++root->blobs_wanted;
    unfinished(run, *root);
  } else {
    want_stored(run, *root);
  }

  std::size_t walked = 0;
  while (!path.empty()) {
    Node& node = *path.back().node;
    if (path.back().next_input < node.task->inputs().size()) {
      Node* const input = enter(node.task->inputs()[path.back().next_input++ ]);
      ++input->holders;
      node.inputs.push_back(input);
      continue;
    }
    path.pop_back();
    node.index = run.next_index++;
    if (node.resolved) continue;
    if (node.declared) {
      resolved(run, node);
    } else {
      for (Node* input : node.inputs) {
        if (input->resolved) continue;
        ++node.unresolved_inputs;
        input->waiting_for_content.push_back(&node);
      }
      if (node.unresolved_inputs == 0) inputs_known(run, node);
    }
    if (++walked % kTasksAtOnce == 0) {
      lock.unlock();
      lock.lock();
    }
  }
  settle(run, *root);
  return root;
}

void Scheduler::wait(Lock& lock, Run& run, ProgressReport& progress, const std::function<bool()>& enough) {
  while (!enough() && run.jobs > 0) {
    something_done_.wait_for(lock, kReportInterval);
    if (cancelled(run)) fail(run, 0, {Code::Cancelled, "stopped on request"});
    progress.report(lock, run, false);
  }
}

void Scheduler::end(Lock& lock, Run& run) {
  while (run.jobs > 0) something_done_.wait(lock);
  run.ended = true;
  TWOPOP_ASSERT(run.error || run.abandoned || run.unfinished == 0);
  for (const auto& [task, node] : run.nodes)
    if (node->pinned) store_.unpin(node->content);
}

Result<std::vector<Hash>> Scheduler::run(const std::vector<TaskRef>& wanted, const Part& part) {
  for (int attempt = 1;; ++attempt) {
    Run run;
    auto contents = run_once(wanted, part, run);
    if (run.outcome_changed && attempt < kMostAttempts && !cancelled(run)) continue;
    return contents;
  }
}

Result<std::vector<Hash>> Scheduler::run_once(const std::vector<TaskRef>& wanted, const Part& part, Run& run) {
  Lock lock(mutex_);
  const RunGuard guard(*this, lock, run);
  begin(run, Run::Urgency::Build);
  std::int64_t total = 0;
  ProgressReport progress(*this, part, [&] {
    std::int64_t left = 0;
    for (const auto& [kind, count] : run.unresolved) left += count;
    return std::pair{total - left, total};
  });
  std::vector<Node*> roots;
  roots.reserve(wanted.size());
  for (const TaskRef& task : wanted) roots.push_back(add(lock, run, task, Want::Stored));
  total = static_cast<std::int64_t>(run.next_index);
  wait(lock, run, progress, [] { return false; });
  end(lock, run);
  if (run.error) return *run.error;
  progress.report(lock, run, true);
  std::vector<Hash> contents;
  contents.reserve(roots.size());
  for (const Node* root : roots) contents.push_back(root->content);
  return contents;
}

Result<void> Scheduler::stream(std::size_t count, const TaskAt& task, Run::Urgency urgency,
                               const std::function<Result<void>(std::size_t, const Blob&)>& consume) {
  std::size_t consumed = 0;
  for (int attempt = 1;; ++attempt) {
    Run run;
    {
      const std::lock_guard lock(mutex_);
      begin(run, urgency);
    }
    const std::size_t before = consumed;
    auto done = stream_once(count, task, consumed, run, consume);
    if (consumed > before) attempt = 1;
    if (run.outcome_changed && attempt < kMostAttempts && !cancelled(run)) continue;
    return done;
  }
}

Result<void> Scheduler::stream_once(std::size_t count, const TaskAt& task, std::size_t& consumed, Run& run,
                                    const std::function<Result<void>(std::size_t, const Blob&)>& consume) {
  Lock lock(mutex_);
  const RunGuard guard(*this, lock, run);
  ProgressReport progress(*this, {}, [&] { return std::pair{static_cast<std::int64_t>(consumed), static_cast<std::int64_t>(count)}; });
  const std::uint64_t most_bytes = options_.memory_bytes / 2;
  const std::size_t most_ahead = 2 * threads_ + 2;
  std::uint64_t largest = 0;
  std::deque<Node*> ahead;
  std::size_t added = consumed;
  while (consumed < count) {
    while (added < count && ahead.size() < most_ahead && (ahead.empty() || largest * (ahead.size() + 1) <= most_bytes)) {
      lock.unlock();
      const TaskRef next = task(added);
      lock.lock();
      ++added;
      ahead.push_back(add(lock, run, next, Want::Blob));
    }
    Node& next = *ahead.front();
    wait(lock, run, progress, [&] { return !next.unfinished; });
    if (next.unfinished || cancelled(run)) break;
    const Blob blob = next.blob;
    ahead.pop_front();
    handed_over(run, next);
    largest = std::max<std::uint64_t>(largest, blob->size());
    lock.unlock();
    auto taken = consume(consumed, blob);
    lock.lock();
    if (!taken) {
      fail(run, 0, taken.error());
      break;
    }
    ++consumed;
    progress.report(lock, run, consumed == count);
  }
  if (cancelled(run)) fail(run, 0, {Code::Cancelled, "stopped on request"});
  end(lock, run);
  if (run.error && consumed < count) return *run.error;
  return {};
}

}  // namespace twopop::cache::detail
