#pragma once

#include "session/detail/sqlite.h"

#include <filesystem>

/// The tables of accounts.db.
namespace twopop::server {

using session::detail::Database;
using session::detail::Statement;
using session::detail::WriteTransaction;

/// Opens, or makes. Fails with Unsupported where a newer version wrote it.
Result<Database> open_accounts_database(const std::filesystem::path& folder);

/// Prepares and binds in one go. Texts must live until the statement was stepped: no temporaries.
template <class... T>
Result<Statement> query(const Database& database, const char* sql, const T&... values) {
  TWOPOP_TRY(Statement statement, database.prepare(sql));
  int index = 0;
  [[maybe_unused]] const auto bind = [&](const auto& value) {
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) statement.bind(index++, std::string_view(value));
    else statement.bind(index++, static_cast<std::int64_t>(value));
  };
  (bind(values), ...);
  return statement;
}
template <class... T>
Result<void> run(const Database& database, const char* sql, const T&... values) {
  TWOPOP_TRY(Statement statement, query(database, sql, values...));
  return statement.run();
}
/// The first column of the only row.
template <class... T>
Result<std::int64_t> number(const Database& database, const char* sql, const T&... values) {
  TWOPOP_TRY(Statement statement, query(database, sql, values...));
  TWOPOP_TRY(const bool row, statement.step());
  return row ? statement.integer(0) : 0;
}

}  // namespace twopop::server
