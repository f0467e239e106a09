#include "film/films.h"

#include "session/validate.h"

namespace twopop::server {

Result<Films> Films::open(const std::vector<std::filesystem::path>& folders, const HubOptions& options) {
  Films films;
  for (const std::filesystem::path& given : folders) {
    const std::filesystem::path folder = std::filesystem::absolute(given).lexically_normal();
    const std::string wish = (folder.filename().empty() ? folder.parent_path() : folder).stem().string();
    const std::string name = session::unused_id(films.films_, session::id_from(wish));
    TWOPOP_TRY(std::shared_ptr<SessionHub> hub, SessionHub::open(folder, options));
    auto live = LiveFilm::make(hub);
    films.films_.emplace(name, ServedFilm{name, std::move(hub), std::move(live)});
  }
  return films;
}

Result<ServedFilm> Films::find(const std::string& name) const {
  const auto it = films_.find(name);
  if (it == films_.end()) return Error{Code::NotFound, fmt::format("there is no film {} here", name), "GET /api/films lists them"};
  return it->second;
}

}  // namespace twopop::server
