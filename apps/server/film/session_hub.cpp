#include "film/session_hub.h"

#include "session/decided.h"

#include <future>

namespace twopop::server {

Result<std::shared_ptr<SessionHub>> SessionHub::open(const std::filesystem::path& film, const HubOptions& options) {
  TWOPOP_TRY(session::Store store, session::Store::open(film));
  std::shared_ptr<SessionHub> hub(new SessionHub(std::move(store), options));
  hub->self_ = hub;
  hub->thread_ = std::thread([raw = hub.get()] { raw->run(); });
  return hub;
}

SessionHub::SessionHub(session::Store store, const HubOptions& options)
    : folder_(store.folder()), options_(options), store_(std::move(store)), told_(store_.head().revision), exported_(told_), head_(store_.head()) {}

SessionHub::~SessionHub() {
  {
    std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

session::Head SessionHub::head() const {
  std::scoped_lock lock(mutex_);
  return head_;
}

void SessionHub::run() {
  auto changed_at = std::chrono::steady_clock::now();
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, options_.look, [&] { return ending_ || !work_.empty(); });
      if (!work_.empty()) {
        work = std::move(work_.front());
        work_.pop_front();
      } else if (ending_) {
        break;
      }
    }
    const std::int64_t before = told_;
    if (work) work();
    // A film that cannot be read for a moment is looked at again the next time.
    else if (store_.refresh()) tell_news();
    const auto now = std::chrono::steady_clock::now();
    if (told_ != before) changed_at = now;
    if (exported_ != told_ && now - changed_at >= options_.export_idle && store_.export_json()) exported_ = told_;
  }
  if (exported_ != told_) static_cast<void>(store_.export_json().ok());
}

void SessionHub::on_thread(std::function<void()> work) {
  if (std::this_thread::get_id() == thread_.get_id()) return work();
  std::promise<void> done;
  auto finished = done.get_future();
  {
    std::scoped_lock lock(mutex_);
    work_.push_back([&] {
      // What is thrown belongs to who asked; the film goes on.
      try {
        work();
        done.set_value();
      } catch (...) {
        done.set_exception(std::current_exception());
      }
    });
  }
  wake_.notify_one();
  finished.get();
}

void SessionHub::tell_news() {
  const session::Head head = store_.head();
  if (head.revision == told_) return;
  Result<std::vector<session::LogEntry>> news = store_.history(told_, head.revision);
  if (!news) return;  // told the next time
  {
    std::scoped_lock lock(mutex_);
    head_ = head;
  }
  told_ = head.revision;
  std::scoped_lock lock(listeners_mutex_);
  for (const auto& [unused, listener] : listeners_) listener(*news, head);
}

EditAnswer SessionHub::answer_of(const session::Edit& edit, Result<std::int64_t> revision) {
  if (revision) return {*revision, std::nullopt, {}};
  EditAnswer answer{store_.head().revision, revision.error(), {}};
  if (answer.error->code != Code::Conflict) return answer;
  if (const auto collisions = store_.collisions(edit))
    for (const session::Collision& collision : *collisions) answer.collided.push_back(collision.path);
  return answer;
}

EditAnswer SessionHub::edit(session::Edit edit, const std::string& id) {
  edit.patch = session::decided_by_person(edit.patch);
  edit.id = id;
  EditAnswer answer;
  on_thread([&] {
    answer = answer_of(edit, store_.commit(edit));
    tell_news();
  });
  return answer;
}

EditAnswer SessionHub::undo(const std::string& author) {
  EditAnswer answer;
  on_thread([&] {
    answer = answer_of({}, store_.undo(author));
    tell_news();
  });
  return answer;
}

EditAnswer SessionHub::redo(const std::string& author) {
  EditAnswer answer;
  on_thread([&] {
    answer = answer_of({}, store_.redo(author));
    tell_news();
  });
  return answer;
}

Result<std::int64_t> SessionHub::with_store(std::function<Result<std::int64_t>(session::Store&)> work) {
  Result<std::int64_t> answer = std::int64_t{0};
  on_thread([&] {
    answer = work(store_);
    tell_news();
  });
  return answer;
}

Result<std::vector<session::LogEntry>> SessionHub::history(std::int64_t after, std::int64_t until) {
  Result<std::vector<session::LogEntry>> entries = std::vector<session::LogEntry>{};
  on_thread([&] { entries = store_.history(after, until); });
  return entries;
}

Result<SessionHub::Text> SessionHub::document_json() {
  Text text;
  on_thread([&] {
    text = {store_.head().revision, store_.json(session::JsonLayout::Compact)};
  });
  return text;
}

SessionHub::Subscription SessionHub::subscribe(Listener listener) {
  std::scoped_lock lock(listeners_mutex_);
  const std::uint64_t id = next_listener_++;
  listeners_.emplace(id, std::move(listener));
  return Subscription(self_, id);
}

SessionHub::Subscription& SessionHub::Subscription::operator=(Subscription&& other) noexcept {
  std::swap(hub_, other.hub_);
  std::swap(id_, other.id_);
  return *this;
}

SessionHub::Subscription::~Subscription() {
  if (const auto hub = hub_.lock()) {
    std::scoped_lock lock(hub->listeners_mutex_);
    hub->listeners_.erase(id_);
  }
}

std::string right_for(const session::Operation& operation) {
  const std::string& path = operation.path;
  const std::string first = path.substr(0, path.find('/', 1));
  for (const char* phase : {"/dialogue", "/adr", "/design", "/foley", "/music", "/mix"})
    if (first == phase) return std::string("edit:") + (phase + 1);
  if (first == "/delivery" || first == "/layout") return "edit:mix";
  if (first == "/approvals") return "approve";
  const bool item = std::count(path.begin(), path.end(), '/') <= 2;
  if (first == "/media" && item && (operation.verb == session::Verb::Remove || path == "/media")) return "remove:media";
  if (first.empty()) return "remove:media";  // the whole document at once
  return "edit:media";
}

std::optional<std::string> missing_right(const Identity& who, const session::Patch& patch) {
  for (const session::Operation& operation : patch.operations) {
    if (operation.verb == session::Verb::Test) continue;
    if (std::string right = right_for(operation); !who.may(right)) return right;
    if (operation.verb != session::Verb::Move) continue;
    if (std::string right = right_for({session::Verb::Remove, operation.from, "", ""}); !who.may(right)) return right;
  }
  return std::nullopt;
}

Problem no_right(const Identity& who, const std::string& right) {
  Problem out;
  out.status = 403;
  out.title = "Forbidden";
  out.code = "right";
  out.detail = fmt::format("{} may not do this: it needs the right {}", who.name.empty() ? "nobody" : who.name, right);
  out.remedy = "ask the owner of the film";
  return out;
}

}  // namespace twopop::server
