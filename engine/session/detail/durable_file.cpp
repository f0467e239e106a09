#include "session/detail/durable_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace twopop::session::detail {
namespace {

Error failed(const std::filesystem::path& path, std::string_view what) {
  const int reason = errno;
  return {reason == ENOSPC || reason == EDQUOT ? Code::OutOfSpace : Code::IoFailed,
          fmt::format("{} cannot be {}: {}", path.string(), what, std::error_code(reason, std::generic_category()).message()),
          "check the disk and the permissions of the folder"};
}

/// Closes a descriptor when it goes out of scope.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

}  // namespace

Result<void> replace_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path part = path.string() + fmt::format(".{}.part", ::getpid());
  const auto give_up = [&](std::string_view what) {
    Error error = failed(path, what);
    ::unlink(part.c_str());
    return error;
  };
  {
    const Descriptor file{::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (file.value < 0) return failed(path, "written");
    while (!content.empty()) {
      const ssize_t written = ::write(file.value, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return give_up("written");
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.value) != 0) return give_up("written");
  }
  if (::rename(part.c_str(), path.c_str()) != 0) return give_up("replaced");
  return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (descriptor.value < 0) return failed(folder, "opened");
  // Some file systems cannot sync folders and say EINVAL; they keep their entries by other means.
  if (::fsync(descriptor.value) != 0 && errno != EINVAL) return failed(folder, "made durable");
  return {};
}

Result<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Code::NotFound, fmt::format("{} cannot be opened", path.string()), "check the path and its permissions"};
  std::stringstream text;
  text << in.rdbuf();
  if (in.bad()) return Error{Code::IoFailed, fmt::format("{} cannot be read", path.string()), "check the disk"};
  return std::move(text).str();
}

}  // namespace twopop::session::detail
