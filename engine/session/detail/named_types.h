#pragma once

#include "session/type_info.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace twopop::session::detail {

/// The objects and enums that some values refer to, themselves included, each under a name of its own: the short one,
/// or with its namespace in front where two share it.
class NamedTypes {
 public:
  explicit NamedTypes(std::span<const TypeRef> roots);
  /// Sorted by name.
  const std::map<std::string, const TypeInfo*>& by_name() const { return by_name_; }
  const std::string& name_of(const TypeInfo& type) const { return names_.at(&type); }

 private:
  void collect(const TypeInfo& type, std::vector<const TypeInfo*>& found);
  std::map<std::string, const TypeInfo*> by_name_;
  std::map<const TypeInfo*, std::string> names_;
};

}  // namespace twopop::session::detail
