#include "film/film_services.h"

namespace twopop::server {

SessionAccess access_to(std::shared_ptr<SessionHub> hub) {
  return {[hub] { return hub->head(); },
          [hub](const session::Head& base, const session::Document& after, const std::string& author, const std::string& reason, session::By by) {
            return hub->with_store([&](session::Store& store) { return store.commit(base, after, author, reason, by); });
          }};
}

Result<std::shared_ptr<FilmServices>> FilmServices::open(const Films& films, const FilmServiceOptions& options) {
  auto services = std::make_shared<FilmServices>();
  for (const auto& [name, film] : films.all()) {
    TWOPOP_TRY(std::shared_ptr<FilmService> service, FilmService::open(film.hub->folder(), access_to(film.hub), [live = film.live](const std::string& text) { live->tell(text); }, options));
    auto edits = film.hub->subscribe([service = service.get()](const std::vector<session::LogEntry>&, const session::Head&) { service->revised(); });
    services->films_.emplace(name, Open{std::move(service), std::move(edits)});
  }
  return services;
}

Result<std::shared_ptr<FilmService>> FilmServices::find(const std::string& name) const {
  const auto found = films_.find(name);
  if (found == films_.end()) return Error{Code::NotFound, fmt::format("there is no film '{}' here", name), "the list of films has those there are"};
  return found->second.service;
}

FindFilm FilmServices::finder(const std::shared_ptr<FilmServices>& self) const {
  return [self](const std::string& film) { return self->find(film); };
}

}  // namespace twopop::server
