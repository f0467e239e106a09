#include "session/store.h"

#include "session/decided.h"
#include "session/detail/durable_file.h"
#include "session/detail/log.h"
#include "session/detail/state.h"
#include "session/validate.h"

#include <chrono>
#include <ctime>

namespace twopop::session {
namespace {

std::string now_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t whole = std::chrono::system_clock::to_time_t(now);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                     utc.tm_sec, ms);
}

std::vector<std::string> newer_format_warnings(const Document& document, const std::vector<std::string>& skipped) {
  const Document current;
  if (document.format_minor <= current.format_minor) return {};
  std::vector<std::string> warnings{fmt::format("this session has format {}.{}, newer than {}.{}: what this version does not know is kept as it is",
                                                document.format_major, document.format_minor, current.format_major, current.format_minor)};
  for (const std::string& place : skipped) warnings.push_back(fmt::format("{}: not understood, kept", place));
  return warnings;
}

}  // namespace

std::filesystem::path session_database(const std::filesystem::path& film) { return film / "session.db"; }

class Store::Impl {
 public:
  /// What a write is to do, made once the newest revision is known.
  struct Wanted {
    Edit edit;
    EditKind kind = EditKind::Edit;
    std::int64_t target = 0;
    std::set<std::int64_t> without_effect{};  ///< entries that need no look for collisions
  };

  std::filesystem::path folder;
  StoreOptions options;
  detail::Log log;
  detail::State state;
  std::int64_t revision = 0;
  Head head;  ///< as it was last asked for
  std::vector<std::string> warnings;

  Result<void> load() {
    TWOPOP_CHECK(log.database().execute("BEGIN"));
    Result<void> loaded = load_in_transaction();
    const Result<void> ended = log.database().execute("COMMIT");
    return loaded ? ended : loaded;
  }

  Result<void> take_in_newer() {
    TWOPOP_TRY(const auto entries, log.entries(revision, std::numeric_limits<std::int64_t>::max()));
    if (entries.empty()) return {};
    for (const detail::StoredEntry& stored : entries) {
      TWOPOP_CHECK(replay(state, stored));
      revision = stored.entry.revision;
    }
    return settle();
  }

  /// What was made in a transaction that is not yet durable.
  using Made = std::vector<detail::State::Change>;

  template <class Make>
  Result<std::int64_t> write(Make make) {
    TWOPOP_TRY(detail::WriteTransaction transaction, detail::WriteTransaction::begin(log.database()));
    TWOPOP_CHECK(take_in_newer());
    TWOPOP_TRY(const Wanted wanted, make());
    Made made;
    Result<void> written;
    const Result<std::int64_t> answer = apply(wanted, made, written);
    if (written) written = transaction.commit();
    if (written) return answer;
    forget(made);
    return std::move(written).error();
  }

  std::vector<Result<std::int64_t>> write_all(std::span<const Edit> edits) {
    std::vector<Result<std::int64_t>> answers;
    Made made;
    const auto write_together = [&]() -> Result<void> {
      TWOPOP_TRY(detail::WriteTransaction transaction, detail::WriteTransaction::begin(log.database()));
      TWOPOP_CHECK(take_in_newer());
      Result<void> written;
      for (const Edit& edit : edits) {
        answers.push_back(apply({edit}, made, written));
        TWOPOP_CHECK(written);
      }
      return transaction.commit();
    };
    const Result<void> written = write_together();
    if (!written) {
      forget(made);
      answers.assign(edits.size(), written.error());
    }
    return answers;
  }

