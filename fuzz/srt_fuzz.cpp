#include "interchange/subtitles.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto subtitles = twopop::interchange::read_subtitles({reinterpret_cast<const char*>(data), size});
  if (!subtitles) return 0;
  for (const auto& line : subtitles->lines) TWOPOP_ASSERT(line.start_s >= 0 && line.end_s >= line.start_s && line.line > 0);
  return 0;
}
