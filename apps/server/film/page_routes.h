#pragma once

#include "film/film_service.h"

namespace twopop::server {

/// What the pages of the phases ask for beside what every page does: sounds of one clip or take by itself, fits, splices, cue sheets,
/// and the tables of kinds and specifications.
std::vector<Route> page_routes(FindFilm find);

}  // namespace twopop::server
