#include "net/detail/connection.h"

#include "net/pages.h"
#include "net/policy.h"
#include "net/url.h"

#include <boost/beast/websocket/rfc6455.hpp>

#include <future>
#include <sys/sendfile.h>
#include <sys/socket.h>

namespace twopop::server::detail {
namespace {

constexpr std::size_t kPortion = 64 << 10;       ///< of a file through TLS; answers up to this size are always sent
constexpr std::size_t kMemoryPortion = 256 << 10;
constexpr std::size_t kFilePortion = 1 << 20;
constexpr int kLiveBuffer = 128 << 10;
constexpr std::size_t kDrained = 16 << 20;       ///< of a refused body, for two seconds: who is still sending does not hear the answer

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

std::string joined(const std::vector<std::string>& methods) { return fmt::format("{}", fmt::join(methods, ", ")); }

Response no_route(const Request& request, const Router::Found& found) {
  if (found.allowed.empty()) return problem(404, "not_found", fmt::format("there is no {}", request.path), "see schema/openapi.yaml");
  Response refused = problem(405, "method", fmt::format("{} does not know {}", request.path, request.method));
  refused.headers.emplace_back("Allow", joined(found.allowed));
  return refused;
}

Response come_again() {
  Response busy = problem(503, "busy", "too many requests wait already", "try again in a moment");
  busy.headers.emplace_back("Retry-After", "1");
  return busy;
}

Response too_large(std::uint64_t limit) { return problem(413, "too_large", fmt::format("the body is longer than {} bytes", limit)); }

/// Reads a body from the thread of its handler: asks the connection's strand and waits.
class StreamReader : public BodyReader {
 public:
  StreamReader(std::shared_ptr<Connection> connection, net::any_io_executor strand, std::uint64_t limit)
      : connection_(std::move(connection)), strand_(std::move(strand)), limit_(limit) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    if (into.empty() || ended_) return std::size_t{0};
    struct Answer {
      std::promise<std::pair<std::size_t, bool>> promise;
    };
    auto answer = std::make_shared<Answer>();
    auto future = answer->promise.get_future();
    auto ask = [connection = connection_, into, answer]() -> net::awaitable<void> {
      ErrorCode error;
      const std::size_t got = co_await connection->read_body(into, error);
      answer->promise.set_value({got, !error});
    };
    net::co_spawn(strand_, std::move(ask), net::detached);
    while (future.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready)
      if (connection_->shared().network_ended) return gone();
    const auto [got, fine] = future.get();
    if (!fine) return gone();
    ended_ = got == 0;
    total_ += got;
    if (total_ > limit_) return Error{Code::InvalidArgument, fmt::format("the body is longer than {} bytes", limit_), "send less"};
    return got;
  }

 private:
  Error gone() {
    ended_ = true;
    return {Code::Cancelled, "the client went away before the end of the body", "send it again"};
  }
  std::shared_ptr<Connection> connection_;  // outlives the handler, whatever the client does
  net::any_io_executor strand_;
  std::uint64_t limit_, total_ = 0;
  bool ended_ = false;
};

}  // namespace

Connection::Connection(std::shared_ptr<Shared> shared, Tcp::socket socket, std::string peer, std::string local)
    : shared_(std::move(shared)), wire_(std::move(socket), shared_->tls ? &*shared_->tls : nullptr), socket_(&wire_.socket()), peer_(std::move(peer)),
      local_(std::move(local)), buffer_(shared_->options.limits.header_bytes + kPortion) {
  expect_within(shared_->options.limits.header_time);
}

Connection::~Connection() {
  std::scoped_lock lock(shared_->mutex);
  shared_->connections.erase(this);
  if (auto it = shared_->of_peer.find(peer_); it != shared_->of_peer.end() && --it->second == 0) shared_->of_peer.erase(it);
}

void Connection::start() {
  {
    std::scoped_lock lock(shared_->mutex);
    shared_->connections.emplace(this, weak_from_this());
    ++shared_->of_peer[peer_];
  }
  auto life = [self = shared_from_this()]() -> net::awaitable<void> { co_await self->run(); };
  net::co_spawn(wire_.get_executor(), std::move(life), net::detached);
}

