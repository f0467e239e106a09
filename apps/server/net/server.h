#pragma once

#include "http.h"

#include <chrono>
#include <memory>

namespace twopop::server {

/// What one client, or all of them, may take of the machine. Whatever grows has its end here.
struct NetLimits {
  std::size_t header_bytes = 16 << 10;
  std::size_t connections = 1024;
  std::size_t connections_of_peer = 256;       ///< of one address; a loopback address may have all
  std::size_t requests_waiting = 512;          ///< for a worker; more are told 503
  std::size_t bytes_being_sent = 128 << 20;    ///< of answers in memory, all clients together; more are told 503
  std::size_t frame_bytes = 256 << 10;         ///< of a live socket, from the page
  std::size_t queue_bytes = 1 << 20;           ///< of a live socket, to the page; over it the client is told that it lags
  double frames_per_s = 100;                   ///< of a live socket; more are read later
  std::chrono::milliseconds header_time{15000};///< from the first byte of a request to the end of its header
  std::chrono::milliseconds idle_time{75000};  ///< without a request
  std::chrono::milliseconds stall_time{30000}; ///< without progress of a body in either direction
};

struct TlsFiles {
  std::filesystem::path certificate, key;  ///< PEM; the certificate may hold its chain
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8484;        ///< 0: any that is free
  std::vector<std::string> hosts;   ///< names that the studio is asked for under, beside its address
  std::optional<TlsFiles> tls;
  int network_threads = 2, worker_threads = 12, slow_threads = 8;
  NetLimits limits;
};

/// Serves a site over HTTP/1.1 and WebSocket. Handlers run on worker threads; the network's own threads never block on them.
class Server {
 public:
  /// Listens when it returns. Fails with Busy where the port is taken, InvalidArgument for an address or certificate that cannot be used.
  static Result<std::unique_ptr<Server>> start(Site site, const ServerOptions& options);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  /// Connections that are open.
  virtual std::size_t connections() const = 0;
  /// Ends all connections and waits for handlers to return. A second call does nothing.
  virtual void stop() = 0;
};

}  // namespace twopop::server
