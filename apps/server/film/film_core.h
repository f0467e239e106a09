#pragma once

#include "cache/run_scope.h"
#include "phases/film.h"
#include "session/store.h"
#include "signal/workspace.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace twopop::server {

/// What the film's sound side needs of its session, which somebody else holds. Any thread may call these.
struct SessionAccess {
  /// The newest revision.
  std::function<session::Head()> head;
  /// Makes what turns `base` into `after` durable, tells everybody, and returns the revision. Conflict as session::Store::commit.
  std::function<Result<std::int64_t>(const session::Head& base, const session::Document& after, const std::string& author, const std::string& reason, session::By by)> commit;
};

/// What the parts of a film's service share. Outlives them all.
struct FilmCore {
  std::filesystem::path folder;  ///< film.twopop
  SessionAccess session;
  std::unique_ptr<signal::Workspace> work;
  /// To all who have the film open: one JSON object.
  std::function<void(const std::string& json)> tell;
  std::atomic<bool> closing{false};
  std::atomic<bool> job_running{false};  ///< work in the background waits meanwhile

  /// Files that are made for the studio only; may be deleted any time.
  std::filesystem::path studio_folder() const { return folder / "cache" / "studio"; }
};

/// Where a request stops waiting: its client went away, or the server closes.
using Stop = std::function<bool()>;

/// Lets a bounded number of people through at once; the others wait in line, up to a bound.
class Gate {
 public:
  Gate(int most_inside, int most_waiting) : most_inside_(most_inside), most_waiting_(most_waiting) {}

  class Pass {
   public:
    explicit Pass(Gate* gate) : gate_(gate) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_) gate_->leave();
    }

   private:
    Gate* gate_;
  };
  /// Waits for a place. Fails with Busy where the line is full, Cancelled where `stop` says so.
  Result<Pass> enter(const Stop& stop) {
    std::unique_lock lock(mutex_);
    if (waiting_ >= most_waiting_) return Error{Code::Busy, fmt::format("{} others wait for sound to be rendered", waiting_), "ask again in a second"};
    ++waiting_;
    while (inside_ >= most_inside_ && !(stop && stop())) left_.wait_for(lock, std::chrono::milliseconds(50));
    --waiting_;
    if (stop && stop()) return Error{Code::Cancelled, "nobody waits for it any more"};
    ++inside_;
    return Pass(this);
  }

 private:
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      --inside_;
    }
    left_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable left_;
  int most_inside_, most_waiting_, inside_ = 0, waiting_ = 0;
};

}  // namespace twopop::server
