#pragma once

#include "session/store.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace twopop::server {

/// A film's session at some revision, as JSON with the key revision and what this version does not know of it.
struct SessionText {
  std::int64_t revision = 0;
  std::string json;
};

/// Reads a film's session beside the thread that edits it, with a Store of its own: nobody's edit waits for the whole document to be
/// put into words. Writes session.json, and the snapshots from which a film opens quickly, once nobody has edited for a while.
class Scribe {
 public:
  /// `text`: the film as it is.
  Scribe(std::filesystem::path film, SessionText text, std::chrono::milliseconds idle);
  /// Writes out what was edited since the last time.
  ~Scribe();
  Scribe(const Scribe&) = delete;
  Scribe& operator=(const Scribe&) = delete;

  /// [any] There is a newer revision. Quick.
  void revised(std::int64_t revision);
  /// [any, blocks] The newest revision that it was told of, or one after it. Quick unless somebody has edited since this was last asked.
  Result<SessionText> document_json();
  /// [any, blocks] Entries (after, until], oldest first.
  Result<std::vector<session::LogEntry>> history(std::int64_t after, std::int64_t until);

 private:
  using Clock = std::chrono::steady_clock;
  void run();
  /// The store, up to date; store_mutex_ is held.
  Result<session::Store*> newest();
  /// What the store holds, in words; store_mutex_ is held.
  std::shared_ptr<const SessionText> put_into_words(const session::Store& store);
  void write_out();
  void snapshot_if_due();

  const std::filesystem::path film_;
  const std::chrono::milliseconds idle_;

  std::mutex store_mutex_;
  std::optional<session::Store> store_;  // opened when it is first needed, closed when it was not for long
  Clock::time_point used_{};
  std::int64_t exported_, snapshot_;  // of the thread alone

  std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const SessionText> text_;  // shared: copied for who asks without holding anybody up
  std::int64_t newest_;
  Clock::time_point revised_at_{};
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace twopop::server
