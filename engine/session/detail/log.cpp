#include "session/detail/log.h"

namespace twopop::session::detail {
namespace {

constexpr std::int64_t kTableFormat = 1;
constexpr std::int64_t kSnapshotsKept = 4;

template <class Enum>
const char* name_in(Enum value) {
  for (const auto& known : names_of(value))
    if (known.value == value) return known.name;
  return "";
}

template <class Enum>
Enum value_in(std::string_view name) {
  for (const auto& known : names_of(Enum{}))
    if (known.name == name) return known.value;
  return {};
}

}  // namespace

Result<Log> Log::open(const std::string& path, int flags, const StoreOptions& options) {
  Log log;
  TWOPOP_TRY(log.database_, Database::open(path, flags, options.vfs, options.busy_timeout_ms));
  // FULL: a commit is on the disk, not only in the system's cache, when it returns.
  TWOPOP_CHECK(log.database_.execute("PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON"));
  return log;
}

Result<bool> Log::made() const {
  TWOPOP_TRY(Statement query, database_.prepare("SELECT 1 FROM sqlite_master WHERE name = 'snapshots'"));
  return query.step();
}

Result<void> Log::make(const std::string& document, const std::string& sum) {
  TWOPOP_CHECK(database_.execute("PRAGMA journal_mode=WAL"));
  TWOPOP_TRY(WriteTransaction transaction, WriteTransaction::begin(database_));
  TWOPOP_CHECK(database_.execute(
      "PRAGMA application_id=0x54776f70;"
      "PRAGMA user_version=1;"
      "CREATE TABLE edits(revision INTEGER PRIMARY KEY, base INTEGER NOT NULL, author TEXT NOT NULL, time TEXT NOT NULL,"
      " reason TEXT NOT NULL, by TEXT NOT NULL, kind TEXT NOT NULL, target INTEGER NOT NULL, patch TEXT NOT NULL,"
      " inverse TEXT NOT NULL, sum TEXT NOT NULL);"
      "CREATE TABLE snapshots(revision INTEGER PRIMARY KEY, document TEXT NOT NULL, sum TEXT NOT NULL);"
      "CREATE TABLE blobs(hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;"));
  TWOPOP_CHECK(add_snapshot({0, document, sum}));
  return transaction.commit();
}

Result<void> Log::check_format() const {
  TWOPOP_TRY(Statement query, database_.prepare("PRAGMA user_version"));
  TWOPOP_TRY(const bool there, query.step());
  const std::int64_t format = there ? query.integer(0) : 0;
  if (format > kTableFormat)
    return Error{Code::Unsupported, fmt::format("this film's database has format {}, this version reads {}", format, kTableFormat), "open it with a newer Twopop"};
  TWOPOP_TRY(const bool has_tables, made());
  if (format < 1 || !has_tables) return Error{Code::Damaged, "session.db holds no session", "its making was cut off: run `twopop new` again"};
  return {};
}

Result<std::int64_t> Log::newest() const {
  TWOPOP_TRY(Statement query, database_.prepare("SELECT coalesce((SELECT max(revision) FROM edits), 0)"));
  TWOPOP_TRY(const bool there, query.step());
  return there ? query.integer(0) : 0;
}

Result<std::vector<StoredEntry>> Log::entries(std::int64_t after, std::int64_t until) const {
  TWOPOP_TRY(const bool ids, has_ids());
  TWOPOP_TRY(Statement query, database_.prepare(ids ? "SELECT revision, base, e.author, time, reason, by, kind, target, patch, inverse, sum, coalesce(id, '') FROM edits e"
                                                      " LEFT JOIN edit_ids USING (revision) WHERE revision > ? AND revision <= ? ORDER BY revision"
                                                    : "SELECT revision, base, author, time, reason, by, kind, target, patch, inverse, sum, '' FROM edits"
                                                      " WHERE revision > ? AND revision <= ? ORDER BY revision"));
  query.bind(0, after).bind(1, until);
  std::vector<StoredEntry> found;
  for (;;) {
    TWOPOP_TRY(const bool row, query.step());
    if (!row) return found;
    StoredEntry stored;
    LogEntry& entry = stored.entry;
    entry.revision = query.integer(0);
    entry.base_revision = query.integer(1);
    entry.author = query.text(2);
    entry.time = query.text(3);
    entry.reason = query.text(4);
    entry.by = value_in<By>(query.text(5));
    entry.kind = value_in<EditKind>(query.text(6));
    entry.target = query.integer(7);
    auto patch = parse_patch(query.text(8)), inverse = parse_patch(query.text(9));
    if (!patch || !inverse)
      return Error{Code::Damaged, fmt::format("revision {} of the log is damaged", entry.revision), "restore the film from a copy"};
    entry.patch = *std::move(patch);
    stored.inverse = *std::move(inverse);
    stored.sum = query.text(10);
    entry.id = query.text(11);
    found.push_back(std::move(stored));
  }
}

Result<void> Log::append(const StoredEntry& stored) {
  const LogEntry& entry = stored.entry;
  const std::string patch = patch_json(entry.patch), inverse = patch_json(stored.inverse);
  TWOPOP_TRY(Statement insert, database_.prepare("INSERT INTO edits VALUES (?,?,?,?,?,?,?,?,?,?,?)"));
  insert.bind(0, entry.revision).bind(1, entry.base_revision).bind(2, entry.author).bind(3, entry.time).bind(4, entry.reason);
  insert.bind(5, std::string_view(name_in(entry.by))).bind(6, std::string_view(name_in(entry.kind))).bind(7, entry.target);
  insert.bind(8, patch).bind(9, inverse).bind(10, stored.sum);
  TWOPOP_CHECK(insert.run());
  if (entry.id.empty()) return {};
  TWOPOP_CHECK(database_.execute("CREATE TABLE IF NOT EXISTS edit_ids(revision INTEGER PRIMARY KEY, author TEXT NOT NULL, id TEXT NOT NULL, UNIQUE(author, id))"));
  TWOPOP_TRY(Statement name, database_.prepare("INSERT INTO edit_ids VALUES (?,?,?)"));
  return name.bind(0, entry.revision).bind(1, entry.author).bind(2, entry.id).run();
}

Result<bool> Log::has_ids() const {
  TWOPOP_TRY(Statement query, database_.prepare("SELECT 1 FROM sqlite_master WHERE name = 'edit_ids'"));
  return query.step();
}

Result<std::optional<std::int64_t>> Log::revision_of(const std::string& author, const std::string& id) const {
  TWOPOP_TRY(const bool ids, has_ids());
  if (!ids) return std::optional<std::int64_t>();
  TWOPOP_TRY(Statement query, database_.prepare("SELECT revision FROM edit_ids WHERE author = ? AND id = ?"));
  TWOPOP_TRY(const bool row, query.bind(0, author).bind(1, id).step());
  return row ? std::optional<std::int64_t>(query.integer(0)) : std::nullopt;
}

Result<std::optional<Log::Snapshot>> Log::snapshot_before(std::int64_t before) const {
  TWOPOP_TRY(Statement query, database_.prepare("SELECT revision, document, sum FROM snapshots WHERE revision < ? ORDER BY revision DESC LIMIT 1"));
  query.bind(0, before);
  TWOPOP_TRY(const bool row, query.step());
  if (!row) return std::optional<Snapshot>();
  return std::optional<Snapshot>({query.integer(0), query.text(1), query.text(2)});
}

Result<void> Log::add_snapshot(const Snapshot& snapshot) {
  TWOPOP_TRY(Statement insert, database_.prepare("INSERT OR IGNORE INTO snapshots VALUES (?,?,?)"));
  insert.bind(0, snapshot.revision).bind(1, snapshot.document).bind(2, snapshot.sum);
  TWOPOP_CHECK(insert.run());
  // Revision 0 stays: from it the whole log can be replayed.
  TWOPOP_TRY(Statement drop, database_.prepare("DELETE FROM snapshots WHERE revision > 0 AND revision NOT IN (SELECT revision FROM snapshots ORDER BY revision DESC LIMIT ?)"));
  return drop.bind(0, kSnapshotsKept).run();
}

Result<void> Log::put_blob(const std::string& hash, std::span<const std::byte> bytes) {
  TWOPOP_TRY(WriteTransaction transaction, WriteTransaction::begin(database_));
  TWOPOP_TRY(Statement insert, database_.prepare("INSERT OR REPLACE INTO blobs VALUES (?,?)"));
  TWOPOP_CHECK(insert.bind(0, hash).bind(1, bytes).run());
  return transaction.commit();
}

Result<std::optional<std::vector<std::byte>>> Log::blob(const std::string& hash) const {
  TWOPOP_TRY(Statement query, database_.prepare("SELECT bytes FROM blobs WHERE hash = ?"));
  query.bind(0, hash);
  TWOPOP_TRY(const bool row, query.step());
  if (!row) return std::optional<std::vector<std::byte>>();
  return std::optional(query.bytes(0));
}

Result<std::vector<LogEntry>> Log::outline() const {
  TWOPOP_TRY(Statement query, database_.prepare("SELECT revision, author, kind, target FROM edits ORDER BY revision"));
  std::vector<LogEntry> found;
  for (;;) {
    TWOPOP_TRY(const bool row, query.step());
    if (!row) return found;
    LogEntry entry;
    entry.revision = query.integer(0);
    entry.author = query.text(1);
    entry.kind = value_in<EditKind>(query.text(2));
    entry.target = query.integer(3);
    found.push_back(std::move(entry));
  }
}

UndoState undo_state(const std::vector<LogEntry>& outline, const std::optional<std::string>& author) {
  UndoState state;
  for (const LogEntry& entry : outline) {
    const bool mine = !author || entry.author == *author;
    if (entry.kind == EditKind::Undo) {
      state.undone.insert(entry.target);
      std::erase(state.to_undo, entry.target);
      if (mine) state.to_redo.push_back(entry.target);
    } else if (entry.kind == EditKind::Redo) {
      state.undone.erase(entry.target);
      std::erase(state.to_redo, entry.target);
      if (mine) state.to_undo.push_back(entry.target);
    } else if (mine) {
      state.to_undo.push_back(entry.revision);
      state.to_redo.clear();
    }
  }
  return state;
}

}  // namespace twopop::session::detail
