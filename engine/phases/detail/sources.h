#pragma once

#include "analysis/onsets.h"
#include "analysis/retarget.h"
#include "analysis/speech.h"
#include "dsp/loop.h"
#include "phases/phase.h"

/// Files as sound on the session's clock, and what is known of them, for the phases that build from libraries of sounds.
namespace twopop::phases::detail {

struct Source {
  signal::Signal sound;   ///< all channels, session rate, from 0
  SampleCount length{};   ///< session samples
  int channels = 0;
  signal::MediaDescription media;
};
Result<Source> source_of(const Context& context, const session::Id& media);

/// A file on the session's clock in memory, at most `most_s` of it from its start: what facts are measured on. The same
/// samples as source_of(...).sound.
Result<AudioBuffer<float>> hear(const signal::MediaDescription& media, SampleRate session, double most_s);

/// Where nobody speaks in a recording, session samples; measured once.
Result<std::vector<SampleRange>> pauses_of(const Context& context, const session::Id& media);
/// Background of a recording by band (dBFS), as analysis/speech.h has it; measured once.
Result<std::vector<float>> background_of(const Context& context, const session::Id& media);
/// A loop of a recording, planned once for a seed. `pauses_only`: nothing but what lies between the words.
Result<dsp::LoopPlan> loop_of(const Context& context, const session::Id& media, std::uint64_t seed, bool pauses_only);
/// Hits of a recorded performance or of a file of single steps, session samples; found once.
Result<std::vector<analysis::Hit>> hits_of(const Context& context, const session::Id& media);
/// Places where the picture cuts, film time; none where there is no picture. Found once.
Result<std::vector<SamplePosition>> picture_cuts_of(const Context& context);

/// A sound brought to a layout: constant-power pan for mono, balance for stereo.
signal::Signal as_layout(signal::Signal sound, Layout layout, double pan);
/// Stereo width of a two-channel sound: 0 mono, 1 as it is.
signal::Signal with_width(signal::Signal sound, double width);
signal::FadeSettings fade_of(const session::Fade& fade);
Layout film_layout(const session::Document& document);

/// An id made of a name: letters, digits, '-', '_' and '.'.
session::Id id_of(std::string_view name);
/// Media of a kind that can be used, in order of their names.
std::vector<session::Id> media_of_kind(const session::Document& document, session::MediaKind kind);
/// Finding about media that could not be used by a phase.
Finding unusable(const char* phase, const session::Id& media, const Error& error);

}  // namespace twopop::phases::detail
