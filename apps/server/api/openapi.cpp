#include "api/openapi.h"

#include "api/values.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace twopop::server {
namespace {

using Json = nlohmann::ordered_json;

/// A text as YAML takes it without doubt: in quotes unless it is plain words.
std::string scalar(const Json& value) {
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '-' || c == ' ' || c == '.'; };
  const bool letter = !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
  static constexpr std::string_view kWords[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "True", "False", "Null", "Yes", "No", "On", "Off"};
  const bool word = std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
  if (letter && !word && text.back() != ' ' && std::all_of(text.begin(), text.end(), plain)) return text;
  return value.dump();
}

void print(const Json& value, int depth, std::string& out);

void print_member(const std::string& lead, const Json& value, int depth, std::string& out) {
  out += lead;
  if (value.is_structured() && !value.empty()) {
    out += '\n';
    print(value, depth + 1, out);
  } else if (value.is_structured()) {
    out += value.is_object() ? " {}\n" : " []\n";
  } else {
    out += ' ' + scalar(value) + '\n';
  }
}

void print(const Json& value, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  for (const auto& [key, item] : value.items()) {
    if (value.is_object()) {
      print_member(indent + scalar(Json(key)) + ':', item, depth, out);
    } else if (item.is_object() && !item.empty()) {
      // The first key stands on the dash's own line.
      std::string inner;
      print(item, depth + 1, inner);
      inner[indent.size()] = '-';
      out += inner;
    } else {
      print_member(indent + '-', item, depth, out);
    }
  }
}

/// "/api/films/{film}/out/{path...}" -> "/api/films/{film}/out/{path}", and its names.
std::string openapi_path(const std::string& pattern, std::vector<std::string>& names) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '{') {
      out += pattern[at++];
      continue;
    }
    const std::size_t end = pattern.find('}', at);
    std::string name = pattern.substr(at + 1, end - at - 1);
    if (name.ends_with("...")) name.resize(name.size() - 3);
    out += '{' + name + '}';
    names.push_back(std::move(name));
    at = end + 1;
  }
  return out;
}

std::vector<session::TypeRef> roots_of(const std::vector<Route>& routes) {
  std::vector<session::TypeRef> roots{&session::type_of<Problem>};
  for (const Route& route : routes)
    for (const session::TypeRef type : {route.takes, route.gives})
      if (type && std::find(roots.begin(), roots.end(), type) == roots.end()) roots.push_back(type);
  return roots;
}

/// What goes over the live socket; no route names it.
std::vector<session::TypeRef> messages() {
  return {&session::type_of<HelloMessage>,    &session::type_of<EditMessage>,     &session::type_of<EditedMessage>, &session::type_of<RefusedMessage>,
          &session::type_of<PresenceMessage>, &session::type_of<LaggedMessage>,   &session::type_of<PageMessage>};
}

}  // namespace

std::string openapi_yaml(const std::vector<Route>& routes) {
  const std::vector<session::TypeRef> roots = roots_of(routes);
  const Json types = Json::parse(session::json_definitions(roots, "#/components/schemas/"));
  const auto schema_of = [&](session::TypeRef type) { return types["roots"][static_cast<std::size_t>(std::find(roots.begin(), roots.end(), type) - roots.begin())]; };
  Json paths = Json::object();
  std::vector<const Route*> sorted;
  for (const Route& route : routes) sorted.push_back(&route);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Route* a, const Route* b) { return a->pattern != b->pattern ? a->pattern < b->pattern : a->method < b->method; });
  for (const Route* route : sorted) {
    std::vector<std::string> names;
    Json& path = paths[openapi_path(route->pattern, names)];
    std::string method = route->method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    Json operation{{"summary", route->summary}};
    if (!route->right.empty()) operation["x-right"] = route->right;
    Json parameters = Json::array();
    for (const std::string& name : names) parameters.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
    for (const QueryParameter& query : route->query)
      parameters.push_back({{"name", query.name}, {"in", "query"}, {"required", query.required}, {"description", query.meaning}, {"schema", {{"type", "string"}}}});
    if (route->method != "GET") parameters.push_back({{"$ref", "#/components/parameters/csrf"}});
    if (!parameters.empty()) operation["parameters"] = parameters;
    if (route->body == Body::Streamed) operation["requestBody"] = {{"content", {{"application/octet-stream", Json::object()}}}};
    else if (route->takes) operation["requestBody"] = {{"required", true}, {"content", {{"application/json", {{"schema", schema_of(route->takes)}}}}}};
    Json content = Json::object();
    content[route->gives_type] = route->gives ? Json{{"schema", schema_of(route->gives)}} : Json::object();
    operation["responses"] = {{"200", {{"description", "Done"}, {"content", content}}}, {"default", {{"$ref", "#/components/responses/problem"}}}};
    path[method] = std::move(operation);
  }
  Json whole = {{"openapi", "3.1.0"},
                {"info", {{"title", "Twopop"}, {"version", "1"}, {"description", "What twopop serve answers. Written by twopop schema from the routes themselves; do not edit."}}},
                {"paths", paths}};
  whole["components"]["parameters"]["csrf"] = {{"name", "X-Csrf-Token"}, {"in", "header"}, {"required", false}, {"description", "Of GET /api/me; needed once one is known"}, {"schema", {{"type", "string"}}}};
  whole["components"]["responses"]["problem"] = {{"description", "What went wrong (RFC 9457)"}, {"content", {{"application/problem+json", {{"schema", schema_of(&session::type_of<Problem>)}}}}}};
  whole["components"]["schemas"] = types["definitions"];
  std::string out;
  print(whole, 0, out);
  return out;
}

std::vector<session::SchemaFile> api_schema_files(const std::vector<Route>& routes) {
  std::vector<session::TypeRef> roots = roots_of(routes);
  for (const session::TypeRef message : messages()) roots.push_back(message);
  const session::TypeRef known[] = {&session::type_of<session::Document>};
  return {{"openapi.yaml", openapi_yaml(routes)}, {"api.ts", session::typescript(roots, known, "./types.ts")}};
}

}  // namespace twopop::server
