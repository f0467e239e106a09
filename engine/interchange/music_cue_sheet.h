#pragma once

#include "session/document.h"

#include <string>
#include <vector>

namespace twopop::interchange {

/// The music cue sheet as CSV: a head (title, length of the film, length of the music), then a row a cue in film time: Seq, Cue,
/// Title, Usage, In, Out, Duration, Source (visual or background), Composer, Publisher, Licence, ISRC, Origin, Notes. Durations
/// are HH:MM:SS.mmm.
std::string write_music_cue_sheet(const session::Document& document);

/// What a society would send back: cues that sound longer than the programme in sum, cues without title, composer or licence.
std::vector<std::string> check_music_cue_sheet(const session::Document& document);

}  // namespace twopop::interchange