void Connection::sweep(std::int64_t now) {
  if (now > deadline_) close();
  if (!working_) return;
  net::post(socket_->get_executor(), [self = shared_from_this()] {
    char byte = 0;
    if (self->working_ && (!self->socket_->is_open() || ::recv(self->socket_->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)) self->gone_ = true;
  });
}

void Connection::close() {
  net::post(socket_->get_executor(), [self = shared_from_this()] {
    ErrorCode ignored;
    self->socket_->close(ignored);
  });
}

net::awaitable<void> Connection::run() {
  ErrorCode error;
  auto token = net::redirect_error(net::use_awaitable, error);
  socket_->set_option(Tcp::no_delay(true), error);
  error = {};
  if (wire_.tls()) co_await wire_.tls()->async_handshake(net::ssl::stream_base::server, token);
  while (!error && !shared_->stopping) {
    const Next next = co_await serve_one();
    if (next == Next::Close) break;
  }
  // A live socket has said its own farewell.
  if (wire_.tls() && socket_->is_open() && !went_live_) {
    expect_within(std::chrono::seconds(2));
    co_await wire_.tls()->async_shutdown(token);
  }
  ErrorCode ignored;
  if (socket_->is_open()) socket_->shutdown(Tcp::socket::shutdown_both, ignored);
  socket_->close(ignored);
}

std::optional<Response> Connection::read_request(Request& request) {
  const auto& header = parser_->get();
  request.method = std::string(header.method_string());
  request.peer = peer_;
  request.secure = wire_.tls() != nullptr;
  for (const auto& field : header) {
    std::string name(field.name_string());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    std::string value(field.value());
    auto [it, first] = request.headers.emplace(name, value);
    if (first) continue;
    if (name == "host" || name == "content-length" || name == "transfer-encoding" || name == "origin" || name == "x-csrf-token")
      return problem(400, "bad_request", fmt::format("the header {} is there twice", name));
    it->second += (name == "cookie" ? "; " : ", ") + value;
  }
  if (request.headers.contains("content-length") && request.headers.contains("transfer-encoding"))
    return problem(400, "bad_request", "a body has a length or comes in portions, not both");
  if (!host_is_ours(request.headers["host"], local_, shared_->options.hosts))
    return problem(421, "wrong_host", fmt::format("this server is not {}", request.headers["host"]), "ask for it by its address, or start it with --host NAME");
  const auto target = parse_target(std::string_view(header.target().data(), header.target().size()));
  if (!target) return problem(400, "bad_request", "the path cannot be read");
  request.path = target->path;
  request.query = target->query;
  return std::nullopt;
}

net::awaitable<Connection::Next> Connection::serve_one() {
  const NetLimits& limits = shared_->options.limits;
  ErrorCode error;
  auto token = net::redirect_error(net::use_awaitable, error);
  if (buffer_.size() == 0) {
    expect_within(limits.idle_time);
    const auto room = buffer_.prepare(4096);
    const std::size_t got = co_await wire_.async_read_some(room, token);
    if (error) co_return Next::Close;
    buffer_.commit(got);
  }
  expect_within(limits.header_time);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  co_await http::async_read_header(wire_, buffer_, *parser_, token);
  Request request;
  request.gone = &gone_;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    request.method = "GET";
    Outgoing out = make_outgoing(request, problem(431, "header_too_large", fmt::format("the header is longer than {} bytes", limits.header_bytes)), KeepAlive::No);
    co_await send(std::move(out));
    co_return Next::Close;
  }
  if (error) {
    // Of what is no HTTP the sender gets one short answer; of what just went away there is none to send.
    const std::string_view short_answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (error.category() == make_error_code(http::error::bad_method).category() && error != http::error::end_of_stream && error != http::error::partial_message)
      co_await send_text(short_answer);
    co_return Next::Close;
  }
  if (auto refused = read_request(request)) {
    if (shared_->site.audited) shared_->site.audited(request, refused->status);
    co_return co_await answer(request, *std::move(refused));
  }
  if (beast::websocket::is_upgrade(parser_->get())) {
    co_await go_live(std::move(request));
    co_return Next::Close;
  }

  const auto& target = parser_->get().target();
  const Router::Found found = shared_->router.find(request.method, parse_target(std::string_view(target.data(), target.size()))->segments);
  request.in_path = found.in_path;
  const Route* route = found.route;
  const bool api = request.path == "/api" || request.path.starts_with("/api/");
  if (request.method == "OPTIONS" && (!api || !found.allowed.empty())) {
    const std::string allow = api ? joined(found.allowed) : "GET, HEAD, OPTIONS";
    Response methods{204, "", {}, std::string()};
    methods.headers.emplace_back("Allow", allow);
    co_return co_await answer(request, std::move(methods));
  }
  if (!route && (api || changes_something(request.method))) {
    Response nothing = no_route(request, found);
    co_return co_await answer(request, std::move(nothing));
  }

  Share turn(shared_->waiting, 1, limits.requests_waiting);
  if (!turn) {
    Response busy = come_again();
    co_return co_await answer(request, std::move(busy));
  }
  expect_nothing();  // a handler takes the time it needs
  const Site& site = shared_->site;
  const bool has_body = !parser_->is_done();
  // Who asks, and whether they may, is settled before a body is read.
  const auto admitted = [&]() -> std::optional<Response> {
    try {
      if (!route) return std::nullopt;  // pages are no secret, and links lead to them from anywhere
      if (auto foreign = refuse_foreign(request, changes_something(request.method))) return foreign;
      if (site.identify) {
        Result<Identity> who = site.identify(request);
        if (!who) return who.error().code == Code::Busy ? problem(429, "too_many", who.error().message, who.error().remedy) : problem(who.error());
        request.who = *std::move(who);
      }
      if (!route->right.empty() && !request.who.may(route->right))
        return request.who.roles.empty() ? problem(401, "login", "nobody is logged in", "log in first")
                                         : problem(403, "right", fmt::format("{} may not do this: it needs the right {}", request.who.name, route->right), "ask the owner of the film");
      if (changes_something(request.method))
        if (auto forged = refuse_forged(request)) return forged;
      for (const QueryParameter& parameter : route->query)
        if (parameter.required && !request.query.contains(parameter.name)) return problem(400, "query", fmt::format("the query has no {}", parameter.name), parameter.meaning);
      return std::nullopt;
    } catch (const std::exception& e) {
      return problem(500, "internal", e.what());
    }
  };
  const auto handled = [&]() -> Outgoing {
    Response response;
    try {
      response = route ? route->handle(request) : page(site.pages, request.path);
      if (site.audited && (changes_something(request.method) || response.status == 401 || response.status == 403)) site.audited(request, response.status);
    } catch (const std::exception& e) {
      response = problem(500, "internal", e.what());
    }
    const bool keep = parser_->get().keep_alive() && parser_->is_done() && !shared_->stopping;
    return make_outgoing(request, std::move(response), keep ? KeepAlive::Yes : KeepAlive::No);
  };
  const auto refused = [&](Response response) {
    if (site.audited) site.audited(request, response.status);
    return response;
  };

  if (!has_body && (!route || (!route->slow && route->body != Body::Streamed))) {
    // The usual case takes one turn on a worker.
    auto both = [&]() -> Outgoing {
      if (auto no = admitted()) {
        const bool keep = parser_->get().keep_alive() && !shared_->stopping;
        return make_outgoing(request, refused(*std::move(no)), keep ? KeepAlive::Yes : KeepAlive::No);
      }
      return handled();
    };
    Outgoing out = co_await on_pool(shared_->workers, both);
    turn = {};
    const bool close = out.close;
    const bool sent = co_await send(std::move(out));
    co_return sent && !close ? Next::Request : Next::Close;
  }

  auto check = [&]() -> std::optional<Response> {
    auto no = admitted();
    return no ? std::optional(refused(*std::move(no))) : std::nullopt;
  };
  std::optional<Response> no = co_await on_pool(shared_->workers, check);
  if (!no && has_body) {
    const auto length = parser_->content_length();
    if (route->body == Body::None && (!length || *length > 0)) no = problem(400, "bad_request", "this takes no body");
    else if (length && *length > route->body_limit) no = too_large(route->body_limit);
  }
  if (no) {
    Response refusal = *std::move(no);
    co_return co_await answer(request, std::move(refusal));
  }
  if (has_body && request.headers["expect"] == "100-continue") {
    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const bool sent = co_await send_text(go_on);
    if (!sent) co_return Next::Close;
  }
  StreamReader reader(shared_from_this(), wire_.get_executor(), route->body_limit);
  if (route->body == Body::Streamed) {
    request.stream = &reader;
  } else if (has_body) {
    const bool whole = co_await read_whole_body(request, route->body_limit);
    if (!whole) {
      if (!socket_->is_open()) co_return Next::Close;
      Response refusal = too_large(route->body_limit);
      co_return co_await answer(request, std::move(refusal));
    }
  }
  expect_nothing();
  net::thread_pool& pool = route->slow || route->body == Body::Streamed ? shared_->slow : shared_->workers;
  working_ = true;
  Outgoing out = co_await on_pool(pool, handled);
  working_ = false;
  turn = {};
  const bool close = out.close;
  const bool sent = co_await send(std::move(out));
  if (!parser_->is_done()) co_await drain_body();
  co_return sent && !close ? Next::Request : Next::Close;
}

