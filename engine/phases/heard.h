#pragma once

#include "analysis/line_quality.h"
#include "analysis/speech.h"
#include "dsp/dehum.h"
#include "phases/phase.h"

namespace twopop::phases {

/// What is known of one channel of a recording. Times are seconds of the file.
struct Heard {
  SampleRate rate{};
  double length_s = 0;
  std::vector<SampleRange> ranges;  ///< where somebody speaks, pads included; samples of the file
  std::vector<SampleRange> speech;  ///< without pads
  DbFs noise_level{-120.0}, speech_level{-120.0};
  Decibels snr{0.0};
};

/// Speech in a channel of a recording: a fact, made once a file. Fails where the file cannot be read.
Result<Heard> heard_in(const Context& context, const session::Id& media, int channel);

/// Hum of a channel, over its first minute.
Result<dsp::Hum> hum_in(const Context& context, const session::Id& media, int channel);

/// How good a channel is between two seconds of the file.
Result<analysis::LineQuality> quality_of(const Context& context, const session::Id& media, int channel, double in_s, double out_s);

/// How alike the words of two recordings are over the same stretch (analysis/align.h: 0.50 and more for the same sentence, 0.41
/// and less for others). 1 where it cannot be told: rates that differ, a stretch too short or too long.
struct Stretch {
  session::Id media;
  int channel = 0;
  double in_s = 0, out_s = 0;
};
Result<double> likeness_of(const Context& context, const Stretch& guide, const Stretch& other);

/// The facts that these ask for, to be made ahead (Workspace::make_facts) where many are wanted.
Result<signal::Fact> heard_fact(const Context& context, const session::Id& media, int channel);
Result<signal::Fact> hum_fact(const Context& context, const session::Id& media, int channel);
Result<signal::Fact> quality_fact(const Context& context, const session::Id& media, int channel, double in_s, double out_s);
/// Nothing where likeness cannot be told.
Result<std::optional<signal::Fact>> likeness_fact(const Context& context, const Stretch& guide, const Stretch& other);

/// Second of a recording at a film position, and back.
double source_second(const session::Placement& placement, SamplePosition film, SampleRate rate);
SamplePosition film_position(const session::Placement& placement, double source_s, SampleRate rate);

}  // namespace twopop::phases