  Result<detail::Dom> dom_at(std::int64_t wanted) {
    if (wanted < 0 || wanted > revision)
      return Error{Code::NotFound, fmt::format("there is no revision {}", wanted), fmt::format("revisions run from 0 to {}", revision)};
    TWOPOP_TRY(const auto entries, log.entries(wanted, revision));
    detail::Dom dom = state.dom();
    for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
      Patch unused;
      if (!detail::apply_to_dom(dom, it->inverse, unused)) return damaged(it->entry.revision);
    }
    return dom;
  }

  Result<detail::StoredEntry> entry(std::int64_t wanted) const {
    TWOPOP_TRY(auto entries, log.entries(wanted - 1, wanted));
    if (entries.empty()) return damaged(wanted);
    return std::move(entries.front());
  }

  Result<std::vector<Collision>> collisions(const Edit& edit, const std::set<std::int64_t>& without_effect) const {
    std::vector<Collision> found;
    const std::int64_t base = edit.base_revision;
    if (base < 0 || base > revision)
      return Error{Code::InvalidArgument, fmt::format("the edit is based on revision {}, which is not there", base), fmt::format("the newest is {}", revision)};
    if (base == revision) return found;
    const auto mine = detail::touched_units(edit.patch);
    TWOPOP_TRY(const auto later, log.entries(base, revision));
    for (const detail::StoredEntry& stored : later) {
      const LogEntry& entry = stored.entry;
      if (without_effect.contains(entry.revision)) continue;
      for (const detail::Tokens& theirs : detail::touched_units(entry.patch))
        for (const detail::Tokens& unit : mine)
          if (detail::overlap(unit, theirs))
            found.push_back({detail::join_tokens(unit.size() > theirs.size() ? unit : theirs), entry.revision, entry.author, entry.reason});
    }
    return found;
  }

 private:
  static Error damaged(std::int64_t which) {
    return {Code::Damaged, fmt::format("revision {} of the log is damaged", which), "restore the film from a copy"};
  }

  /// Makes one edit within the transaction that is open. `written` fails where the log cannot be written: nothing of the transaction stands then.
  Result<std::int64_t> apply(const Wanted& wanted, Made& made, Result<void>& written) {
    if (!wanted.edit.id.empty()) {
      TWOPOP_TRY(const auto before, log.revision_of(wanted.edit.author, wanted.edit.id));
      if (before) return *before;
    }
    TWOPOP_CHECK(check_collisions(wanted));
    const bool merging = wanted.edit.base_revision < revision;
    Result<detail::State::Change> change = state.change(wanted.edit.patch);
    if (!change) return merging ? merge_error(wanted.edit, change.error()) : change.error();
    if (change->sum == change->before) {
      state.take_back(*change);
      return revision;
    }
    made.push_back(*std::move(change));
    ++revision;
    written = append(wanted, made.back());
    return revision;
  }

  void forget(const Made& made) {
    for (auto it = made.rbegin(); it != made.rend(); ++it) state.take_back(*it);
    revision -= static_cast<std::int64_t>(made.size());
  }

  static Result<void> replay(detail::State& on, const detail::StoredEntry& stored) {
    if (on.replay(stored.entry.patch, stored.sum)) return {};
    return damaged(stored.entry.revision);
  }

  Result<void> settle() {
    std::vector<std::string> skipped;
    TWOPOP_CHECK(state.settle(&skipped));
    warnings = newer_format_warnings(*state.document(), skipped);
    return {};
  }

  /// A damaged snapshot costs nothing but time: an older one and more of the log lead to the same.
  Result<void> load_in_transaction() {
    TWOPOP_CHECK(log.check_format());
    TWOPOP_TRY(const std::int64_t newest, log.newest());
    Error last{Code::Damaged, "the film holds no snapshot of its session", "restore the film from a copy"};
    std::int64_t before = newest + 1;
    for (;;) {
      TWOPOP_TRY(const auto snapshot, log.snapshot_before(before));
      if (!snapshot) return last;
      before = snapshot->revision;
      auto read = detail::State::read(snapshot->document, snapshot->sum);
      if (!read) {
        last = {Code::Damaged, fmt::format("the snapshot of revision {} is damaged", snapshot->revision), "restore the film from a copy"};
        continue;
      }
      state = *std::move(read);
      TWOPOP_TRY(const auto entries, log.entries(snapshot->revision, newest));
      Result<void> replayed;
      std::int64_t at = snapshot->revision;
      for (const detail::StoredEntry& stored : entries) {
        if (stored.entry.revision != ++at) replayed = damaged(at);
        if (replayed) replayed = replay(state, stored);
        if (!replayed) break;
      }
      if (replayed) {
        revision = newest;
        return settle();
      }
      last = replayed.error();
    }
  }

  Result<void> check_collisions(const Wanted& wanted) const {
    TWOPOP_TRY(const auto found, collisions(wanted.edit, wanted.without_effect));
    if (found.empty()) return {};
    const Collision& first = found.front();
    return Error{Code::Conflict,
                 fmt::format("{} collides with revision {} by {} ({})", first.path, first.revision, first.author, first.reason.empty() ? "no reason given" : first.reason),
                 "look at what it holds and make the edit again on the newest revision"};
  }

  Error merge_error(const Edit& edit, const Error& error) const {
    if (error.code != Code::InvariantBroken && error.code != Code::NotFound) return error;
    return {Code::Conflict, fmt::format("an edit made on revision {} does not fit revision {}: {}", edit.base_revision, revision, error.message),
            "make the edit again on the newest revision"};
  }

  /// Of what led to the present revision.
  Result<void> append(const Wanted& wanted, const detail::State::Change& change) {
    const Edit& edit = wanted.edit;
    detail::StoredEntry stored;
    stored.entry = {revision, edit.base_revision, edit.author, now_text(), edit.reason, edit.by, wanted.kind, wanted.target, change.patch, edit.id};
    stored.inverse = change.inverse;
    stored.sum = detail::to_string(change.sum);
    TWOPOP_CHECK(log.append(stored));
    return options.snapshot_every > 0 && revision % options.snapshot_every == 0 ? log.add_snapshot(snapshot()) : Result<void>{};
  }

 public:
  detail::Log::Snapshot snapshot() const { return {revision, detail::print_dom(state.dom(), nullptr, JsonLayout::Compact), detail::to_string(state.sum())}; }
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::filesystem::path& film, const Document& document, const StoreOptions& options) {
  TWOPOP_CHECK(validate(document));
  std::error_code failed;
  for (const std::filesystem::path& folder : {film, film / "cache", film / "out"}) {
    std::filesystem::create_directories(folder, failed);
    if (failed)
      return Error{Code::IoFailed, fmt::format("{} cannot be made: {}", folder.string(), failed.message()), "check the path and its permissions"};
  }
  auto impl = std::make_unique<Impl>();
  impl->folder = film;
  impl->options = options;
  TWOPOP_TRY(impl->log, detail::Log::open(session_database(film).string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options));
  TWOPOP_TRY(const bool made, impl->log.made());
  if (made) return Error{Code::AlreadyExists, fmt::format("{} holds a film", film.string()), "choose another name, or `twopop add` to it"};
  const detail::State state = detail::State::of(document);
  TWOPOP_CHECK(impl->log.make(detail::print_dom(state.dom(), nullptr, JsonLayout::Compact), detail::to_string(state.sum())));
  TWOPOP_CHECK(detail::sync_folder(film));
  const std::filesystem::path parent = std::filesystem::absolute(film, failed).parent_path();
  TWOPOP_CHECK(detail::sync_folder(parent));
  TWOPOP_CHECK(impl->load());
  Store store(std::move(impl));
  TWOPOP_CHECK(store.export_json());
  return store;
}

