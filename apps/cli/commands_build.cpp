#include "commands.h"

#include "deliver/explanations.h"
#include "deliver/moment.h"
#include "deliver/wav_file.h"
#include "film.h"
#include "session/json.h"

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string film, phase, range, solo, output, moment;
  bool accept = false;
};

Json tally(const cache::Executor& executor, cache::TaskKind kind) {
  const auto tallies = executor.tallies();
  const auto found = tallies.find(kind);
  const cache::Tally t = found == tallies.end() ? cache::Tally{} : found->second;
  return {{"wanted", t.wanted}, {"cached", t.cached}, {"rendered", t.rendered}};
}

/// JSON has no infinity: silence is null.
Json level(double x) { return std::isfinite(x) ? Json(std::round(x * 1000) / 1000) : Json(); }

Json figures_json(const deliver::FilmFigures& f) {
  return {{"integrated_lufs", level(f.programme.integrated.value)}, {"loudness_range_lu", level(f.programme.range.value)},
          {"true_peak_dbtp", level(f.programme.true_peak.value)},   {"max_momentary_lufs", level(f.programme.max_momentary.value)},
          {"max_short_term_lufs", level(f.programme.max_short_term.value)}, {"dialogue_lufs", level(f.dialogue.value)}, {"dialogue_share", level(f.dialogue_share)}};
}

Json build_json(const OpenFilm& film, const deliver::BuildOutcome& b) {
  Json json{{"film", film.bundle.string()}, {"revision", film.session.head().revision}};
  json["specification"] = {{"id", b.spec.id}, {"name", b.spec.name}, {"source", b.spec.source}, {"target_lufs", b.spec.target.value}, {"ceiling_dbtp", b.spec.ceiling.value}};
  json["figures"] = figures_json(b.measure.master.figures);
  json["master"] = {{"gain_db", b.document.mix.master.gain.value}, {"missed_lu", b.missed.value}, {"deepest_reduction_db", level(b.measure.master.limiter.deepest.value)}};
  json["checks"] = Json::array();
  for (const auto& c : b.checks) json["checks"].push_back({{"name", c.name}, {"limit", c.limit}, {"figure", level(c.figure)}, {"unit", c.unit}, {"pass", c.pass}});
  if (b.coded)
    json["coded"] = {{"headroom_db", b.coded->headroom.value}, {"decoded_true_peak_dbtp", level(b.coded->decoded_peak.value)},
                     {"decoded_integrated_lufs", level(b.coded->decoded_loudness.value)}, {"rounds", b.coded->rounds}, {"under_ceiling", b.coded->under_ceiling}};
  json["outputs"] = Json::array();
  for (const auto& o : b.outputs) json["outputs"].push_back({{"name", o.name}, {"path", o.path.string()}, {"written", o.written}});
  json["board"] = Json::array();
  for (const auto& row : b.board) json["board"].push_back(json_of(row, b.document));
  json["findings"] = Json::array();
  for (const auto& f : b.findings) json["findings"].push_back(json_of(f, b.document));
  json["accepted_proposals"] = b.accepted.size();
  json["chunks"] = tally(film.work->executor(), cache::TaskKind::Chunk);
  json["facts"] = tally(film.work->executor(), cache::TaskKind::Fact);
  return json;
}

void print_build(const OpenFilm& film, const deliver::BuildOutcome& b) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : b.board)
    rows.push_back({row.phase, std::to_string(row.items), std::to_string(row.by_person), std::to_string(row.open), std::to_string(row.findings), phases::name_of(row.staleness)});
  std::fputs(table({"phase", "items", "by people", "open", "findings", "approval"}, rows, {false, true, true, true, true, false}).c_str(), stdout);
  std::puts("");
  for (const auto& c : b.checks) std::printf("%s  %s: %.2f %s (%s)\n", c.pass ? "pass" : "FAIL", c.name.c_str(), c.figure, c.unit.c_str(), c.limit.c_str());
  if (b.coded) std::printf("%s  Film as decoded again: %.2f dBTP, %.2f LUFS, %.1f dB of headroom\n", b.coded->under_ceiling ? "pass" : "FAIL", b.coded->decoded_peak.value, b.coded->decoded_loudness.value, b.coded->headroom.value);
  std::puts("");
  for (const auto& o : b.outputs) std::printf("%-14s %s%s\n", o.name.c_str(), o.path.string().c_str(), o.written ? "" : "  (was up to date)");
  const auto tallies = film.work->executor().tallies();
  for (const auto& [kind, name] : {std::pair{cache::TaskKind::Chunk, "chunks"}, {cache::TaskKind::Fact, "facts"}})
    if (const auto t = tallies.find(kind); t != tallies.end())
      std::printf("%s: %ld wanted, %ld from the cache, %ld rendered\n", name, static_cast<long>(t->second.wanted), static_cast<long>(t->second.cached), static_cast<long>(t->second.rendered));
  if (!b.findings.empty()) std::printf("%zu findings: see them with `twopop review %s`\n", b.findings.size(), film.bundle.string().c_str());
}

