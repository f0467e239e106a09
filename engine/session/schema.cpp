#include "session/schema.h"

#include "session/detail/dom.h"
#include "session/detail/named_types.h"
#include "session/detail/sample_limits.h"
#include "session/document.h"

#include <fstream>

namespace twopop::session {
namespace {

using detail::Dom;
// Schemas are read by people too: keys stay in the order they are put in.
using Ordered = nlohmann::ordered_json;

/// A bound without a point where it is whole.
Ordered bound(double value) {
  if (value == std::trunc(value) && std::fabs(value) < 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

void add_bounds(Ordered& schema, const Limits& limits) {
  if (std::isfinite(limits.least)) schema["minimum"] = bound(limits.least);
  if (std::isfinite(limits.most)) schema["maximum"] = bound(limits.most);
}

class SchemaWriter {
 public:
  SchemaWriter(const detail::NamedTypes& types, std::string prefix) : types_(types), prefix_(std::move(prefix)) {}

  Ordered of(const TypeInfo& type, const Limits& limits) const {
    Ordered out = Ordered::object();
    switch (type.kind) {
      case TypeKind::Bool: out["type"] = "boolean"; break;
      case TypeKind::Integer:
        out["type"] = "integer";
        add_bounds(out, detail::limits_of(type, limits));
        break;
      case TypeKind::Number:
        out["type"] = "number";
        add_bounds(out, limits);
        break;
      case TypeKind::Level:
        if (std::isfinite(limits.least)) out["type"] = "number";
        else out["type"] = {"number", "null"};
        add_bounds(out, limits);
        break;
      case TypeKind::Text:
        out["type"] = "string";
        if (!type.pattern.empty()) out["pattern"] = type.pattern;
        if (std::isfinite(limits.most)) out["maxLength"] = bound(limits.most);
        break;
      case TypeKind::Range:
        out["type"] = "array";
        out["prefixItems"] = {{{"type", "integer"}}, {{"type", "integer"}}};
        out["minItems"] = 2;
        out["maxItems"] = 2;
        break;
      case TypeKind::Enum:
      case TypeKind::Object: out["$ref"] = prefix_ + types_.name_of(type); break;
      case TypeKind::Optional: out["anyOf"] = {of(type.element(), limits), {{"type", "null"}}}; break;
      case TypeKind::List:
        out["type"] = "array";
        out["items"] = of(type.element(), limits);
        break;
      case TypeKind::Map:
        out["type"] = "object";
        out["propertyNames"] = {{"pattern", "^[A-Za-z0-9._-]{1,200}$"}};
        out["additionalProperties"] = of(type.element(), limits);
        break;
      case TypeKind::Json: break;  // the empty schema allows everything
    }
    return out;
  }

  Ordered definition(const TypeInfo& type) const {
    if (type.kind == TypeKind::Enum) return {{"enum", type.names}};
    Ordered out = {{"type", "object"}, {"properties", Ordered::object()}, {"additionalProperties", false}};
    Ordered& properties = out["properties"];
    for (const FieldInfo& field : type.fields) {
      Ordered of_field = of(field.type(), field.limits);
      of_field["description"] = field.meaning;
      properties[field.key] = std::move(of_field);
    }
    properties["ext"] = {{"$ref", prefix_ + "ext"}};
    return out;
  }

 private:
  const detail::NamedTypes& types_;
  const std::string prefix_;
};

constexpr const char* kDefinitions = "#/$defs/";

Ordered definitions_of(const detail::NamedTypes& types, const SchemaWriter& writer) {
  Ordered definitions = Ordered::object();
  definitions["ext"] = {{"type", "object"}, {"description", "Keyed by vendor; kept as it is"}};
  for (const auto& [name, type] : types.by_name()) definitions[name] = writer.definition(*type);
  return definitions;
}

Ordered schema_of(TypeRef root, const std::string& id, const std::string& title) {
  const TypeRef roots[] = {root};
  const detail::NamedTypes types(roots);
  const SchemaWriter writer(types, kDefinitions);
  Ordered out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", id}, {"title", title}};
  out["$ref"] = kDefinitions + types.name_of(root());
  out["$defs"] = definitions_of(types, writer);
  return out;
}

std::string typescript_of(const TypeInfo& type, const detail::NamedTypes& types) {
  switch (type.kind) {
    case TypeKind::Bool: return "boolean";
    case TypeKind::Integer:
    case TypeKind::Number: return "number";
    case TypeKind::Level: return "number | null";
    case TypeKind::Text: return "string";
    case TypeKind::Range: return "[number, number]";
    case TypeKind::Enum:
    case TypeKind::Object: return types.name_of(type);
    case TypeKind::Optional: return typescript_of(type.element(), types);
    case TypeKind::List: return fmt::format("Array<{}>", typescript_of(type.element(), types));
    case TypeKind::Map: return fmt::format("Record<string, {}>", typescript_of(type.element(), types));
    case TypeKind::Json: return "unknown";
  }
  return "never";
}

std::string bounds_text(const Limits& limits) {
  const bool below = std::isfinite(limits.least), above = std::isfinite(limits.most);
  if (below && above) return fmt::format("; {} to {}", limits.least, limits.most);
  if (below) return fmt::format("; at least {}", limits.least);
  return above ? fmt::format("; at most {}", limits.most) : "";
}

Result<void> write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) return {};
  return Error{Code::IoFailed, fmt::format("{} cannot be written", path.string()), "check that the folder is writable and the disk not full"};
}

}  // namespace

std::string json_schema(TypeRef root, const std::string& id, const std::string& title) {
  return schema_of(root, id, title).dump(2) + '\n';
}

std::string json_definitions(std::span<const TypeRef> roots, const std::string& prefix) {
  const detail::NamedTypes types(roots);
  const SchemaWriter writer(types, prefix);
  Ordered out = {{"definitions", definitions_of(types, writer)}, {"roots", Ordered::array()}};
  for (const TypeRef root : roots) out["roots"].push_back(writer.of(root(), {}));
  return out.dump();
}

std::string typescript(std::span<const TypeRef> roots, std::span<const TypeRef> known, const std::string& known_from) {
  const detail::NamedTypes types(roots), known_types(known);
  std::string out = "// Written by `twopop schema` from the engine's field lists; do not edit.\n";
  const auto is_known = [&](const std::string& name, const TypeInfo* type) {
    const auto it = known_types.by_name().find(name);
    return it != known_types.by_name().end() && it->second == type;
  };
  std::set<std::string> imported;
  for (const auto& [name, type] : types.by_name()) {
    if (is_known(name, type)) continue;
    for (const FieldInfo& field : type->fields) {
      const TypeInfo* held = &field.type();
      while (held->element) held = &held->element();
      const bool named = held->kind == TypeKind::Object || held->kind == TypeKind::Enum;
      if (named && is_known(types.name_of(*held), held)) imported.insert(types.name_of(*held));
    }
  }
  if (!imported.empty()) out += fmt::format("\nimport type {{ {} }} from \"{}\";\n", fmt::join(imported, ", "), known_from);
  for (const auto& [name, type] : types.by_name()) {
    if (is_known(name, type)) continue;
    if (type->kind == TypeKind::Enum) {
      out += fmt::format("\nexport type {} = \"{}\";\n", name, fmt::join(type->names, "\" | \""));
      continue;
    }
    out += fmt::format("\nexport interface {} {{\n", name);
    for (const FieldInfo& field : type->fields) {
      const bool optional = field.type().kind == TypeKind::Optional;
      out += fmt::format("  /** {}{} */\n  {}{}: {};\n", field.meaning, bounds_text(field.limits), field.key, optional ? "?" : "",
                         typescript_of(field.type(), types));
    }
    out += "  ext?: Record<string, unknown>;\n}\n";
  }
  return out;
}

std::vector<SchemaFile> session_schema_files() {
  const auto major = Document{}.format_major;
  Ordered schema = schema_of(&type_of<Document>, fmt::format("urn:twopop:session:{}", major), "Twopop session");
  schema["$defs"]["Document"]["properties"]["revision"] = {
      {"type", "integer"}, {"minimum", 0}, {"description", "Revision of the session that session.json was written from"}};
  const TypeRef roots[] = {&type_of<Document>};
  return {{"session.schema.json", schema.dump(2) + '\n'}, {"types.ts", typescript(roots)}};
}

Result<void> write_schema(const std::filesystem::path& folder, const std::vector<SchemaFile>& files) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Code::IoFailed, fmt::format("{}: {}", folder.string(), failed.message())};
  for (const SchemaFile& file : files) TWOPOP_CHECK(write_text(folder / file.name, file.text));
  return {};
}

}  // namespace twopop::session
