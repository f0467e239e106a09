#include "film/house.h"

#include "film/booth.h"
#include "film/page_routes.h"

namespace twopop::server {

Result<std::shared_ptr<House>> House::open(std::shared_ptr<const Films> films, const FilmServiceOptions& options) {
  auto house = std::make_shared<House>();
  house->films_ = films;
  for (const auto& [name, film] : films->all()) {
    Room room;
    room.film = film;
    SessionAccess session;
    session.head = [hub = film.hub] { return hub->head(); };
    session.commit = [hub = film.hub](const session::Head& base, const session::Document& after, const std::string& author, const std::string& reason, session::By by) {
      return hub->with_store([&](session::Store& store) { return store.commit(base, after, author, reason, by); });
    };
    TWOPOP_TRY(room.service, FilmService::open(film.hub->folder(), std::move(session), [live = film.live](const std::string& text) { live->tell(text); }, options));
    // The takes work on the service's core and keep it alive.
    room.takes = std::shared_ptr<Takes>(new Takes(room.service->core()), [service = room.service](Takes* takes) { delete takes; });
    room.news = film.hub->subscribe([service = std::weak_ptr(room.service)](const std::vector<session::LogEntry>&, const session::Head&) {
      if (const auto alive = service.lock()) alive->revised();
    });
    house->rooms_.emplace(name, std::move(room));
  }
  return house;
}

Result<const House::Room*> House::room(const std::string& film) const {
  const auto found = rooms_.find(film);
  if (found == rooms_.end()) return Error{Code::NotFound, fmt::format("there is no film {} here", film.substr(0, 80)), "GET /api/films lists them"};
  return &found->second;
}

Result<std::shared_ptr<FilmService>> House::service(const std::string& film) const {
  TWOPOP_TRY(const Room* found, room(film));
  return found->service;
}

Result<std::shared_ptr<Takes>> House::takes(const std::string& film) const {
  TWOPOP_TRY(const Room* found, room(film));
  return found->takes;
}

std::vector<Route> house_routes(const std::shared_ptr<House>& house) {
  const FindFilm film = [house](const std::string& name) { return house->service(name); };
  std::vector<Route> all = film_routes(film);
  for (const auto& routes : {page_routes(film), booth_routes(film), take_routes([house](const std::string& name) { return house->takes(name); })}) all.insert(all.end(), routes.begin(), routes.end());
  return all;
}

}  // namespace twopop::server
