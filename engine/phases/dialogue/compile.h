#pragma once

#include "phases/phase.h"

namespace twopop::phases {

/// The clips, fills and their processing as tracks of the dialogue stem. A recording that cannot be used costs its clips,
/// each of which becomes a finding.
Result<Compiled> compile_dialogue(const Context& context);

/// One clip as it is heard, in film time, and before its repairs if `dry`. Mono.
enum class Repairs { Done, LeftOut };
Result<signal::Signal> clip_sound(const Context& context, const session::Id& id, const session::DialogueClip& clip, Repairs repairs = Repairs::Done);

/// Track that holds the room tone of the gaps.
inline constexpr const char* kRoomToneTrack = "dialogue-room-tone";

}  // namespace twopop::phases
