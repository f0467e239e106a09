#pragma once

#include "core/random.h"
#include "session/store.h"
#include "testing/client.h"

#include "start_program.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sys/wait.h>
#include <thread>

/// Many people who edit one film at once, against a server in a process of its own that may be killed at any time.
namespace twopop::server::testing {

/// `twopop serve` as people run it.
class ServerProcess {
 public:
  ServerProcess(std::filesystem::path program, std::filesystem::path film, std::filesystem::path output) : program_(std::move(program)), film_(std::move(film)), output_(std::move(output)) {}
  ~ServerProcess() { kill(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Starts it and waits until it listens; at the same port as before where it ran before.
  void start() {
    std::filesystem::remove(output_);
    pid_ = twopop::test::spawn(program_, {"serve", film_.string(), "--port", std::to_string(port_), "--json"}, output_);
    for (int tries = 0; tries < 4800; ++tries) {
      std::ifstream in(output_);
      const auto said = nlohmann::json::parse(in, nullptr, false);
      if (said.is_object()) {
        port_ = said.at("port").get<std::uint16_t>();
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    throw std::runtime_error("the server did not start: " + twopop::test::threads_of(pid_));
  }
  /// kill -9
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::uint16_t port() const { return port_; }
  pid_t pid() const { return pid_; }
  /// Most memory it held so far, and holds now, in MB.
  double peak_mb() const { return status_mb("VmHWM:"); }
  double resident_mb() const { return status_mb("VmRSS:"); }

 private:
  double status_mb(const std::string& key) const {
    std::ifstream in(fmt::format("/proc/{}/status", pid_));
    for (std::string line; std::getline(in, line);)
      if (line.starts_with(key)) return std::atof(line.c_str() + key.size()) / 1024;
    return 0;
  }
  std::filesystem::path program_, film_, output_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

/// One person: a copy of the document that only ever changes by what the server tells, and random edits.
class Editor {
 public:
  Editor(std::uint16_t port, int number, int strips) : port_(port), number_(number), strips_(strips), random_(static_cast<std::uint64_t>(number) + 1, 11) {}

  /// Edits until told to stop, through lost connections; then waits for its last edit's answer.
  void run(const std::atomic<bool>& stop) {
    while (!stop || pending_) {
      try {
        if (!live_) connect();
        if (!pending_) {
          if (stop) break;
          pending_ = make_edit();
          live_->send(*pending_);
          std::this_thread::sleep_for(std::chrono::milliseconds(random_.below(20)));
        }
        const auto message = live_->next(std::chrono::seconds(20));
        if (!message) live_.reset();
        else take(*message);
      } catch (const std::exception&) {
        live_.reset();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }

  /// Takes in edits up to a revision; false if they do not come.
  bool reach(std::int64_t revision) {
    for (int tries = 0; tries < 50 && revision_ < revision; ++tries) {
      try {
        if (!live_) connect();
        const auto message = live_->next(std::chrono::seconds(5));
        if (message) take(*message);
        else live_.reset();
      } catch (const std::exception&) {
        live_.reset();
      }
    }
    return revision_ == revision;
  }

  struct Acknowledged {
    std::string id;
    std::int64_t revision = 0;
  };
  const std::vector<Acknowledged>& acknowledged() const { return acknowledged_; }
  int refused() const { return refused_; }
  int reconnected() const { return connections_ - 1; }
  const nlohmann::json& document() const { return document_; }
  const std::string& name() const { return name_; }
  /// The first thing that went wrong in its view of the world; empty if nothing did.
  const std::string& trouble() const { return trouble_; }

 private:
  void connect() {
    live_ = std::make_unique<Live>(port_, "night");
    const auto hello = live_->next_of("hello");
    if (!hello) throw std::runtime_error("no hello");
    ++connections_;
    if (document_.is_null()) fetch();
    else live_->send({{"type", "catch-up"}, {"revision", revision_}});
    if (pending_) live_->send(*pending_);
  }

  void fetch() {
    Client client(port_);
    const Reply reply = client.get("/api/films/night");
    document_ = reply.json().at("document");
    revision_ = document_.at("revision").get<std::int64_t>();
    document_.erase("revision");
    // What happened between the hello and the document comes as edits that are known already.
  }

  void take(const nlohmann::json& message) {
    const std::string type = message.at("type");
    if (type == "edit") {
      const auto revision = message.at("revision").get<std::int64_t>();
      if (revision <= revision_) return;
      if (revision != revision_ + 1) {
        live_->send({{"type", "catch-up"}, {"revision", revision_}});
        return;
      }
      try {
        document_.patch_inplace(message.at("patch"));
      } catch (const nlohmann::json::exception& e) {
        if (trouble_.empty()) trouble_ = fmt::format("revision {} does not fit: {}", revision, e.what());
      }
      revision_ = revision;
    } else if (type == "edited" && pending_ && message.at("id") == pending_->at("id")) {
      acknowledged_.push_back({message.at("id"), message.at("revision").get<std::int64_t>()});
      pending_.reset();
    } else if (type == "refused" && pending_ && message.at("id") == pending_->at("id")) {
      ++refused_;
      const int status = message.at("problem").at("status");
      if (status != 409 && status != 404 && status != 422 && trouble_.empty()) trouble_ = message.dump();
      pending_.reset();
    } else if (type == "lagged") {
      if (message.value("revision", 0) > 0) fetch();
      else live_->send({{"type", "catch-up"}, {"revision", revision_}});
    }
  }

  std::optional<nlohmann::json> make_edit() {
    const std::uint32_t kind = random_.below(10);
    nlohmann::json patch = nlohmann::json::array();
    const std::string own = fmt::format("/mix/strips/own{}-{}", number_, random_.below(4));
    if (kind < 6) {
      patch.push_back({{"op", "replace"}, {"path", fmt::format("/mix/strips/s{}/gain_db", random_.below(static_cast<std::uint32_t>(strips_)))}, {"value", std::round(random_.uniform(-400, 0)) / 10}});
    } else if (kind < 8) {
      patch.push_back({{"op", "add"}, {"path", own}, {"value", {{"gain_db", -static_cast<int>(random_.below(30))}}}});
    } else if (kind < 9) {
      patch.push_back({{"op", "remove"}, {"path", own}});
    } else {
      patch.push_back({{"op", "replace"}, {"path", "/name"}, {"value", fmt::format("Night {}", random_.below(1000))}});
    }
    return nlohmann::json{{"type", "edit"}, {"id", fmt::format("e{}-{}", number_, ++made_)}, {"base_revision", revision_}, {"reason", "at random"}, {"patch", patch}};
  }

  std::uint16_t port_;
  int number_, strips_, made_ = 0, refused_ = 0, connections_ = 0;
  RandomStream random_;
  std::string name_, trouble_;
  std::unique_ptr<Live> live_;
  nlohmann::json document_;
  std::int64_t revision_ = 0;
  std::optional<nlohmann::json> pending_;
  std::vector<Acknowledged> acknowledged_;
};

struct CrowdOutcome {
  std::int64_t revision = 0;
  int acknowledged = 0, refused = 0, reconnected = 0, kills = 0;
  std::vector<std::string> wrong;  ///< empty: everybody has the same document, and no acknowledged edit is missing
};

/// Lets so many people edit at random for so long, killing the server now and then; then compares.
inline CrowdOutcome run_crowd(const std::filesystem::path& program, const std::filesystem::path& folder, int people, std::chrono::seconds time, int kills) {
  const int strips = 12;
  const std::filesystem::path film = folder / "night.twopop";
  session::Document document;
  document.name = "Night";
  for (int i = 0; i < strips; ++i) document.mix.strips["s" + std::to_string(i)];
  if (!session::Store::create(film, document)) throw std::runtime_error("no film");
  ServerProcess server(program, film, folder / "serve.json");
  server.start();
  std::vector<std::unique_ptr<Editor>> editors;
  for (int i = 0; i < people; ++i) editors.push_back(std::make_unique<Editor>(server.port(), i, strips));
  std::atomic<bool> stop{false};
  CrowdOutcome outcome;
  {
    std::vector<std::jthread> threads;
    for (auto& editor : editors) threads.emplace_back([&] { editor->run(stop); });
    for (int k = 0; k <= kills; ++k) {
      std::this_thread::sleep_for(std::chrono::duration<double>(static_cast<double>(time.count()) / (kills + 1)));
      if (k == kills) break;
      server.kill();
      server.start();
      ++outcome.kills;
    }
    stop = true;
  }
  Client client(server.port());
  nlohmann::json truth = client.get("/api/films/night").json().at("document");
  outcome.revision = truth.at("revision").get<std::int64_t>();
  truth.erase("revision");
  auto store = session::Store::open(film, session::Access::Read);
  std::map<std::string, std::int64_t> made;
  if (const auto entries = store->history())
    for (const session::LogEntry& entry : *entries) {
      if (entry.id.empty()) continue;
      if (!made.emplace(entry.id, entry.revision).second) outcome.wrong.push_back(fmt::format("edit {} was made twice", entry.id));
    }
  for (auto& editor : editors) {
    outcome.acknowledged += static_cast<int>(editor->acknowledged().size());
    outcome.refused += editor->refused();
    outcome.reconnected += editor->reconnected();
    if (!editor->trouble().empty()) outcome.wrong.push_back(editor->trouble());
    if (!editor->reach(outcome.revision)) outcome.wrong.push_back("somebody did not reach the newest revision");
    else if (editor->document() != truth) outcome.wrong.push_back("somebody has another document: " + nlohmann::json::diff(truth, editor->document()).dump().substr(0, 300));
    for (const auto& one : editor->acknowledged()) {
      const auto it = made.find(one.id);
      // An edit that changed nothing has no revision of its own.
      if (it != made.end() ? it->second != one.revision : one.revision > outcome.revision) outcome.wrong.push_back(fmt::format("edit {} was acknowledged as {} and is not that", one.id, one.revision));
    }
  }
  return outcome;
}

}  // namespace twopop::server::testing
