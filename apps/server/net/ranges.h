#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twopop::server {

struct ByteRange {
  std::uint64_t begin = 0, end = 0;  ///< [begin, end)
};

enum class RangeKind { Whole, Part, NotSatisfiable };
struct RangeAnswer {
  RangeKind kind = RangeKind::Whole;
  ByteRange range;
};

/// What a Range header asks of `size` bytes (RFC 9110, 14.1.2): "bytes=2-5", "bytes=2-", "bytes=-5". Several ranges that touch
/// or overlap, or of which only one lies inside, are served as one; otherwise, as for what cannot be read or is another unit, the whole is sent, which the RFC
/// allows: nothing can make us send more than there is.
RangeAnswer parse_range(std::string_view header, std::uint64_t size);

/// Whether an If-None-Match (or If-Match) list names this tag, weak or not; "*" names every tag.
bool names_tag(std::string_view list, std::string_view tag);

}  // namespace twopop::server
