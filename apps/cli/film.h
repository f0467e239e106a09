#pragma once

#include "cli.h"

#include "deliver/board.h"
#include "deliver/build.h"
#include "session/store.h"

#include <memory>

namespace twopop::cli {

/// A film opened for work: its session, its cache, the progress that is shown.
struct OpenFilm {
  std::filesystem::path bundle;
  session::Store session;
  std::unique_ptr<ProgressLine> progress;
  std::unique_ptr<signal::Workspace> work;

  const session::Document& document() const { return *session.head().document; }
  /// Commits a document as an edit of analysis, on the newest revision.
  Result<void> commit_auto(const session::Document& next, const std::string& reason);
  Result<phases::FilmPlace> place() const;
};

/// Opens `film.twopop`. Fails with NotFound and how to make one.
Result<OpenFilm> open_film(const std::filesystem::path& bundle, const Globals& globals);

/// Name of the person at the keyboard: TWOPOP_AUTHOR, or the login name.
std::string author();

nlohmann::ordered_json json_of(const phases::Finding& finding, const session::Document& document);
nlohmann::ordered_json json_of(const phases::PhaseStatus& row, const session::Document& document);
using deliver::timecode_of;
/// "01:00:10:00-01:00:14:00".
Result<SampleRange> parse_range(const std::string& text, const session::Document& document);
Result<SamplePosition> parse_position(const std::string& text, const session::Document& document);

}  // namespace twopop::cli
