#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace twopop::server {

/// So many at once, so many a second after that, for each key (an address, a name). Any thread.
///
/// Keys are bounded: beyond `most_keys` those that have their whole allowance again are forgotten, then any.
class RateLimit {
 public:
  RateLimit(double burst, double per_second, std::size_t most_keys = 10'000) : burst_(burst), per_second_(per_second), most_keys_(most_keys) {}

  /// Takes one. Empty: granted; else seconds to wait until one would be.
  std::optional<double> take(std::string_view key, double now_s);

 private:
  struct Bucket {
    double left = 0, at_s = 0;
  };
  void forget(double now_s);

  const double burst_, per_second_;
  const std::size_t most_keys_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

/// The key of an address: IPv6 by its first 64 bits, since one house has all the rest.
std::string peer_key(std::string_view address);

}  // namespace twopop::server
