#include "api/site.h"

#include "core/text.h"

namespace twopop::server {
namespace {

using FilmsRef = std::shared_ptr<const Films>;  // shared with the other routes

FilmSummary summary_of(const ServedFilm& film) {
  const session::Head head = film.hub->head();
  const session::Document& document = *head.document;
  return {film.name, document.name, head.revision, document.picture.length.value, document.rate.hz, document.frames, document.drop_frame, document.start_frame, film.live->here()};
}

template <class T>
Response answer(const EditAnswer& done, const T& value) {
  return done.error ? problem(*done.error, done.collided) : json_response(value);
}

/// The text of a film's view, kept for the revision it was last asked for at.
class Views {
 public:
  Result<Response> view(const ServedFilm& film) {
    std::scoped_lock lock(mutex_);
    Kept& kept = kept_[film.name];
    if (!kept.bytes || kept.revision != film.hub->revision()) {
      TWOPOP_TRY(const SessionText text, film.hub->document_json());
      FilmSummary summary = summary_of(film);
      summary.revision = text.revision;
      const std::string all = fmt::format("{{\"summary\":{},\"document\":{}}}", session::write_json(summary, session::JsonLayout::Compact), text.json);
      const auto* begin = reinterpret_cast<const std::byte*>(all.data());
      kept = {text.revision, std::make_shared<const std::vector<std::byte>>(begin, begin + all.size())};
    }
    Response response;
    response.headers.emplace_back("ETag", fmt::format("\"{}-{}\"", film.name, kept.revision));
    response.body = kept.bytes;
    return response;
  }

 private:
  struct Kept {
    std::int64_t revision = -1;
    std::shared_ptr<const std::vector<std::byte>> bytes;  // shared with the connections it goes out through
  };
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

Response post_edit(const ServedFilm& film, const Request& request) {
  const Result<EditRequest> wanted = session::read_json<EditRequest>(request.body);
  if (!wanted) return problem(wanted.error());
  if (wanted->patch.empty()) return problem(400, "invalid_argument", "there is nothing to change", "give a patch with at least one operation");
  session::Edit edit;
  edit.author = request.who.name;
  edit.reason = wanted->reason;
  edit.base_revision = wanted->base_revision.value_or(film.hub->revision());
  Result<session::Patch> patch = patch_of(wanted->patch);
  if (!patch) return problem(patch.error());
  edit.patch = *std::move(patch);
  if (const auto missing = missing_right(request.who, edit.patch)) {
    const Problem no = no_right(request.who, *missing);
    return problem(no.status, no.code, no.detail, no.remedy);
  }
  const EditAnswer done = film.hub->edit(std::move(edit), wanted->id);
  return answer(done, NewRevision{done.revision});
}

Response get_history(const ServedFilm& film, const Request& request) {
  constexpr std::int64_t kMost = 1000;
  const auto number = [&](const char* name) -> std::optional<std::int64_t> {
    const auto it = request.query.find(name);
    return it == request.query.end() ? std::nullopt : whole_number(it->second);
  };
  const std::int64_t newest = film.hub->revision();
  const auto after = number("after"), last = number("last");
  if ((request.query.contains("after") && !after) || (request.query.contains("last") && (!last || *last < 0))) return problem(400, "query", "after and last are whole numbers");
  const std::int64_t from = after ? std::max<std::int64_t>(0, *after) : std::max<std::int64_t>(0, newest - std::min(last.value_or(100), kMost));
  const auto entries = film.hub->history(from, from > newest - kMost ? newest : from + kMost);
  if (!entries) return problem(entries.error());
  std::vector<HistoryEntry> out;
  for (const session::LogEntry& entry : *entries) {
    HistoryEntry one{entry.revision, entry.base_revision, entry.author, entry.time, entry.reason, entry.id, entry.by, entry.kind, std::nullopt, operations_of(entry.patch)};
    if (entry.kind != session::EditKind::Edit) one.target = entry.target;
    out.push_back(std::move(one));
  }
  return json_response(out);
}

Route film_route(const FilmsRef& films, const char* method, const char* rest, const char* right, const char* summary, std::function<Response(const ServedFilm&, const Request&)> handle) {
  Route route;
  route.method = method;
  route.pattern = std::string("/api/films/{film}") + rest;
  route.right = right;
  route.summary = summary;
  route.handle = [films, handle = std::move(handle)](const Request& request) {
    const Result<ServedFilm> film = films->find(request.in_path.at("film"));
    return film ? handle(*film, request) : problem(film.error());
  };
  return route;
}

}  // namespace

std::vector<Route> edit_routes(std::shared_ptr<const Films> films) {
  std::vector<Route> routes;
  Route list;
  list.method = "GET";
  list.pattern = "/api/films";
  list.right = "read";
  list.summary = "The films that are served";
  list.gives = &session::type_of<std::vector<FilmSummary>>;
  list.handle = [films](const Request&) {
    std::vector<FilmSummary> all;
    for (const auto& [unused, film] : films->all()) all.push_back(summary_of(film));
    return json_response(all);
  };
  routes.push_back(std::move(list));

  auto views = std::make_shared<Views>();
  Route view = film_route(films, "GET", "", "read", "A film in short and its whole document; the ETag is of the revision", [views](const ServedFilm& film, const Request&) {
    Result<Response> response = views->view(film);
    return response ? *std::move(response) : problem(response.error());
  });
  view.gives = &session::type_of<FilmView>;
  routes.push_back(std::move(view));

  Route edit = film_route(films, "POST", "/edits", "read", "Changes the document; each path needs the right to edit its part", post_edit);
  edit.body = Body::Whole;
  edit.body_limit = std::uint64_t{8} << 20;
  edit.takes = &session::type_of<EditRequest>;
  edit.gives = &session::type_of<NewRevision>;
  routes.push_back(std::move(edit));

  Route undo = film_route(films, "POST", "/undo", "edit", "Takes back one's own last edit", [](const ServedFilm& film, const Request& request) {
    const EditAnswer done = film.hub->undo(request.who.name);
    return answer(done, NewRevision{done.revision});
  });
  undo.body = Body::Whole;
  undo.gives = &session::type_of<NewRevision>;
  routes.push_back(std::move(undo));

  Route redo = film_route(films, "POST", "/redo", "edit", "Makes again what one last took back", [](const ServedFilm& film, const Request& request) {
    const EditAnswer done = film.hub->redo(request.who.name);
    return answer(done, NewRevision{done.revision});
  });
  redo.body = Body::Whole;
  redo.gives = &session::type_of<NewRevision>;
  routes.push_back(std::move(redo));

  Route history = film_route(films, "GET", "/history", "read", "Edits, oldest first; at most 1000 at a time", get_history);
  history.query = {{"after", "Only later revisions than this"}, {"last", "Only so many of the newest; 100 if left out"}};
  history.gives = &session::type_of<std::vector<HistoryEntry>>;
  routes.push_back(std::move(history));
  return routes;
}

}  // namespace twopop::server
