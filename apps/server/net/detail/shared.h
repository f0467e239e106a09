#pragma once

#include "net/detail/wire.h"
#include "net/router.h"
#include "net/server.h"

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace twopop::server::detail {

class Connection;

/// What all connections of a server share.
struct Shared {
  Shared(Site its_site, const ServerOptions& its_options)
      : site(std::move(its_site)), options(its_options), router(site.routes), workers(static_cast<std::size_t>(options.worker_threads)),
        slow(static_cast<std::size_t>(options.slow_threads)) {}

  Site site;
  ServerOptions options;
  Router router;
  std::optional<net::ssl::context> tls;
  net::io_context io;
  net::thread_pool workers, slow;
  std::atomic<std::size_t> waiting{0}, being_sent{0};
  std::atomic<bool> stopping{false};
  std::atomic<bool> network_ended{false};  ///< no read will complete any more

  /// Connections by themselves, so that the sweep finds those whose time is over.
  std::mutex mutex;
  std::unordered_map<Connection*, std::weak_ptr<Connection>> connections;
  std::map<std::string, std::size_t> of_peer;
};

inline std::int64_t now_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Part of a counter taken for as long as this lives.
class Share {
 public:
  Share() = default;
  Share(std::atomic<std::size_t>& counter, std::size_t amount, std::size_t limit) {
    if (counter.fetch_add(amount) + amount > limit) counter.fetch_sub(amount);
    else counter_ = &counter, amount_ = amount;
  }
  Share(Share&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)), amount_(other.amount_) {}
  Share& operator=(Share&& other) noexcept {
    std::swap(counter_, other.counter_);
    std::swap(amount_, other.amount_);
    return *this;
  }
  ~Share() {
    if (counter_) counter_->fetch_sub(amount_);
  }
  explicit operator bool() const { return counter_ != nullptr; }

 private:
  std::atomic<std::size_t>* counter_ = nullptr;
  std::size_t amount_ = 0;
};

/// Runs a function on a pool's thread and goes on where the coroutine was with what it returned.
template <class F>
net::awaitable<std::invoke_result_t<F>> on_pool(net::thread_pool& pool, F function) {
  using R = std::invoke_result_t<F>;
  auto work = [f = std::move(function)]() mutable -> net::awaitable<R> { co_return f(); };
  co_return co_await net::co_spawn(pool.get_executor(), std::move(work), net::use_awaitable);
}

}  // namespace twopop::server::detail
