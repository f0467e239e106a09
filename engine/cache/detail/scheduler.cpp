#include "cache/detail/scheduler.h"

#include "cache/detail/key.h"

#include <algorithm>
#include <new>

namespace twopop::cache::detail {

struct Scheduler::Made {
  Result<Blob> blob;
  Hash content;
  bool kept = true;
};

Scheduler::Scheduler(Store& store, const ExecutorOptions& options)
    : store_(store), options_(options), ledger_(store), memory_(options.memory_bytes / 2) {
  const unsigned machine = std::max(1u, std::thread::hardware_concurrency());
  threads_ = options.threads > 0 ? static_cast<std::size_t>(options.threads) : machine;
  for (std::size_t i = 0; i < threads_; ++i) workers_.emplace_back([this] { work(); });
}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_to_do_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void Scheduler::rest() {
  const std::lock_guard lock(mutex_);
  memory_.clear();
}

std::optional<Error> Scheduler::not_kept() const {
  const std::lock_guard lock(mutex_);
  return not_kept_;
}

// ---- knowing contents

void Scheduler::inputs_known(Run& run, Node& node) {
  std::vector<Hash> contents;
  contents.reserve(node.inputs.size());
  for (const Node* input : node.inputs) contents.push_back(input->content);
  node.key = key_of(node.recipe, contents);
  if (const auto known = store_.outcome_of(node.key)) {
    node.content = known->content;
    if (node.keep == Keep::Stored && run.urgency != Run::Urgency::Bytes && store_.found_damaged(node.content))
      want_stored(run, node);
    resolved(run, node);
    return;
  }
  ledger_.find_reason(node);
  push(run, node, Job::Kind::Gather);
}

void Scheduler::resolved(Run& run, Node& node) {
  node.resolved = true;
  --run.unresolved[node.kind];
  run.spread.push_back(&node);
  if (run.spreading) return;  // a long chain must not become a deep recursion
  run.spreading = true;
  while (!run.spread.empty()) {
    Node& next = *run.spread.back();
    run.spread.pop_back();
    if (!next.declared || next.reason != Reason::UpToDate) decided(run, next);
    for (Node* waiting : std::exchange(next.waiting_for_content, {}))
      if (--waiting->unresolved_inputs == 0) inputs_known(run, *waiting);
    if (!next.waiting_for_bytes.empty()) static_cast<void>(demand(run, next));
    settle(run, next);
  }
  run.spreading = false;
}

void Scheduler::decided(const Run& run, const Node& node) {
  ledger_.decided(node);
  if (run.scope && run.scope->decided()) run.scope->decided()({node.identity, node.task->kind(), node.reason, node.cause, node.key, node.content});
}

void Scheduler::want_stored(Run& run, Node& node) {
  if (std::exchange(node.want_stored, true)) return;
  node.held_for_store = true;
  ++node.holders;
  unfinished(run, node);
}

void Scheduler::unfinished(Run& run, Node& node) {
  if (!std::exchange(node.unfinished, true)) ++run.unfinished;
}

void Scheduler::settle(Run& run, Node& node) {
  if (!node.unfinished || !node.resolved) return;
  if (node.blobs_wanted > 0 && !demand(run, node)) return;
  if (node.want_stored && node.keep == Keep::Stored) {
    if (!std::exchange(node.pinned, true)) store_.pin(node.content);
    if (!node.could_not_keep && !store_.has(node.content)) {
      if (node.making == Node::Making::Idle) push(run, node, Job::Kind::Gather);
      return;
    }
  }
  finish(run, node);
}

void Scheduler::finish(Run& run, Node& node) {
  node.unfinished = false;
  --run.unfinished;
  if (node.blobs_wanted > 0) something_done_.notify_all();
  if (std::exchange(node.held_for_store, false)) drop_holder(run, node);
}

void Scheduler::drop_holder(Run& run, Node& first) {
  std::vector<Node*> dropped{&first};
  while (!dropped.empty()) {
    Node& node = *dropped.back();
    dropped.pop_back();
    if (--node.holders > 0) continue;
    node.retired = true;
    const std::vector<Node*> inputs = std::exchange(node.inputs, {});
    dropped.insert(dropped.end(), inputs.begin(), inputs.end());
    if (node.pinned && !node.guarded) store_.unpin(node.content);
    if (!node.guarded) run.nodes.erase(node.task.get());
  }
}

// ---- having bytes

bool Scheduler::demand(Run& run, Node& node) {
  if (node.blob) return true;
  if (!node.resolved || node.making != Node::Making::Idle) return false;
  if (const Blob blob = memory_.find(node.content)) {
    have_bytes(run, node, blob);
    return true;
  }
  const bool stored = node.keep == Keep::Stored && store_.has(node.content);
  push(run, node, stored ? Job::Kind::Fetch : Job::Kind::Gather);
  return false;
}

void Scheduler::have_bytes(Run& run, Node& node, const Blob& blob) {
  node.making = Node::Making::Idle;
  if (node.claims > 0) node.blob = blob;
  memory_.keep(node.content, blob);
  for (Node* waiting : std::exchange(node.waiting_for_bytes, {}))
    if (--waiting->missing_inputs == 0) push(run, *waiting, Job::Kind::Execute);
}

void Scheduler::gather(Run& run, Node& node) {
  if (node.resolved) {
    const bool lost = node.keep == Keep::Stored && !node.declared;
    node.reason = lost ? Reason::BytesMissing : Reason::Recomputed;
    node.cause = lost ? "its bytes are no longer in the cache" : "its bytes are needed and are not kept";
  }
  node.making = Node::Making::Gathering;
  node.missing_inputs = 0;
  for (Node* input : node.inputs) {
    ++input->claims;
    if (demand(run, *input)) continue;
    ++node.missing_inputs;
    input->waiting_for_bytes.push_back(&node);
  }
  if (node.missing_inputs == 0) push(run, node, Job::Kind::Execute);
}

void Scheduler::drop_inputs(Node& node) {
  for (Node* input : node.inputs)
    if (--input->claims == 0) input->blob = nullptr;
}

void Scheduler::handed_over(Run& run, Node& node) {
  if (--node.claims == 0) node.blob = nullptr;
  if (--node.blobs_wanted == 0) node.guarded = false;
  drop_holder(run, node);
}

// ---- jobs

void Scheduler::push(Run& run, Node& node, Job::Kind kind) {
  node.making = kind == Job::Kind::Execute ? Node::Making::Running : Node::Making::Queued;
  ++run.jobs;
  heap_.push_back({&run, &node, kind});
  std::push_heap(heap_.begin(), heap_.end(), less_urgent);
  work_to_do_.notify_one();
}

void Scheduler::job_done(Run& run) {
  if (--run.jobs == 0) something_done_.notify_all();
}

void Scheduler::fail(Run& run, std::size_t index, Error error) {
  if (run.error && run.error_index <= index) return;
  run.error = std::move(error);
  run.error_index = index;
}

void Scheduler::work() {
  Lock lock(mutex_);
  for (;;) {
    work_to_do_.wait(lock, [this] { return stopping_ || !heap_.empty(); });
    if (stopping_) return;
    std::pop_heap(heap_.begin(), heap_.end(), less_urgent);
    const Job job = heap_.back();
    heap_.pop_back();
    Run& run = *job.run;
    if (cancelled(run)) fail(run, 0, {Code::Cancelled, "stopped on request"});
    // What comes before the failed task goes on, so that the same failure is told with any number of threads.
    if (run.error && (cancelled(run) || job.node->index >= run.error_index)) {
      job_done(run);
      continue;
    }
    switch (job.kind) {
      case Job::Kind::Gather:
        gather(run, *job.node);
        job_done(run);
        break;
      case Job::Kind::Fetch: fetch(lock, run, *job.node); break;
      case Job::Kind::Execute: execute(lock, run, *job.node); break;
    }
  }
}

void Scheduler::fetch(Lock& lock, Run& run, Node& node) {
  const Hash content = node.content;
  lock.unlock();
  const Result<Blob> found = store_.get(content);
  lock.lock();
  if (found && *found) {
    have_bytes(run, node, *found);
    settle(run, node);
  } else {
    push(run, node, Job::Kind::Gather);
  }
  job_done(run);
}

void Scheduler::execute(Lock& lock, Run& run, Node& node) {
  // Of two tasks that are known to come to the same bytes one makes them.
  const auto again = node.resolved ? made_again_.find(node.content) : made_again_.end();
  const Hash key = again != made_again_.end() ? again->second : node.key;
  if (const auto same = under_way_.find(key); same != under_way_.end()) {
    same->second.emplace_back(&run, &node);  // the job is done when that one is
    return;
  }
  // Another run, or another task that comes to the same bytes, may have made it while this one gathered.
  if (!node.resolved) {
    if (const auto known = store_.outcome_of(key)) {
      drop_inputs(node);
      node.making = Node::Making::Idle;
      node.reason = Reason::UpToDate;
      node.content = known->content;
      resolved(run, node);
      job_done(run);
      return;
    }
  } else if (const Blob blob = node.want_stored && !store_.has(node.content) ? nullptr : memory_.find(node.content)) {
    drop_inputs(node);
    have_bytes(run, node, blob);
    settle(run, node);
    job_done(run);
    return;
  }

  under_way_[key];
  const Hash expected = node.resolved ? node.content : Hash{};
  if (node.resolved) made_again_[expected] = key;
  doing_ = node.identity;
  std::vector<Blob> inputs;
  for (const Node* input : node.inputs) inputs.push_back(input->blob);
  const Clock::time_point began = Clock::now();
  lock.unlock();
  const Made made = make(node, inputs);
  inputs.clear();
  lock.lock();
  auto& [seconds, tasks] = spent_[node.kind];
  seconds += std::chrono::duration<double>(Clock::now() - began).count();
  ++tasks;
  const auto others = std::move(under_way_[key]);
  under_way_.erase(key);
  made_again_.erase(expected);
  completed(run, node, made);
  for (const auto& [other_run, other] : others) {
    if (other->key != key && (!made.blob || made.content != other->content)) {  // that one's failure is not this one's
      push(*other_run, *other, Job::Kind::Execute);
      job_done(*other_run);
      continue;
    }
    other->reason = Reason::UpToDate;
    other->cause.clear();
    completed(*other_run, *other, made);
  }
}

Scheduler::Made Scheduler::make(const Node& node, const std::vector<Blob>& inputs) {
  const auto told_with_identity = [&](Error error) {
    error.message = fmt::format("{}: {}", node.identity, error.message);
    return error;
  };
  Result<Bytes> result = Error{};
  try {
    result = node.task->run(inputs);
  } catch (const std::bad_alloc&) {
    result = Error{Code::OutOfSpace, "there is not enough memory", "close other programs, or build with fewer threads"};
  } catch (const std::exception& e) {
    result = Error{Code::Internal, e.what(), "undo the last change, and report this"};
  }
  if (!result) return {told_with_identity(std::move(result).error()), {}};
  const Blob blob = std::make_shared<const Bytes>(*std::move(result));
  Made made{blob, node.declared ? node.content : hash_of(*blob)};
  Result<void> kept;
  if (node.keep == Keep::Stored) {
    kept = store_.put(node.key, made.content, *blob);
    made.kept = kept.ok();
  }
  if ((node.keep == Keep::Transient && !node.declared) || !made.kept) {
    // What is not remembered is made again.
    if (auto remembered = store_.remember(node.key, {made.content, blob->size()}); !remembered && kept) kept = remembered;
  }
  if (!kept) {
    const std::lock_guard lock(mutex_);
    if (!not_kept_) not_kept_ = told_with_identity(kept.error());
  }
  return made;
}

void Scheduler::completed(Run& run, Node& node, const Made& made) {
  node.making = Node::Making::Idle;
  drop_inputs(node);
  if (!made.blob) {
    fail(run, node.index, made.blob.error());
  } else if (node.resolved && node.content != made.content) {
    run.outcome_changed = true;
    fail(run, 0, {Code::Internal, fmt::format("{}: made again, it came out otherwise", node.identity),
                  "the version of its recipe must be raised when what it does changes"});
  } else {
    node.could_not_keep = !made.kept;
    const bool known_before = node.resolved;
    node.content = made.content;
    have_bytes(run, node, *made.blob);
    if (known_before) {
      decided(run, node);
      settle(run, node);
    } else {
      resolved(run, node);
    }
  }
  job_done(run);
}

}  // namespace twopop::cache::detail