Result<Store> Store::open(const std::filesystem::path& film, Access access, const StoreOptions& options) {
  const std::filesystem::path path = session_database(film);
  std::error_code failed;
  if (!std::filesystem::exists(path, failed))
    return Error{Code::NotFound, fmt::format("{} is no film: there is no session.db in it", film.string()),
                 fmt::format("make one with `twopop new {}`", film.string())};
  auto impl = std::make_unique<Impl>();
  impl->folder = film;
  impl->options = options;
  TWOPOP_TRY(impl->log, detail::Log::open(path.string(), access == Access::Write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, options));
  TWOPOP_CHECK(impl->load());
  return Store(std::move(impl));
}

const std::filesystem::path& Store::folder() const { return impl_->folder; }
const Head& Store::head() const {
  if (impl_->head.revision != impl_->revision || !impl_->head.document) impl_->head = {impl_->revision, impl_->state.document()};
  return impl_->head;
}
std::int64_t Store::revision() const { return impl_->revision; }
const std::vector<std::string>& Store::warnings() const { return impl_->warnings; }
Result<void> Store::refresh() { return impl_->take_in_newer(); }

Result<std::int64_t> Store::commit(const Edit& edit) {
  return impl_->write([&]() -> Result<Impl::Wanted> { return Impl::Wanted{edit}; });
}

std::vector<Result<std::int64_t>> Store::commit_all(std::span<const Edit> edits) { return impl_->write_all(edits); }

Result<std::int64_t> Store::commit(const Head& base, const Document& after, const std::string& author, const std::string& reason, By by) {
  return commit(Edit{base.revision, author, reason, by, difference(*base.document, after)});
}

Result<std::vector<Collision>> Store::collisions(const Edit& edit) { return impl_->collisions(edit, {}); }

