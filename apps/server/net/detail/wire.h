#pragma once

#include <utility>  // Asio 1.74 uses std::exchange without it

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <memory>

namespace twopop::server::detail {

namespace net = boost::asio;
namespace beast = boost::beast;
using Tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;

/// A connection's bytes, plain or through TLS, as one type: everything above is compiled once.
class Wire {
 public:
  using Tls = beast::ssl_stream<beast::tcp_stream>;
  using executor_type = beast::tcp_stream::executor_type;
  using next_layer_type = beast::tcp_stream;

  Wire(Tcp::socket socket, net::ssl::context* context) {
    if (context) tls_ = std::make_unique<Tls>(std::move(socket), *context);
    else plain_ = std::make_unique<beast::tcp_stream>(std::move(socket));
  }
  Wire(Wire&&) = default;

  executor_type get_executor() noexcept { return next_layer().get_executor(); }
  next_layer_type& next_layer() noexcept { return tls_ ? tls_->next_layer() : *plain_; }
  const next_layer_type& next_layer() const noexcept { return tls_ ? tls_->next_layer() : *plain_; }
  Tcp::socket& socket() { return next_layer().socket(); }
  Tls* tls() { return tls_.get(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return plain_->async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return plain_->async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  std::unique_ptr<beast::tcp_stream> plain_;
  std::unique_ptr<Tls> tls_;
};

/// How a WebSocket on a wire ends; found by Beast through the argument's namespace.
template <class Handler>
void async_teardown(beast::role_type role, Wire& wire, Handler&& handler) {
  using beast::websocket::async_teardown;
  if (wire.tls()) {
    beast::async_teardown(role, *wire.tls(), std::forward<Handler>(handler));
  } else {
    async_teardown(role, wire.socket(), std::forward<Handler>(handler));
  }
}
inline void teardown(beast::role_type role, Wire& wire, ErrorCode& error) {
  using beast::websocket::teardown;
  teardown(role, wire.socket(), error);
}

}  // namespace twopop::server::detail
