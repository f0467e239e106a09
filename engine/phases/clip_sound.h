#pragma once

#include "phases/phase.h"

namespace twopop::phases {

enum class Repairs { Done, LeftOut };

/// One dialogue clip as it is heard, in film time, with its fades and gain; before its repairs if they are left out. Mono.
/// Fails where its placement is gone, or as describe_media does.
Result<signal::Signal> clip_sound(const Context& context, const session::Id& id, const session::DialogueClip& clip, Repairs repairs = Repairs::Done);

}  // namespace twopop::phases
