#pragma once

#include "api/values_booth.h"
#include "film/film_service.h"

namespace twopop::server {

/// Cues and takes that somebody may record: all of the film; for an actor what is still to be done, or the one cue of their link.
BoothView booth_view(const session::Document& document, const Identity& who);

/// Whether somebody may hear this stretch in the booth: everybody but actors all of it, they what lies around their cues.
bool may_hear(const BoothView& view, const Identity& who, SampleRange range);

/// What of the picture somebody may see in the booth: nothing said is all of it; for actors what lies around their cues.
std::optional<std::vector<SampleRange>> may_see(const BoothView& view, const Identity& who);
/// The picture proxy, or what `who` may see of it: a file of the same length in which all else stands still, kept in the cache. Busy while
/// the proxy is made, NotFound where there is no picture or nothing to be recorded.
Result<std::filesystem::path> booth_picture(FilmService& film, const BoothView& view, const Identity& who);

/// The document with a take rated, moved or chosen. NotFound for a take that `who` does not see; choosing and moving are for the phase's editors.
Result<session::Document> changed_take(const session::Document& document, const std::string& item, const BoothTakeChange& change, const Identity& who);

/// The production sound of the dialogue phase as it was recorded, uncovered, mono: what an actor speaks to.
Result<AudioBuffer<float>> guide(FilmService& film, SampleRange range, const Stop& stop);

std::vector<Route> booth_routes(FindFilm find);

}  // namespace twopop::server
