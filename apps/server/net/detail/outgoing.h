#pragma once

#include "http.h"

#include <unistd.h>

namespace twopop::server::detail {

class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

/// An answer as it goes out: header as text, body as bytes in memory or a part of an open file.
struct Outgoing {
  int status = 200;
  std::string head;
  std::string text;
  std::shared_ptr<const std::vector<std::byte>> bytes;  // shared with a cache
  File file;
  std::uint64_t begin = 0, end = 0;  ///< of the file
  bool close = false;

  std::size_t in_memory() const { return text.size() + (bytes ? bytes->size() : 0); }
};

enum class KeepAlive { No, Yes };
/// Finishes an answer: opens its file, answers If-None-Match, If-Range and Range, adds the standing headers. Blocks on the disk.
Outgoing make_outgoing(const Request& request, Response response, KeepAlive keep);

}  // namespace twopop::server::detail
