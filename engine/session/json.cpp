#include "session/detail/dom.h"

namespace twopop::session {

Result<void> read_json(std::string_view text, const TypeInfo& type, void* value, UnknownKeys unknown) {
  TWOPOP_TRY(const detail::Dom dom, detail::parse_dom(text));
  return detail::from_dom(type, dom, value, unknown);
}

std::string write_json(const TypeInfo& type, const void* value, JsonLayout layout) {
  return detail::print_dom(detail::to_dom(type, value), &type, layout);
}

std::string json_string(std::string_view text) { return detail::print_dom(detail::Dom(text), nullptr, JsonLayout::Compact); }

}  // namespace twopop::session
