#include "film/page_routes.h"

#include "film/page_facts.h"
#include "interchange/sheets.h"
#include "session/json.h"

#include <charconv>
#include <cstring>

namespace twopop::server {
namespace {

constexpr double kLongest_s = 120;                    ///< of a sound that is sent whole
constexpr std::uint64_t kLargestSheet = 4u << 20;
constexpr int kMostRenders = 2, kMostWaiting = 16;

using session::type_of;

std::string text_of(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

/// One request at work: the newest document, and what phases may see of it.
struct Asked {
  FilmService& film;
  const Request& request;
  session::Head head;
  std::shared_ptr<Gate> gate;

  phases::Context context() const { return {*head.document, film.core().folder, *film.core().work, {}}; }
  const std::string& id() const { return request.in_path.at("id"); }
  Stop stop() const {
    return [gone = request.gone] { return gone && gone->load(std::memory_order_relaxed); };
  }
};

/// The whole of a short sound, as a chunk is sent: 32-bit floats, channel after channel.
Result<Response> sound_response(const Asked& asked, const signal::Signal& sound) {
  const SampleRange range = sound->extent();
  const double length_s = seconds(range.length(), asked.head.document->rate);
  if (length_s > kLongest_s) return Error{Code::Unsupported, fmt::format("{:.0f} s are too long to be sent at once", length_s), "split the clip, or listen to its track"};
  TWOPOP_TRY(const Gate::Pass pass, asked.gate->enter(asked.stop()));
  TWOPOP_TRY(const AudioBuffer<float> samples, asked.film.core().work->read(sound, range));
  auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(samples.channels()) * static_cast<std::size_t>(samples.frames()) * sizeof(float));
  for (int c = 0; c < samples.channels(); ++c)
    std::memcpy(bytes->data() + static_cast<std::size_t>(c) * static_cast<std::size_t>(samples.frames()) * sizeof(float), samples.channel(c), static_cast<std::size_t>(samples.frames()) * sizeof(float));
  Response out;
  out.type = "application/octet-stream";
  out.headers = {{"X-Channels", std::to_string(samples.channels())}, {"X-Frames", std::to_string(samples.frames())}, {"X-Revision", std::to_string(asked.head.revision)}, {"Cache-Control", "no-store"}};
  out.body = std::shared_ptr<const std::vector<std::byte>>(std::move(bytes));
  return out;
}

Result<Response> clip_sound(const Asked& asked) {
  const std::string stage = text_of(asked.request, "stage");
  if (stage != "recorded" && stage != "repaired") return Error{Code::InvalidArgument, fmt::format("a clip has no stage '{}'", stage.substr(0, 40)), "ask for recorded or repaired"};
  session::Document document = *asked.head.document;
  const auto clip = document.dialogue.clips.find(asked.id());
  if (clip == document.dialogue.clips.end()) return Error{Code::NotFound, fmt::format("there is no dialogue clip {}", asked.id().substr(0, 80)), "somebody may have removed it: look at the list again"};
  // Another microphone is heard as the clip would be with it.
  if (const std::string placement = text_of(asked.request, "placement"); !placement.empty()) {
    if (!document.dialogue.placements.contains(placement)) return Error{Code::NotFound, fmt::format("there is no placement {}", placement.substr(0, 80)), "choose another microphone"};
    clip->second.placement = placement;
  }
  if (const std::string channel = text_of(asked.request, "channel"); !channel.empty()) {
    const auto [at, status] = std::from_chars(channel.data(), channel.data() + channel.size(), clip->second.channel);
    if (status != std::errc() || at != channel.data() + channel.size() || clip->second.channel < 0 || clip->second.channel > 1023)
      return Error{Code::InvalidArgument, fmt::format("channel={} is none", channel.substr(0, 40)), "channels are counted from 0"};
  }
  const phases::Context context{document, asked.film.core().folder, *asked.film.core().work, {}};
  TWOPOP_TRY(const signal::Signal sound, clip_by_itself(context, asked.id(), stage == "recorded" ? ClipStage::Recorded : ClipStage::Repaired));
  return sound_response(asked, sound);
}

Result<Response> take_sound(const Asked& asked) {
  const std::string name = text_of(asked.request, "stage");
  std::optional<TakeStage> stage;
  for (const auto& [known, value] : {std::pair{"line", TakeStage::Line}, {"spoken", TakeStage::Spoken}, {"fitted", TakeStage::Fitted}})
    if (name == known) stage = value;
  if (!stage) return Error{Code::InvalidArgument, fmt::format("a take has no stage '{}'", name.substr(0, 40)), "ask for line, spoken or fitted"};
  TWOPOP_TRY(const signal::Signal sound, take_by_itself(asked.context(), asked.id(), *stage));
  return sound_response(asked, sound);
}

Result<Response> sheet(const Asked& asked) {
  const std::string& kind = asked.request.in_path.at("kind");
  const session::Document& document = *asked.head.document;
  Response out;
  if (kind == "adr")
    out.body = interchange::adr_sheet(document);
  else if (kind == "foley")
    out.body = interchange::foley_sheet(document);
  else if (kind == "music")
    out.body = interchange::music_sheet(document);
  else
    return Error{Code::NotFound, fmt::format("there is no sheet '{}'", kind.substr(0, 40)), "there are adr, foley and music"};
  out.type = "text/csv; charset=utf-8";
  out.headers = {{"Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", kind)}, {"Cache-Control", "no-store"}};
  return out;
}

Result<Response> sheet_taken(const Asked& asked) {
  const std::string& kind = asked.request.in_path.at("kind");
  if (!asked.request.who.may("edit:" + kind)) return problem(403, "forbidden", fmt::format("{} may not edit {}", asked.request.who.name, kind), "ask the owner of the film for that role");
  const std::string name = text_of(asked.request, "name");
  TWOPOP_TRY(const interchange::SheetTaken taken, interchange::take_sheet(asked.request.body, *asked.head.document, name.empty() ? kind + ".csv" : name));
  const bool same = (taken.kind == interchange::SheetKind::Adr && kind == "adr") || (taken.kind == interchange::SheetKind::Foley && kind == "foley");
  if (!same) return Error{Code::InvalidArgument, fmt::format("{}: its columns are not those of a sheet of {}", name, kind), "take it in on the page it belongs to"};
  SheetOutcome outcome{asked.head.revision, taken.added, taken.changed, taken.warnings};
  if (taken.added + taken.changed > 0) {
    TWOPOP_TRY(outcome.revision, asked.film.core().session.commit(asked.head, taken.document, asked.request.who.name, fmt::format("sheet {}", name), session::By::Person));
  }
  return json_response(outcome);
}

}  // namespace

