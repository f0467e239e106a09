#pragma once

#include "cache/executor.h"
#include "core/result.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

/// The command line: parses, calls the engine, prints. Every command is a function that returns a Result; the exit code
/// is made from its error.
namespace twopop::cli {

struct Globals {
  bool json = false;
  int threads = 0;  ///< 0: as many as the machine has
  double cache_gb = 0;    ///< budget of the film's cache; 0: the smaller of a quarter of the free disk and 100 GB
  bool reported = false;  ///< the command's own JSON says what failed: the error gives only the exit code
};

struct Cli {
  CLI::App app{"Audio post-production for video: from raw recordings to a finished, measured film."};
  Globals globals;
  std::function<Result<void>()> chosen;

  /// Adds a command with the options every command has. `example` is shown at the end of its --help.
  CLI::App* command(const std::string& name, const std::string& what, const std::string& example);
  /// What runs when the command was given.
  void runs(CLI::App* command, std::function<Result<void>()> run);
};

// One function a file adds its commands: declare it here, call it in main.cpp.

/// One JSON document on standard output.
void print_json(const nlohmann::ordered_json& json);

/// Columns with two spaces between; numbers are aligned to the right where `right` says so.
std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right = {});

/// Progress of long work: one line that is rewritten on a terminal, a plain line now and then elsewhere. On standard error.
/// Silent with --json where standard error is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool json);
  ~ProgressLine();
  void stage(const std::string& name);
  void update(const cache::Progress& progress);
  void clear();

 private:
  std::mutex mutex_;
  bool terminal_, silent_, shown_ = false;
  std::string stage_;
  std::chrono::steady_clock::time_point last_{}, began_ = std::chrono::steady_clock::now();
  std::int64_t facts_ = 0;  ///< since the stage began
};

}  // namespace twopop::cli
