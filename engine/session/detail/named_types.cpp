#include "session/detail/named_types.h"

namespace twopop::session::detail {

NamedTypes::NamedTypes(std::span<const TypeRef> roots) {
  std::vector<const TypeInfo*> found;
  for (const TypeRef root : roots) collect(root(), found);
  std::map<std::string, int> uses;
  for (const TypeInfo* type : found) ++uses[type->name];
  for (const TypeInfo* type : found) {
    std::string name = type->name;
    if (uses[name] > 1 && !type->scope.empty()) {
      std::string scope = type->scope;
      if (scope[0] >= 'a' && scope[0] <= 'z') scope[0] = static_cast<char>(scope[0] - 'a' + 'A');
      name = scope + name;
    }
    TWOPOP_ASSERT(by_name_.emplace(name, type).second);
    names_.emplace(type, std::move(name));
  }
}

void NamedTypes::collect(const TypeInfo& type, std::vector<const TypeInfo*>& found) {
  if (type.kind == TypeKind::Object || type.kind == TypeKind::Enum) {
    if (std::find(found.begin(), found.end(), &type) != found.end()) return;
    found.push_back(&type);
  }
  if (type.element) collect(type.element(), found);
  for (const FieldInfo& field : type.fields) collect(field.type(), found);
}

}  // namespace twopop::session::detail
