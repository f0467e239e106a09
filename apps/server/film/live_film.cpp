#include "film/live_film.h"

namespace twopop::server {
namespace {

constexpr std::size_t kRecentBytes = 4 << 20;
constexpr std::size_t kCatchUpBytes = 512 << 10;   ///< less than a live socket's queue: what is longer is fetched as the document
constexpr std::int64_t kCatchUpEdits = 1000;
constexpr std::chrono::milliseconds kPresenceTime{150}, kPresenceTimeEach{5};

template <class T>
std::shared_ptr<const std::string> text_of(const T& message) {
  return std::make_shared<const std::string>(session::write_json(message, session::JsonLayout::Compact));
}

EditMessage message_of(const session::LogEntry& entry) {
  EditMessage message;
  message.revision = entry.revision;
  message.base_revision = entry.base_revision;
  message.author = entry.author;
  message.time = entry.time;
  message.reason = entry.reason;
  message.id = entry.id;
  message.kind = entry.kind;
  message.patch = operations_of(entry.patch);
  return message;
}

}  // namespace

Result<session::Patch> patch_of(const std::vector<PatchOperation>& operations) {
  return session::parse_patch(session::write_json(operations, session::JsonLayout::Compact));
}

std::vector<PatchOperation> operations_of(const session::Patch& patch) {
  std::vector<PatchOperation> operations;
  for (const session::Operation& o : patch.operations) {
    PatchOperation out;
    out.op = o.verb;
    out.path = o.path;
    if (o.verb == session::Verb::Move || o.verb == session::Verb::Copy) out.from = o.from;
    else if (o.verb != session::Verb::Remove) out.value = session::AnyJson{o.value};
    operations.push_back(std::move(out));
  }
  return operations;
}

std::shared_ptr<LiveFilm> LiveFilm::make(std::shared_ptr<SessionHub> hub) {
  std::shared_ptr<LiveFilm> live(new LiveFilm(std::move(hub)));
  live->subscription_ = live->hub_->subscribe([raw = live.get()](const auto& news, const session::Head& head) { raw->told(news, head); });
  {
    // What was committed between the making and the subscription is not told; nobody was there yet.
    const std::int64_t newest = live->hub_->revision();
    std::scoped_lock lock(live->mutex_);
    live->told_ = std::max(live->told_.load(), newest);
  }
  live->presence_thread_ = std::thread([raw = live.get()] { raw->say_who_is_here(); });
  return live;
}

LiveFilm::LiveFilm(std::shared_ptr<SessionHub> hub) : hub_(std::move(hub)), told_(hub_->revision()) {}

LiveFilm::~LiveFilm() {
  subscription_ = {};
  {
    std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  presence_thread_.join();
}

void LiveFilm::told(const std::vector<session::LogEntry>& news, const session::Head&) {
  std::scoped_lock lock(mutex_);
  for (const session::LogEntry& entry : news) {
    if (entry.revision <= told_) continue;
    const auto text = text_of(message_of(entry));
    recent_.push_back({entry.revision, text});
    recent_bytes_ += text->size();
    told_ = entry.revision;
    for (const auto& [unused, present] : clients_) present.client->send(text);
  }
  while (recent_bytes_ > kRecentBytes) {
    recent_bytes_ -= recent_.front().text->size();
    recent_.pop_front();
  }
}

int LiveFilm::here() const {
  std::scoped_lock lock(mutex_);
  return static_cast<int>(clients_.size());
}

void LiveFilm::tell(const std::string& text) {
  const auto shared = std::make_shared<const std::string>(text);
  std::scoped_lock lock(mutex_);
  for (const auto& [unused, present] : clients_) present.client->send(shared);
}

void LiveFilm::tell_latest(int slot, const std::string& bytes, Frame frame) {
  const auto shared = std::make_shared<const std::string>(bytes);
  std::scoped_lock lock(mutex_);
  for (const auto& [unused, present] : clients_) present.client->send_latest(slot, shared, frame);
}

std::vector<Presence> LiveFilm::present() const {
  std::vector<Presence> all;
  for (const auto& [unused, present] : clients_) all.push_back(present.presence);
  std::sort(all.begin(), all.end(), [](const Presence& a, const Presence& b) { return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id; });
  return all;
}

void LiveFilm::opened(const std::shared_ptr<LiveClient>& client) {
  std::scoped_lock lock(mutex_);
  Present present{client, {}};
  present.presence.id = fmt::format("p{}", next_++);
  present.presence.name = client->who().name;
  present.presence.roles = client->who().roles;
  HelloMessage hello;
  hello.you = present.presence.id;
  clients_.emplace(client.get(), std::move(present));
  hello.revision = told_;
  hello.present = this->present();
  // Under the lock: every edit after `revision` follows, and none before.
  client->send(text_of(hello));
  presence_changed_ = true;
  wake_.notify_one();
}

void LiveFilm::closed(const std::shared_ptr<LiveClient>& client) {
  std::scoped_lock lock(mutex_);
  clients_.erase(client.get());
  presence_changed_ = true;
  wake_.notify_one();
}

std::string LiveFilm::lagged() const { return *text_of(LaggedMessage{"lagged", told_}); }

void LiveFilm::say_who_is_here() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return ending_ || presence_changed_; });
    // Many move at once: they are told of together, a few times a second, and less often the more there are to be told.
    if (!ending_) wake_.wait_for(lock, std::max(kPresenceTime, kPresenceTimeEach * static_cast<int>(clients_.size())), [&] { return ending_; });
    if (ending_) return;
    presence_changed_ = false;
    PresenceMessage message;
    message.present = present();
    const auto text = text_of(message);
    for (const auto& [unused, present] : clients_) present.client->send_latest(0, text, Frame::Text);
  }
}

