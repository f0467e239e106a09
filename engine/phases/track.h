#pragma once

#include "session/document.h"
#include "signal/signals.h"

#include <array>
#include <string>
#include <vector>

namespace twopop::phases {

enum class Stem { Dialogue, Adr, Effects, Foley, Music };
inline constexpr std::array kStems{Stem::Dialogue, Stem::Adr, Stem::Effects, Stem::Foley, Stem::Music};
/// "dialogue", "adr", "effects", "foley", "music".
const char* name_of(Stem stem);

/// What a track is for: the mixer's first balance goes by it.
enum class Role { Speech, RoomTone, ProductionEffect, Ambience, Effect, Footsteps, Moves, Specifics, Score, DiegeticMusic };

/// A track that a phase hands on, before the mix. Film time, `layout` channels or mono (the mix pans mono tracks).
struct Track {
  session::Id id;                     ///< key of its strip in the mix
  std::string name;
  Stem stem = Stem::Dialogue;
  Role role = Role::Speech;
  signal::Signal sound;
  double pan = 0;                     ///< wish of the phase; the strip's pan adds to it
  std::vector<SampleRange> heard;     ///< where it has sound worth measuring (clips, cues), sorted
};

/// Ranges of an earlier stem that this phase replaces. The mix applies it; earlier phases are not compiled again.
struct Cover {
  Stem stem = Stem::Dialogue;
  session::Id track;                  ///< empty: every track of the stem
  signal::CoveredRange range{};
  std::string reason;
};

}  // namespace twopop::phases
