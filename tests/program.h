#pragma once

#include "small_film.h"
#include "start_program.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>
#include <sys/wait.h>

namespace twopop::test {

/// The program as people run it, built beside the tests.
inline std::filesystem::path program() { return std::filesystem::path(TWOPOP_BINARY_DIR) / "twopop"; }

/// A run of the program whose standard output is collected in a file, what it says of errors in one beside it.
class Process {
 public:
  Process(const std::vector<std::string>& arguments, const std::filesystem::path& output) {
    pid_ = spawn(program(), arguments, output, output.string() + ".errors");
  }
  ~Process() {
    if (pid_ > 0) kill();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  /// Exit code, or -1 if a signal ended it.
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  /// kill -9; the exit code if it had ended before.
  int kill() {
    ::kill(pid_, SIGKILL);
    return wait();
  }

 private:
  pid_t pid_ = -1;
};

inline std::string text_of(const std::filesystem::path& path) {
  std::string text;
  if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
    char buffer[65536];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, got);
    std::fclose(file);
  }
  return text;
}

/// Runs a command with --json to its end; fails loudly if it does.
inline nlohmann::json run_json(const std::filesystem::path& scratch, std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const auto output = scratch / "output.json";
  const int code = Process(arguments, output).wait();
  const std::string text = text_of(output);
  if (code != 0) throw std::runtime_error(fmt::format("twopop {} ended with {}: {}", arguments.front(), code, text_of(output.string() + ".errors")));
  return nlohmann::json::parse(text);
}

inline nlohmann::json build(const std::filesystem::path& scratch, const std::filesystem::path& film, int threads = 2) {
  return run_json(scratch, {"build", film.string(), "-j", std::to_string(threads)});
}
inline std::int64_t rendered(const nlohmann::json& build) {
  return build.at("chunks").at("rendered").get<std::int64_t>() + build.at("facts").at("rendered").get<std::int64_t>();
}

/// The sound of what a build wrote: mix and stems, by name.
inline std::map<std::string, Hash> sound_of(const std::filesystem::path& film) {
  std::map<std::string, Hash> all;
  std::vector<std::filesystem::path> files{film / "out" / "mix.wav"};
  for (const auto& entry : std::filesystem::directory_iterator(film / "out" / "stems")) files.push_back(entry.path());
  for (const auto& path : files) {
    const AudioBuffer<float> sound = must(media::read_all(path));
    Hasher hasher;
    hasher.add(sound.channels()).add(sound.frames());
    for (int c = 0; c < sound.channels(); ++c) hasher.raw(sound.channel(c), sizeof(float) * static_cast<std::size_t>(sound.frames()));
    all[path.filename().string()] = hasher.finish();
  }
  return all;
}

/// What comes out if the film as it stands is built where nothing was ever built.
inline std::map<std::string, Hash> sound_of_clean_build(const std::filesystem::path& scratch, const std::filesystem::path& film) {
  const auto copy = scratch / "clean.twopop";
  std::filesystem::remove_all(copy);
  const auto store = must(session::Store::open(film, session::Access::Read));
  {
    const auto made = must(session::Store::create(copy, *store.head().document));
  }
  build(scratch, copy);
  return sound_of(copy);
}

}  // namespace twopop::test
