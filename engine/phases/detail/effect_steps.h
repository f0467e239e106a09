#pragma once

#include "dsp/effect_chain.h"
#include "session/document.h"

namespace twopop::phases::detail {

/// The session's steps as a chain of the engine, lowest order first. Kinds and numbers (docs/guide of the phase):
/// eq {frequency_hz, gain_db, q; shape}, pitch {semitones}, stretch {factor}, reverse, convolve {wet_db, dry_db; impulse},
/// futz {amount, drive_db, room, seed; preset}, gain {gain_db}.
/// Fails with InvalidArgument, naming the step, on an unknown kind, number or word.
Result<dsp::EffectChain> chain_of(const std::map<session::Id, session::EffectStep>& steps);

/// Preset by its name; "tv" stands for television.
Result<dsp::FutzPreset> futz_preset(const std::string& name);

}  // namespace twopop::phases::detail
