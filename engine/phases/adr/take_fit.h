#pragma once

#include "analysis/align.h"
#include "phases/phase.h"

namespace twopop::phases {

/// Takes of less than this score are not taken for the line in any case.
inline constexpr double kLeastFit = 0.41;

/// How a take lies against a stretch of the film's production sound.
struct TakeFit {
  analysis::Alignment alignment;      ///< map: session samples of the take -> of the line
  double worst_ms = 0;                ///< what a second alignment of the stretched take still finds, 95 % of the speech; 0 under kLeastFit
  DbFs take_level{-120.0};            ///< of its speech
  SampleCount take_length{};
};

/// The roll of takes that were recorded in the booth, to the running picture: their timecode is the film's.
inline constexpr const char* kBoothRoll = "BOOTH";
/// Film position of the first sample of a take from the booth; nothing for a take from elsewhere, whose clock ran by itself.
std::optional<SamplePosition> recorded_at(const session::Document& document, const session::Media& take);

/// The line as the microphones heard it: a clip without its repairs, film time; or, without a clip, nothing.
Result<signal::Signal> production_line(const Context& context, const session::Id& clip);

/// A fact, made once for a line and a take. Fails where one of them cannot be read. Of a take that was recorded to the picture, `at`
/// being the film position of its first sample, only what lies around the line is looked at: not the beeps before it.
Result<TakeFit> fit_of(const Context& context, const signal::Signal& line, SampleRange where, const session::Id& take, int channel,
                       std::optional<SamplePosition> at = {});

/// The take stretched onto the line: film time, as long as `where`, mono.
Result<signal::Signal> fitted(const Context& context, const session::Id& item, const TakeFit& fit, SampleRange where, const session::Id& take, int channel);

}  // namespace twopop::phases
