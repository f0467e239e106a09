#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// The clips, fills and their processing as tracks of the dialogue stem. A recording that cannot be used costs its clips,
/// each of which becomes a finding.
Result<Compiled> compile_dialogue(const Context& context);

/// Track that holds the room tone of the gaps.
inline constexpr const char* kRoomToneTrack = "dialogue-room-tone";

}  // namespace twopop::phases
