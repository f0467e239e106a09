#include "interchange/sheets.h"

/// Cue sheets of all phases, taken into a film of ten seconds that knows some cues.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop;
  static const session::Document film = [] {
    session::Document document;
    document.picture.length = {480'000};
    document.media["door"].path = "fx/door.wav";
    document.adr.cues["c1"].number = "A-101";
    document.adr.cues["c1"].film = {{48'000}, {96'000}};
    document.foley.cues["s1"].at = {1000};
    document.foley.sets["hard"].surface = "hard";
    return document;
  }();
  const auto sheet = interchange::take_sheet({reinterpret_cast<const char*>(data), size}, film, "sheet.csv");
  if (!sheet) return 0;
  const SamplePosition end{film.picture.length.value};
  for (const auto& [id, cue] : sheet->document.foley.cues) TWOPOP_ASSERT(!id.empty() && SamplePosition{0} <= cue.at && cue.at <= end);
  for (const auto& [id, cue] : sheet->document.adr.cues) TWOPOP_ASSERT(!id.empty() && cue.film.in < cue.film.out && cue.film.out <= end);
  interchange::foley_sheet(sheet->document);
  interchange::adr_sheet(sheet->document);
  return 0;
}
