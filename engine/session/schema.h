#pragma once

#include "session/type_info.h"

#include <span>
#include <string>

/// What others need to know of our JSON, written from the field lists of the values themselves.
namespace twopop::session {

/// JSON Schema (draft 2020-12) of a value; each object and enum type has a definition of its own.
std::string json_schema(TypeRef root, const std::string& id, const std::string& title);

/// For a document that holds the schemas of many values: a JSON object with `definitions`, of all the objects and enums they refer
/// to, and `roots`, a schema for each value in their order. References into the definitions begin with `prefix`.
std::string json_definitions(std::span<const TypeRef> roots, const std::string& prefix);

/// TypeScript types of values and of all they refer to: an interface for each object, a union of names for each enum. What `known`
/// values refer to is imported from the module `known_from` instead.
std::string typescript(std::span<const TypeRef> roots, std::span<const TypeRef> known = {}, const std::string& known_from = {});

/// A file of the published schema folder.
struct SchemaFile {
  std::string name, text;
};
/// session.schema.json and types.ts, as the engine writes them.
std::vector<SchemaFile> session_schema_files();
/// Writes files into a folder, which is made if it is not there.
Result<void> write_schema(const std::filesystem::path& folder, const std::vector<SchemaFile>& files = session_schema_files());

}  // namespace twopop::session
