#include "commands.h"

#include "film.h"
#include "session/decided.h"
#include "session/json.h"
#include "session/patch.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string film, reason, patch, item, who;
  std::vector<std::string> set, remove;
  std::int64_t base = -1;
  int last = 0;
  bool anybody = false;
};

std::string who(const Options& options) { return options.who.empty() ? author() : options.who; }

Result<std::string> text_of(const std::string& path) {
  std::stringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return std::move(text).str();
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Code::NotFound, fmt::format("{} cannot be read", path), "check the path"};
  text << in.rdbuf();
  return std::move(text).str();
}

Result<void> done(session::Store& store, std::int64_t before, std::int64_t revision, const Globals& globals) {
  TWOPOP_CHECK(store.export_json());
  if (globals.json) print_json({{"film", store.folder().string()}, {"revision", revision}, {"changed", revision != before}});
  else std::printf(revision == before ? "nothing changed: revision %lld\n" : "revision %lld\n", static_cast<long long>(revision));
  return {};
}

Result<void> edit(const Options& options, const Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film));
  session::Edit wanted;
  wanted.author = who(options);
  wanted.reason = options.reason;
  wanted.base_revision = options.base >= 0 ? options.base : store.head().revision;
  if (!options.patch.empty()) {
    TWOPOP_TRY(const std::string text, text_of(options.patch));
    TWOPOP_TRY(wanted.patch, session::parse_patch(text));
  }
  for (const std::string& assignment : options.set) {
    TWOPOP_TRY(session::Operation operation, session::set_operation(session::type_of<session::Document>(), assignment));
    wanted.patch.operations.push_back(std::move(operation));
  }
  for (const std::string& path : options.remove) wanted.patch.operations.push_back({session::Verb::Remove, path, "", ""});
  if (wanted.patch.empty()) return Error{Code::InvalidArgument, "there is nothing to change", "give --set /path=value, --remove /path or --patch FILE"};
  wanted.patch = session::decided_by_person(wanted.patch);
  const std::int64_t before = store.head().revision;
  TWOPOP_TRY(const std::int64_t revision, store.commit(wanted));
  return done(store, before, revision, globals);
}

Result<void> step(const Options& options, const Globals& globals, bool back) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film));
  const session::UndoScope scope = options.anybody ? session::UndoScope::Anybody : session::UndoScope::Own;
  const std::int64_t before = store.head().revision;
  TWOPOP_TRY(const std::int64_t revision, back ? store.undo(who(options), scope) : store.redo(who(options), scope));
  return done(store, before, revision, globals);
}

std::string what_changed(const session::Patch& patch) {
  std::vector<std::string> places;
  for (const session::Operation& operation : patch.operations)
    if (operation.verb != session::Verb::Test) places.push_back(operation.path.empty() ? "/" : operation.path);
  if (places.empty()) return "";
  return places.size() == 1 ? places[0] : fmt::format("{} and {} more", places[0], places.size() - 1);
}

const char* name_of(session::EditKind kind) {
  for (const auto& known : names_of(kind))
    if (known.value == kind) return known.name;
  return "";
}

Result<void> history(const Options& options, const Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film, session::Access::Read));
  const std::int64_t after = options.last > 0 ? std::max<std::int64_t>(0, store.head().revision - options.last) : 0;
  TWOPOP_TRY(std::vector<session::LogEntry> entries, store.history(after));
  if (!options.item.empty())
    std::erase_if(entries, [&](const session::LogEntry& entry) {
      return std::none_of(entry.patch.operations.begin(), entry.patch.operations.end(), [&](const session::Operation& o) {
        return o.verb != session::Verb::Test && (o.path.starts_with(options.item) || options.item.starts_with(o.path + '/'));
      });
    });
  if (globals.json) {
    Json json{{"film", store.folder().string()}, {"revision", store.head().revision}, {"edits", Json::array()}};
    for (const session::LogEntry& e : entries) {
      Json entry{{"revision", e.revision}, {"base_revision", e.base_revision}, {"author", e.author}, {"time", e.time}, {"reason", e.reason},
                 {"by", e.by == session::By::Auto ? "auto" : "person"}, {"kind", name_of(e.kind)}};
      if (e.kind != session::EditKind::Edit) entry["target"] = e.target;
      entry["patch"] = Json::parse(session::patch_json(e.patch));
      json["edits"].push_back(std::move(entry));
    }
    print_json(json);
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const session::LogEntry& e : entries) rows.push_back({std::to_string(e.revision), e.time.substr(0, 19), e.author, e.reason, what_changed(e.patch)});
  std::fputs(table({"revision", "when (UTC)", "who", "why", "what"}, rows, {true}).c_str(), stdout);
  return {};
}

}  // namespace

void add_edit_commands(Cli& cli) {
  auto options = std::make_shared<Options>();
  const auto film = [&](CLI::App* command) { command->add_option("film", options->film, "The film: film.twopop")->required(); };
  const auto person = [&](CLI::App* command) { command->add_option("--author", options->who, "Who does it; TWOPOP_AUTHOR or the login name if left out"); };

  CLI::App* command = cli.command("edit", "Changes the session", "twopop edit film.twopop --set /mix/strips/dialogue/gain_db=-1.5 --reason \"voice too loud\"");
  film(command);
  command->add_option("--set", options->set, "/path/to/field=value; may be given several times, all of it is one edit");
  command->add_option("--remove", options->remove, "/path of an item to take out");
  command->add_option("--patch", options->patch, "JSON Patch (RFC 6902) file; - for standard input");
  command->add_option("--reason", options->reason, "Why");
  command->add_option("--base", options->base, "Revision the change was made on; the newest if left out");
  person(command);
  cli.runs(command, [&cli, options] { return edit(*options, cli.globals); });

  command = cli.command("undo", "Takes back your last edit", "twopop undo film.twopop");
  film(command);
  person(command);
  command->add_flag("--anybody", options->anybody, "The last edit whoever made it");
  cli.runs(command, [&cli, options] { return step(*options, cli.globals, true); });

  command = cli.command("redo", "Makes again what you last took back", "twopop redo film.twopop");
  film(command);
  person(command);
  command->add_flag("--anybody", options->anybody, "Whoever took it back");
  cli.runs(command, [&cli, options] { return step(*options, cli.globals, false); });

  command = cli.command("history", "Who changed what, when and why", "twopop history film.twopop --item /dialogue/clips/c12");
  film(command);
  command->add_option("--last", options->last, "Only so many of the newest revisions")->check(CLI::PositiveNumber);
  command->add_option("--item", options->item, "Only what touched this path");
  cli.runs(command, [&cli, options] { return history(*options, cli.globals); });
}

}  // namespace twopop::cli
