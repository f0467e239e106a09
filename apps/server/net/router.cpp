#include "net/router.h"

#include <algorithm>

namespace twopop::server {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  for (std::size_t at = path.starts_with('/') ? 1 : 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    out.emplace_back(path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// 0 fixed, 1 {name}, 2 {rest...}
int kind_of(std::string_view segment) {
  if (!segment.starts_with('{')) return 0;
  return segment.ends_with("...}") ? 2 : 1;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path, std::map<std::string, std::string>& in_path) {
  in_path.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string& segment = pattern[i];
    switch (kind_of(segment)) {
      case 0:
        if (i >= path.size() || path[i] != segment) return false;
        break;
      case 1:
        if (i >= path.size() || path[i].empty()) return false;
        in_path[segment.substr(1, segment.size() - 2)] = path[i];
        break;
      default: {
        if (i >= path.size()) return false;
        std::string rest = path[i];
        for (std::size_t k = i + 1; k < path.size(); ++k) rest += '/' + path[k];
        if (rest.empty()) return false;
        in_path[segment.substr(1, segment.size() - 5)] = std::move(rest);
        return true;
      }
    }
  }
  return pattern.size() == path.size();
}

}  // namespace

Router::Router(const std::vector<Route>& routes) {
  for (const Route& route : routes) entries_.push_back({&route, segments_of(route.pattern)});
  const auto kinds = [](const Entry& entry) {
    std::vector<int> out;
    for (const std::string& segment : entry.segments) out.push_back(kind_of(segment));
    return out;
  };
  std::stable_sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) { return kinds(a) < kinds(b); });
}

Router::Found Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Found found;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  std::map<std::string, std::string> in_path;
  for (const Entry& entry : entries_) {
    if (!fits(entry.segments, segments, in_path)) continue;
    const std::string& has = entry.route->method;
    if (std::find(found.allowed.begin(), found.allowed.end(), has) == found.allowed.end()) found.allowed.push_back(has);
    if (found.route || has != wanted) continue;
    found.route = entry.route;
    found.in_path = in_path;
  }
  if (std::find(found.allowed.begin(), found.allowed.end(), "GET") != found.allowed.end()) found.allowed.emplace_back("HEAD");
  if (!found.allowed.empty()) found.allowed.emplace_back("OPTIONS");
  return found;
}

Router::Found Router::find(std::string_view method, std::string_view path) const { return find(method, segments_of(path)); }

bool matches(std::string_view pattern, std::string_view path, std::map<std::string, std::string>& in_path) {
  return fits(segments_of(pattern), segments_of(path), in_path);
}

}  // namespace twopop::server
