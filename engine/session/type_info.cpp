#include "session/type_info.h"

#include <charconv>

namespace twopop::session::detail {

void name_type(TypeInfo& type, std::string_view qualified) {
  const std::size_t at = qualified.rfind("::");
  type.name = qualified.substr(at == std::string_view::npos ? 0 : at + 2);
  if (at == std::string_view::npos) return;
  const std::string_view outer = qualified.substr(0, at);
  const std::size_t before = outer.rfind("::");
  type.scope = outer.substr(before == std::string_view::npos ? 0 : before + 2);
}

std::string TextForm<FrameRate>::write(const FrameRate& value) { return to_string(TimecodeRate{value, DropFrame::No}); }

Result<FrameRate> TextForm<FrameRate>::read(std::string_view text) {
  if (const auto known = parse_timecode_rate(text); known && known->drop == DropFrame::No) return known->frames;
  FrameRate ratio;
  const char* const end = text.data() + text.size();
  const auto upper = std::from_chars(text.data(), end, ratio.numerator);
  const bool divided = upper.ec == std::errc{} && upper.ptr != end && *upper.ptr == '/';
  if (divided) {
    const auto lower = std::from_chars(upper.ptr + 1, end, ratio.denominator);
    if (lower.ec == std::errc{} && lower.ptr == end && ratio.numerator >= 0 && ratio.denominator > 0) return ratio;
  }
  return Error{Code::InvalidArgument, fmt::format("'{}' is no frame rate", text),
               "write it as 23.976, 24, 25, 29.97, 30, 50, 59.94, 60 or as a ratio such as 15/1"};
}

std::string TextForm<TimecodeRate>::write(const TimecodeRate& value) { return to_string(value); }

Result<TimecodeRate> TextForm<TimecodeRate>::read(std::string_view text) {
  if (auto known = parse_timecode_rate(text)) return known;
  TWOPOP_TRY(const FrameRate frames, TextForm<FrameRate>::read(text));
  return TimecodeRate{frames, DropFrame::No};
}

}  // namespace twopop::session::detail
