#include "commands.h"

#include "film.h"

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string film, phase, note, who;
  bool withdraw = false;
};

const std::vector<std::string> kPhases{"dialogue", "adr", "design", "foley", "music", "mix"};

std::string stale_text(const phases::PhaseStatus& row, const session::Document& document) {
  std::string text;
  for (std::size_t i = 0; i < row.stale.size() && i < 3; ++i)
    text += fmt::format("{}{}-{}", i ? ", " : "", timecode_of(row.stale[i].begin, document), timecode_of(row.stale[i].end, document));
  if (row.stale.size() > 3) text += fmt::format(" and {} more", row.stale.size() - 3);
  return text;
}

Result<void> status(const Options& options, const Globals& globals) {
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  TWOPOP_TRY(const phases::FilmPlace place, film.place());
  film.progress->stage("looking at the film");
  TWOPOP_TRY(const phases::Whole whole, phases::compile_film(film.document(), place));
  TWOPOP_TRY(const auto findings, phases::review_film(film.document(), place, whole));
  TWOPOP_TRY(const auto rows, phases::status_of(film.document(), place, whole, findings));
  film.progress->clear();
  const session::Document& document = film.document();
  if (globals.json) {
    Json json{{"film", film.bundle.string()}, {"revision", film.session.head().revision}, {"length_s", seconds(document.picture.length, document.rate)}, {"phases", Json::array()}};
    for (const phases::PhaseStatus& row : rows) json["phases"].push_back(json_of(row, document));
    print_json(json);
    return {};
  }
  std::vector<std::vector<std::string>> lines;
  for (const phases::PhaseStatus& row : rows)
    lines.push_back({row.phase, std::to_string(row.items), std::to_string(row.by_person), std::to_string(row.open), std::to_string(row.findings),
                     row.approved_by.empty() ? "-" : fmt::format("{} {}", row.approved_by, row.approved_at.substr(0, 10)), phases::name_of(row.staleness), stale_text(row, document)});
  std::fputs(table({"phase", "items", "by hand", "open", "findings", "approved by", "state", "stale"}, lines, {false, true, true, true, true}).c_str(), stdout);
  return {};
}

Result<void> review(const Options& options, const Globals& globals) {
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  TWOPOP_TRY(const phases::FilmPlace place, film.place());
  film.progress->stage("reviewing");
  TWOPOP_TRY(const phases::Whole whole, phases::compile_film(film.document(), place));
  TWOPOP_TRY(std::vector<phases::Finding> findings, phases::review_film(film.document(), place, whole));
  film.progress->clear();
  if (!options.phase.empty()) std::erase_if(findings, [&](const phases::Finding& f) { return f.phase != options.phase; });
  findings = phases::in_order(std::move(findings));
  if (globals.json) {
    Json json{{"film", film.bundle.string()}, {"revision", film.session.head().revision}, {"findings", Json::array()}};
    for (const phases::Finding& finding : findings) json["findings"].push_back(json_of(finding, film.document()));
    print_json(json);
    return {};
  }
  for (const phases::Finding& f : findings) {
    const char* severity = f.severity == phases::Severity::Error ? "error" : f.severity == phases::Severity::Warning ? "warning" : "note";
    const std::string at = f.where ? timecode_of(f.where->begin, film.document()) + "  " : "";
    const std::string file = deliver::item_name(film.document(), f.item), about = file.empty() || f.message.find(file) != std::string::npos ? std::string() : file + ": ";
    std::printf("%-8s%s%s: %s%s\n", severity, at.c_str(), f.phase.c_str(), about.c_str(), f.message.c_str());
    if (!f.remedy.empty()) std::printf("        %s\n", f.remedy.c_str());
  }
  if (findings.empty()) std::puts("nothing to send back");
  return {};
}

Result<void> approve(const Options& options, const Globals& globals) {
  TWOPOP_TRY(OpenFilm film, open_film(options.film, globals));
  session::Document next = film.document();
  const std::string who = options.who.empty() ? author() : options.who;
  if (options.withdraw) {
    TWOPOP_TRY(next, deliver::approval_withdrawn(film.document(), options.phase));
  } else {
    TWOPOP_TRY(const phases::FilmPlace place, film.place());
    film.progress->stage("rendering " + options.phase);
    TWOPOP_TRY(const phases::Whole whole, phases::compile_film(film.document(), place));
    TWOPOP_TRY(next, deliver::approved(film.document(), place, whole, options.phase, who, options.note, film.session.head().revision));
    film.progress->clear();
  }
  TWOPOP_TRY(const std::int64_t revision, film.session.commit(film.session.head(), next, who, options.withdraw ? "approval of " + options.phase + " withdrawn" : options.phase + " approved"));
  TWOPOP_CHECK(film.session.export_json());
  if (globals.json) print_json({{"film", film.bundle.string()}, {"revision", revision}, {"phase", options.phase}, {"approved", !options.withdraw}});
  else std::printf("%s %s by %s, revision %lld\n", options.phase.c_str(), options.withdraw ? "withdrawn" : "approved", who.c_str(), static_cast<long long>(revision));
  return {};
}

}  // namespace

void add_board_commands(Cli& cli) {
  auto options = std::make_shared<Options>();
  const auto film = [&](CLI::App* command) { command->add_option("film", options->film, "The film: film.twopop")->required(); };
  CLI::App* command = cli.command("status", "The board: each phase, what is done, open, stale, approved by whom", "twopop status film.twopop");
  film(command);
  cli.runs(command, [&cli, options] { return status(*options, cli.globals); });

  command = cli.command("review", "Findings, worst first", "twopop review film.twopop --phase dialogue");
  film(command);
  command->add_option("--phase", options->phase, "Only those of a phase (or media, deliver)");
  cli.runs(command, [&cli, options] { return review(*options, cli.globals); });

  command = cli.command("approve", "Approves a phase as it sounds today", "twopop approve film.twopop dialogue --note \"locked with the director\"");
  film(command);
  command->add_option("phase", options->phase, "dialogue, adr, design, foley, music or mix")->required()->check(CLI::IsMember(kPhases));
  command->add_option("--note", options->note, "A note that stands on the board");
  command->add_option("--author", options->who, "Who approves; TWOPOP_AUTHOR or the login name if left out");
  command->add_flag("--withdraw", options->withdraw, "Takes the approval back");
  cli.runs(command, [&cli, options] { return approve(*options, cli.globals); });
}

}  // namespace twopop::cli
