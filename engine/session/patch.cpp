#include "session/patch.h"

#include "session/detail/patch_dom.h"

namespace twopop::session {
namespace {

constexpr auto kVerbs = names_of(Verb{});

Result<Operation> read_operation(const detail::Dom& dom, std::size_t number) {
  const auto fail = [&](std::string_view what) { return Error{Code::InvalidArgument, fmt::format("operation {} of the patch {}", number, what)}; };
  if (!dom.is_object()) return fail("is not an object");
  const auto text = [&](const char* key) -> const std::string* {
    const auto it = dom.find(key);
    return it != dom.end() && it->is_string() ? it->get_ptr<const std::string*>() : nullptr;
  };
  const std::string* name = text("op");
  if (!name) return fail("has no \"op\"");
  const auto verb = std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](const auto& v) { return *name == v.name; });
  if (verb == std::end(kVerbs)) return fail(fmt::format("has the unknown op \"{}\"", *name));
  Operation operation;
  operation.verb = verb->value;
  const std::string* path = text("path");
  if (!path) return fail("has no \"path\"");
  operation.path = *path;
  TWOPOP_CHECK(detail::pointer_tokens(operation.path));
  if (operation.verb == Verb::Move || operation.verb == Verb::Copy) {
    const std::string* from = text("from");
    if (!from) return fail("has no \"from\"");
    operation.from = *from;
    TWOPOP_CHECK(detail::pointer_tokens(operation.from));
  } else if (operation.verb != Verb::Remove) {
    const auto value = dom.find("value");
    if (value == dom.end()) return fail("has no \"value\"");
    operation.value = value->dump();
  }
  return operation;
}

}  // namespace

Result<Patch> parse_patch(std::string_view json) {
  TWOPOP_TRY(const detail::Dom dom, detail::parse_dom(json));
  if (!dom.is_array()) return Error{Code::InvalidArgument, "a patch is a list of operations (RFC 6902)"};
  Patch patch;
  for (std::size_t i = 0; i < dom.size(); ++i) {
    TWOPOP_TRY(Operation operation, read_operation(dom[i], i + 1));
    patch.operations.push_back(std::move(operation));
  }
  return patch;
}

std::string patch_json(const Patch& patch) {
  std::string out = "[";
  for (const Operation& operation : patch.operations) {
    if (out.size() > 1) out += ',';
    for (const auto& [verb, name] : kVerbs)
      if (verb == operation.verb) out += fmt::format("{{\"op\":\"{}\"", name);
    if (operation.verb == Verb::Move || operation.verb == Verb::Copy) out += ",\"from\":" + json_string(operation.from);
    out += ",\"path\":" + json_string(operation.path);
    if (!operation.value.empty()) out += ",\"value\":" + operation.value;
    out += '}';
  }
  return out + ']';
}

Patch difference(const TypeInfo& type, const void* before, const void* after) {
  const auto [was, is] = detail::to_differing_doms(type, before, after);
  return detail::difference_of(was, is);
}

Result<void> apply_patch(const TypeInfo& type, void* value, const Patch& patch, Patch* inverse) {
  detail::Dom dom = detail::to_dom(type, value);
  const detail::Dom before = dom;
  Patch back;
  TWOPOP_CHECK(detail::apply_to_dom(dom, patch, back));
  if (auto read = detail::from_dom(type, dom, value, UnknownKeys::Refuse); !read) {
    TWOPOP_ASSERT(detail::from_dom(type, before, value, UnknownKeys::Refuse));
    return std::move(read).error();
  }
  // Made from the values: what they do not hold (ext) need not be taken back.
  if (inverse) *inverse = detail::difference_of(detail::to_dom(type, value), before);
  return {};
}

Result<Operation> set_operation(const TypeInfo& type, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || !assignment.starts_with('/'))
    return Error{Code::InvalidArgument, fmt::format("'{}' sets nothing", assignment), "write it as /path/to/field=value"};
  const std::string path(assignment.substr(0, equals)), text(assignment.substr(equals + 1));
  TWOPOP_TRY(const auto tokens, detail::pointer_tokens(path));
  const TypeInfo* of_field = detail::placed(type, tokens).type;
  while (of_field && of_field->kind == TypeKind::Optional && text != "null") of_field = &of_field->element();
  const bool is_text = of_field && (of_field->kind == TypeKind::Text || of_field->kind == TypeKind::Enum);
  const auto value = detail::parse_dom(text);
  const bool taken_as_json = value && (!is_text || value->is_string());
  return Operation{Verb::Add, path, "", taken_as_json ? text : json_string(text)};
}

std::string pointer(const std::vector<std::string_view>& keys) {
  std::string out;
  for (const std::string_view key : keys) out += '/' + detail::escaped_token(key);
  return out;
}

}  // namespace twopop::session
