#include "accounts/people_routes.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <pwd.h>
#include <termios.h>
#include <unistd.h>

namespace twopop::server {
namespace {

/// While it lives, what is typed is not shown.
class Unseen {
 public:
  Unseen() : on_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (on_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (on_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_{};
  bool on_ = false;
};

Result<std::string> ask(const char* prompt) {
  std::fputs(prompt, stderr);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  std::fputc('\n', stderr);
  if (!read) return Error{Code::Cancelled, "no password was given", "type one, or pipe one line into standard input"};
  return line;
}

}  // namespace

Result<void> add_user_from_terminal(Accounts& accounts, const std::string& name, const std::vector<std::string>& roles) {
  std::string password;
  if (::isatty(STDIN_FILENO) == 0) {
    if (!std::getline(std::cin, password)) return Error{Code::InvalidArgument, "standard input holds no password", "pipe one line into it"};
  } else {
    const Unseen unseen;
    TWOPOP_TRY(password, ask(fmt::format("Password of {}: ", name).c_str()));
    TWOPOP_TRY(const std::string again, ask("Once more: "));
    if (again != password) return Error{Code::InvalidArgument, "the two passwords differ", "try again"};
  }
  return accounts.add_user({name, password, roles});
}

std::filesystem::path default_state_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state == '/') return std::filesystem::path(state) / "twopop" / "server";
  const char* home = std::getenv("HOME");
  const passwd* entry = home && *home ? nullptr : ::getpwuid(::getuid());
  const std::filesystem::path base = entry ? entry->pw_dir : home ? home : "/";
  return base / ".local/state/twopop/server";
}

}  // namespace twopop::server
