#include "commands.h"

#include "deliver/relocate.h"
#include "film.h"

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string film, folder;
  std::vector<std::string> folders;
  bool copy_only = false;
};

void show(const std::vector<deliver::Relocated>& moved, const session::Store& store, const std::string& verb, Globals& globals) {
  if (globals.json) {
    globals.reported = true;
    Json json{{"film", store.folder().string()}, {"revision", store.head().revision}, {verb, Json::array()}, {"missing", Json::array()}};
    for (const deliver::Relocated& m : moved) {
      if (m.to.empty()) json["missing"].push_back({{"id", m.id}, {"path", m.from.string()}, {"reason", m.reason}});
      else json[verb].push_back({{"id", m.id}, {"from", m.from.string()}, {"to", m.to.string()}});
    }
    return print_json(json);
  }
  std::vector<std::vector<std::string>> rows;
  for (const deliver::Relocated& m : moved) rows.push_back({m.id, m.to.empty() ? "MISSING: " + m.from.string() + ", " + m.reason : m.to.string()});
  if (rows.empty()) std::puts("every file is where the film expects it");
  else std::fputs(table({"media", verb}, rows).c_str(), stdout);
}

Result<void> missing_as_error(const std::vector<deliver::Relocated>& moved, const std::string& remedy) {
  const auto missing = std::count_if(moved.begin(), moved.end(), [](const deliver::Relocated& m) { return m.to.empty(); });
  if (missing == 0) return {};
  return Error{Code::NotFound, fmt::format("{} of the film's files were not found", missing), remedy};
}

Result<void> relink(const Options& options, Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film));
  session::Document document = *store.head().document;
  TWOPOP_TRY(const auto moved, deliver::relink(document, std::filesystem::absolute(options.film), {options.folders.begin(), options.folders.end()}));
  TWOPOP_TRY([[maybe_unused]] const auto revision, store.commit(store.head(), document, author(), "relinked media"));
  TWOPOP_CHECK(store.export_json());
  show(moved, store, "relinked", globals);
  return missing_as_error(moved, "name more folders to look in");
}

Result<void> collect(const Options& options, Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film));
  session::Document document = *store.head().document;
  const std::filesystem::path bundle = std::filesystem::absolute(options.film).lexically_normal();
  const std::filesystem::path folder = options.folder.empty() ? bundle / "media" : std::filesystem::absolute(options.folder).lexically_normal();
  ProgressLine progress(globals.json);
  TWOPOP_TRY(const auto moved, deliver::collect(document, bundle, folder, [&](const std::string& name) { progress.stage("copying " + name); }));
  progress.clear();
  if (!options.copy_only) {
    TWOPOP_TRY([[maybe_unused]] const auto revision, store.commit(store.head(), document, author(), "collected media in " + folder.string()));
    TWOPOP_CHECK(store.export_json());
  }
  show(moved, store, "collected", globals);
  return missing_as_error(moved, "relink them first");
}

}  // namespace

void add_media_commands(Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.command("relink", "Finds media that moved, by their content", "twopop relink film.twopop /mnt/archive");
  command->add_option("film", options->film, "The film: film.twopop")->required();
  command->add_option("folders", options->folders, "Folders to look in")->required();
  cli.runs(command, [&cli, options] { return relink(*options, cli.globals); });

  command = cli.command("collect", "Copies everything the film uses into one folder", "twopop collect film.twopop handover/");
  command->add_option("film", options->film, "The film: film.twopop")->required();
  command->add_option("folder", options->folder, "Where to; film.twopop/media if left out");
  command->add_flag("--copy-only", options->copy_only, "The film goes on using the files where they were");
  cli.runs(command, [&cli, options] { return collect(*options, cli.globals); });
}

}  // namespace twopop::cli
