#include "commands.h"

#include "film.h"

#include "api/site.h"
#include "film/film_services.h"
#include "net/server.h"

#include <csignal>
#include <cstdlib>

namespace twopop::cli {
namespace {

struct Options {
  std::vector<std::string> films, hosts;
  std::string address = "127.0.0.1", web, certificate, key;
  std::uint16_t port = 8484;
};

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

/// Where the built studio lies: named, or beside the program, or where its build puts it.
std::filesystem::path pages_folder(const std::string& named) {
  if (!named.empty()) return named;
  if (const char* set = std::getenv("TWOPOP_WEB"); set && *set) return set;
  std::error_code none;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  for (const std::filesystem::path& folder : {program / "web", program.parent_path() / "web", program.parent_path() / "share" / "twopop" / "web"})
    if (std::filesystem::exists(folder / "index.html", none)) return folder;
  return program / "web";
}

Result<void> serve(const Options& options, const Globals& globals) {
  if (!is_loopback(options.address))
    return Error{Code::Unsupported, fmt::format("{} can be reached by others", options.address), "listen at 127.0.0.1"};
  if (options.certificate.empty() != options.key.empty()) return Error{Code::InvalidArgument, "a certificate and its key belong together", "give --tls-cert and --tls-key"};
  // Waited for below; the threads that are started here inherit the mask.
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, signal);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  const std::vector<std::filesystem::path> folders(options.films.begin(), options.films.end());
  TWOPOP_TRY(server::Films opened, server::Films::open(folders));
  const auto films = std::make_shared<const server::Films>(std::move(opened));
  server::FilmServiceOptions work;
  work.threads = globals.threads;
  TWOPOP_TRY(const auto services, server::FilmServices::open(*films, work));
  server::SiteParts parts;
  parts.films = films;
  parts.routes = {server::local_routes(), server::edit_routes(films), server::film_routes(services->finder(services))};
  parts.identify = server::local_person(author());
  parts.pages = pages_folder(options.web);

  server::ServerOptions network;
  network.address = options.address;
  network.port = options.port;
  network.hosts = options.hosts;
  if (!options.certificate.empty()) network.tls = server::TlsFiles{options.certificate, options.key};
  TWOPOP_TRY(const std::unique_ptr<server::Server> running, server::Server::start(server::make_site(std::move(parts)), network));
  const std::string host = options.address.find(':') == std::string::npos ? options.address : '[' + options.address + ']';
  const std::string url = fmt::format("{}://{}:{}/", network.tls ? "https" : "http", host, running->port());
  if (globals.json) {
    nlohmann::ordered_json names = nlohmann::ordered_json::array();
    for (const auto& [name, unused] : films->all()) names.push_back(name);
    print_json({{"url", url}, {"port", running->port()}, {"films", names}});
  } else {
    std::printf("the studio is at %s  (Ctrl-C ends it)\n", url.c_str());
  }
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  running->stop();
  return {};
}

}  // namespace

void add_serve_command(Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.command("serve", "Opens films in the browser", "twopop serve film.twopop");
  command->add_option("films", options->films, "The films: film.twopop ...")->required();
  command->add_option("--port", options->port, "Port to listen at; 0: any that is free")->capture_default_str();
  command->add_option("--address", options->address, "Address to listen at")->capture_default_str();
  command->add_option("--host", options->hosts, "A name under which the studio is asked for, besides its address; may be given several times");
  command->add_option("--web", options->web, "Folder of the built studio");
  command->add_option("--tls-cert", options->certificate, "Certificate (PEM, with its chain)");
  command->add_option("--tls-key", options->key, "The certificate's private key (PEM)");
  cli.runs(command, [&cli, options] { return serve(*options, cli.globals); });
}

}  // namespace twopop::cli
