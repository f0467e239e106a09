#pragma once

#include "film/films.h"
#include "http.h"

namespace twopop::server {

/// Reading and editing films: summaries, documents, edits, undo, history.
std::vector<Route> edit_routes(std::shared_ptr<const Films> films);
/// Who one is on a server without accounts.
std::vector<Route> local_routes();

/// Every route there is, to be described and not to be asked: they lead to no film.
std::vector<Route> all_routes();

/// The person at the machine: owner of everything, by the name that edits get on the command line. Only a server that
/// listens on a loopback address may use it. The token against forged requests is new for each.
std::function<Result<Identity>(const Request&)> local_person(const std::string& name);

/// What a site is put together from: each part of the server adds its routes.
struct SiteParts {
  std::shared_ptr<const Films> films;  // shared by all routes
  std::vector<std::vector<Route>> routes;
  std::function<Result<Identity>(const Request&)> identify;
  std::function<void(const Request&, int status)> audited;
  std::filesystem::path pages;
};
Site make_site(SiteParts parts);

}  // namespace twopop::server
