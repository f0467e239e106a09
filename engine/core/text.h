#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twopop {

/// Text of unknown origin as UTF-8: unchanged if it is that, otherwise read as Windows-1252. Up to the first NUL,
/// without space at its ends.
std::string tidy_text(std::string_view raw);

/// Without spaces, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

/// ASCII letters only; others stay.
std::string to_upper(std::string_view text);

struct TextLine {
  int number = 1;  ///< as an editor counts
  std::string_view text;
};

/// Lines of a file, whatever ends them (LF, CR LF, CR, also mixed); views into `text`. A byte-order mark is left out.
std::vector<TextLine> lines_of(std::string_view text);

/// A whole number; empty where anything else stands in `text`.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace twopop
