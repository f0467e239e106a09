#pragma once

#include "core/result.h"

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::interchange {

using CsvRow = std::vector<std::string>;

struct CsvTable {
  std::vector<CsvRow> rows;        ///< empty lines are left out
  std::vector<int> lines;          ///< where each row starts in the file, from 1
  char separator = ',';
  std::vector<std::string> warnings;

  /// Column whose cell in the first row is one of these names, whatever their case.
  std::optional<std::size_t> column(std::span<const std::string_view> names) const;
  std::optional<std::size_t> column(std::initializer_list<std::string_view> names) const { return column(std::span(names.begin(), names.size())); }
  /// A cell, without space at its ends; empty where the row is shorter.
  std::string cell(std::size_t row, std::size_t column) const;
};

/// Reads CSV (RFC 4180), also with semicolons or tabs, a byte-order mark, any line ends, and in Windows-1252.
/// Without a `separator` the one is taken that gives all rows the same number of cells.
CsvTable read_csv(std::string_view text, std::optional<char> separator = std::nullopt);

/// Writes RFC 4180 with CR LF. Cells are quoted where they need it.
std::string write_csv(const std::vector<CsvRow>& rows, char separator = ',');

}  // namespace twopop::interchange