void LiveFilm::received(const std::shared_ptr<LiveClient>& client, std::string text) {
  const Result<PageMessage> message = session::read_json<PageMessage>(text, session::UnknownKeys::Skip);
  if (!message) {
    client->send(text_of(RefusedMessage{"refused", "", problem_of(message.error())}));
    return;
  }
  if (message->type == "edit" || message->type == "undo" || message->type == "redo") return take_edit(client, *message);
  if (message->type == "catch-up") return catch_up(client, message->revision.value_or(0));
  if (message->type == "presence") {
    std::scoped_lock lock(mutex_);
    const auto it = clients_.find(client.get());
    if (it == clients_.end()) return;
    Presence& presence = it->second.presence;
    presence.page = message->page;
    presence.at = message->at;
    presence.selection = message->selection;
    presence_changed_ = true;
    wake_.notify_one();
    return;
  }
  const Error unknown{Code::InvalidArgument, fmt::format("a page does not send {}", session::json_string(message->type)), "send edit, undo, redo, presence or catch-up"};
  client->send(text_of(RefusedMessage{"refused", message->id, problem_of(unknown)}));
}

void LiveFilm::take_edit(const std::shared_ptr<LiveClient>& client, const PageMessage& message) {
  const Identity& who = client->who();
  const auto refuse = [&](Problem problem) { client->send(text_of(RefusedMessage{"refused", message.id, std::move(problem)})); };
  EditAnswer answer;
  if (message.type == "edit") {
    session::Edit edit;
    edit.author = who.name;
    edit.reason = message.reason;
    edit.base_revision = message.base_revision.value_or(hub_->revision());
    Result<session::Patch> patch = patch_of(message.patch);
    if (!patch) return refuse(problem_of(patch.error()));
    edit.patch = *std::move(patch);
    if (const auto missing = missing_right(who, edit.patch)) return refuse(no_right(who, *missing));
    answer = hub_->edit(std::move(edit), message.id);
  } else {
    if (!who.may("edit")) return refuse(no_right(who, "edit"));
    answer = message.type == "undo" ? hub_->undo(who.name) : hub_->redo(who.name);
  }
  if (answer.error) return refuse(problem_of(*answer.error, answer.collided));
  client->send(text_of(EditedMessage{"edited", message.id, answer.revision}));
}

void LiveFilm::catch_up(const std::shared_ptr<LiveClient>& client, std::int64_t revision) {
  std::int64_t from = 0;  // the oldest edit that is held as text
  std::int64_t newest = 0;
  {
    std::scoped_lock lock(mutex_);
    newest = told_;
    from = recent_.empty() ? told_ + 1 : recent_.front().revision;
  }
  std::vector<std::shared_ptr<const std::string>> missed;
  std::size_t bytes = 0;
  bool too_much = revision < 0 || revision > newest || newest - revision > kCatchUpEdits;
  if (!too_much && revision + 1 < from) {
    const auto entries = hub_->history(revision, from - 1);
    too_much = !entries;
    if (entries)
      for (const session::LogEntry& entry : *entries) {
        missed.push_back(text_of(message_of(entry)));
        bytes += missed.back()->size();
      }
  }
  std::scoped_lock lock(mutex_);
  // What was held a moment ago may have been dropped since.
  if (!recent_.empty() && recent_.front().revision > std::max(from, revision + 1)) too_much = true;
  for (const Told& told : recent_)
    if (told.revision > revision && told.revision >= from) {
      missed.push_back(told.text);
      bytes += told.text->size();
    }
  if (too_much || bytes > kCatchUpBytes) {
    client->send(text_of(LaggedMessage{"lagged", told_}));
    return;
  }
  // Under the lock: the next edit that is told of follows on these.
  for (const auto& text : missed) client->send(text);
}

}  // namespace twopop::server