/// Said beside the answer, which holds without it.
void warn(const OpenFilm& film, const Error& error) {
  film.progress->clear();
  std::fprintf(stderr, "twopop: %s\n", error.sentence().c_str());
}

Result<void> build(const Options& options, const Globals& globals) {
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  deliver::BuildPlace place{film.bundle, *film.work, [&](const session::Document& next, const std::string& reason) { return film.commit_auto(next, reason); },
                            [&](const std::string& stage) { film.progress->stage(stage); }, [&](const cache::Progress& progress) { film.progress->update(progress); },
                            [&](const Error& error) { warn(film, error); }};
  TWOPOP_TRY(const deliver::BuildOutcome outcome, deliver::build_film(film.document(), place));
  deliver::ExplanationKeeper keeper(film.work->store());
  film.work->executor().each_explanation([&](const cache::Explanation& e) { keeper.add(e); });
  TWOPOP_CHECK(keeper.finish());
  TWOPOP_CHECK(film.work->store().sync());
  TWOPOP_CHECK(film.session.export_json());
  film.progress->clear();
  if (const auto lost = film.work->executor().not_kept()) warn(film, Error{lost->code, "not all that was made could be kept, and the next build makes it again: " + lost->message, lost->remedy});
  if (globals.json)
    print_json(build_json(film, outcome));
  else
    print_build(film, outcome);
  return {};
}

Result<void> spot(const Options& options, const Globals& globals) {
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  TWOPOP_TRY(const phases::FilmPlace place, film.place());
  TWOPOP_TRY(const phases::SpotOutcome outcome,
             phases::spot_film(film.document(), place, options.phase, [&](std::string_view phase) { film.progress->stage(fmt::format("spotting {}", phase)); }));
  film.progress->clear();
  if (options.accept) TWOPOP_CHECK(film.commit_auto(outcome.document, "proposals of analysis, accepted by " + author()));
  if (globals.json) {
    Json json{{"accepted", options.accept}, {"proposals", Json::array()}, {"findings", Json::array()}};
    for (const auto& p : outcome.accepted) json["proposals"].push_back({{"path", p.path}, {"confidence", p.confidence}, {"reason", p.reason}});
    for (const auto& f : outcome.findings) json["findings"].push_back(json_of(f, outcome.document));
    print_json(json);
    return {};
  }
  for (const auto& p : outcome.accepted) std::printf("%-40s %4.2f  %s\n", p.path.c_str(), p.confidence, p.reason.c_str());
  for (const auto& f : outcome.findings) std::printf("%-40s   ?   %s\n", f.item.c_str(), f.message.c_str());
  std::printf("%zu proposals%s\n", outcome.accepted.size(), options.accept ? ", accepted" : "; take them with --accept");
  return {};
}

Result<void> render(const Options& options, const Globals& globals) {
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  TWOPOP_TRY(const phases::FilmPlace place, film.place());
  SampleRange range = film.document().extent();
  if (!options.range.empty()) {
    TWOPOP_TRY(range, parse_range(options.range, film.document()));
  }
  film.progress->stage("rendering");
  TWOPOP_TRY(const phases::Whole whole, phases::compile_film(film.document(), place));
  TWOPOP_TRY(const signal::Signal sound, deliver::sound_named(whole, options.solo));
  deliver::WavDeliverable wav;
  wav.path = options.output.empty() ? fmt::format("{}.wav", options.solo.empty() ? "mix" : std::filesystem::path(options.solo).filename().string()) : options.output;
  wav.sound = sound;
  wav.film = range;
  wav.rate = film.document().rate;
  wav.bext.description = fmt::format("{} {} {}", film.document().name, options.solo, options.range);
  wav.bext.time_reference = std::max<std::int64_t>(0, sample_of_frame(film.document().start_frame, film.document().frames, wav.rate, Rounding::Nearest).value + range.begin.value);
  TWOPOP_CHECK(deliver::write_wav(*film.work, wav));
  TWOPOP_CHECK(film.work->store().sync());
  film.progress->clear();
  if (globals.json)
    print_json({{"path", std::filesystem::absolute(wav.path).string()}, {"in_samples", range.begin.value}, {"out_samples", range.end.value}, {"rate_hz", wav.rate.hz}, {"channels", sound->channels()}});
  else
    std::printf("%s\n", std::filesystem::absolute(wav.path).string().c_str());
  return {};
}

