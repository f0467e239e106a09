#pragma once

#include "session/detail/sqlite.h"
#include "session/store.h"

#include <map>
#include <set>

namespace twopop::session::detail {

/// An entry with what only the store needs.
struct StoredEntry {
  LogEntry entry;
  Patch inverse;
  std::string sum;  ///< of the session after it
};

/// The tables of session.db; docs/formats/session.md describes them.
class Log {
 public:
  static Result<Log> open(const std::string& path, int flags, const StoreOptions& options);
  /// Whether the tables are there: not so in a file whose making was cut off.
  Result<bool> made() const;
  /// Makes the tables and puts in revision 0.
  Result<void> make(const std::string& document, const std::string& sum);
  /// Fails with Damaged or Unsupported if this is not a session that we read.
  Result<void> check_format() const;

  Database& database() { return database_; }
  Result<std::int64_t> newest() const;
  Result<std::vector<StoredEntry>> entries(std::int64_t after, std::int64_t until) const;
  Result<void> append(const StoredEntry& stored);
  /// The revision that an author's edit of this id made.
  Result<std::optional<std::int64_t>> revision_of(const std::string& author, const std::string& id) const;
  struct Snapshot {
    std::int64_t revision = 0;
    std::string document, sum;
  };
  /// The newest snapshot before a revision, and that revision itself if `before` is beyond it; nothing if there is none.
  Result<std::optional<Snapshot>> snapshot_before(std::int64_t before) const;
  /// The newest few and that of revision 0 are kept.
  Result<void> add_snapshot(const Snapshot& snapshot);
  Result<void> put_blob(const std::string& hash, std::span<const std::byte> bytes);
  Result<std::optional<std::vector<std::byte>>> blob(const std::string& hash) const;

  /// Revision, author, kind and target of every entry, oldest first.
  Result<std::vector<LogEntry>> outline() const;

 private:
  Result<bool> has_ids() const;
  Database database_;
};

/// What stands and what was taken back, from the outline of a log.
struct UndoState {
  std::set<std::int64_t> undone;          ///< edits that are taken back at present
  std::vector<std::int64_t> to_undo;      ///< edits of the scope that stand, oldest first
  std::vector<std::int64_t> to_redo;      ///< edits of the scope that may be made again, last one first to go
};
UndoState undo_state(const std::vector<LogEntry>& outline, const std::optional<std::string>& author);

}  // namespace twopop::session::detail
