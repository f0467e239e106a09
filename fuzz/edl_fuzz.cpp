#include "interchange/edl.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  interchange::least_nominal_rate(text);
  for (const FrameRate frames : {frame_rates::k25, frame_rates::k29_97}) {
    const auto edl = interchange::read_edl(text, frames);
    if (!edl) continue;
    TWOPOP_ASSERT(!edl->edits.empty());
    for (const interchange::EdlEdit& edit : edl->edits) {
      TWOPOP_ASSERT(edit.record_frames() >= 0 && edit.line > 0 && !edit.reel.empty());
      to_string(edit.record_in, edit.rate);
    }
  }
  return 0;
}
