#pragma once

#include "film/film_service.h"
#include "film/films.h"

namespace twopop::server {

/// Access to a film's session through its hub.
SessionAccess access_to(std::shared_ptr<SessionHub> hub);

/// The services of all films of a server, joined to their sessions and live sockets.
class FilmServices {
 public:
  /// Opens them all, or none.
  static Result<std::shared_ptr<FilmServices>> open(const Films& films, const FilmServiceOptions& options = {});

  /// NotFound, in a sentence.
  Result<std::shared_ptr<FilmService>> find(const std::string& name) const;
  FindFilm finder(const std::shared_ptr<FilmServices>& self) const;

 private:
  struct Open {
    std::shared_ptr<FilmService> service;  // shared: handlers and jobs may outlive the list
    SessionHub::Subscription edits;        // ends before the service does
  };
  std::map<std::string, Open> films_;
};

}  // namespace twopop::server
