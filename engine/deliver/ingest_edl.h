#pragma once

#include "session/document.h"

#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace twopop::deliver {

/// Puts the picture's events of an edit list into a document, each with the rush it shows. `keep_start`: the film's first
/// timecode stays; otherwise it is that of the list where the document has no picture with one of its own.
/// Says what it did and what it could not match. Fails as interchange::read_edl does.
Result<std::vector<std::string>> apply_edl(session::Document& document, std::string_view text, bool keep_start);

/// Puts the lines of a script, or of subtitles, into a document. `ending`: ".srt" and ".vtt" are subtitles.
Result<std::vector<std::string>> apply_script(session::Document& document, std::string_view text, std::string_view ending);

}  // namespace twopop::deliver
