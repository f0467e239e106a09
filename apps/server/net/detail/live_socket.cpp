#include "net/detail/connection.h"

#include <boost/beast/websocket.hpp>

#include <deque>

namespace twopop::server::detail {
namespace {

namespace websocket = beast::websocket;

constexpr int kMostLags = 8;                        ///< in a row of one minute; then the page is better off with a connection of its own making
constexpr std::chrono::seconds kIdentityTime{10};   ///< a session that ended or a link that was withdrawn ends its socket

class LiveSocket : public LiveClient, public std::enable_shared_from_this<LiveSocket> {
 public:
  LiveSocket(std::shared_ptr<Connection> connection, Request request, std::shared_ptr<LiveHandler> handler)
      : connection_(std::move(connection)), executor_(connection_->wire().get_executor()), socket_(connection_->wire()), wake_(executor_),
        request_(std::move(request)), handler_(std::move(handler)) {}

  const Identity& who() const override { return request_.who; }

  void send(std::shared_ptr<const std::string> text) override {
    std::scoped_lock lock(mutex_);
    if (closing_ || lagging_) return;
    if (!queue_.empty() && queued_bytes_ + text->size() > limits().queue_bytes) {
      queue_.clear();
      latest_.clear();
      queued_bytes_ = 0;
      lagging_ = true;
    } else {
      queued_bytes_ += text->size();
      queue_.push_back(std::move(text));
    }
    wake();
  }

  void send_latest(int slot, std::shared_ptr<const std::string> bytes, Frame frame) override {
    std::scoped_lock lock(mutex_);
    if (closing_ || lagging_ || bytes->size() > limits().queue_bytes) return;
    if (latest_.size() >= kMostSlots && !latest_.contains(slot)) return;
    latest_[slot] = {std::move(bytes), frame};
    wake();
  }

  void close(int code, std::string reason) override {
    std::scoped_lock lock(mutex_);
    if (closing_) return;
    closing_ = websocket::close_reason(static_cast<websocket::close_code>(code), reason.substr(0, 120));
    wake();
  }

  net::awaitable<void> run(const http::request<http::buffer_body>& upgrade) {
    socket_.set_option(websocket::stream_base::timeout{std::chrono::seconds(15), std::chrono::seconds(60), true});
    socket_.read_message_max(limits().frame_bytes);
    socket_.auto_fragment(false);
    ErrorCode error;
    auto token = net::redirect_error(net::use_awaitable, error);
    co_await socket_.async_accept(upgrade, token);
    if (error) co_return;
    const auto self = shared_from_this();
    auto write_life = [self]() -> net::awaitable<void> { co_await self->write(); };
    net::co_spawn(executor_, std::move(write_life), net::detached);
    auto opened = [self]() -> bool {
      self->handler_->opened(self);
      return true;
    };
    co_await on_pool(connection_->shared().workers, opened);
    co_await read();
    {
      std::scoped_lock lock(mutex_);
      if (!closing_) closing_ = websocket::close_reason(websocket::close_code::normal);
      ended_ = true;
      wake();
    }
    auto closed = [self]() -> bool {
      self->handler_->closed(self);
      return true;
    };
    co_await on_pool(connection_->shared().workers, closed);
  }

 private:
  static constexpr std::size_t kMostSlots = 64;
  struct Latest {
    std::shared_ptr<const std::string> bytes;
    Frame frame = Frame::Binary;
  };

  const NetLimits& limits() const { return connection_->shared().options.limits; }

  net::awaitable<void> read() {
    beast::flat_buffer buffer(limits().frame_bytes + 1024);
    double allowance = limits().frames_per_s;
    std::int64_t before = now_ns(), known = before;
    for (;;) {
      ErrorCode error;
      auto token = net::redirect_error(net::use_awaitable, error);
      co_await socket_.async_read(buffer, token);
      if (error) {
        if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) refused(413);
        co_return;
      }
      if (!socket_.got_text()) {
        close(1003, "texts only");
        co_return;
      }
      std::string text = beast::buffers_to_string(buffer.data());
      buffer.consume(buffer.size());
      const std::int64_t now = now_ns();
      allowance = std::min(limits().frames_per_s, allowance + static_cast<double>(now - before) * 1e-9 * limits().frames_per_s) - 1;
      before = now;
      if (allowance < 0) {
        // Who sends more than people do is read no faster than that.
        net::steady_timer pause(executor_, std::chrono::milliseconds(static_cast<int>(-allowance / limits().frames_per_s * 1000) + 1));
        co_await pause.async_wait(token);
      }
      const bool ask = now - known > std::chrono::nanoseconds(kIdentityTime).count();
      if (ask) known = now;
      auto received = [this, &text, ask]() -> bool {
        if (ask && !still_known()) return false;
        handler_->received(shared_from_this(), std::move(text));
        return true;
      };
      bool go_on = false;
      try {
        go_on = co_await on_pool(connection_->shared().workers, received);
      } catch (const std::exception&) {
        close(1011, "internal error");
        co_return;
      }
      if (!go_on) {
        close(4401, "logged out");
        co_return;
      }
    }
  }

