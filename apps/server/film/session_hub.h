#pragma once

#include "film/scribe.h"
#include "http.h"
#include "session/store.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace twopop::server {

struct HubOptions {
  std::chrono::milliseconds look{500};       ///< how often to look for edits of other processes
  std::chrono::milliseconds export_idle{5000};  ///< session.json is written once nobody edited for so long
};

/// What an edit came to: the revision, or why not and, of a conflict, the paths that somebody else changed.
struct EditAnswer {
  std::int64_t revision = 0;
  std::optional<Error> error;
  std::vector<std::string> collided;
};

/// A film's session for many people at once: owns the Store that edits and its thread. Edits of this process and of others (the command line at work on
/// the same film) come to the subscribers in the order of their revisions. Edits that wait at the same time are made durable together; who only
/// reads waits for none of them.
class SessionHub {
 public:
  static Result<std::shared_ptr<SessionHub>> open(const std::filesystem::path& film, const HubOptions& options = {});
  ~SessionHub();
  SessionHub(const SessionHub&) = delete;
  SessionHub& operator=(const SessionHub&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  /// [any] The newest revision that subscribers were told of, or are about to be.
  session::Head head() const;
  std::int64_t revision() const { return head().revision; }

  /// [any] Durable when this returns. `id` is made up by the page for this edit: the same edit sent again after a lost connection is
  /// answered with its revision and not made twice. Decisions that the edit touches become the person's. No check of rights.
  EditAnswer edit(session::Edit edit, const std::string& id = {});
  EditAnswer undo(const std::string& author);
  EditAnswer redo(const std::string& author);
  /// [any] Anything else with the store, on its thread, one at a time: accepting proposals, a job's commits. Edits that it makes are told to all.
  Result<std::int64_t> with_store(std::function<Result<std::int64_t>(session::Store&)> work);

  /// [any] Entries (after, until], oldest first.
  Result<std::vector<session::LogEntry>> history(std::int64_t after, std::int64_t until = std::numeric_limits<std::int64_t>::max());
  /// [any] The newest document on the disk as JSON.
  Result<SessionText> document_json() { return scribe_.document_json(); }

  /// What was committed, in order; called on the hub's thread: be quick, and call nothing of the hub that waits for it.
  using Listener = std::function<void(const std::vector<session::LogEntry>&, const session::Head&)>;
  /// Ends when it is destroyed: no call is under way then, nor comes later.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(std::weak_ptr<SessionHub> hub, std::uint64_t id) : hub_(std::move(hub)), id_(id) {}
    Subscription(Subscription&& other) noexcept : hub_(std::exchange(other.hub_, {})), id_(other.id_) {}
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

   private:
    std::weak_ptr<SessionHub> hub_;
    std::uint64_t id_ = 0;
  };
  [[nodiscard]] Subscription subscribe(Listener listener);

 private:
  SessionHub(session::Store store, const HubOptions& options);
  void run();
  /// Called with the lock held.
  void remember(std::vector<session::LogEntry> news);
  /// An edit, or anything else, that waits for its turn.
  struct Waiting {
    std::optional<session::Edit> edit;
    std::function<void()> work;
    EditAnswer* answer = nullptr;
    std::promise<void>* done = nullptr;
  };
  /// Runs on the hub's thread and waits for it.
  void on_thread(std::function<void()> work);
  void wait_for(Waiting waiting);
  /// The next in line; edits that follow each other come together.
  std::vector<Waiting> next();
  void make(std::vector<Waiting>& edits);
  void tell_news();
  EditAnswer answer_of(const session::Edit& edit, Result<std::int64_t> revision);

  const std::filesystem::path folder_;
  const HubOptions options_;
  session::Store store_;          // of the thread alone
  std::int64_t told_ = 0;         // of the thread alone

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> work_;
  session::Head head_;
  /// The newest entries of the log without a gap.
  std::deque<std::shared_ptr<const session::LogEntry>> recent_;
  std::size_t recent_bytes_ = 0;
  bool ending_ = false;

  std::mutex listeners_mutex_;    // held while they are called
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_listener_ = 1;
  std::weak_ptr<SessionHub> self_;
  Scribe scribe_;
  std::thread thread_;
};

/// The right that a change of this path of the document needs: "edit:mix", "edit:media", "remove:media", "approve".
std::string right_for(const session::Operation& operation);
/// Which right an edit needs that somebody has not; nothing if they may make it.
std::optional<std::string> missing_right(const Identity& who, const session::Patch& patch);
/// The problem of who lacks a right.
Problem no_right(const Identity& who, const std::string& right);

}  // namespace twopop::server