net::awaitable<std::size_t> Connection::read_body(std::span<std::byte> into, ErrorCode& error) {
  error = {};
  while (!parser_->is_done()) {
    auto& body = parser_->get().body();
    body.data = into.data();
    body.size = into.size();
    body.more = true;
    expect_within(shared_->options.limits.stall_time);
    auto token = net::redirect_error(net::use_awaitable, error);
    co_await http::async_read_some(wire_, buffer_, *parser_, token);
    if (error == http::error::need_buffer) error = {};
    expect_nothing();
    if (error) co_return 0;
    if (const std::size_t got = into.size() - parser_->get().body().size; got > 0) co_return got;
  }
  co_return 0;
}

net::awaitable<bool> Connection::read_whole_body(Request& request, std::uint64_t limit) {
  std::vector<std::byte> portion(16 << 10);
  const std::int64_t until = now_ns() + shared_->options.limits.stall_time.count() * 1000000;
  for (;;) {
    ErrorCode error;
    const std::size_t got = co_await read_body(portion, error);
    // A body that is kept in memory has to be there as a whole within the time of one stall.
    if (error || now_ns() > until) {
      ErrorCode ignored;
      socket_->close(ignored);
      co_return false;
    }
    if (got == 0) co_return true;
    if (request.body.size() + got > limit) co_return false;
    request.body.append(reinterpret_cast<const char*>(portion.data()), got);
  }
}

