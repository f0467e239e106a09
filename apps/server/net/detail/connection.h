#pragma once

#include "net/detail/outgoing.h"
#include "net/detail/shared.h"

#include <boost/beast/http.hpp>

namespace twopop::server::detail {

namespace http = beast::http;
using Parser = http::request_parser<http::buffer_body>;

/// One connection from its first byte to its last. Everything of it happens on its strand; handlers run on the pools.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Shared> shared, Tcp::socket socket, std::string peer, std::string local);
  ~Connection();
  void start();
  /// [any] Ends it if its time is over; looks whether a client for whom work goes on has gone away.
  void sweep(std::int64_t now);
  /// [any]
  void close();
  /// What is awaited from here on has to come within this time.
  void expect_within(std::chrono::milliseconds time) { deadline_ = now_ns() + time.count() * 1000000; }
  void expect_nothing() { deadline_ = std::numeric_limits<std::int64_t>::max(); }
  /// The next bytes of the request's body, 0 at its end or where the error says why.
  net::awaitable<std::size_t> read_body(std::span<std::byte> into, ErrorCode& error);
  Shared& shared() { return *shared_; }
  /// Stays where it is as long as the connection lives.
  Wire& wire() { return wire_; }

 private:
  enum class Next { Request, Close };
  net::awaitable<void> run();
  net::awaitable<Next> serve_one();
  net::awaitable<bool> read_whole_body(Request& request, std::uint64_t limit);
  net::awaitable<void> drain_body();
  net::awaitable<void> go_live(Request request);
  net::awaitable<bool> send(Outgoing out);
  net::awaitable<bool> send_text(std::string_view text);
  net::awaitable<bool> send_file(const Outgoing& out);
  net::awaitable<Next> answer(const Request& request, Response response);
  std::optional<Response> read_request(Request& request);

  std::shared_ptr<Shared> shared_;  // lives until the last connection has ended
  Wire wire_;
  Tcp::socket* socket_;             ///< of the wire
  std::string peer_, local_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  bool went_live_ = false;
  std::atomic<std::int64_t> deadline_;
  std::atomic<bool> working_{false}, gone_{false};
};

/// Runs a WebSocket on a connection's wire until it ends.
net::awaitable<void> run_live_socket(std::shared_ptr<Connection> connection, const http::request<http::buffer_body>& upgrade, Request request,
                                     std::shared_ptr<LiveHandler> handler);

}  // namespace twopop::server::detail
