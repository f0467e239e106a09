#include "accounts/rate_limit.h"

#include <algorithm>
#include <arpa/inet.h>

namespace twopop::server {

std::optional<double> RateLimit::take(std::string_view key, double now_s) {
  const std::lock_guard lock(mutex_);
  const auto [found, added] = buckets_.try_emplace(std::string(key), Bucket{burst_, now_s});
  Bucket& bucket = found->second;
  bucket.left = std::min(burst_, bucket.left + std::max(0.0, now_s - bucket.at_s) * per_second_);
  bucket.at_s = now_s;
  std::optional<double> wait_s;
  if (bucket.left >= 1) bucket.left -= 1;
  else wait_s = (1 - bucket.left) / per_second_;
  if (added && buckets_.size() > most_keys_) forget(now_s);
  return wait_s;
}

void RateLimit::forget(double now_s) {
  std::erase_if(buckets_, [&](const auto& entry) { return entry.second.left + (now_s - entry.second.at_s) * per_second_ >= burst_; });
  while (buckets_.size() > most_keys_) buckets_.erase(buckets_.begin());
}

std::string peer_key(std::string_view address) {
  in6_addr parsed;
  if (::inet_pton(AF_INET6, std::string(address).c_str(), &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed) || IN6_IS_ADDR_LOOPBACK(&parsed)) return std::string(address);
  std::fill(parsed.s6_addr + 8, parsed.s6_addr + 16, 0);
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(AF_INET6, &parsed, text, sizeof text);
}

}  // namespace twopop::server