net::awaitable<void> Connection::drain_body() {
  std::vector<std::byte> portion(16 << 10);
  const std::int64_t until = now_ns() + 2'000'000'000;
  for (std::size_t total = 0; total < kDrained && now_ns() < until;) {
    ErrorCode error;
    expect_within(std::chrono::seconds(2));
    const std::size_t got = co_await read_body(portion, error);
    if (error || got == 0) co_return;
    total += got;
  }
}

net::awaitable<Connection::Next> Connection::answer(const Request& request, Response response) {
  // After a short body the connection goes on.
  if (const auto length = parser_->content_length(); !parser_->is_done() && length && *length <= kPortion) co_await drain_body();
  const bool whole = parser_->is_done();
  const bool keep = whole && parser_->get().keep_alive() && response.status != 421 && response.status != 400;
  Outgoing out = make_outgoing(request, std::move(response), keep ? KeepAlive::Yes : KeepAlive::No);
  const bool sent = co_await send(std::move(out));
  if (sent && !whole) co_await drain_body();
  co_return sent && keep ? Next::Request : Next::Close;
}

net::awaitable<bool> Connection::send_text(std::string_view text) {
  ErrorCode error;
  auto token = net::redirect_error(net::use_awaitable, error);
  for (std::size_t at = 0; at < text.size() && !error;) {
    const std::size_t portion = std::min(text.size() - at, kMemoryPortion);
    expect_within(shared_->options.limits.stall_time);
    co_await net::async_write(wire_, net::buffer(text.data() + at, portion), token);
    at += portion;
  }
  co_return !error;
}

