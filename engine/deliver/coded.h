#pragma once

#include "deliver/spec.h"
#include "media/encode.h"
#include "signal/workspace.h"

namespace twopop::deliver {

/// Sound of a coded film, brought under the ceiling as it is heard when it is decoded again.
struct CodedSound {
  signal::Signal sound;      ///< what is given to the coder
  Decibels headroom{};       ///< by which its limiter's ceiling lies under the specification's
  DbTp decoded_peak{};
  Lufs decoded_loudness{};
  int rounds = 0;
  bool under_ceiling = false;
};

/// Codes `mix` (stored) alone into a temporary file beside `scratch`, decodes it, measures, and gives the deliverable a
/// limiter of its own with more headroom until the ceiling holds: at most four rounds. The mix itself never changes.
/// What was coded last stays at `scratch`, for the film. `progress` is told the share of a round that is done.
Result<CodedSound> fit_under_ceiling(signal::Workspace& work, const signal::Signal& mix, SampleRange film, SampleRate rate, const media::SoundCoding& coding,
                                     DbTp ceiling, const std::filesystem::path& scratch, const std::function<void(double)>& progress = {});

/// The mix under a limiter of its own, `headroom` under the ceiling; the mix itself where that is 0.
signal::Signal with_headroom(const signal::Signal& mix, SampleRange film, SampleRate rate, DbTp ceiling, Decibels headroom);

/// A signal as a source for the coders.
media::SoundSource source_of(signal::Workspace& work, const signal::Signal& sound, SampleRange film, SampleRate rate);

}  // namespace twopop::deliver
