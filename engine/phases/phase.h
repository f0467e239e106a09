#pragma once

#include "phases/track.h"
#include "signal/media_source.h"
#include "signal/workspace.h"

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twopop::phases {

enum class Severity { Note, Warning, Error };

/// What a supervising editor would send back.
struct Finding {
  Severity severity = Severity::Warning;
  std::string phase;                  ///< "dialogue" ... "mix", "media", "deliver"
  std::string code;                   ///< stable, such as "recording-not-in-picture"
  std::optional<SampleRange> where;   ///< film time
  std::string item;                   ///< path of the session item: "/dialogue/clips/c12"
  std::string message;                ///< what is wrong, with the figure
  std::string remedy;                 ///< what to do
  double figure = 0;
  std::string unit;
};

/// What was done to a sound and why, for the report.
struct Treatment {
  std::string item, name;
  std::optional<SampleRange> where;
  std::string what, why;
};

struct Compiled {
  std::vector<Track> tracks;
  std::vector<Cover> covers;
  std::vector<Treatment> treatments;
  std::vector<Finding> findings;      ///< found while compiling: unreadable media, clips out of their file
  /// Dialogue phase: a bed of room tone without a word over the whole film, mono, at the level at which it fills gaps. The
  /// M&E stands on it, so that it is never silent. Null: the film has none.
  signal::Signal room_tone;
  std::vector<SampleRange> speech;    ///< film time ranges where somebody speaks (dialogue and ADR), for those who come later
};

/// An item that spotting proposes, for people: where it stands in the document, and why.
struct Proposed {
  std::string path;                   ///< "/dialogue/clips/c12"
  std::string reason;
  double confidence = 1;
};

/// What spotting offers: the document with this phase's part filled in, never touching items decided by a person.
struct Proposal {
  session::Document document;
  std::vector<Proposed> items;
  std::vector<Finding> findings;      ///< what it was not sure enough of to propose
};

/// What a phase may see.
struct Context {
  const session::Document& document;
  std::filesystem::path film;         ///< folder of the film; media paths may be relative to it
  signal::Workspace& work;
  std::map<std::string, const Compiled*> earlier;  ///< compiled earlier phases by name, in film time
};

/// Below this confidence a proposal becomes a finding instead (twopop build).
inline constexpr double kAcceptConfidence = 0.5;

class Phase {
 public:
  virtual ~Phase() = default;
  /// "dialogue", "adr", "design", "foley", "music", "mix": its part of the document, its name for people.
  virtual const char* name() const = 0;
  /// Looks at media and facts, proposes decisions for this phase's own part.
  virtual Result<Proposal> spot(const Context& context) const = 0;
  /// Turns this phase's part into tracks and covers. Pure: renders nothing but what facts need.
  virtual Result<Compiled> compile(const Context& context) const = 0;
  /// What is unfinished, defective or stale.
  virtual Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled) const = 0;
};

const Phase& dialogue_phase();
const Phase& adr_phase();
const Phase& design_phase();
const Phase& foley_phase();
const Phase& music_phase();
/// The mix has no tracks of its own; it balances those of the others (phases/mix/mix.h).
const Phase& mix_phase();

/// The order of operations. Everything that walks the phases walks this.
const std::array<const Phase*, 6>& order_of_operations();

/// The file behind a media id: path resolved, description for signals. Fails with a sentence if it is missing,
/// moved, or has no sound.
Result<signal::MediaDescription> describe_media(const Context& context, const session::Id& media);
/// Path of a media item, resolved against the film's folder.
std::filesystem::path media_path(const Context& context, const session::Media& media);
/// A media file on the session's clock: file second `source_in_s` is heard at position 0 of the result; drift as in
/// session::Placement. One channel, or all with channel -1. Extent 0 .. length.
Result<signal::Signal> media_on_session_clock(const Context& context, const session::Id& media, int channel, double source_in_s,
                                              double drift_ppm, SampleCount length);

}  // namespace twopop::phases
