#include "api/values.h"
#include "film/booth.h"
#include "session/json.h"

#include <charconv>
#include <cstring>

namespace twopop::server {
namespace {

using session::type_of;

constexpr std::int64_t kMostGuide_s = 180;
constexpr int kMostTries = 5;

std::optional<std::int64_t> whole(const Request& request, const std::string& key) {
  const auto given = request.query.find(key);
  std::int64_t value = 0;
  if (given == request.query.end()) return std::nullopt;
  const char* end = given->second.data() + given->second.size();
  const auto [at, failed] = std::from_chars(given->second.data(), end, value);
  return failed == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

Response file(std::filesystem::path path, std::string type) {
  Response out;
  out.type = std::move(type);
  out.headers.emplace_back("Cache-Control", "private, no-cache");
  out.body = FilePart{std::move(path), 0, std::nullopt};
  return out;
}

Response view_of(FilmService& film, const Request& request) {
  const session::Head head = film.core().session.head();
  BoothView view = booth_view(*head.document, request.who);
  view.film = request.in_path.at("film");
  view.revision = head.revision;
  view.picture = film.picture().info().proxy_ready;
  return json_response(view);
}

Response guide_of(FilmService& film, const Request& request) {
  const auto begin = whole(request, "begin"), count = whole(request, "count");
  const session::Head head = film.core().session.head();
  if (!begin || !count || *begin < 0 || *count <= 0 || *begin > (std::int64_t{1} << 50) || *count > kMostGuide_s * head.document->rate.hz)
    return problem(400, "invalid_argument", fmt::format("begin and count must name at most {} s", kMostGuide_s), "ask for less");
  const SampleRange range{{*begin}, {*begin + *count}};
  if (!may_hear(booth_view(*head.document, request.who), request.who, range)) return problem(404, "not_found", "this stretch does not belong to your cue", "record the cue that the link is for");
  const auto sound = guide(film, range, [gone = request.gone] { return gone && gone->load(std::memory_order_relaxed); });
  if (!sound) return problem(sound.error());
  auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(sound->frames()) * sizeof(float));
  std::memcpy(bytes->data(), sound->channel(0), bytes->size());
  Response out;
  out.type = "application/octet-stream";
  out.headers.emplace_back("Cache-Control", "no-store");
  out.body = std::shared_ptr<const std::vector<std::byte>>(std::move(bytes));
  return out;
}

Response take_sound(FilmService& film, const Request& request) {
  const session::Head head = film.core().session.head();
  const std::string& media = request.in_path.at("item");
  for (const BoothCue& cue : booth_view(*head.document, request.who).cues)
    for (const BoothTake& take : cue.takes)
      if (take.media == media) {
        auto path = film.media_file(media);
        return path ? file(*std::move(path), "audio/wav") : problem(path.error());
      }
  return problem(404, "not_found", "there is no such take", "look at the list of takes again");
}

Response change_take(FilmService& film, const Request& request) {
  const auto change = session::read_json<BoothTakeChange>(request.body);
  if (!change) return problem(change.error());
  for (int attempt = 1;; ++attempt) {
    const session::Head base = film.core().session.head();
    const auto after = changed_take(*base.document, request.in_path.at("item"), *change, request.who);
    if (!after) return problem(after.error());
    const auto revision = film.core().session.commit(base, *after, request.who.name, change->chosen ? "chose a take in the booth" : change->nudge_ms ? "nudged a take" : "rated a take", session::By::Person);
    if (revision) return json_response(NewRevision{*revision});
    if (revision.error().code != Code::Conflict || attempt == kMostTries) return problem(revision.error());
  }
}

}  // namespace

std::vector<Route> booth_routes(FindFilm find) {
  std::vector<Route> all;
  const auto add = [&, find = std::move(find)](const char* method, const char* pattern, const char* summary, Response (*act)(FilmService&, const Request&)) -> Route& {
    Route& route = all.emplace_back();
    route.method = method;
    route.pattern = pattern;
    route.right = "booth";
    route.summary = summary;
    route.handle = [find, act](const Request& request) {
      const std::string& name = request.in_path.at("film");
      if (!request.who.film.empty() && request.who.film != name) return problem(404, "not_found", fmt::format("there is no film '{}' for this link", name.substr(0, 80)), "open the link again");
      const auto film = find(name);
      return film ? act(**film, request) : problem(film.error());
    };
    return route;
  };
  add("GET", "/api/films/{film}/booth", "What is to be recorded, and the takes of it", view_of).gives = &type_of<BoothView>;
  Route& sound = add("GET", "/api/films/{film}/booth/guide", "The line as it was recorded on set: mono, 32-bit floats", guide_of);
  sound.query = {{"begin", "First sample", true}, {"count", "How many", true}};
  sound.gives_type = "application/octet-stream";
  sound.slow = true;
  Route& picture = add("GET", "/api/films/{film}/booth/picture.mp4", "The picture to speak to, with ranges; of a link only what lies around its cues, all else stands still", [](FilmService& film, const Request& request) {
    const session::Head head = film.core().session.head();
    auto path = booth_picture(film, booth_view(*head.document, request.who), request.who);
    return path ? file(*std::move(path), "video/mp4") : problem(path.error());
  });
  picture.gives_type = "video/mp4";
  picture.slow = true;
  add("GET", "/api/films/{film}/booth/takes/{item}", "A take's recording, by its media's id", take_sound).gives_type = "audio/wav";
  Route& change = add("PATCH", "/api/films/{film}/booth/takes/{item}", "Rates, moves or chooses a take", change_take);
  change.body = Body::Whole;
  change.body_limit = 4 << 10;
  change.takes = &type_of<BoothTakeChange>;
  change.gives = &type_of<NewRevision>;
  return all;
}

}  // namespace twopop::server