  net::awaitable<void> write() {
    const auto self = shared_from_this();
    int lags = 0;
    std::int64_t first_lag = 0, known = now_ns();
    for (;;) {
      std::shared_ptr<const std::string> message;
      Frame frame = Frame::Text;
      std::optional<websocket::close_reason> farewell;
      bool ended = false, lagged = false;
      {
        std::scoped_lock lock(mutex_);
        awake_ = false;
        ended = ended_;
        if (lagging_) {
          lagging_ = false;
          lagged = true;
          if (now_ns() - first_lag > 60'000'000'000) lags = 0, first_lag = now_ns();
          if (++lags > kMostLags) farewell = websocket::close_reason(static_cast<websocket::close_code>(4408), "too slow");
        } else if (!queue_.empty()) {
          message = std::move(queue_.front());
          queue_.pop_front();
          queued_bytes_ -= message->size();
        } else if (!latest_.empty()) {
          message = std::move(latest_.begin()->second.bytes);
          frame = latest_.begin()->second.frame;
          latest_.erase(latest_.begin());
        } else {
          farewell = closing_;
        }
      }
      ErrorCode error;
      auto token = net::redirect_error(net::use_awaitable, error);
      if (ended) co_return;
      if (farewell) {
        connection_->expect_within(std::chrono::seconds(5));
        co_await socket_.async_close(*farewell, token);
        co_return;
      }
      // Asked for once the queue takes texts again: nothing lies between what is told here and what comes next.
      if (lagged) message = std::make_shared<const std::string>(handler_->lagged());
      if (message) {
        socket_.text(frame == Frame::Text);
        connection_->expect_within(limits().stall_time);
        co_await socket_.async_write(net::buffer(*message), token);
        if (error) {
          connection_->close();
          co_return;
        }
        connection_->expect_nothing();
        continue;
      }
      wake_.expires_after(kIdentityTime);
      {
        std::scoped_lock lock(mutex_);
        if (awake_) continue;
      }
      co_await wake_.async_wait(token);
      if (now_ns() - known < std::chrono::nanoseconds(kIdentityTime).count()) continue;
      known = now_ns();
      auto ask = [self]() -> bool { return self->still_known(); };
      const bool still = co_await on_pool(connection_->shared().workers, ask);
      if (!still) close(4401, "logged out");
    }
  }

  bool still_known() {
    const Site& site = connection_->shared().site;
    if (!site.identify) return true;
    Request again = request_;
    again.who = {};
    const Result<Identity> who = site.identify(again);
    // Too many requests of one address say nothing of who they are from.
    if (!who) return who.error().code == Code::Busy;
    return who->name == request_.who.name && who->roles == request_.who.roles;
  }

  void refused(int status) {
    if (connection_->shared().site.audited) connection_->shared().site.audited(request_, status);
  }

  /// Called with the lock held.
  void wake() {
    if (awake_) return;
    awake_ = true;
    net::post(executor_, [self = shared_from_this()] { self->wake_.cancel(); });
  }

  std::shared_ptr<Connection> connection_;  // whose wire this runs on
  net::any_io_executor executor_;
  websocket::stream<Wire&> socket_;
  net::steady_timer wake_;
  const Request request_;
  std::shared_ptr<LiveHandler> handler_;  // a film, shared by all who look at it

  std::mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::map<int, Latest> latest_;
  std::size_t queued_bytes_ = 0;
  bool lagging_ = false, awake_ = false, ended_ = false;
  std::optional<websocket::close_reason> closing_;
};

}  // namespace

net::awaitable<void> run_live_socket(std::shared_ptr<Connection> connection, const http::request<http::buffer_body>& upgrade, Request request,
                                     std::shared_ptr<LiveHandler> handler) {
  const auto socket = std::make_shared<LiveSocket>(std::move(connection), std::move(request), std::move(handler));
  co_await socket->run(upgrade);
}

}  // namespace twopop::server::detail
