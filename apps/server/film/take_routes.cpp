#include "film/takes.h"
#include "session/json.h"

#include <charconv>

namespace twopop::server {
namespace {

using session::read_json;
using session::type_of;

constexpr std::uint64_t kMostPortion = std::uint64_t{64} << 20;

Response offset_differs(const TakeOffset& held) {
  Response response = problem(409, "offset", fmt::format("the server holds {} bytes", held.offset), "go on from there");
  response.headers.emplace_back("Upload-Offset", std::to_string(held.offset));
  return response;
}

Response with_offset(const TakeOffset& held) {
  Response response = json_response(held);
  response.headers.emplace_back("Upload-Offset", std::to_string(held.offset));
  return response;
}

}  // namespace

std::vector<Route> take_routes(FindTakes find) {
  /// The takes of the request's film, for whom it is open.
  const auto in_film = [find = std::move(find)](const Request& request, const std::function<Response(Takes&)>& act) {
    const std::string& film = request.in_path.at("film");
    if (!request.who.film.empty() && request.who.film != film) return problem(404, "not_found", fmt::format("there is no film '{}' for this link", film), "open the link again");
    const auto takes = find(film);
    return takes ? act(**takes) : problem(takes.error());
  };
  std::vector<Route> all;
  const auto add = [&](const char* method, const char* pattern, const char* summary) -> Route& {
    Route& route = all.emplace_back();
    route.method = method;
    route.pattern = pattern;
    route.right = "booth";
    route.summary = summary;
    return route;
  };

  Route& start = add("POST", "/api/films/{film}/takes", "Begins a take");
  start.body = Body::Whole;
  start.body_limit = 64 << 10;
  start.takes = &type_of<TakeStart>;
  start.gives = &type_of<TakeOffset>;
  start.handle = [in_film](const Request& request) {
    return in_film(request, [&](Takes& takes) {
      const auto wish = read_json<TakeStart>(request.body);
      if (!wish) return problem(wish.error());
      const auto made = takes.start(*wish, request.who);
      return made ? with_offset(*made) : problem(made.error());
    });
  };

  Route& offset = add("GET", "/api/films/{film}/takes/{id}", "How much of a take the server holds");
  offset.gives = &type_of<TakeOffset>;
  offset.handle = [in_film](const Request& request) {
    return in_film(request, [&](Takes& takes) {
      const auto held = takes.offset(request.in_path.at("id"), request.who);
      return held ? with_offset(*held) : problem(held.error());
    });
  };

  Route& append = add("PUT", "/api/films/{film}/takes/{id}", "Sends bytes of a take; 409 with Upload-Offset where they do not go on from what the server holds");
  append.query = {{"offset", "Bytes sent before these", true}};
  append.body = Body::Streamed;
  append.body_limit = kMostPortion;
  append.slow = true;
  append.gives = &type_of<TakeOffset>;
  append.handle = [in_film](const Request& request) {
    return in_film(request, [&](Takes& takes) {
      std::int64_t at = -1;
      if (const auto given = request.query.find("offset"); given != request.query.end()) {
        const auto [end, failed] = std::from_chars(given->second.data(), given->second.data() + given->second.size(), at);
        if (failed != std::errc() || end != given->second.data() + given->second.size()) at = -1;
      }
      if (at < 0 || !request.stream) return problem(400, "invalid_argument", "offset must be a whole number of bytes", "ask for the take's offset");
      const auto appended = takes.append(request.in_path.at("id"), at, *request.stream, request.who);
      if (!appended) return problem(appended.error());
      return appended->in_place ? with_offset(appended->held) : offset_differs(appended->held);
    });
  };

  Route& finish = add("POST", "/api/films/{film}/takes/{id}/finish", "Checks a take, makes its WAV and puts it into the film; may be asked again");
  finish.body = Body::Whole;
  finish.body_limit = 64 << 10;
  finish.slow = true;
  finish.takes = &type_of<TakeFinish>;
  finish.gives = &type_of<TakeResult>;
  finish.handle = [in_film](const Request& request) {
    return in_film(request, [&](Takes& takes) {
      const auto wish = read_json<TakeFinish>(request.body);
      if (!wish) return problem(wish.error());
      const auto result = takes.finish(request.in_path.at("id"), *wish, request.who);
      return result ? json_response(*result) : problem(result.error());
    });
  };

  Route& give_up = add("DELETE", "/api/films/{film}/takes/{id}", "Gives a take up");
  give_up.handle = [in_film](const Request& request) {
    return in_film(request, [&](Takes& takes) {
      const auto gone = takes.give_up(request.in_path.at("id"), request.who);
      if (!gone) return problem(gone.error());
      Response response;
      response.status = 204;
      return response;
    });
  };
  return all;
}

}  // namespace twopop::server
