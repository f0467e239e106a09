#include "api/site.h"

#include "accounts/people_routes.h"
#include "accounts/roles.h"
#include "film/house.h"
#include "net/router.h"

namespace twopop::server {
namespace {

constexpr const char* kSocket = "/api/films/{film}/socket";

}  // namespace

std::function<Result<Identity>(const Request&)> local_person(const std::string& name) {
  Identity person;
  person.name = name;
  person.roles = {"owner"};
  person.csrf = random_token();
  return [person](const Request&) -> Result<Identity> { return person; };
}

std::vector<Route> local_routes() {
  Route me;
  me.method = "GET";
  me.pattern = "/api/me";
  me.summary = "Who one is, and what one may do";
  me.gives = &session::type_of<Me>;
  me.handle = [](const Request& request) {
    Me out;
    out.name = request.who.name;
    out.roles = request.who.roles;
    out.rights = rights_of(request.who);
    out.csrf = request.who.csrf;
    return json_response(out);
  };
  return {me};
}

std::vector<Route> all_routes() {
  std::vector<Route> all;
  std::array parts{people_routes(nullptr), edit_routes(nullptr), house_routes(nullptr)};
  for (std::vector<Route>& routes : parts)
    for (Route& route : routes) all.push_back(std::move(route));
  return all;
}

Site make_site(SiteParts parts) {
  Site site;
  for (std::vector<Route>& routes : parts.routes)
    for (Route& route : routes) {
      // A link opens one film: no other route of the house may forget to ask.
      route.handle = [handle = std::move(route.handle)](const Request& request) {
        const auto film = request.in_path.find("film");
        if (!request.who.film.empty() && film != request.in_path.end() && film->second != request.who.film)
          return problem(403, "forbidden", "this film is not open to you", "ask the owner of the film");
        return handle(request);
      };
      site.routes.push_back(std::move(route));
    }
  site.identify = std::move(parts.identify);
  site.audited = std::move(parts.audited);
  site.pages = std::move(parts.pages);
  site.socket = [films = std::move(parts.films)](const Request& request) -> Result<std::shared_ptr<LiveHandler>> {
    std::map<std::string, std::string> in_path;
    if (!matches(kSocket, request.path, in_path)) return Error{Code::NotFound, fmt::format("there is no socket at {}", request.path), "open /api/films/{film}/socket"};
    if (!request.who.may("read")) return Error{Code::Cancelled, "this needs the right read", "log in first"};
    if (!request.who.film.empty() && request.who.film != in_path["film"]) return Error{Code::Cancelled, "this film is not open to you", "ask the owner of the film"};
    TWOPOP_TRY(const ServedFilm film, films->find(in_path["film"]));
    return std::shared_ptr<LiveHandler>(film.live);
  };
  return site;
}

}  // namespace twopop::server
