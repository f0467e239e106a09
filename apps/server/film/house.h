#pragma once

#include "film/film_service.h"
#include "film/films.h"
#include "film/takes.h"

namespace twopop::server {

/// Films with everything that serves them: session, sounds, picture, jobs, takes.
class House {
 public:
  /// Opens the service of every film, or none.
  static Result<std::shared_ptr<House>> open(std::shared_ptr<const Films> films, const FilmServiceOptions& options = {});

  /// NotFound, in a sentence.
  Result<std::shared_ptr<FilmService>> service(const std::string& film) const;
  Result<std::shared_ptr<Takes>> takes(const std::string& film) const;

 private:
  /// What goes first stands last: news end before the service that is told, and it before the session.
  struct Room {
    ServedFilm film;
    std::shared_ptr<FilmService> service;  // shared: requests outlive the house
    std::shared_ptr<Takes> takes;          // shared with requests
    SessionHub::Subscription news;
  };
  Result<const Room*> room(const std::string& film) const;

  std::shared_ptr<const Films> films_;  // shared with the routes
  std::map<std::string, Room> rooms_;
};

/// Every route of a house: film, booth and takes.
std::vector<Route> house_routes(const std::shared_ptr<House>& house);

}  // namespace twopop::server
