#include "commands.h"

#include "film.h"
#include "api/openapi.h"
#include "api/site.h"
#include "session/schema.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace twopop::cli {
namespace {

struct Options {
  std::string film, file, folder, reason, who;
};

Result<void> write_out(const Options& options, const Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film, session::Access::Read));
  if (options.file == "-") {
    std::cout << store.json() << std::flush;
    return {};
  }
  const std::filesystem::path path = options.file.empty() ? store.folder() / "session.json" : std::filesystem::path(options.file);
  TWOPOP_CHECK(store.export_json(path));
  if (globals.json) print_json({{"film", store.folder().string()}, {"revision", store.head().revision}, {"path", path.string()}});
  else std::printf("%s: revision %lld\n", path.c_str(), static_cast<long long>(store.head().revision));
  return {};
}

Result<void> take_in(const Options& options, const Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film));
  const std::filesystem::path path = options.file.empty() ? store.folder() / "session.json" : std::filesystem::path(options.file);
  std::stringstream text;
  if (options.file == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream in(path, std::ios::binary);
    if (!in) return Error{Code::NotFound, fmt::format("{} cannot be read", path.string()), "check the path"};
    text << in.rdbuf();
  }
  const std::int64_t before = store.head().revision;
  auto revision = store.import_json(std::move(text).str(), options.who.empty() ? author() : options.who,
                                    options.reason.empty() ? "taken in from " + path.filename().string() : options.reason);
  if (!revision) return Error{revision.error().code, fmt::format("{}: {}", path.string(), revision.error().message), revision.error().remedy};
  TWOPOP_CHECK(store.export_json());
  if (globals.json) print_json({{"film", store.folder().string()}, {"revision", *revision}, {"changed", *revision != before}});
  else std::printf(*revision == before ? "nothing changed: revision %lld\n" : "revision %lld\n", static_cast<long long>(*revision));
  return {};
}

Result<void> schema(const Options& options, const Globals& globals) {
  if (options.folder.empty()) {
    std::fputs(session::session_schema_files().front().text.c_str(), stdout);
    return {};
  }
  std::vector<session::SchemaFile> files = session::session_schema_files();
  for (session::SchemaFile& file : server::api_schema_files(server::all_routes())) files.push_back(std::move(file));
  TWOPOP_CHECK(session::write_schema(options.folder, files));
  nlohmann::ordered_json written = nlohmann::ordered_json::array();
  for (const session::SchemaFile& file : files) {
    written.push_back((std::filesystem::path(options.folder) / file.name).string());
    if (!globals.json) std::printf("%s\n", written.back().get<std::string>().c_str());
  }
  if (globals.json) print_json({{"written", written}});
  return {};
}

}  // namespace

void add_exchange_commands(Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.command("export", "Writes the session as JSON", "twopop export film.twopop session.json");
  command->add_option("film", options->film, "The film: film.twopop")->required();
  command->add_option("file", options->file, "Where to; - for standard output, film.twopop/session.json if left out");
  cli.runs(command, [&cli, options] { return write_out(*options, cli.globals); });

  command = cli.command("import", "Takes in a session.json that was edited, as an edit", "twopop import film.twopop session.json --reason \"renamed cues\"");
  command->add_option("film", options->film, "The film: film.twopop")->required();
  command->add_option("file", options->file, "Where from; - for standard input, film.twopop/session.json if left out");
  command->add_option("--reason", options->reason, "Why");
  command->add_option("--author", options->who, "Who; TWOPOP_AUTHOR or the login name if left out");
  cli.runs(command, [&cli, options] { return take_in(*options, cli.globals); });

  command = cli.command("schema", "Prints the session's JSON Schema, or writes it, the server's OpenAPI and the TypeScript types", "twopop schema --write schema");
  command->add_option("--write", options->folder, "Folder for session.schema.json, types.ts, openapi.yaml and api.ts");
  cli.runs(command, [&cli, options] { return schema(*options, cli.globals); });
}

}  // namespace twopop::cli
