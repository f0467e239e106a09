#pragma once

#include "core/fields.h"
#include "phases/film.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// Parts of a compiled film by their names, and what a moment of them is made of.
namespace twopop::deliver {

/// What of a film can be heard by itself.
struct FilmSound {
  std::string name;                ///< "mix", "me", "stem:dialogue", "bus:dialogue", "track:ID", "clip:PHASE/ID"
  std::string title;               ///< for people
  std::string phase;               ///< that makes it; "mix" for what is mixed
  signal::Signal sound;            ///< film time
  std::vector<SampleRange> heard;  ///< of tracks: where they have sound worth drawing; empty: anywhere
};
/// The mix, M&E, stems, buses and tracks (before their strips); clips have names too, but are not listed.
std::vector<FilmSound> sounds_of(const phases::Whole& whole);
/// A sound by name: as listed, or as people type it ("dialogue" for its stem, the id of a track or a clip). Empty: the mix. Fails
/// with NotFound.
Result<signal::Signal> sound_named(const phases::Whole& whole, const std::string& name);

/// What became of a place in the last build.
struct LastBuild {
  std::string identity, reason, cause;
  static constexpr auto fields() {
    return std::make_tuple(field("identity", &LastBuild::identity, "The place in the cache"), field("reason", &LastBuild::reason, "Why it was, or was not, made again"),
                           field("cause", &LastBuild::cause, "Which input or setting changed"));
  }
};
struct MomentStep {
  int depth = 0;
  std::string kind, item, settings;
  std::optional<LastBuild> last_build;
  static constexpr auto fields() {
    return std::make_tuple(field("depth", &MomentStep::depth, "How far below what is heard"), field("kind", &MomentStep::kind, "Kind of signal"), field("item", &MomentStep::item, "Item of the session, or place in the cache"),
                           field("settings", &MomentStep::settings, "Its settings, for people"), field("last_build", &MomentStep::last_build, "What the last build did about it"));
  }
};
/// What a phase is made of at one moment.
struct Moment {
  std::string phase, at;
  SamplePosition at_samples{};
  std::int64_t chunk = 0;
  std::vector<MomentStep> made_of;
  bool built = false;
  static constexpr auto fields() {
    return std::make_tuple(field("phase", &Moment::phase, "The phase looked at"), field("at", &Moment::at, "Timecode"), field("at_samples", &Moment::at_samples, "Sample"), field("chunk", &Moment::chunk, "Chunk of the cache"),
                           field("made_of", &Moment::made_of, "Outermost first; nothing where it is silent"), field("built", &Moment::built, "Whether a build has been made"));
  }
};
Result<Moment> moment_of(const session::Document& document, signal::Workspace& work, const phases::Whole& whole, const std::string& phase, SamplePosition at);

}  // namespace twopop::deliver
