#include "film.h"

#include "session/json.h"

#include <cstdlib>
#include <pwd.h>
#include <unistd.h>

namespace twopop::cli {

Result<void> OpenFilm::commit_auto(const session::Document& next, const std::string& reason) {
  TWOPOP_TRY([[maybe_unused]] const std::int64_t revision, session.commit(session.head(), next, "twopop", reason, session::By::Auto));
  session.rest();
  return {};
}

Result<phases::FilmPlace> OpenFilm::place() const {
  TWOPOP_TRY(const deliver::Specification spec, deliver::specification_of(document()));
  return phases::FilmPlace{bundle, *work, deliver::limiter_ceiling(spec)};
}

Result<OpenFilm> open_film(const std::filesystem::path& bundle, const Globals& globals) {
  if (!std::filesystem::exists(session::session_database(bundle)))
    return Error{Code::NotFound, fmt::format("{}: there is no film here", bundle.string()), fmt::format("make one with `twopop new {} --from FOLDER`", bundle.string())};
  TWOPOP_TRY(session::Store store, session::Store::open(bundle));
  for (const std::string& warning : store.warnings()) std::fprintf(stderr, "twopop: %s\n", warning.c_str());
  OpenFilm film{std::filesystem::absolute(bundle), std::move(store), std::make_unique<ProgressLine>(globals.json), nullptr};
  signal::WorkspaceOptions options;
  options.threads = globals.threads;
  options.cache_budget_bytes = static_cast<std::uint64_t>(globals.cache_gb * 1e9);
  options.memory_bytes = std::uint64_t{32} << 20;  // a command hears most things once
  options.on_progress = [line = film.progress.get()](const cache::Progress& p) { line->update(p); };
  TWOPOP_TRY(film.work, signal::Workspace::open(film.bundle / "cache", std::move(options)));
  film.session.rest();
  return film;
}

std::string author() {
  if (const char* set = std::getenv("TWOPOP_AUTHOR"); set && *set) return set;
  if (const passwd* user = getpwuid(getuid()); user && user->pw_name) return user->pw_name;
  return "someone";
}

Result<SamplePosition> parse_position(const std::string& text, const session::Document& document) {
  TWOPOP_TRY(const Timecode timecode, parse_timecode(text, document.timecode_rate()));
  return position_of(timecode, Timecode{document.start_frame}, document.timecode_rate(), document.rate);
}

Result<SampleRange> parse_range(const std::string& text, const session::Document& document) {
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos) return Error{Code::InvalidArgument, fmt::format("range '{}'", text), "write it as IN-OUT in timecode, such as 01:00:10:00-01:00:14:00"};
  TWOPOP_TRY(const SamplePosition in, parse_position(text.substr(0, dash), document));
  TWOPOP_TRY(const SamplePosition out, parse_position(text.substr(dash + 1), document));
  if (out <= in) return Error{Code::InvalidArgument, fmt::format("range '{}' ends before it begins", text), "give the earlier timecode first"};
  return SampleRange{in, out};
}

nlohmann::ordered_json json_of(const phases::Finding& f, const session::Document& document) {
  return nlohmann::ordered_json::parse(session::write_json(deliver::value_of(f, document)));
}

nlohmann::ordered_json json_of(const phases::PhaseStatus& row, const session::Document& document) {
  return nlohmann::ordered_json::parse(session::write_json(deliver::value_of(row, document)));
}

}  // namespace twopop::cli
