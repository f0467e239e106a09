#include "net/ranges.h"

#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace twopop::server {
namespace {

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Beyond 64 bits is beyond every file.
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  return value;
}

constexpr std::size_t kMostRanges = 16;

}  // namespace

RangeAnswer parse_range(std::string_view header, std::uint64_t size) {
  const RangeAnswer whole{RangeKind::Whole, {0, size}};
  header = trimmed(header);
  const std::size_t equals = header.find('=');
  if (equals == std::string_view::npos || trimmed(header.substr(0, equals)) != "bytes") return whole;
  std::vector<ByteRange> inside;
  std::size_t asked = 0;
  for (std::string_view rest = header.substr(equals + 1);;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = trimmed(rest.substr(0, comma));
    if (!one.empty()) {
      if (++asked > kMostRanges) return whole;
      const std::size_t dash = one.find('-');
      if (dash == std::string_view::npos) return whole;
      const std::string_view first = trimmed(one.substr(0, dash)), last = trimmed(one.substr(dash + 1));
      if (first.empty()) {
        const auto count = digits(last);
        if (!count) return whole;
        if (*count > 0 && size > 0) inside.push_back({size - std::min(*count, size), size});
      } else {
        const auto begin = digits(first), end = last.empty() ? std::optional(std::numeric_limits<std::uint64_t>::max()) : digits(last);
        if (!begin || !end || *end < *begin) return whole;
        if (*begin < size) inside.push_back({*begin, *end >= size - 1 ? size : *end + 1});
      }
    }
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  if (asked == 0) return whole;
  if (inside.empty()) return {RangeKind::NotSatisfiable, {}};
  std::sort(inside.begin(), inside.end(), [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; });
  ByteRange joined = inside[0];
  for (const ByteRange& range : inside) {
    if (range.begin > joined.end) return whole;
    joined.end = std::max(joined.end, range.end);
  }
  return {RangeKind::Part, joined};
}

bool names_tag(std::string_view list, std::string_view tag) {
  const auto strong = [](std::string_view t) { return t.starts_with("W/") ? t.substr(2) : t; };
  if (tag.empty()) return false;
  if (trimmed(list) == "*") return true;
  for (;;) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (strong(trimmed(list.substr(0, comma))) == strong(tag)) return true;
    if (comma == list.size()) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace twopop::server
