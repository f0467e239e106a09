#include "phases/track.h"

namespace twopop::phases {

const char* name_of(Stem stem) {
  switch (stem) {
    case Stem::Dialogue: return "dialogue";
    case Stem::Adr: return "adr";
    case Stem::Effects: return "effects";
    case Stem::Foley: return "foley";
    case Stem::Music: return "music";
  }
  return "";
}

}  // namespace twopop::phases
