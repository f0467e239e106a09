#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::server {

/// What %XX stands for; empty where a % is followed by no two hexadecimal digits, or by 00.
std::optional<std::string> percent_decoded(std::string_view text);

/// A request's target in its parts, decoded. The path begins with '/' and holds no "." or ".." segment, no empty one but the last.
struct Target {
  std::string path;
  std::vector<std::string> segments;  ///< of the path as it was sent, then decoded: a slash written as %2F stays in its segment
  std::map<std::string, std::string> query;
};
/// Empty for what is no path of ours.
std::optional<Target> parse_target(std::string_view target);

/// Name and port of "host:port" or "[::1]:port", the name in lower case and without brackets.
struct HostPort {
  std::string name, port;
};
std::optional<HostPort> parse_host(std::string_view text);

}  // namespace twopop::server
