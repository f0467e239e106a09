#pragma once

#include <string>
#include <string_view>

namespace twopop::deliver::detail {

/// Text as it may stand in HTML, in elements and in quoted attributes: markup escaped, control characters and those that
/// turn the direction of writing, and bytes that are not UTF-8, replaced by U+FFFD.
std::string escaped(std::string_view text);

/// A decimal with a real minus sign; "–" where there is no number.
std::string number(double value, int decimals);
/// The same with a plus sign where it is above zero.
std::string signed_number(double value, int decimals);
std::string size_text(std::uint64_t bytes);
std::string base64(std::string_view bytes);

}  // namespace twopop::deliver::detail
