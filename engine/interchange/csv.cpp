#include "interchange/csv.h"

#include "core/text.h"

#include <algorithm>

namespace twopop::interchange {
namespace {

constexpr std::size_t kRowsLookedAt = 20;

/// One pass over a table; rows beyond `most_rows` are not read.
CsvTable split(std::string_view text, char separator, std::size_t most_rows) {
  CsvTable table;
  table.separator = separator;
  CsvRow row;
  std::string cell;
  int line = 1, row_line = 1;
  bool quoted = false, was_quoted = false;
  const auto end_cell = [&] {
    row.push_back(std::move(cell));
    cell.clear();
    was_quoted = false;
  };
  const auto end_row = [&] {
    const bool empty = row.empty() && cell.empty() && !was_quoted;
    end_cell();
    if (!empty) {
      table.rows.push_back(std::move(row));
      table.lines.push_back(row_line);
    }
    row.clear();
  };
  for (std::size_t i = 0; i < text.size() && table.rows.size() < most_rows; ++i) {
    const char c = text[i];
    const bool line_end = c == '\n' || c == '\r';
    if (line_end && c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      if (quoted) cell += c;
      ++i;
    }
    if (line_end) ++line;
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else if (c == '"') {
        quoted = false;
      } else {
        cell += line_end ? '\n' : c;
      }
    } else if (line_end) {
      end_row();
      row_line = line;
    } else if (c == separator) {
      end_cell();
    } else if (c == '"' && cell.empty() && !was_quoted) {
      quoted = was_quoted = true;
    } else {
      cell += c;
    }
  }
  if (quoted) table.warnings.push_back(fmt::format("line {}: a quoted cell is never closed; took it up to the end", row_line));
  if (table.rows.size() < most_rows && (!cell.empty() || !row.empty() || was_quoted)) end_row();
  return table;
}

/// Tab and semicolon go before the comma: where they divide all rows alike, commas are decimals or prose.
char separator_of(std::string_view text) {
  std::size_t most = 1;
  char best = ',';
  for (const char candidate : {'\t', ';', ','}) {
    const CsvTable table = split(text, candidate, kRowsLookedAt);
    if (table.rows.empty()) continue;
    const std::size_t cells = table.rows[0].size();
    const bool alike = std::all_of(table.rows.begin(), table.rows.end(), [&](const CsvRow& r) { return r.size() == cells; });
    if (alike && cells > 1) return candidate;
    if (cells > most) {
      most = cells;
      best = candidate;
    }
  }
  return best;
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::span<const std::string_view> names) const {
  if (rows.empty()) return std::nullopt;
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < rows[0].size(); ++i)
      if (to_upper(trimmed(rows[0][i])) == to_upper(name)) return i;
  return std::nullopt;
}

std::string CsvTable::cell(std::size_t row, std::size_t column) const {
  if (row >= rows.size() || column >= rows[row].size()) return {};
  return std::string(trimmed(rows[row][column]));
}

CsvTable read_csv(std::string_view text, std::optional<char> separator) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  // Excel may state the separator in a line of its own.
  int skipped = 0;
  if (text.size() >= 5 && text.starts_with("sep=") && std::string_view(",;|\t").find(text[4]) != std::string_view::npos &&
      (text.size() == 5 || text[5] == '\r' || text[5] == '\n')) {
    if (!separator) separator = text[4];
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    skipped = 1;
  }
  CsvTable table = split(text, separator ? *separator : separator_of(text), SIZE_MAX);
  for (int& line : table.lines) line += skipped;
  for (CsvRow& row : table.rows)
    for (std::string& cell : row) cell = tidy_text(cell);
  return table;
}

std::string write_csv(const std::vector<CsvRow>& rows, char separator) {
  std::string out;
  for (const CsvRow& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i) out += separator;
      const std::string& cell = row[i];
      const bool plain = cell.find_first_of("\"\r\n") == std::string::npos && cell.find(separator) == std::string::npos &&
                         (cell.empty() || (cell.front() != ' ' && cell.back() != ' ')) && !(row.size() == 1 && cell.empty()) &&
                         // At the start of a file these would be taken for something else than a cell.
                         !cell.starts_with("\xEF\xBB\xBF") && !cell.starts_with("sep=");
      if (plain) {
        out += cell;
        continue;
      }
      out += '"';
      for (const char c : cell) {
        if (c == '"') out += '"';
        out += c;
      }
      out += '"';
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace twopop::interchange
