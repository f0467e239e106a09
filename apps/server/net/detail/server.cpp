#include "net/detail/connection.h"

#include <csignal>

namespace twopop::server {
namespace detail {
namespace {

class BeastServer : public Server {
 public:
  explicit BeastServer(std::shared_ptr<Shared> shared) : shared_(std::move(shared)), acceptor_(shared_->io), sweep_timer_(shared_->io) {}
  ~BeastServer() override { stop(); }

  Result<void> listen() {
    const ServerOptions& options = shared_->options;
    // A client that goes away in the middle of sendfile would otherwise end the program.
    std::signal(SIGPIPE, SIG_IGN);
    if (options.tls) TWOPOP_CHECK(load_certificate(*options.tls));
    ErrorCode error;
    const auto address = net::ip::make_address(options.address, error);
    if (error) return Error{Code::InvalidArgument, fmt::format("{} is no address", options.address), "give an IP address such as 127.0.0.1, 0.0.0.0 or ::"};
    const Tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(256, error);
    if (error)
      return Error{error == net::error::address_in_use ? Code::Busy : Code::IoFailed, fmt::format("cannot listen at {} port {}: {}", options.address, options.port, error.message()),
                   "choose another with --port"};
    port_ = acceptor_.local_endpoint().port();
    auto accepting = [this]() -> net::awaitable<void> { co_await accept(); };
    net::co_spawn(shared_->io, std::move(accepting), net::detached);
    auto sweeping = [this]() -> net::awaitable<void> { co_await sweep(); };
    net::co_spawn(shared_->io, std::move(sweeping), net::detached);
    for (int i = 0; i < std::max(1, options.network_threads); ++i) threads_.emplace_back([this] { shared_->io.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }
  std::size_t connections() const override {
    std::scoped_lock lock(shared_->mutex);
    return shared_->connections.size();
  }

  void stop() override {
    if (shared_->stopping.exchange(true)) return;
    net::post(shared_->io, [this] {
      ErrorCode ignored;
      acceptor_.close(ignored);
      sweep_timer_.cancel();
    });
    for (int tries = 0; tries < 100 && connections() > 0; ++tries) {
      for (const auto& connection : all()) connection->close();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    shared_->io.stop();
    for (std::thread& thread : threads_) thread.join();
    shared_->network_ended = true;
    shared_->workers.join();
    shared_->slow.join();
  }

 private:
  Result<void> load_certificate(const TlsFiles& files) {
    ErrorCode error;
    net::ssl::context context(net::ssl::context::tls_server);
    context.set_options(net::ssl::context::default_workarounds | net::ssl::context::no_tlsv1 | net::ssl::context::no_tlsv1_1 | net::ssl::context::single_dh_use);
    SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
    context.use_certificate_chain_file(files.certificate.string(), error);
    if (error) return Error{Code::InvalidArgument, fmt::format("{}: {}", files.certificate.string(), error.message()), "--tls-cert names a certificate in PEM form"};
    context.use_private_key_file(files.key.string(), net::ssl::context::pem, error);
    if (error) return Error{Code::InvalidArgument, fmt::format("{}: {}", files.key.string(), error.message()), "--tls-key names the certificate's private key in PEM form"};
    shared_->tls.emplace(std::move(context));
    return {};
  }

  std::vector<std::shared_ptr<Connection>> all() const {
    std::vector<std::shared_ptr<Connection>> found;
    std::scoped_lock lock(shared_->mutex);
    for (const auto& [unused, weak] : shared_->connections)
      if (auto connection = weak.lock()) found.push_back(std::move(connection));
    return found;
  }

  net::awaitable<void> accept() {
    ErrorCode error;
    auto token = net::redirect_error(net::use_awaitable, error);
    while (!shared_->stopping) {
      const net::any_io_executor strand = net::make_strand(shared_->io);
      Tcp::socket socket = co_await acceptor_.async_accept(strand, token);
      if (error == net::error::operation_aborted || shared_->stopping) co_return;
      if (error) {
        // Out of descriptors: connections that end make room.
        net::steady_timer pause(shared_->io, std::chrono::milliseconds(50));
        error = {};
        co_await pause.async_wait(token);
        continue;
      }
      ErrorCode gone;
      const auto peer = socket.remote_endpoint(gone);
      if (gone) continue;
      const auto local = socket.local_endpoint(gone);
      if (gone || !room_for(peer.address())) continue;  // the socket closes here
      std::make_shared<Connection>(shared_, std::move(socket), peer.address().to_string(), local.address().to_string())->start();
    }
  }

  bool room_for(const net::ip::address& peer) const {
    const NetLimits& limits = shared_->options.limits;
    std::scoped_lock lock(shared_->mutex);
    if (shared_->connections.size() >= limits.connections) return false;
    const auto it = shared_->of_peer.find(peer.to_string());
    return peer.is_loopback() || it == shared_->of_peer.end() || it->second < limits.connections_of_peer;
  }

  net::awaitable<void> sweep() {
    ErrorCode error;
    auto token = net::redirect_error(net::use_awaitable, error);
    while (!shared_->stopping) {
      sweep_timer_.expires_after(std::chrono::milliseconds(250));
      co_await sweep_timer_.async_wait(token);
      const std::int64_t now = now_ns();
      for (const auto& connection : all()) connection->sweep(now);
    }
  }

  std::shared_ptr<Shared> shared_;  // with the connections
  Tcp::acceptor acceptor_;
  net::steady_timer sweep_timer_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace
}  // namespace detail

Result<std::unique_ptr<Server>> Server::start(Site site, const ServerOptions& options) {
  auto server = std::make_unique<detail::BeastServer>(std::make_shared<detail::Shared>(std::move(site), options));
  TWOPOP_CHECK(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace twopop::server
