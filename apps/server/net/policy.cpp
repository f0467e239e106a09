#include "net/policy.h"

#include "net/url.h"

#include <algorithm>

namespace twopop::server {
namespace {

std::string_view header(const Request& request, const char* name) {
  const auto it = request.headers.find(name);
  return it == request.headers.end() ? std::string_view() : std::string_view(it->second);
}

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127."); }

}  // namespace

bool host_is_ours(std::string_view host_header, std::string_view local_address, const std::vector<std::string>& names) {
  const auto host = parse_host(host_header);
  if (!host) return false;
  if (local_address.starts_with("::ffff:")) local_address.remove_prefix(7);
  if (host->name == local_address) return true;
  if (is_loopback(local_address) && (host->name == "localhost" || host->name == "127.0.0.1" || host->name == "::1")) return true;
  return std::find(names.begin(), names.end(), host->name) != names.end();
}

bool origin_is_ours(std::string_view origin, std::string_view host_header, bool secure) {
  const std::string_view scheme = secure ? "https://" : "http://";
  if (!origin.starts_with(scheme)) return false;
  auto from = parse_host(origin.substr(scheme.size())), to = parse_host(host_header);
  if (!from || !to) return false;
  const char* usual = secure ? "443" : "80";
  if (from->port.empty()) from->port = usual;
  if (to->port.empty()) to->port = usual;
  return from->name == to->name && from->port == to->port;
}

std::optional<Response> refuse_foreign(const Request& request, bool changes) {
  const std::string_view origin = header(request, "origin"), site = header(request, "sec-fetch-site");
  const bool ours = origin_is_ours(origin, header(request, "host"), request.secure);
  if (site == "cross-site" || site == "same-site" || (!origin.empty() && !ours))
    return problem(403, "foreign_origin", "a page of another site may not ask here", "open the studio itself");
  if (changes && !ours) return problem(403, "foreign_origin", "what changes something has to come from the studio's own pages", "send the header Origin with the studio's address");
  return std::nullopt;
}

std::optional<Response> refuse_forged(const Request& request) {
  if (request.who.csrf.empty() || same_secret(header(request, "x-csrf-token"), request.who.csrf)) return std::nullopt;
  return problem(403, "csrf", "the request does not carry this session's token", "send what GET /api/me gives as X-Csrf-Token");
}

const std::vector<std::pair<std::string, std::string>>& standing_headers() {
  static const std::vector<std::pair<std::string, std::string>> headers{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; "
       "media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
       "frame-ancestors 'none'"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Embedder-Policy", "require-corp"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"},
  };
  return headers;
}

std::string media_type(std::string_view path) {
  static constexpr std::pair<const char*, const char*> kTypes[] = {
      {".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"}, {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},   {".json", "application/json"},             {".map", "application/json"},
      {".wasm", "application/wasm"},         {".svg", "image/svg+xml"},                 {".png", "image/png"},
      {".jpg", "image/jpeg"},                {".webp", "image/webp"},                   {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},              {".txt", "text/plain; charset=utf-8"},     {".md", "text/plain; charset=utf-8"},
      {".csv", "text/csv; charset=utf-8"},   {".webmanifest", "application/manifest+json"},
      {".mp4", "video/mp4"},                 {".mov", "video/quicktime"},               {".mkv", "video/x-matroska"},
      {".webm", "video/webm"},               {".wav", "audio/wav"},                     {".flac", "audio/flac"},
      {".mp3", "audio/mpeg"},                {".m4a", "audio/mp4"},                     {".ogg", "audio/ogg"},
      {".pdf", "application/pdf"},           {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
  };
  std::string lower(path);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [ending, type] : kTypes)
    if (lower.ends_with(ending)) return type;
  return "application/octet-stream";
}

const char* reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
  }
  return "Status";
}

bool same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different = static_cast<unsigned char>(different | (a[i] ^ b[i]));
  return different == 0;
}

}  // namespace twopop::server
