#include "net/detail/outgoing.h"

#include "net/policy.h"
#include "net/ranges.h"

#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>

namespace twopop::server::detail {
namespace {

std::string header_of(const Request& request, const char* name) {
  const auto it = request.headers.find(name);
  return it == request.headers.end() ? std::string() : it->second;
}

const std::string* find(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return &value;
  return nullptr;
}

/// Nothing that came from outside may begin a header of its own.
std::string one_line(std::string_view value) {
  std::string out(value);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

std::string http_date(std::time_t time) {
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text, length);
}

/// Size and time stand for the content: recordings are never written to, and what we write is replaced as a whole.
std::string tag_of(const struct stat& info) {
  return fmt::format("\"{:x}-{:x}\"", info.st_size, static_cast<std::uint64_t>(info.st_mtim.tv_sec) * 1000000000u + static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
}

}  // namespace

Outgoing make_outgoing(const Request& request, Response response, KeepAlive keep) {
  Outgoing out;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  std::uint64_t length = 0;
  if (const FilePart* part = std::get_if<FilePart>(&response.body)) {
    out.file = File(::open(part->path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (out.file.fd() < 0 || ::fstat(out.file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) {
      const FilePart gone = *part;
      out.file = File();
      return make_outgoing(request, problem(404, "not_found", fmt::format("{} cannot be read", gone.path.filename().string()), "see whether the file is still there"), keep);
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    out.begin = std::min(part->begin, size);
    out.end = std::min(part->end.value_or(size), size);
    if (out.end < out.begin) out.end = out.begin;
    length = out.end - out.begin;
    response.headers.emplace_back("Accept-Ranges", "bytes");
    if (!find(response, "ETag")) response.headers.emplace_back("ETag", tag_of(info));
    const std::string modified = http_date(info.st_mtim.tv_sec);
    response.headers.emplace_back("Last-Modified", modified);
    if (const std::string range = header_of(request, "range"); !range.empty() && request.method == "GET" && response.status == 200) {
      const std::string condition = header_of(request, "if-range");
      const std::string tag = *find(response, "ETag");
      if (condition.empty() || condition == modified || (condition == tag && !tag.starts_with("W/"))) {
        const RangeAnswer answer = parse_range(range, length);
        if (answer.kind == RangeKind::NotSatisfiable) {
          Response refused = problem(416, "range", fmt::format("the file has {} bytes", length), "ask for a range that begins inside");
          refused.headers.emplace_back("Content-Range", fmt::format("bytes */{}", length));
          return make_outgoing(request, std::move(refused), keep);
        }
        if (answer.kind == RangeKind::Part) {
          response.status = 206;
          response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", answer.range.begin, answer.range.end - 1, length));
          out.end = out.begin + answer.range.end;
          out.begin += answer.range.begin;
          length = out.end - out.begin;
        }
      }
    }
  } else if (std::string* text = std::get_if<std::string>(&response.body)) {
    out.text = std::move(*text);
    length = out.text.size();
  } else {
    out.bytes = std::get<std::shared_ptr<const std::vector<std::byte>>>(response.body);
    length = out.bytes ? out.bytes->size() : 0;
  }
  if (const std::string* tag = find(response, "ETag"); tag && reads && (response.status == 200 || response.status == 206)) {
    if (names_tag(header_of(request, "if-none-match"), *tag)) response.status = 304;
  }
  out.status = response.status;
  out.close = keep == KeepAlive::No;
  const bool without_body = response.status == 304 || response.status == 204;
  std::string& head = out.head;
  head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  const auto add = [&](std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    head += one_line(value);
    head += "\r\n";
  };
  if (!without_body) {
    add("Content-Type", response.type);
    add("Content-Length", std::to_string(length));
  }
  for (const auto& [name, value] : response.headers) add(one_line(name), value);
  for (const auto& [name, value] : standing_headers())
    if (!find(response, name)) add(name, value);
  if (!find(response, "Cache-Control")) add("Cache-Control", "private, no-cache");
  if (out.close) add("Connection", "close");
  head += "\r\n";
  if (without_body || request.method == "HEAD") {
    out.text.clear();
    out.bytes = nullptr;
    out.file = File();
    out.begin = out.end = 0;
  }
  return out;
}

}  // namespace twopop::server::detail
