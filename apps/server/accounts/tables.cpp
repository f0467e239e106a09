#include "accounts/tables.h"

#include <sys/stat.h>

namespace twopop::server {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr const char* kTables = R"(
CREATE TABLE users(name TEXT PRIMARY KEY, password TEXT NOT NULL, roles TEXT NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE invitations(id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, role TEXT NOT NULL, film TEXT NOT NULL, cue TEXT NOT NULL, name TEXT NOT NULL,
  created_by TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, uses INTEGER NOT NULL, used INTEGER NOT NULL, withdrawn INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sessions(token TEXT PRIMARY KEY, user TEXT NOT NULL, invitation TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX sessions_of_users ON sessions(user);
CREATE INDEX sessions_of_invitations ON sessions(invitation);
CREATE TABLE audit(id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL, peer TEXT NOT NULL, what TEXT NOT NULL,
  status INTEGER NOT NULL, more INTEGER NOT NULL);
PRAGMA user_version=1;
)";

}  // namespace

Result<Database> open_accounts_database(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder.parent_path(), failed);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{Code::IoFailed, fmt::format("{}: the folder for accounts cannot be made", folder.string()), "check its permissions, or name another with --state"};
  const std::filesystem::path path = folder / "accounts.db";
  TWOPOP_TRY(Database database, Database::open(path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, {}, 5000));
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
  TWOPOP_CHECK(database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"));
  TWOPOP_TRY(auto transaction, WriteTransaction::begin(database));
  TWOPOP_TRY(const std::int64_t version, number(database, "PRAGMA user_version"));
  if (version > kVersion) return Error{Code::Unsupported, fmt::format("{}: accounts of version {}", path.string(), version), "use the newer Twopop that made them"};
  if (version == 0) TWOPOP_CHECK(database.execute(kTables));
  TWOPOP_CHECK(transaction.commit());
  return database;
}

}  // namespace twopop::server
