#include "film/scribe.h"

#include "film/caught.h"

namespace twopop::server {
namespace {
/// The tree of a long film takes tens of MB: it goes when nobody asked for so long.
constexpr auto kKeptOpen = std::chrono::seconds(60);
constexpr std::int64_t kSnapshotEvery = 64;       ///< edits, once nobody edits for a while
constexpr std::int64_t kMostWithoutSnapshot = 1024;  ///< edits, while people edit on and on
}  // namespace

Scribe::Scribe(std::filesystem::path film, SessionText text, std::chrono::milliseconds idle)
    : film_(std::move(film)), idle_(idle), exported_(text.revision), snapshot_(text.revision - text.revision % kSnapshotEvery), text_(std::make_shared<const SessionText>(std::move(text))), newest_(exported_) {
  thread_ = std::thread([this] { run(); });
}

Scribe::~Scribe() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Scribe::revised(std::int64_t revision) {
  const std::lock_guard lock(mutex_);
  newest_ = revision;
  revised_at_ = Clock::now();
}

Result<SessionText> Scribe::document_json() {
  std::shared_ptr<const SessionText> text;
  {
    const std::lock_guard lock(mutex_);
    if (text_->revision >= newest_) text = text_;
  }
  if (!text) {
    const std::lock_guard lock(store_mutex_);
    TWOPOP_TRY(const session::Store* const store, newest());
    text = put_into_words(*store);
  }
  return *text;
}

std::shared_ptr<const SessionText> Scribe::put_into_words(const session::Store& store) {
  // Somebody who waited meanwhile may have done it.
  {
    const std::lock_guard lock(mutex_);
    if (text_->revision == store.revision()) return text_;
  }
  auto text = std::make_shared<const SessionText>(SessionText{store.revision(), store.json(session::JsonLayout::Compact)});
  const std::lock_guard lock(mutex_);
  return text_ = std::move(text);
}

Result<std::vector<session::LogEntry>> Scribe::history(std::int64_t after, std::int64_t until) {
  const std::lock_guard lock(store_mutex_);
  TWOPOP_TRY(session::Store* const store, newest());
  return store->history(after, until);
}

Result<session::Store*> Scribe::newest() {
  used_ = Clock::now();
  if (store_) {
    if (store_->refresh()) return &*store_;
    store_.reset();
  }
  session::StoreOptions options;
  options.snapshot_every = 0;
  TWOPOP_TRY(store_, session::Store::open(film_, session::Access::Write, options));
  return &*store_;
}

void Scribe::write_out() {
  const std::lock_guard lock(store_mutex_);
  // What cannot be read or written for a moment is tried again the next time.
  const auto store = newest();
  if (!store || !(*store)->export_json()) return;
  exported_ = (*store)->revision();
  put_into_words(**store);
  if (exported_ - snapshot_ >= kSnapshotEvery && (*store)->add_snapshot()) snapshot_ = exported_;
}

void Scribe::snapshot_if_due() {
  const std::lock_guard lock(store_mutex_);
  const auto store = newest();
  if (store && (*store)->add_snapshot()) snapshot_ = (*store)->revision();
}

void Scribe::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    wake_.wait_for(lock, std::min(idle_, std::chrono::milliseconds(500)), [&] { return ending_; });
    const std::int64_t newest = newest_;
    const bool quiet = !ending_ && Clock::now() - revised_at_ >= idle_;
    lock.unlock();
    // What went wrong is tried again the next time.
    static_cast<void>(caught([&]() -> Result<void> {
                        if (newest > exported_ && quiet) write_out();
                        else if (newest - snapshot_ >= kMostWithoutSnapshot) snapshot_if_due();
                        return {};
                      }).ok());
    {
      const std::lock_guard store_lock(store_mutex_);
      if (store_ && Clock::now() - used_ > kKeptOpen) store_.reset();
    }
    lock.lock();
  }
  const std::int64_t newest = newest_;
  lock.unlock();
  if (newest > exported_) write_out();
}

}  // namespace twopop::server
