#pragma once

#include "http.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::server {

/// Finds the route of a method and path. Fixed segments go before {named} ones, these before {rest...}.
class Router {
 public:
  explicit Router(const std::vector<Route>& routes);

  struct Found {
    const Route* route = nullptr;                ///< null: none
    std::map<std::string, std::string> in_path;
    std::vector<std::string> allowed;            ///< methods the path has; HEAD stands beside GET
  };
  /// HEAD finds what GET does. `segments` of the path, decoded: a name in it may hold a slash.
  Found find(std::string_view method, const std::vector<std::string>& segments) const;
  Found find(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string> segments;
  };
  std::vector<Entry> entries_;
};

/// Whether a path fits a pattern, and what its names stand for.
bool matches(std::string_view pattern, std::string_view path, std::map<std::string, std::string>& in_path);

}  // namespace twopop::server
