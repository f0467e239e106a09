#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A client of our own for tests and benches: plain sockets, so that it can also say what no decent client says.
namespace twopop::server::testing {

class Socket {
 public:
  explicit Socket(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ::close(fd_);
      throw std::runtime_error("cannot connect");
    }
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), held_(std::move(other.held_)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(held_, other.held_);
    return *this;
  }
  int fd() const { return fd_; }

  /// False if the server has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// More bytes into what is held; false at the end of the connection or after the time.
  bool fill(std::chrono::milliseconds time = std::chrono::milliseconds(10000)) {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(time.count())) <= 0) return false;
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    held_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  /// Exactly so many bytes, or nothing.
  std::optional<std::string> take(std::size_t count, std::chrono::milliseconds time = std::chrono::milliseconds(10000)) {
    while (held_.size() < count)
      if (!fill(time)) return std::nullopt;
    std::string out = held_.substr(0, count);
    held_.erase(0, count);
    return out;
  }
  std::string& held() { return held_; }
  /// Whether the server ends the connection within the time.
  bool ends_within(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
      pollfd wait{fd_, POLLIN, 0};
      if (::poll(&wait, 1, 50) <= 0) continue;
      char buffer[65536];
      if (::recv(fd_, buffer, sizeof buffer, 0) <= 0) return true;
    }
    return false;
  }

 private:
  int fd_;
  std::string held_;
};

struct Reply {
  int status = 0;  ///< 0: the connection ended instead
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One kept-alive connection.
class Client {
 public:
  explicit Client(std::uint16_t port) : port_(port), socket_(port) {}

  /// The request as text; Host, Origin and the token are added where the caller has not.
  std::string request_text(const std::string& method, const std::string& target, const std::string& body = {}, const Headers& headers = {}) const {
    const auto has = [&](const char* name) {
      for (const auto& [key, unused] : headers)
        if (key == name) return true;
      return false;
    };
    std::string text = fmt::format("{} {} HTTP/1.1\r\n", method, target);
    if (!has("Host")) text += fmt::format("Host: 127.0.0.1:{}\r\n", port_);
    if (method != "GET" && method != "HEAD") {
      if (!has("Origin")) text += fmt::format("Origin: http://127.0.0.1:{}\r\n", port_);
      if (!has("X-Csrf-Token") && !token_.empty()) text += fmt::format("X-Csrf-Token: {}\r\n", token_);
      if (!has("Content-Length") && !has("Transfer-Encoding")) text += fmt::format("Content-Length: {}\r\n", body.size());
    }
    for (const auto& [key, value] : headers)
      if (!value.empty()) text += key + ": " + value + "\r\n";
    return text + "\r\n" + body;
  }

  Reply ask(const std::string& method, const std::string& target, const std::string& body = {}, const Headers& headers = {}) {
    if (!socket_.send(request_text(method, target, body, headers))) return {};
    return read_reply(method == "HEAD");
  }
  Reply get(const std::string& target, const Headers& headers = {}) { return ask("GET", target, {}, headers); }
  Reply post(const std::string& target, const std::string& body, const Headers& headers = {}) { return ask("POST", target, body, headers); }

  /// Learns the token that changing requests carry.
  Client& greet() {
    token_ = get("/api/me").json().at("csrf").get<std::string>();
    return *this;
  }

  Reply read_reply(bool without_body = false) {
    Reply reply;
    std::size_t end = 0;
    while ((end = socket_.held().find("\r\n\r\n")) == std::string::npos)
      if (!socket_.fill()) return {};
    const std::string head = *socket_.take(end + 4);
    reply.status = std::atoi(head.c_str() + 9);
    for (std::size_t at = head.find("\r\n") + 2; at < end;) {
      const std::size_t line_end = head.find("\r\n", at), colon = head.find(':', at);
      std::string name = head.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      reply.headers[name] = head.substr(colon + 2, line_end - colon - 2);
      at = line_end + 2;
    }
    if (reply.status == 100) return read_reply(without_body);
    if (without_body || reply.status == 204 || reply.status == 304) return reply;
    const auto body = socket_.take(static_cast<std::size_t>(std::atoll(reply.headers["content-length"].c_str())));
    if (!body) return {};
    reply.body = *body;
    return reply;
  }
  Socket& socket() { return socket_; }
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_;
  Socket socket_;
  std::string token_;
};

/// One frame as a client sends it.
inline std::string frame(std::string_view payload, int opcode = 1, bool masked = true, bool last = true) {
  std::string out(1, static_cast<char>((last ? 0x80 : 0) | opcode));
  const char mask_bit = masked ? static_cast<char>(0x80) : 0;
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else if (payload.size() < 65536) {
    out += static_cast<char>(mask_bit | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 255);
  } else {
    out += static_cast<char>(mask_bit | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((payload.size() >> shift) & 255);
  }
  const char mask[4] = {0x11, 0x22, 0x33, 0x44};
  if (masked) out.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) out += masked ? static_cast<char>(payload[i] ^ mask[i % 4]) : payload[i];
  return out;
}

/// A page's live socket.
class Live {
 public:
  Live(std::uint16_t port, const std::string& film, int receive_buffer = 0) : socket_(port, receive_buffer) {
    socket_.send(fmt::format("GET /api/films/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nOrigin: http://127.0.0.1:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                             film + "/socket", port, port));
    std::size_t end = 0;
    while ((end = socket_.held().find("\r\n\r\n")) == std::string::npos)
      if (!socket_.fill()) throw std::runtime_error("no socket");
    const std::string head = *socket_.take(end + 4);
    if (!head.starts_with("HTTP/1.1 101")) throw std::runtime_error("no socket: " + head);
  }
  bool send(const nlohmann::json& message) { return socket_.send(frame(message.dump())); }
  bool send_raw(std::string_view bytes) { return socket_.send(bytes); }

  /// The next text, pings answered on the way; nothing at the end of the connection or after the time.
  std::optional<nlohmann::json> next(std::chrono::milliseconds time = std::chrono::milliseconds(10000)) {
    for (;;) {
      const auto head = socket_.take(2, time);
      if (!head) return std::nullopt;
      const int opcode = (*head)[0] & 15;
      std::size_t length = static_cast<unsigned char>((*head)[1]) & 127;
      if (length >= 126) {
        const auto more = socket_.take(length == 126 ? 2 : 8, time);
        if (!more) return std::nullopt;
        length = 0;
        for (const char c : *more) length = length << 8 | static_cast<unsigned char>(c);
      }
      const auto payload = socket_.take(length, time);
      if (!payload) return std::nullopt;
      if (opcode == 9) socket_.send(frame(*payload, 10));
      else if (opcode == 8) {
        close_code_ = payload->size() >= 2 ? static_cast<unsigned char>((*payload)[0]) << 8 | static_cast<unsigned char>((*payload)[1]) : 1005;
        return std::nullopt;
      } else if (opcode == 1) return nlohmann::json::parse(*payload);
    }
  }
  /// The next text of a type, others passed over.
  std::optional<nlohmann::json> next_of(const std::string& type, std::chrono::milliseconds time = std::chrono::milliseconds(10000)) {
    for (;;) {
      auto message = next(time);
      if (!message || (*message)["type"] == type) return message;
    }
  }
  int close_code() const { return close_code_; }
  Socket& socket() { return socket_; }

 private:
  Socket socket_;
  int close_code_ = 0;
};

}  // namespace twopop::server::testing
