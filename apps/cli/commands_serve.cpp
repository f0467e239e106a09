#include "commands.h"

#include "film.h"

#include "accounts/certificate.h"
#include "accounts/people_routes.h"
#include "api/site.h"
#include "film/house.h"
#include "net/server.h"

#include <csignal>
#include <cstdlib>
#include <malloc.h>

namespace twopop::cli {
namespace {

struct Options {
  std::vector<std::string> films, hosts, roles{"owner"};
  std::string address = "127.0.0.1", web, certificate, key, state, new_user;
  bool login = false, tls = false;
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
  server::AccountSettings account_settings;
  account_settings.folder = options.state.empty() ? server::default_state_folder() : std::filesystem::path(options.state);
  TWOPOP_TRY(const auto accounts, server::Accounts::open(account_settings));
  if (!options.new_user.empty()) {
    TWOPOP_CHECK(server::add_user_from_terminal(*accounts, options.new_user, options.roles));
    if (globals.json) print_json({{"user", options.new_user}, {"roles", options.roles}});
    else std::printf("%s may log in now\n", options.new_user.c_str());
    return {};
  }
  if (options.films.empty()) return Error{Code::InvalidArgument, "no film is named", "twopop serve film.twopop"};
  const bool local = is_loopback(options.address) && !options.login;
  if (!is_loopback(options.address) && options.certificate.empty() && !options.tls)
    return Error{Code::Unsupported, fmt::format("{} can be reached by others, who would read everything on the way", options.address), "give --tls-cert and --tls-key, or --tls, or listen at 127.0.0.1"};
  TWOPOP_TRY(const bool known, accounts->has_users());
  if (!local && !known) return Error{Code::NotFound, "nobody has an account yet who could log in", "twopop serve --add-user NAME makes the first owner"};
  if (options.certificate.empty() != options.key.empty()) return Error{Code::InvalidArgument, "a certificate and its key belong together", "give --tls-cert and --tls-key"};
  // Every edit of a long film copies and drops a document of some MB: memory that went back to the system each time would have to be cleared again.
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
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
  work.cache_budget_bytes = static_cast<std::uint64_t>(globals.cache_gb * 1e9);
  server::SiteParts parts;
  parts.films = films;
  TWOPOP_TRY(const auto house, server::House::open(films, work));
  const auto door = std::make_shared<server::Door>(accounts, server::DoorSettings{local ? author() : std::string()});
  parts.routes = {server::people_routes(door), server::edit_routes(films), server::house_routes(house)};
  parts.identify = [door](const server::Request& request) { return door->identify(request); };
  parts.audited = [door](const server::Request& request, int status) { door->audited(request, status); };
  parts.pages = pages_folder(options.web);

  server::ServerOptions network;
  network.address = options.address;
  network.port = options.port;
  network.hosts = options.hosts;
  if (!options.certificate.empty()) network.tls = server::TlsFiles{options.certificate, options.key};
  std::string fingerprint;
  if (options.tls && options.certificate.empty()) {
    std::vector<std::string> names = options.hosts;
    names.push_back(options.address == "0.0.0.0" || options.address == "::" ? "127.0.0.1" : options.address);
    TWOPOP_TRY(const server::SelfMadeCertificate made, server::self_made_certificate(account_settings.folder, names));
    network.tls = server::TlsFiles{made.certificate, made.key};
    fingerprint = made.fingerprint;
  }
  TWOPOP_TRY(const std::unique_ptr<server::Server> running, server::Server::start(server::make_site(std::move(parts)), network));
  const std::string host = options.address.find(':') == std::string::npos ? options.address : '[' + options.address + ']';
  const std::string url = fmt::format("{}://{}:{}/", network.tls ? "https" : "http", host, running->port());
  if (globals.json) {
    nlohmann::ordered_json names = nlohmann::ordered_json::array();
    for (const auto& [name, unused] : films->all()) names.push_back(name);
    print_json({{"url", url}, {"port", running->port()}, {"films", names}, {"fingerprint", fingerprint}});
  } else {
    std::printf("the studio is at %s  (Ctrl-C ends it)\n", url.c_str());
    if (!fingerprint.empty()) std::printf("its certificate is self-made: browsers warn once; the SHA-256 fingerprint must be\n%s\n", fingerprint.c_str());
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
  command->add_option("films", options->films, "The films: film.twopop ...");
  command->add_option("--port", options->port, "Port to listen at; 0: any that is free")->capture_default_str();
  command->add_option("--address", options->address, "Address to listen at")->capture_default_str();
  command->add_option("--host", options->hosts, "A name under which the studio is asked for, besides its address; may be given several times");
  command->add_flag("--tls", options->tls, "TLS with a certificate of its own making, whose fingerprint is printed");
  command->add_flag("--login", options->login, "Ask for a login on this machine, too");
  command->add_option("--state", options->state, "Folder of accounts, links and the log; ~/.local/state/twopop/server if left out");
  command->add_option("--add-user", options->new_user, "Makes an account, reading its password from the terminal or standard input, and ends");
  command->add_option("--role", options->roles, "Roles of that account: owner if left out, dialogue, adr, design, foley, music, mix, director, viewer");
  command->add_option("--web", options->web, "Folder of the built studio");
  command->add_option("--tls-cert", options->certificate, "Certificate (PEM, with its chain)");
  command->add_option("--tls-key", options->key, "The certificate's private key (PEM)");
  cli.runs(command, [&cli, options] { return serve(*options, cli.globals); });
}

}  // namespace twopop::cli
