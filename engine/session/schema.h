#pragma once

#include "session/type_info.h"

#include <span>
#include <string>

/// What others need to know of our JSON, written from the field lists of the values themselves.
namespace twopop::session {

/// JSON Schema (draft 2020-12) of a value; each object and enum type has a definition of its own.
std::string json_schema(TypeRef root, const std::string& id, const std::string& title);

/// TypeScript types of values and of all they refer to: an interface for each object, a union of names for each enum.
std::string typescript(std::span<const TypeRef> roots);

/// A file of the published schema folder.
struct SchemaFile {
  std::string name, text;
};
/// session.schema.json and types.ts, as the engine writes them.
std::vector<SchemaFile> session_schema_files();
/// Writes them into a folder, which is made if it is not there.
Result<void> write_schema(const std::filesystem::path& folder);

}  // namespace twopop::session
