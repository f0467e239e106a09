#include "dsp/midi.h"

#include <cmath>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop;
  const auto facts = dsp::parse_midi(std::as_bytes(std::span(data, size)));
  if (!facts) return 0;
  TWOPOP_ASSERT(std::isfinite(facts->duration_s()) && facts->duration_s() >= 0);
  double last = 0;
  for (const double beat : facts->quarters_s()) {
    TWOPOP_ASSERT(beat >= last);
    last = beat;
  }
  for (const auto& note : facts->notes) TWOPOP_ASSERT(note.tick >= 0 && note.tick <= facts->last_tick && note.key < 128 && note.velocity < 128);
  return 0;
}
