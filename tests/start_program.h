#pragma once

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace twopop::test {

/// Starts a program, its standard output in one file and, where one is named, its standard error in another. Throws where it cannot. Not by fork():
/// the copy of a process with threads may wait for ever for a lock that one of them held, such as that of an allocator.
inline pid_t spawn(const std::filesystem::path& program, const std::vector<std::string>& arguments, const std::filesystem::path& output, const std::filesystem::path& errors = {}) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  constexpr int kNew = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), kNew, 0666);
  if (!errors.empty()) posix_spawn_file_actions_addopen(&files, STDERR_FILENO, errors.c_str(), kNew, 0666);
  pid_t pid = -1;
  const int failure = ::posix_spawn(&pid, program.c_str(), &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failure != 0) throw std::runtime_error(program.string() + ": " + std::strerror(failure));
  return pid;
}

/// What each thread of a process does: its name, its state, where in the kernel it waits and in which call. For the message of a test that waited in vain.
inline std::string threads_of(pid_t pid) {
  std::string all;
  std::error_code none;
  const auto first_line = [](const std::filesystem::path& path) {
    std::string line;
    std::ifstream in(path);
    std::getline(in, line);
    return line;
  };
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", none)) {
    const std::string stat = first_line(thread.path() / "stat");
    const std::size_t name_end = stat.rfind(')');
    all += first_line(thread.path() / "comm") + ' ' + (name_end == std::string::npos ? "?" : stat.substr(name_end + 2, 1)) + ", in " + first_line(thread.path() / "wchan") + ", call " +
           first_line(thread.path() / "syscall") + '\n';
  }
  return all.empty() ? "it has ended\n" : all;
}

}  // namespace twopop::test
