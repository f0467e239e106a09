#pragma once

#include "session/document.h"

#include "core/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Takes files into a session: what each is, what is known of it, and what follows for the film.
namespace twopop::deliver {

/// What a file was taken for, or why it was left out.
struct IngestItem {
  std::filesystem::path path;
  std::optional<session::MediaKind> kind;  ///< empty: left out
  std::string reason;                      ///< "folder 'adr'", "no sound or picture in it"
  session::Id id;                          ///< its id in the session
  std::string problem;                     ///< why it is of no use as it is: damaged, empty
};

struct IngestOptions {
  std::optional<session::MediaKind> as;  ///< what all files are; empty: told by folder names and by looking into them
  session::Id cue;                       ///< of takes: the cue they were recorded for
  bool keep_frame_rate = false;          ///< the picture does not set the film's frame rate
  bool keep_start = false;               ///< the picture and the edit list do not set its first timecode
  int threads = 1;
};

struct Ingest {
  session::Document document;
  std::vector<IngestItem> items;   ///< in order of path
  std::vector<std::string> notes;  ///< what was concluded for the film: frame rate, start, length, edit list
};

/// All files below a folder, sorted; hidden ones and films (*.twopop) are passed over. Fails with NotFound.
Result<std::vector<std::filesystem::path>> files_below(const std::filesystem::path& folder);

/// Takes files into a session. `root` is the folder whose sub-folders' names count (empty: the names of the folders right
/// around each file). A file that cannot be read is taken with its problem where its name says what it is: it costs that
/// file, not the film. A file that is there already is left out.
///
/// A picture sets the film's frame rate, start and length if it has none yet; without a picture the film is as long as its
/// longest recording. An edit list becomes events that name the rushes; scripts and subtitles become lines.
Ingest ingest(const session::Document& document, const std::filesystem::path& root, const std::vector<std::filesystem::path>& files,
              const IngestOptions& options = {});

}  // namespace twopop::deliver
