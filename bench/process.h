#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

extern char** environ;

namespace twopop::bench {

/// What a run of a whole process took.
struct Cost {
  double wall_s = 0, cpu_s = 0;
  bool failed = false;
};

/// Runs a program to its end, its output thrown away or kept in a file, what it says of errors with it or in a file of its
/// own. The program is looked for in PATH.
inline Cost run_process(const std::vector<std::string>& command, const std::string& output = "/dev/null", const std::string& errors = "") {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (errors.empty()) posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  else posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  Cost cost;
  const auto begin = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ) != 0) {
    cost.failed = true;
  } else {
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    cost.failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    cost.cpu_s = s(usage.ru_utime) + s(usage.ru_stime);
  }
  cost.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  posix_spawn_file_actions_destroy(&files);
  return cost;
}

/// Medians of wall and CPU over some runs.
inline Cost median_cost(int runs, const std::function<Cost()>& run) {
  std::vector<double> wall, cpu;
  Cost cost;
  for (int i = 0; i < runs; ++i) {
    const Cost one = run();
    cost.failed = cost.failed || one.failed;
    wall.push_back(one.wall_s);
    cpu.push_back(one.cpu_s);
  }
  auto middle = [](std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  cost.wall_s = middle(wall);
  cost.cpu_s = middle(cpu);
  return cost;
}

inline void print_cost(const char* who, const Cost& cost, const Cost& ours) {
  std::printf("  %-34s wall %8.3f s   cpu %8.3f s", who, cost.wall_s, cost.cpu_s);
  if (&cost != &ours) std::printf("   ours is %.1f x as fast by wall, %.1f x by cpu", cost.wall_s / ours.wall_s, cost.cpu_s / ours.cpu_s);
  std::printf("%s\n", cost.failed ? "   FAILED" : "");
  std::fflush(stdout);
}

/// The running program, to be started again as a child.
inline std::string own_path() {
  std::string path(4096, '\0');
  const auto length = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return path;
}

}  // namespace twopop::bench
