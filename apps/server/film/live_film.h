#pragma once

#include "api/values.h"
#include "film/session_hub.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace twopop::server {

/// A film's live socket: tells everybody of edits in order, of who is here, and of whatever else happens to it; takes edits in.
class LiveFilm : public LiveHandler {
 public:
  static std::shared_ptr<LiveFilm> make(std::shared_ptr<SessionHub> hub);
  ~LiveFilm() override;

  void opened(const std::shared_ptr<LiveClient>& client) override;
  void received(const std::shared_ptr<LiveClient>& client, std::string text) override;
  void closed(const std::shared_ptr<LiveClient>& client) override;
  std::string lagged() const override;

  /// [any] How many pages are connected.
  int here() const;
  /// [any] Sends a message to all, in order with the edits.
  void tell(const std::string& text);
  template <class T>
  void tell(const T& message) requires requires { T::fields(); } {
    tell(session::write_json(message, session::JsonLayout::Compact));
  }
  /// [any] The same for what is out of date a moment later (progress, meters): of a slot only the newest is sent. Slot 0 is taken.
  void tell_latest(int slot, const std::string& bytes, Frame frame = Frame::Text);

 private:
  struct Present {
    std::shared_ptr<LiveClient> client;  // the network's, which lets go of it in closed()
    Presence presence;
  };
  /// Edits that were told of lately, as they were sent: what a page missed is mostly among them.
  struct Told {
    std::int64_t revision = 0;
    std::shared_ptr<const std::string> text;
  };

  explicit LiveFilm(std::shared_ptr<SessionHub> hub);
  void told(const std::vector<session::LogEntry>& news, const session::Head& head);
  void take_edit(const std::shared_ptr<LiveClient>& client, const PageMessage& message);
  void catch_up(const std::shared_ptr<LiveClient>& client, std::int64_t revision);
  void say_who_is_here();
  std::vector<Presence> present() const;

  std::shared_ptr<SessionHub> hub_;  // the film's, with its other users
  mutable std::mutex mutex_;
  std::map<const LiveClient*, Present> clients_;
  std::atomic<std::int64_t> told_{0};  ///< changed under the mutex; read without it by those who must not wait
  std::deque<Told> recent_;
  std::size_t recent_bytes_ = 0;
  std::uint64_t next_ = 1;
  bool presence_changed_ = false, ending_ = false;
  std::condition_variable wake_;
  std::thread presence_thread_;
  SessionHub::Subscription subscription_;
};

/// What the API's edits say, as the session takes them, or what is wrong with them; and back.
Result<session::Patch> patch_of(const std::vector<PatchOperation>& operations);
std::vector<PatchOperation> operations_of(const session::Patch& patch);

}  // namespace twopop::server
