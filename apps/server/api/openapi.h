#pragma once

#include "http.h"
#include "session/schema.h"

namespace twopop::server {

/// The API as OpenAPI 3.1, in YAML, from its routes and the field lists of what they take and give.
std::string openapi_yaml(const std::vector<Route>& routes);

/// openapi.yaml and api.ts (TypeScript types of everything that goes over the wire; the session's own come from types.ts).
std::vector<session::SchemaFile> api_schema_files(const std::vector<Route>& routes);

}  // namespace twopop::server
