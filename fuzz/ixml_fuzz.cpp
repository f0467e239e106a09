#include "media/detail/recorder_metadata.h"

/// What recorders write about a take: iXML, and the text fields of bext.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop::media;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Metadata metadata;
  std::vector<std::string> warnings;
  detail::read_ixml(text, metadata, warnings);
  detail::resolve_timecode(metadata, {48000});
  if (metadata.timecode) twopop::to_string(*metadata.timecode, *metadata.timecode_rate);
  Metadata other;
  detail::read_bext(text, other, warnings);
  detail::resolve_timecode(other, {48000});
  return 0;
}