Result<void> explain(const Options& options, const Globals& globals) {
  const std::size_t at_sign = options.moment.find('@');
  if (at_sign == std::string::npos)
    return Error{Code::InvalidArgument, fmt::format("'{}' names no moment", options.moment), "write PHASE@TIMECODE, such as dialogue@01:00:12:05"};
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  TWOPOP_TRY(const phases::FilmPlace place, film.place());
  const std::string phase = options.moment.substr(0, at_sign);
  TWOPOP_TRY(const SamplePosition at, parse_position(options.moment.substr(at_sign + 1), film.document()));
  TWOPOP_TRY(const phases::Whole whole, phases::compile_film(film.document(), place));
  TWOPOP_TRY(const deliver::Moment moment, deliver::moment_of(film.document(), *film.work, whole, phase, at));
  film.progress->clear();
  if (globals.json) {
    print_json(Json::parse(session::write_json(moment)));
    return {};
  }
  std::printf("%s at %s (sample %ld, chunk %ld)\n", phase.c_str(), moment.at.c_str(), static_cast<long>(at.value), static_cast<long>(moment.chunk));
  if (moment.made_of.empty()) std::puts("  silence: nothing of this phase is heard here");
  for (const deliver::MomentStep& s : moment.made_of) {
    std::printf("  %*s%s%s%s\n", s.depth * 2, "", s.item.empty() ? s.kind.c_str() : s.item.c_str(), s.settings.empty() ? "" : ": ", s.settings.c_str());
    if (s.last_build) std::printf("  %*s  last build: %s%s%s\n", s.depth * 2, "", s.last_build->reason.c_str(), s.last_build->cause.empty() ? "" : ", ", s.last_build->cause.c_str());
  }
  if (!moment.built) std::puts("  (not built yet)");
  return {};
}

}  // namespace

void add_build_commands(Cli& cli) {
  auto options = std::make_shared<Options>();
  const auto film_argument = [&](CLI::App* command) { command->add_option("film", options->film, "The film: film.twopop")->required(); };

  CLI::App* command = cli.command("build", "All six phases in order, then the deliverables", "twopop build film.twopop");
  film_argument(command);
  cli.runs(command, [&cli, options] { return build(*options, cli.globals); });

  command = cli.command("spot", "What analysis proposes for a phase, or for all", "twopop spot film.twopop dialogue --accept");
  film_argument(command);
  command->add_option("phase", options->phase, "dialogue, adr, design, foley, music or mix; all if left out");
  command->add_flag("--accept", options->accept, "Take the proposals into the session");
  cli.runs(command, [&cli, options] { return spot(*options, cli.globals); });

  command = cli.command("render", "Any stretch of any stem, track or clip as a WAV", "twopop render film.twopop --range 01:00:10:00-01:00:14:00 --solo dialogue -o line.wav");
  film_argument(command);
  command->add_option("--range", options->range, "IN-OUT in timecode; the whole film if left out");
  command->add_option("--solo", options->solo, "mix, a stem, me, a track or the id of a clip");
  command->add_option("-o,--output", options->output, "The WAV to write");
  cli.runs(command, [&cli, options] { return render(*options, cli.globals); });

  command = cli.command("explain", "What a moment is made of, and why it was or was not rendered again", "twopop explain film.twopop dialogue@01:00:12:05");
  film_argument(command);
  command->add_option("moment", options->moment, "PHASE@TIMECODE")->required();
  cli.runs(command, [&cli, options] { return explain(*options, cli.globals); });
}

}  // namespace twopop::cli