std::vector<Route> page_routes(FindFilm find) {
  std::vector<Route> routes;
  const auto gate = std::make_shared<Gate>(kMostRenders, kMostWaiting);  // shared: by the handlers of all routes
  const auto add = [&](const char* method, const char* pattern, const char* summary, std::vector<QueryParameter> query, session::TypeRef gives, const char* type, auto answer) -> Route& {
    Route route;
    route.method = method;
    route.pattern = std::string("/api/films/{film}") + pattern;
    route.right = "read";
    route.summary = summary;
    route.query = std::move(query);
    route.gives = gives;
    route.gives_type = type;
    route.slow = true;
    route.handle = [find, gate, answer](const Request& request) -> Response {
      const auto film = find(request.in_path.at("film"));
      if (!film) return problem(film.error());
      const Result<Response> made = answer(Asked{**film, request, (*film)->core().session.head(), gate});
      return made ? *made : problem(made.error());
    };
    routes.push_back(std::move(route));
    return routes.back();
  };
  const auto fact = [&](const char* pattern, const char* summary, session::TypeRef gives, auto compute) {
    add("GET", pattern, summary, {}, gives, "application/json", [compute](const Asked& asked) -> Result<Response> {
      TWOPOP_TRY(const auto value, compute(asked.context(), asked.id()));
      return json_response(value);
    });
  };
  constexpr const char* binary = "application/octet-stream";
  add("GET", "/dialogue/clips/{id}/sound", "A dialogue clip by itself: 32-bit floats, X-Channels and X-Frames",
      {{"stage", "recorded, or repaired by its hum removal, noise reduction and expander", true}, {"placement", "Another microphone"}, {"channel", "Its channel, from 0"}}, nullptr, binary, clip_sound);
  add("GET", "/adr/takes/{id}/sound", "An ADR take by itself, as a clip", {{"stage", "line: what it is to replace; spoken; fitted: stretched onto the line", true}}, nullptr, binary, take_sound);
  fact("/adr/takes/{id}/fit", "How a take lies against its line, before and after it is stretched", &type_of<TakeFitInfo>, take_fit);
  fact("/foley/performances/{id}", "A Foley performance split at its hits, each with its distance from its cue", &type_of<PerformedInfo>, performance_facts);
  fact("/music/cues/{id}/fit", "How a piece is cut to the length of its cue: tempo and splices", &type_of<CueFitInfo>, music_fit);
  add("GET", "/sheets/{kind}", "The cue sheet of adr, foley or music as CSV", {}, nullptr, "text/csv", sheet);
  Route& taken = add("POST", "/sheets/{kind}", "Takes a cue sheet of adr or foley (CSV) in as the caller's decisions", {{"name", "Name of the file"}}, &type_of<SheetOutcome>, "application/json", sheet_taken);
  taken.body = Body::Whole;
  taken.body_limit = kLargestSheet;
  taken.right = "edit";

  const auto table = [&](const char* pattern, const char* summary, session::TypeRef gives, auto make) {
    Route route;
    route.method = "GET";
    route.pattern = pattern;
    route.right = "read";
    route.summary = summary;
    route.gives = gives;
    route.handle = [make](const Request&) { return json_response(make()); };
    routes.push_back(std::move(route));
  };
  table("/api/kinds", "What effect steps and synthesised beds can be set to", &type_of<KindTables>, kind_tables);
  table("/api/specifications", "Delivery specifications, with their sources", &type_of<std::vector<SpecificationInfo>>, specification_infos);
  return routes;
}

}  // namespace twopop::server
