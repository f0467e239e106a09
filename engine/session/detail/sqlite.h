#pragma once

#include "core/result.h"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The little of SQLite that the session store needs, with Results.
namespace twopop::session::detail {

class Database;

/// A prepared statement; columns and parameters count from 0.
class Statement {
 public:
  Statement& bind(int index, std::int64_t value);
  /// `text` must live until the statement was stepped.
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, std::span<const std::byte> bytes);
  /// True: a row is there. False: done.
  Result<bool> step();
  /// Steps to the end.
  Result<void> run();
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  std::vector<std::byte> bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  const Database* database_ = nullptr;
  int bind_status_ = SQLITE_OK;
};

class Database {
 public:
  /// flags: SQLITE_OPEN_...
  static Result<Database> open(const std::string& path, int flags, const std::string& vfs, int busy_timeout_ms);
  Result<void> execute(const char* sql);
  Result<Statement> prepare(const char* sql) const;
  /// Makes an Error of a status, with SQLite's sentence and what to do.
  Error error(int status) const;
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

 private:
  struct Close {
    void operator()(sqlite3* d) const { sqlite3_close_v2(d); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

/// Begins at once as the writer; rolls back unless committed.
class WriteTransaction {
 public:
  static Result<WriteTransaction> begin(Database& database);
  WriteTransaction(WriteTransaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  WriteTransaction& operator=(WriteTransaction&&) = delete;
  ~WriteTransaction();
  Result<void> commit();

 private:
  explicit WriteTransaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace twopop::session::detail
