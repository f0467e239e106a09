#include "net/url.h"

#include <algorithm>

namespace twopop::server {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool segments_are_plain(std::string_view path) {
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (segment == "." || segment == ".." || (segment.empty() && end != path.size())) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target[0] != '/') return std::nullopt;
  Target out;
  const std::size_t mark = target.find('?');
  const auto path = percent_decoded(target.substr(0, mark));
  if (!path || path->find('\0') != std::string::npos || path->find('\\') != std::string::npos || !segments_are_plain(*path)) return std::nullopt;
  out.path = *path;
  const std::string_view sent = target.substr(0, mark);
  for (std::size_t at = 1; at <= sent.size();) {
    const std::size_t end = std::min(sent.find('/', at), sent.size());
    out.segments.push_back(*percent_decoded(sent.substr(at, end - at)));
    at = end + 1;
  }
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    std::string pair(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    std::replace(pair.begin(), pair.end(), '+', ' ');
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decoded(std::string_view(pair).substr(0, equals));
    const auto value = percent_decoded(std::string_view(pair).substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::nullopt;
    out.query[*name] = *value;
  }
  return out;
}

std::optional<HostPort> parse_host(std::string_view text) {
  HostPort out;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.name = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    out.name = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (!port.empty()) {
    if (port[0] != ':') return std::nullopt;
    out.port = port.substr(1);
    if (out.port.empty() || out.port.size() > 5 || !std::all_of(out.port.begin(), out.port.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  }
  if (out.name.empty()) return std::nullopt;
  for (char& c : out.name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == '_';
    if (!fine) return std::nullopt;
  }
  if (out.name.size() > 1 && out.name.back() == '.') out.name.pop_back();
  return out;
}

}  // namespace twopop::server
