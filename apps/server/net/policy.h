#pragma once

#include "http.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What every request must satisfy and every answer carries, apart from any route.
namespace twopop::server {

/// Names under which the server may be asked for, besides the address that a connection came in on and, on a loopback
/// address, localhost. A page of somebody else whose name was bound to our address (DNS rebinding) gets nothing.
bool host_is_ours(std::string_view host_header, std::string_view local_address, const std::vector<std::string>& names);

/// Whether an Origin is the page that Host names: same scheme, name and port.
bool origin_is_ours(std::string_view origin, std::string_view host_header, bool secure);

/// Changing methods, and sockets, ask for an Origin of ours; a page of another site gets nothing at all.
/// Returns the problem, or nothing where the request may go on.
std::optional<Response> refuse_foreign(const Request& request, bool changes);
/// A request that changes something carries the token of its session.
std::optional<Response> refuse_forged(const Request& request);

/// Headers of every answer: content security policy, isolation (for SharedArrayBuffer), no sniffing, no referrer.
const std::vector<std::pair<std::string, std::string>>& standing_headers();

/// By the file's ending.
std::string media_type(std::string_view path);
const char* reason_phrase(int status);
bool same_secret(std::string_view a, std::string_view b);

}  // namespace twopop::server
