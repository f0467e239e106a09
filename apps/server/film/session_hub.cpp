#include "film/session_hub.h"

#include "session/decided.h"

namespace twopop::server {
namespace {
constexpr std::size_t kMostTogether = 64;         ///< edits that are made durable in one go
constexpr std::size_t kRemembered = 1000;         ///< entries of the log that are told of from memory
constexpr std::size_t kRememberedBytes = 8 << 20;

std::size_t bytes_of(const session::LogEntry& entry) {
  std::size_t bytes = sizeof entry + entry.author.size() + entry.reason.size();
  for (const session::Operation& operation : entry.patch.operations) bytes += sizeof operation + operation.path.size() + operation.from.size() + operation.value.size();
  return bytes;
}

}  // namespace

Result<std::shared_ptr<SessionHub>> SessionHub::open(const std::filesystem::path& film, const HubOptions& options) {
  session::StoreOptions how;
  how.snapshot_every = 0;  // the scribe's work
  TWOPOP_TRY(session::Store store, session::Store::open(film, session::Access::Write, how));
  const std::int64_t revision = store.revision();
  TWOPOP_TRY(auto log, store.history(std::max<std::int64_t>(0, revision - static_cast<std::int64_t>(kRemembered)), revision));
  std::shared_ptr<SessionHub> hub(new SessionHub(std::move(store), options));
  hub->self_ = hub;
  hub->remember(std::move(log));
  hub->thread_ = std::thread([raw = hub.get()] { raw->run(); });
  return hub;
}

SessionHub::SessionHub(session::Store store, const HubOptions& options)
    : folder_(store.folder()), options_(options), store_(std::move(store)), told_(store_.revision()), head_(store_.head()), scribe_(folder_, {told_, store_.json(session::JsonLayout::Compact)}, options.export_idle) {}

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

std::vector<SessionHub::Waiting> SessionHub::next() {
  std::vector<Waiting> together;
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, options_.look, [&] { return ending_ || !work_.empty(); });
  while (!work_.empty() && together.size() < kMostTogether) {
    const bool edit = work_.front().edit.has_value();
    if (!edit && !together.empty()) break;
    together.push_back(std::move(work_.front()));
    work_.pop_front();
    if (!edit) break;
  }
  return together;
}

void SessionHub::run() {
  for (;;) {
    std::vector<Waiting> together = next();
    if (together.empty()) {
      // A film that cannot be read for a moment is looked at again the next time.
      if (store_.refresh()) tell_news();
      std::scoped_lock lock(mutex_);
      if (ending_ && work_.empty()) return;
      continue;
    }
    // What is thrown belongs to who asked; the film goes on.
    try {
      if (together.front().edit) make(together);
      else together.front().work();
      for (const Waiting& one : together) one.done->set_value();
    } catch (...) {
      for (const Waiting& one : together) one.done->set_exception(std::current_exception());
    }
  }
}

void SessionHub::make(std::vector<Waiting>& waiting) {
  std::vector<session::Edit> edits;
  for (Waiting& one : waiting) edits.push_back(*std::move(one.edit));
  const auto made = store_.commit_all(edits);
  for (std::size_t i = 0; i < edits.size(); ++i) *waiting[i].answer = answer_of(edits[i], made[i]);
  tell_news();
}

void SessionHub::wait_for(Waiting waiting) {
  std::promise<void> done;
  auto finished = done.get_future();
  waiting.done = &done;
  {
    std::scoped_lock lock(mutex_);
    work_.push_back(std::move(waiting));
  }
  wake_.notify_one();
  finished.get();
}

void SessionHub::on_thread(std::function<void()> work) {
  if (std::this_thread::get_id() == thread_.get_id()) return work();
  wait_for({std::nullopt, std::move(work)});
}

void SessionHub::remember(std::vector<session::LogEntry> news) {
  for (session::LogEntry& entry : news) {
    if (!recent_.empty() && entry.revision <= recent_.back()->revision) continue;
    recent_bytes_ += bytes_of(entry);
    recent_.push_back(std::make_shared<const session::LogEntry>(std::move(entry)));
  }
  while (recent_.size() > kRemembered || (recent_.size() > 1 && recent_bytes_ > kRememberedBytes)) {
    recent_bytes_ -= bytes_of(*recent_.front());
    recent_.pop_front();
  }
}

void SessionHub::tell_news() {
  if (store_.revision() == told_) return;
  const session::Head head = store_.head();
  Result<std::vector<session::LogEntry>> news = store_.history(told_, head.revision);
  if (!news) return;  // told the next time
  {
    std::scoped_lock lock(mutex_);
    head_ = head;
    remember(*news);
  }
  told_ = head.revision;
  scribe_.revised(told_);
  std::scoped_lock lock(listeners_mutex_);
  for (const auto& [unused, listener] : listeners_) listener(*news, head);
}

EditAnswer SessionHub::answer_of(const session::Edit& edit, Result<std::int64_t> revision) {
  if (revision) return {*revision, std::nullopt, {}};
  EditAnswer answer{store_.revision(), revision.error(), {}};
  if (answer.error->code != Code::Conflict) return answer;
  if (const auto collisions = store_.collisions(edit))
    for (const session::Collision& collision : *collisions) answer.collided.push_back(collision.path);
  return answer;
}

EditAnswer SessionHub::edit(session::Edit edit, const std::string& id) {
  edit.patch = session::decided_by_person(edit.patch);
  edit.id = id;
  EditAnswer answer;
  if (std::this_thread::get_id() == thread_.get_id()) {
    answer = answer_of(edit, store_.commit(edit));
    tell_news();
  } else {
    wait_for({std::move(edit), {}, &answer});
  }
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
  std::vector<std::shared_ptr<const session::LogEntry>> held;
  bool all_held = false;
  {
    std::scoped_lock lock(mutex_);
    all_held = after >= head_.revision || (!recent_.empty() && after + 1 >= recent_.front()->revision);
    for (const auto& entry : recent_)
      if (entry->revision > after && entry->revision <= until) held.push_back(entry);
  }
  if (!all_held) return scribe_.history(after, until);
  std::vector<session::LogEntry> entries;
  for (const auto& entry : held) entries.push_back(*entry);
  return entries;
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
