#pragma once

#include "cache/executor.h"

namespace twopop::cache {

/// What a thread asks of the runs it begins while this lives: when to stop, and whom to tell how far they are and what was decided.
/// For servers, where the work of many shares an executor: one job or one listener can be stopped without the others. The innermost
/// counts; the executor's own `cancel` still stops everything.
class RunScope {
 public:
  using Stop = std::function<bool()>;
  using Tell = std::function<void(const Progress&)>;
  using Decided = std::function<void(const Explanation&)>;
  /// `stop` is asked often and from any thread until the run has ended, `decided` told from any thread, one at a time: both must be
  /// quick, and must not call the executor. `tell` is called on the thread that waits for the run; without one the executor's own is.
  explicit RunScope(Stop stop, Tell tell = {}, Decided decided = {});
  ~RunScope();
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

  /// Of the calling thread; null where there is none.
  static const RunScope* current();
  bool stopped() const { return stop_ && stop_(); }
  const Tell& tell() const { return tell_; }
  const Decided& decided() const { return decided_; }

 private:
  Stop stop_;
  Tell tell_;
  Decided decided_;
  const RunScope* outer_;
};

/// The bytes of a task without inputs, by its recipe, if it was made before and they are still kept; null otherwise.
Blob known(Store& store, const Hash& recipe);

}  // namespace twopop::cache