Result<std::int64_t> Store::undo(const std::string& author, UndoScope scope) {
  return impl_->write([&]() -> Result<Impl::Wanted> {
    TWOPOP_TRY(const auto outline, impl_->log.outline());
    detail::UndoState state = detail::undo_state(outline, scope == UndoScope::Own ? std::optional(author) : std::nullopt);
    if (state.to_undo.empty())
      return Error{Code::NotFound, scope == UndoScope::Own ? fmt::format("there is no edit by {} to undo", author) : "there is no edit to undo",
                   "see `twopop history`"};
    const std::int64_t target = state.to_undo.back();
    TWOPOP_TRY(const detail::StoredEntry stored, impl_->entry(target));
    for (const LogEntry& entry : outline)
      if (entry.kind != EditKind::Edit) state.undone.insert(entry.revision);
    const Edit edit{target, author, fmt::format("undo of revision {}", target), By::Person, stored.inverse};
    return Impl::Wanted{edit, EditKind::Undo, target, std::move(state.undone)};
  });
}

Result<std::int64_t> Store::redo(const std::string& author, UndoScope scope) {
  return impl_->write([&]() -> Result<Impl::Wanted> {
    TWOPOP_TRY(const auto outline, impl_->log.outline());
    detail::UndoState state = detail::undo_state(outline, scope == UndoScope::Own ? std::optional(author) : std::nullopt);
    if (state.to_redo.empty()) return Error{Code::NotFound, "there is nothing to redo", "an edit made after an undo ends what can be redone"};
    const std::int64_t target = state.to_redo.back();
    TWOPOP_TRY(const detail::StoredEntry stored, impl_->entry(target));
    for (const LogEntry& entry : outline)
      if (entry.kind != EditKind::Edit) state.undone.insert(entry.revision);
    const Edit edit{target, author, fmt::format("redo of revision {}", target), By::Person, stored.entry.patch};
    return Impl::Wanted{edit, EditKind::Redo, target, std::move(state.undone)};
  });
}

Result<std::vector<LogEntry>> Store::history(std::int64_t after, std::int64_t until) {
  TWOPOP_TRY(auto stored, impl_->log.entries(after, until));
  std::vector<LogEntry> entries;
  for (detail::StoredEntry& s : stored) entries.push_back(std::move(s.entry));
  return entries;
}

Result<Document> Store::at(std::int64_t revision) {
  TWOPOP_TRY(const detail::Dom dom, impl_->dom_at(revision));
  TWOPOP_TRY(const auto document, detail::read_session(dom));
  return *document;
}

std::string Store::json(JsonLayout layout) const {
  std::string text = impl_->state.print(impl_->revision, layout);
  if (layout == JsonLayout::Indented) text += '\n';
  return text;
}

Result<void> Store::export_json(const std::filesystem::path& path) {
  return detail::replace_file(path.empty() ? impl_->folder / "session.json" : path, json());
}

Result<std::int64_t> Store::import_json(std::string_view text, const std::string& author, const std::string& reason) {
  TWOPOP_TRY(detail::Dom dom, detail::parse_dom(text));
  TWOPOP_CHECK(refresh());
  std::int64_t base = impl_->revision;
  if (dom.is_object() && dom.contains("revision")) {
    if (!dom["revision"].is_number_integer()) return Error{Code::InvalidArgument, "/revision: this is not a whole number", "leave it as it was exported"};
    base = dom["revision"].get<std::int64_t>();
    dom.erase("revision");
  }
  TWOPOP_CHECK(detail::read_session(dom));
  detail::complete(type_of<Document>(), dom);
  TWOPOP_TRY(const detail::Dom before, impl_->dom_at(base));
  return commit(Edit{base, author, reason, By::Person, decided_by_person(detail::difference_of(before, dom))});
}

void Store::rest() { impl_->state.pack(); }

Result<void> Store::add_snapshot() {
  const detail::Log::Snapshot snapshot = impl_->snapshot();
  TWOPOP_TRY(detail::WriteTransaction transaction, detail::WriteTransaction::begin(impl_->log.database()));
  TWOPOP_CHECK(impl_->log.add_snapshot(snapshot));
  return transaction.commit();
}

Result<Hash> Store::put_blob(std::span<const std::byte> bytes) {
  const Hash hash = hash_of(bytes);
  TWOPOP_CHECK(impl_->log.put_blob(to_string(hash), bytes));
  return hash;
}

Result<std::vector<std::byte>> Store::blob(const Hash& hash) {
  TWOPOP_TRY(auto bytes, impl_->log.blob(to_string(hash)));
  if (!bytes) return Error{Code::NotFound, fmt::format("the film holds no blob {}", to_string(hash))};
  if (hash_of(*bytes) != hash) return Error{Code::Damaged, fmt::format("the blob {} is damaged", to_string(hash)), "restore the film from a copy"};
  return *std::move(bytes);
}

}  // namespace twopop::session
