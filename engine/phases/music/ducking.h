#pragma once

#include "phases/phase.h"

#include <vector>

namespace twopop::phases::music {

/// A stretch in which somebody speaks, pauses too short for the music to come up included.
struct Phrase {
  SampleRange film{};
  Lu over_mean{};  ///< loudness of the speech in it against all speech, in whole LU: a small edit elsewhere changes nothing
};

/// Phrases of the film by what earlier phases say of speech, with the loudness of their tracks.
Result<std::vector<Phrase>> phrases_of(const Context& context);

/// Gain of a music cue over film time that keeps its loudness under speech: in each phrase it lies `distance` below that
/// phrase's speech, when in the open it lies where the mix puts it (`balance` against speech). One depth a phrase, down in 0.4 s
/// before it, up in 0.9 s after it: a hand on a fader that knows what comes.
///
/// `music`: loudness of the cue before, in film time, on the grid of 10 ms; `in_the_open`: where nobody speaks.
struct Duck {
  std::vector<signal::GainPoint> gain;  ///< empty: it may stay as it is
  Decibels deepest{};
  int phrases = 0;
};
Result<Duck> duck(const Context& context, const signal::Signal& music, SampleRange cue, const std::string& name, const std::vector<Phrase>& phrases, Lu distance, Lu balance);

}  // namespace twopop::phases::music
