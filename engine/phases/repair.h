#pragma once

#include "session/document.h"
#include "signal/signals.h"

namespace twopop::phases {

/// Whether any repair is switched on.
bool wants_repair(const session::DialogueClip& clip);

/// Hum removal, noise reduction and expander over a whole clip, in this order. `sound` holds the clip at `clip_range` of its own
/// clock, with what lies around it in the recording before and after: noise is learned from pauses there too, or
/// from `room_tone` where it is not null. The result has `clip_range` for extent.
signal::Signal repaired(const session::Id& id, const session::DialogueClip& clip, signal::Signal sound, SampleRange clip_range, signal::Signal room_tone,
                        SampleRate rate);

}  // namespace twopop::phases
