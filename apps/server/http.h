#pragma once

#include "core/fields.h"
#include "core/result.h"
#include "session/json.h"
#include "session/type_info.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the server's parts know of the network: plain values and two small interfaces. Only net/ includes Beast.
namespace twopop::server {

/// Who asks: made by accounts/ from the cookie of a request, or the person at the machine itself on a loopback server.
struct Identity {
  std::string name;                 ///< author of their edits; empty: nobody is logged in
  std::vector<std::string> roles;   ///< "owner", "dialogue" ... "viewer", "actor"
  std::string session;              ///< of accounts/; empty without a login
  std::string csrf;
  std::string film, cue;            ///< an actor's link opens this film only, and this cue where it is set
  bool may(std::string_view right) const;  ///< "read", "edit:mix", "approve", "build", "people", "booth", "edit:media"
};

/// A request's body, read in portions as it comes in. Blocks; used from the thread that handles the request.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// Bytes read, 0 at the end. Fails with Cancelled where the client went away, InvalidArgument where the limit is passed.
  virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
};

struct Request {
  std::string method;                         ///< "GET"
  std::string path;                           ///< decoded, without the query
  std::map<std::string, std::string> query;   ///< decoded
  std::map<std::string, std::string> in_path; ///< of the route's pattern: {film} -> "film"
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string peer;                           ///< address without port
  bool secure = false;                        ///< came over TLS
  Identity who;
  std::string body;                           ///< whole, for routes with Body::Whole
  BodyReader* stream = nullptr;               ///< for routes with Body::Streamed
  /// Who a login says it is: for the log, which is written when the handler has returned.
  mutable std::string claimed{};
  /// Set once the client has gone away: handlers that work for long stop then. Null where the network cannot tell.
  const std::atomic<bool>* gone = nullptr;
};

/// Part of a file, sent without reading it into memory.
struct FilePart {
  std::filesystem::path path;
  std::uint64_t begin = 0;
  std::optional<std::uint64_t> end;  ///< the file's end where empty
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  /// Text, bytes that are shared with a cache, or a file. Of files the net answers Range and If-None-Match itself.
  std::variant<std::string, std::shared_ptr<const std::vector<std::byte>>, FilePart> body;
};

/// A problem document (RFC 9457): what an answer with a status of 400 or more holds.
struct Problem {
  std::string type = "about:blank", title;
  int status = 500;
  std::string detail, remedy, code;
  std::vector<std::string> collided;
  static constexpr auto fields() {
    return std::make_tuple(field("type", &Problem::type, "Always about:blank: `code` says which problem it is"), field("title", &Problem::title, "The status in words"),
                           field("status", &Problem::status, "As HTTP counts them"), field("detail", &Problem::detail, "What went wrong, with the value and the place"),
                           field("remedy", &Problem::remedy, "What to do next"), field("code", &Problem::code, "Stable name, such as conflict or not_found"),
                           field("collided", &Problem::collided, "Of a conflict: the paths of the document that somebody else changed"));
  }
};
Problem problem_of(const Error& error, std::vector<std::string> collided = {});

/// A problem document of an error of ours.
Response problem(const Error& error, std::vector<std::string> collided = {});
Response problem(int status, std::string code, std::string detail, std::string remedy = {});
/// JSON of a value that declares its fields.
template <class T>
Response json_response(const T& value, int status = 200) {
  return {status, "application/json", {}, session::write_json(value, session::JsonLayout::Compact)};
}

enum class Body { None, Whole, Streamed };

/// A parameter of a route's query, for checks and for openapi.yaml.
struct QueryParameter {
  std::string name, meaning;
  bool required = false;
};

/// One entry of the API: what it answers, who may ask, and what the documentation says of it.
struct Route {
  std::string method;   ///< "GET"
  std::string pattern;  ///< "/api/films/{film}/edits"; "{path...}" takes the rest
  std::string right;    ///< empty: anybody; "read", "edit" ... (Identity::may)
  std::string summary;
  std::vector<QueryParameter> query{};
  Body body = Body::None;
  std::uint64_t body_limit = std::uint64_t{1} << 20;
  session::TypeRef takes = nullptr, gives = nullptr;  ///< JSON values, where they are such
  std::string gives_type = "application/json";
  /// Runs on a worker thread; may block.
  std::function<Response(const Request&)> handle;
  /// May take longer than a moment (it renders, analyses, reads a body as it comes in): gets a thread of a pool of its own, so
  /// that quick answers never wait for it.
  bool slow = false;
};

enum class Frame { Text, Binary };

/// A page connected by WebSocket. Any thread may call these; none blocks.
class LiveClient {
 public:
  virtual ~LiveClient() = default;
  virtual const Identity& who() const = 0;
  /// In order. A client whose queue grows over the limit loses what was in it and is told `lagged`; one that reads nothing is cut.
  virtual void send(std::shared_ptr<const std::string> text) = 0;
  /// Newest wins: what was not sent yet under the same slot is dropped.
  virtual void send_latest(int slot, std::shared_ptr<const std::string> bytes, Frame frame = Frame::Binary) = 0;
  virtual void close(int code, std::string reason) = 0;
};

/// What a socket path is connected to.
class LiveHandler {
 public:
  virtual ~LiveHandler() = default;
  virtual void opened(const std::shared_ptr<LiveClient>& client) = 0;
  virtual void received(const std::shared_ptr<LiveClient>& client, std::string text) = 0;  ///< one at a time for a client
  virtual void closed(const std::shared_ptr<LiveClient>& client) = 0;
  /// [any] What a client is told whose queue was dropped; what is sent afterwards follows on it. Must not wait.
  virtual std::string lagged() const { return R"({"type":"lagged"})"; }
};

/// Everything the network serves.
struct Site {
  std::vector<Route> routes;
  /// By path pattern ("/api/films/{film}/socket"): who serves this film, or a problem.
  std::function<Result<std::shared_ptr<LiveHandler>>(const Request&)> socket;
  /// From cookies and address; called for every request before its route. Fails where too many come.
  std::function<Result<Identity>(const Request&)> identify;
  /// After every request that changed something or was refused.
  std::function<void(const Request&, int status)> audited;
  std::filesystem::path pages;  ///< the built studio: files, and index.html for every other path outside /api
};

}  // namespace twopop::server