net::awaitable<bool> Connection::send(Outgoing out) {
  const std::size_t size = out.in_memory();
  const bool large = size > kPortion;
  const Share memory(shared_->being_sent, large ? size : 0, shared_->options.limits.bytes_being_sent);
  if (large && !memory) {
    // Slow readers hold what there is: the others are told to come again instead of filling the memory.
    const std::string busy = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    co_await send_text(busy);
    co_return false;
  }
  if (out.text.size() <= kMemoryPortion) {
    out.head += out.text;
    const bool sent = co_await send_text(out.head);
    if (!sent) co_return false;
  } else {
    const bool head_sent = co_await send_text(out.head);
    if (!head_sent) co_return false;
    const bool sent = co_await send_text(out.text);
    if (!sent) co_return false;
  }
  if (out.bytes) {
    const std::string_view text(reinterpret_cast<const char*>(out.bytes->data()), out.bytes->size());
    co_return co_await send_text(text);
  }
  if (out.file.fd() >= 0) co_return co_await send_file(out);
  co_return true;
}

net::awaitable<bool> Connection::send_file(const Outgoing& out) {
  ErrorCode error;
  auto token = net::redirect_error(net::use_awaitable, error);
  auto at = static_cast<off_t>(out.begin);
  const auto end = static_cast<off_t>(out.end);
  expect_within(shared_->options.limits.stall_time);
  if (!wire_.tls()) {
    socket_->native_non_blocking(true, error);
    while (at < end && !error) {
      const ssize_t sent = ::sendfile(socket_->native_handle(), out.file.fd(), &at, std::min<std::size_t>(static_cast<std::size_t>(end - at), kFilePortion));
      if (sent > 0) {
        expect_within(shared_->options.limits.stall_time);
        // Others on this thread get their turn between two portions.
        if (at < end) co_await net::post(socket_->get_executor(), net::use_awaitable);
      } else if (sent < 0 && errno == EAGAIN) {
        co_await socket_->async_wait(Tcp::socket::wait_write, token);
      } else if (sent == 0 || errno != EINTR) {
        co_return false;  // the file became shorter, or the client went away
      }
    }
    co_return !error;
  }
  std::vector<char> portion(kPortion);
  while (at < end) {
    const ssize_t got = ::pread(out.file.fd(), portion.data(), std::min<std::size_t>(static_cast<std::size_t>(end - at), portion.size()), at);
    if (got <= 0) co_return false;
    const bool sent = co_await send_text(std::string_view(portion.data(), static_cast<std::size_t>(got)));
    if (!sent) co_return false;
    at += got;
  }
  co_return true;
}

net::awaitable<void> Connection::go_live(Request request) {
  const Site& site = shared_->site;
  std::shared_ptr<LiveHandler> handler;
  auto admit = [&]() -> std::optional<Response> {
    try {
      if (auto foreign = refuse_foreign(request, true)) return foreign;
      if (site.identify) {
        Result<Identity> who = site.identify(request);
        if (!who) return who.error().code == Code::Busy ? problem(429, "too_many", who.error().message, who.error().remedy) : problem(who.error());
        request.who = *std::move(who);
      }
      if (!site.socket) return problem(404, "not_found", "there is no socket here");
      Result<std::shared_ptr<LiveHandler>> found = site.socket(request);
      if (!found) return found.error().code == Code::Cancelled ? problem(403, "right", found.error().message, found.error().remedy) : problem(found.error());
      handler = *std::move(found);
      return std::nullopt;
    } catch (const std::exception& e) {
      return problem(500, "internal", e.what());
    }
  };
  expect_nothing();
  std::optional<Response> no = co_await on_pool(shared_->workers, admit);
  if (!no && (buffer_.size() > 0 || !parser_->is_done())) no = problem(400, "bad_request", "nothing may follow before the socket is open");
  if (no) {
    if (site.audited) site.audited(request, no->status);
    Outgoing out = make_outgoing(request, *std::move(no), KeepAlive::No);
    co_await send(std::move(out));
    co_return;
  }
  went_live_ = true;
  // What lies in the system's own buffer cannot be taken back when the client lags.
  ErrorCode ignored;
  socket_->set_option(net::socket_base::send_buffer_size(kLiveBuffer), ignored);
  const auto upgrade = parser_->get();
  co_await run_live_socket(shared_from_this(), upgrade, std::move(request), std::move(handler));
}

}  // namespace twopop::server::detail
