#pragma once

#include "session/document.h"

#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

/// Cue sheets as CSV: what goes to a recording stage, and what comes back from it or from a spotting session.
///
/// Places are given as the film's timecode, or as seconds since its first frame ("12.48"). Sheets that we write have both:
/// where they name the same frame, the seconds count, as they are exact to the sample.
namespace twopop::interchange {

enum class SheetKind { Adr, Foley, Effects };

struct SheetTaken {
  session::Document document;
  SheetKind kind = SheetKind::Foley;
  int added = 0, changed = 0;
  std::vector<std::string> warnings;  ///< rows that could not be taken, with their lines
};

/// Takes a sheet into a session as a person's decisions. Columns may stand in any order, under their usual names:
///   ADR      cue, in, out, character, line, alternate line, reason, notes, status, on screen
///   Foley    time (or timecode, in), out, pass, surface, character, action, set, gain db, on screen
///   effects  time, file, gain db, pan
/// A row whose cue number is there already changes that cue; cells that are empty or missing change nothing.
/// Fails with InvalidArgument where the columns tell of no such sheet.
Result<SheetTaken> take_sheet(std::string_view csv, const session::Document& document, const std::string& name);

/// The sheets as they go out, in order of time.
std::string adr_sheet(const session::Document& document);
std::string foley_sheet(const session::Document& document);
/// Title, composer, publisher, licence, in, out, duration, usage of each cue: what a licensor asks for.
std::string music_sheet(const session::Document& document);

}  // namespace twopop::interchange
