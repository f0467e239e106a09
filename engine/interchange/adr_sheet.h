#pragma once

#include "core/result.h"
#include "session/document.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::interchange {

/// The ADR cue sheet as CSV, a row a cue, in film time. Columns: Cue, In, Out, Character, Line, Alternate line, Reason, Figure,
/// Notes, Status, On screen, Take, In (s), Out (s). In and Out are timecode; "In (s)" and "Out (s)" are film time, exact.
std::string write_adr_sheet(const session::Document& document);

struct AdrSheet {
  /// All cues of the session with those of the sheet in them, which a person has decided.
  std::map<session::Id, session::AdrCue> cues;
  int added = 0, changed = 0;
  std::vector<std::string> warnings;  ///< rows that could not be read, with their lines
};

/// Reads such a sheet, or any CSV with a column of words and columns of times (timecode of the film, or seconds from its start).
/// A row whose cue number is known changes that cue: what its cells say, and nothing where they are empty or missing. Others
/// are added, with reason A unless one is given; they need a place. Where the exact seconds lie within the frame that the
/// timecode names they count, else the timecode does: somebody moved the cue.
/// Fails with Damaged where the first row names neither words nor places.
Result<AdrSheet> read_adr_sheet(std::string_view csv, const session::Document& document);

}  // namespace twopop::interchange
