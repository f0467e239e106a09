#include "session/detail/sqlite.h"

namespace twopop::session::detail {

Statement& Statement::bind(int index, std::int64_t value) {
  if (const int status = sqlite3_bind_int64(statement_.get(), index + 1, value); status != SQLITE_OK) bind_status_ = status;
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  const int status = sqlite3_bind_text64(statement_.get(), index + 1, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (status != SQLITE_OK) bind_status_ = status;
  return *this;
}

Statement& Statement::bind(int index, std::span<const std::byte> bytes) {
  // A null pointer would bind NULL: an empty blob is a blob.
  const int status = bytes.empty() ? sqlite3_bind_zeroblob(statement_.get(), index + 1, 0)
                                   : sqlite3_bind_blob64(statement_.get(), index + 1, bytes.data(), bytes.size(), SQLITE_STATIC);
  if (status != SQLITE_OK) bind_status_ = status;
  return *this;
}

Result<bool> Statement::step() {
  if (bind_status_ != SQLITE_OK) return database_->error(bind_status_);
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return database_->error(status);
}

Result<void> Statement::run() {
  for (;;) {
    TWOPOP_TRY(const bool row, step());
    if (!row) return {};
  }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
  const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return begin ? std::string(begin, static_cast<std::size_t>(size)) : std::string();
}

std::vector<std::byte> Statement::bytes(int column) const {
  const auto* begin = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return begin ? std::vector<std::byte>(begin, begin + size) : std::vector<std::byte>();
}

Result<Database> Database::open(const std::string& path, int flags, const std::string& vfs, int busy_timeout_ms) {
  Database database;
  database.path_ = path;
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  database.handle_.reset(handle);
  if (status != SQLITE_OK) return database.error(status);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return database;
}

Result<void> Database::execute(const char* sql) {
  const int status = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return error(status);
  return {};
}

Result<Statement> Database::prepare(const char* sql) const {
  Statement statement;
  statement.database_ = this;
  sqlite3_stmt* made = nullptr;
  const int status = sqlite3_prepare_v2(handle_.get(), sql, -1, &made, nullptr);
  statement.statement_.reset(made);
  if (status != SQLITE_OK) return error(status);
  return statement;
}

Error Database::error(int status) const {
  const std::string reason = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(status);
  const auto make = [&](Code code, std::string_view what, std::string remedy) {
    return Error{code, fmt::format("{}: {} ({})", path_, what, reason), std::move(remedy)};
  };
  switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return make(Code::Busy, "another process is writing to this film", "wait for it to end and try again");
    case SQLITE_FULL: return make(Code::OutOfSpace, "the disk is full", "free some space and try again; nothing was changed");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return make(Code::Damaged, "this is no intact session", "restore it from a copy, or import the film's session.json into a new film");
    case SQLITE_CANTOPEN: return make(Code::Unreadable, "the session cannot be opened", "check the path and its permissions");
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return make(Code::IoFailed, "the session cannot be written", "check the permissions of the film's folder");
    case SQLITE_NOMEM: return make(Code::OutOfSpace, "not enough memory", "close other programs and try again");
    default: return make(Code::IoFailed, "the session cannot be read or written", "check the disk; nothing was changed");
  }
}

Result<WriteTransaction> WriteTransaction::begin(Database& database) {
  TWOPOP_CHECK(database.execute("BEGIN IMMEDIATE"));
  return WriteTransaction(database);
}

WriteTransaction::~WriteTransaction() {
  // Some errors have already rolled back; a failing rollback leaves nothing that the next opening would not undo.
  if (database_ && database_->in_transaction()) static_cast<void>(database_->execute("ROLLBACK").ok());
}

Result<void> WriteTransaction::commit() {
  TWOPOP_CHECK(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace twopop::session::detail
