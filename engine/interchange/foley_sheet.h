#pragma once

#include "core/result.h"
#include "session/document.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::interchange {

/// The Foley sheet as CSV, a row a cue, by pass (feet, moves, specifics) and then by time. Columns: Cue, Pass, In, In (s), Out,
/// Character, Surface, Action, Set, Performance, On screen, Status, Gain (dB), Reason. In and Out are timecode; "In (s)" is film time, exact.
std::string write_foley_sheet(const session::Document& document);

struct FoleySheet {
  std::map<session::Id, session::FoleyCue> cues;  ///< decided by a person: whoever wrote the sheet
  std::vector<std::string> warnings;              ///< rows that could not be read, with their lines
};

/// Reads such a sheet, or any CSV with a column of times ("In", "Time", "Timecode": timecode of the film, or seconds from its
/// start). Missing cue names are made up; sets may be named by id or by surface. Where "In (s)" lies within the frame that "In"
/// names it counts, else the timecode does: somebody moved the cue. Fails with Damaged where there is no column of times.
Result<FoleySheet> read_foley_sheet(std::string_view csv, const session::Document& document);

}  // namespace twopop::interchange
