#pragma once

#include "analysis/onsets.h"
#include "session/document.h"

#include <map>
#include <string>
#include <vector>

/// Which recorded hit plays which cue: decided without hearing anything.
namespace twopop::phases::foley {

/// A hit of a recording that may be played.
struct Recorded {
  session::Id media;
  analysis::Hit hit;
};

/// A hit laid at its place.
struct Laid {
  session::Id cue;           ///< empty: a hit of a performance that no cue asks for, left where it was
  session::Id media;
  analysis::Hit hit;
  SamplePosition attack{};   ///< film time at which its attack is heard
  Decibels gain{};
  double pitch_semitones = 0;
  double pan = 0;
  session::FoleyPass pass = session::FoleyPass::Feet;
  double moved_ms = 0;       ///< of a performance: how far the hit was moved onto its cue
};

/// Cues of one set, played by its recordings: never the same hit twice in a row, level within 2 dB and pitch within half
/// a semitone drawn by seed. The draw of a cue hangs on its id and on the cue before it in time, so that moving one leaves the rest.
std::vector<Laid> lay_set(const std::vector<std::pair<session::Id, const session::FoleyCue*>>& cues, const std::vector<Recorded>& recordings, std::int64_t seed);

/// Hits of a performance moved onto the cues that it plays: matched in order so that the sum of the ways is least (dynamic
/// programming; hits and cues may be left over). `start`: film time of the file's first sample.
struct Moved {
  std::vector<Laid> laid;
  std::vector<session::Id> unplayed;  ///< cues for which it has no hit
  int left_over = 0;                  ///< hits that no cue asks for
};
Moved move_performance(const std::vector<std::pair<session::Id, const session::FoleyCue*>>& cues, const std::vector<Recorded>& hits, SamplePosition start,
                       SampleRate rate);

/// The set that a cue is made from: the one it names, by id or by surface; else the first of its pass that has its
/// surface. Empty: none.
session::Id set_of(const session::Foley& foley, const session::FoleyCue& cue);

/// Surface and pass of a recording by its name ("minetest_default_wood_footstep.2" is wood, feet), and the name of its set.
struct Named {
  std::string set, surface;
  session::FoleyPass pass = session::FoleyPass::Specifics;
};
Named named(const std::string& file_name);

}  // namespace twopop::phases::foley
