#pragma once

#include "session/document.h"
#include "session/json.h"
#include "session/patch.h"

#include "core/hash.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twopop::session {

/// A change that somebody wants made to the session as it was at `base_revision`.
struct Edit {
  std::int64_t base_revision = 0;
  std::string author;
  std::string reason;
  By by = By::Person;
  Patch patch;
  std::string id{};  ///< made up by who sends it; the same author's second edit of the same id is the first one sent again
};

/// A later edit that touched what an edit touches.
struct Collision {
  std::string path;  ///< of the two paths that meet the longer one
  std::int64_t revision = 0;
  std::string author, reason;
};

enum class EditKind { Edit, Undo, Redo };
constexpr auto names_of(EditKind) {
  return std::array{EnumName<EditKind>{EditKind::Edit, "edit"}, EnumName<EditKind>{EditKind::Undo, "undo"}, EnumName<EditKind>{EditKind::Redo, "redo"}};
}

/// An edit as the log holds it: who, when, why, what.
struct LogEntry {
  std::int64_t revision = 0;
  std::int64_t base_revision = 0;
  std::string author;
  std::string time;  ///< UTC, "2026-03-01T12:00:00.123Z"
  std::string reason;
  By by = By::Person;
  EditKind kind = EditKind::Edit;
  std::int64_t target = 0;  ///< revision that an undo or redo is about
  Patch patch;              ///< with a test for everything it replaced
  std::string id{};         ///< of the edit it came as, where that had one
};

/// The session at one revision. The document never changes; a later revision is another one.
struct Head {
  std::int64_t revision = 0;
  std::shared_ptr<const Document> document;  // shared: readers keep a revision while edits go on
};

enum class Access { Write, Read };
/// Whose edits an undo or redo looks at.
enum class UndoScope { Own, Anybody };

struct StoreOptions {
  std::string vfs;              ///< SQLite VFS; empty for the system's. Tests inject faults through it.
  int busy_timeout_ms = 5000;   ///< how long to wait for another writer before Busy
  int snapshot_every = 64;      ///< edits between two snapshots; 0: only add_snapshot() makes them
};

/// A film's session on disk: `film.twopop/session.db` (SQLite, WAL, synchronous=FULL), which holds the log of edits, snapshots and
/// blobs. Format: docs/formats/session.md.
///
/// An edit is durable when commit() returns its revision. Several processes may have a film open: one writes at a time, the
/// others wait (Busy after the timeout), readers never wait. Errors: NotFound, AlreadyExists, Damaged, Unsupported (a newer major
/// format), Busy, OutOfSpace, IoFailed.
///
/// Not thread-safe: one Store a thread.
class Store {
 public:
  /// Makes the folder with session.db, session.json, cache/ and out/. A folder whose making was cut off may be made again.
  static Result<Store> create(const std::filesystem::path& film, const Document& document, const StoreOptions& options = {});
  static Result<Store> open(const std::filesystem::path& film, Access access = Access::Write, const StoreOptions& options = {});
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& folder() const;
  /// The newest revision this Store has seen: its own edits, and others' up to the last refresh() or commit().
  const Head& head() const;
  /// That of head(), without having to keep the document as it was then.
  std::int64_t revision() const;
  /// Takes in what other processes have committed.
  Result<void> refresh();
  /// What opening had to say: a newer minor format and which of its keys are kept but not understood.
  const std::vector<std::string>& warnings() const;

  /// Makes an edit durable and returns its revision; an edit that changes nothing returns the newest revision.
  ///
  /// An edit made on an older revision is merged if no later edit touched the same items (or settings outside items) and the
  /// result holds together (session/validate.h); otherwise Conflict, naming what collided. An edit whose id its author has committed
  /// before is that edit sent again: nothing is made, and the revision of the first is returned.
  Result<std::int64_t> commit(const Edit& edit);
  /// Several edits in one go, so that they wait for the disk together: what commit() of each, one after the other, would have returned.
  std::vector<Result<std::int64_t>> commit_all(std::span<const Edit> edits);
  /// Commits what turns `base` into `after`.
  Result<std::int64_t> commit(const Head& base, const Document& after, const std::string& author, const std::string& reason,
                              By by = By::Person);

  /// All that stands in an edit's way, first come first.
  Result<std::vector<Collision>> collisions(const Edit& edit);

  /// Takes back the last edit that stands, as a new edit; Conflict if a later one touched the same, NotFound if there is none.
  Result<std::int64_t> undo(const std::string& author, UndoScope scope = UndoScope::Own);
  /// Makes again what was last undone, unless an edit was made since.
  Result<std::int64_t> redo(const std::string& author, UndoScope scope = UndoScope::Own);

  /// Entries (after, until], oldest first.
  Result<std::vector<LogEntry>> history(std::int64_t after = 0, std::int64_t until = std::numeric_limits<std::int64_t>::max());
  /// The document as it was.
  Result<Document> at(std::int64_t revision);

  /// The session as text, with the revision it was written from; keys that this version does not know included.
  std::string json(JsonLayout layout = JsonLayout::Indented) const;
  /// Writes json() to a file (session.json of the film where empty), all of it or nothing.
  Result<void> export_json(const std::filesystem::path& path = {});
  /// Takes in a session.json that was edited by hand or by a script: an edit on the revision the text carries (the newest
  /// if it carries none). Fails with the place of what is wrong, Conflict as commit() does.
  Result<std::int64_t> import_json(std::string_view text, const std::string& author, const std::string& reason);

  /// Lets go of what only the next edit or export needs, until then; head() stays at hand. For work that takes long between two edits.
  void rest();

  /// Makes a snapshot of the newest revision that this Store has seen: the fewer edits after the last one, the quicker a film opens.
  Result<void> add_snapshot();

  /// Keeps bytes under their hash, durable when this returns: for curves too long for a document.
  Result<Hash> put_blob(std::span<const std::byte> bytes);
  Result<std::vector<std::byte>> blob(const Hash& hash);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The database of a film's folder.
std::filesystem::path session_database(const std::filesystem::path& film);

}  // namespace twopop::session
