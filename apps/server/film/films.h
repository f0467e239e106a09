#pragma once

#include "film/live_film.h"
#include "film/session_hub.h"

#include <map>
#include <string>

namespace twopop::server {

/// A film that is served: its session and those who look at it.
struct ServedFilm {
  std::string name;  ///< in addresses
  std::shared_ptr<SessionHub> hub;   // shared: handlers and jobs may outlive the list
  std::shared_ptr<LiveFilm> live;
};

/// The films of a server, by the name they have in addresses: "night" for night.twopop.
class Films {
 public:
  /// Opens them all, or none.
  static Result<Films> open(const std::vector<std::filesystem::path>& folders, const HubOptions& options = {});
  /// NotFound, in a sentence.
  Result<ServedFilm> find(const std::string& name) const;
  const std::map<std::string, ServedFilm>& all() const { return films_; }

 private:
  std::map<std::string, ServedFilm> films_;
};

}  // namespace twopop::server
