#pragma once

#include "film/film_service.h"
#include "small_film.h"

#include <thread>

namespace twopop::server::test {

using twopop::test::must;

/// A film's session for a service: one store, one lock.
class PlainSession {
 public:
  explicit PlainSession(session::Store store) : store_(std::move(store)), head_(store_.head()) {}

  SessionAccess access() {
    return {[this] {
              const std::lock_guard lock(mutex_);
              return head_;
            },
            [this](const session::Head& base, const session::Document& after, const std::string& author, const std::string& reason, session::By by) -> Result<std::int64_t> {
              std::int64_t revision = 0;
              {
                const std::lock_guard lock(mutex_);
                TWOPOP_TRY(revision, store_.commit(base, after, author, reason, by));
                head_ = store_.head();
              }
              if (service) service->revised();
              return revision;
            }};
  }
  FilmService* service = nullptr;

 private:
  std::mutex mutex_;
  session::Store store_;
  session::Head head_;
};

/// A film on disk with its service, told messages kept.
struct FilmAtWork {
  FilmAtWork(const std::string& name, const std::function<session::Document(const std::filesystem::path& folder)>& make) : scratch(name) {
    must(session::Store::create(folder(), make(scratch.path)));
    open();
  }
  ~FilmAtWork() { close(); }

  std::filesystem::path folder() const { return scratch.path / "film.twopop"; }
  void open() {
    session = std::make_unique<PlainSession>(must(session::Store::open(folder())));
    service = must(FilmService::open(folder(), session->access(), [this](const std::string& text) {
      const std::lock_guard lock(mutex);
      told.push_back(text);
    }, {2, 0}));
    session->service = service.get();
  }
  void close() {
    if (session) session->service = nullptr;
    service.reset();
    session.reset();
  }
  std::int64_t edit(const std::function<void(session::Document&)>& change) {
    const SessionAccess access = session->access();
    const session::Head head = access.head();
    session::Document next = *head.document;
    change(next);
    return must(access.commit(head, next, "ann", "a change", session::By::Person));
  }
  bool was_told(const std::string& part) {
    const std::lock_guard lock(mutex);
    return std::any_of(told.begin(), told.end(), [&](const std::string& text) { return text.find(part) != std::string::npos; });
  }

  twopop::test::ScratchFolder scratch;
  std::unique_ptr<PlainSession> session;
  std::shared_ptr<FilmService> service;
  std::mutex mutex;
  std::vector<std::string> told;
};

/// Waits for something that is made in the background.
inline bool soon(const std::function<bool()>& happened, std::chrono::seconds most = std::chrono::seconds(120)) {
  const auto until = std::chrono::steady_clock::now() + most;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

/// A body in memory, that may break off.
class MemoryBody final : public BodyReader {
 public:
  explicit MemoryBody(std::string bytes, bool breaks_off = false) : bytes_(std::move(bytes)), breaks_off_(breaks_off) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    if (at_ == bytes_.size() && breaks_off_) return Error{Code::Cancelled, "the client went away"};
    const std::size_t n = std::min({into.size(), bytes_.size() - at_, std::size_t{5000}});
    std::copy_n(reinterpret_cast<const std::byte*>(bytes_.data()) + at_, n, into.begin());
    at_ += n;
    return n;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  bool breaks_off_;
};

}  // namespace twopop::server::test
