#pragma once

#include "deliver/master.h"
#include "phases/film.h"

namespace twopop::deliver {

/// A film's mix, measured from summaries kept chunk by chunk.
struct MixMeasure {
  MasterMeasure master;
  analysis::LoudnessBlocks loudness;  ///< of the mix
};
Result<MixMeasure> measure_mix(signal::Workspace& work, const session::Document& document, const phases::MixGraph& mix, const std::vector<SampleRange>& speech);

/// Loudness summary of any signal in film time, kept under its name if it is stored.
Result<analysis::LoudnessBlocks> measure_signal(signal::Workspace& work, const signal::Signal& stored, SampleRange film, SampleRate rate);

/// Where somebody speaks, over dialogue and ADR: sorted, not overlapping.
std::vector<SampleRange> speech_of(const phases::Whole& whole);

}  // namespace twopop::deliver
