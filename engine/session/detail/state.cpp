#include "session/detail/state.h"

#include "session/validate.h"

#include <iterator>

namespace twopop::session::detail {
namespace {

/// Places without those that lie in another of them.
std::vector<Tokens> outermost(std::vector<Tokens> places) {
  std::sort(places.begin(), places.end());
  std::vector<Tokens> out;
  for (Tokens& place : places)
    if (out.empty() || out.back().size() > place.size() || !overlap(out.back(), place)) out.push_back(std::move(place));
  return out;
}

void append(Patch& patch, Patch more) {
  std::move(more.operations.begin(), more.operations.end(), std::back_inserter(patch.operations));
}

/// A test of what `path` holds, unless the operation before is one.
void add_test(const Dom& dom, const std::string& path, Patch& patch) {
  const auto tokens = pointer_tokens(path);
  const Dom* there = tokens ? find(dom, *tokens) : nullptr;
  if (!there) return;
  if (!patch.operations.empty() && patch.operations.back().verb == Verb::Test && patch.operations.back().path == path) return;
  patch.operations.push_back({Verb::Test, path, "", print_dom(*there, nullptr, JsonLayout::Compact)});
}

std::int64_t integer_at(const Dom& dom, const char* key, std::int64_t otherwise) {
  const auto it = dom.is_object() ? dom.find(key) : dom.end();
  return dom.is_object() && it != dom.end() && it->is_number_integer() ? it->get<std::int64_t>() : otherwise;
}

/// The default of the field that a path names; nothing for items, optionals and what is not known.
std::optional<Dom> default_at(const std::vector<std::string>& tokens) {
  if (tokens.empty()) return std::nullopt;
  const TypeInfo* type = placed(type_of<Document>(), tokens).type;
  const TypeInfo* around = placed(type_of<Document>(), {tokens.begin(), tokens.end() - 1}).type;
  if (!type || !around || around->kind != TypeKind::Object || type->kind == TypeKind::Optional) return std::nullopt;
  Dom defaults = to_dom(*around, around->blank());
  return std::move(defaults[tokens.back()]);
}

/// An operation in the form in which it is kept, so that the tree always holds every field: values are completed with
/// their defaults, taking away a field puts its default there, and null takes away an optional.
std::vector<Operation> normalised(const Dom& dom, const Operation& operation) {
  const auto tokens = pointer_tokens(operation.verb == Verb::Move ? operation.from : operation.path);
  if (!tokens) return {operation};
  if (operation.verb == Verb::Remove || operation.verb == Verb::Move) {
    const auto otherwise = default_at(*tokens);
    if (!otherwise || !find(dom, *tokens)) return {operation};
    const Operation back{Verb::Replace, join_tokens(*tokens), "", print_dom(*otherwise, nullptr, JsonLayout::Compact)};
    if (operation.verb == Verb::Remove) return {back};
    return {{Verb::Copy, operation.path, operation.from, ""}, back};
  }
  const TypeInfo* type = placed(type_of<Document>(), *tokens).type;
  if (!type || (operation.verb != Verb::Add && operation.verb != Verb::Replace)) return {operation};
  auto value = parse_dom(operation.value);
  if (!value) return {operation};
  if (value->is_null() && type->kind == TypeKind::Optional) {
    if (!find(dom, *tokens)) return {};
    return {{Verb::Remove, operation.path, "", ""}};
  }
  complete(*type, *value);
  return {{operation.verb, operation.path, "", print_dom(*value, nullptr, JsonLayout::Compact)}};
}

UnknownKeys unknown_keys_of(const Dom& dom) {
  const Document current;
  return integer_at(dom, "format_minor", current.format_minor) > current.format_minor ? UnknownKeys::Skip : UnknownKeys::Refuse;
}

}  // namespace

std::vector<Tokens> touched_units(const Patch& patch) {
  std::vector<Tokens> units;
  for (const Operation& operation : patch.operations)
    for (Tokens& place : changed_places(operation)) {
      if (const std::size_t item = placed(type_of<Document>(), place).item_tokens) place.resize(item);
      units.push_back(std::move(place));
    }
  return outermost(std::move(units));
}

Result<std::shared_ptr<Document>> read_session(const Dom& dom, std::vector<std::string>* skipped) {
  const Document current;
  if (const std::int64_t major = integer_at(dom, "format_major", current.format_major); major > current.format_major)
    return Error{Code::Unsupported, fmt::format("/format_major: this session has format {}, this version reads {}", major, current.format_major),
                 "open it with a newer Twopop"};
  auto document = std::make_shared<Document>();
  TWOPOP_CHECK(from_dom(type_of<Document>(), dom, document.get(), unknown_keys_of(dom), {}, {}, skipped));
  return document;
}

State State::of(const Document& document) {
  State state;
  state.dom_ = to_dom(type_of<Document>(), &document);
  state.sum_ = sum_of(state.dom_);
  state.document_ = std::make_shared<Document>(document);
  return state;
}

Result<State> State::read(std::string_view json, const std::string& expected_sum) {
  State state;
  TWOPOP_TRY(state.dom_, parse_dom(json));
  state.sum_ = sum_of(state.dom_);
  if (const std::string sum = to_string(state.sum_); sum != expected_sum)
    return Error{Code::Damaged, fmt::format("a session that should have the sum {} has {}", expected_sum, sum)};
  return state;
}

void State::pack() {
  if (!packed_.empty()) return;
  packed_ = Dom::to_cbor(dom_);
  packed_.shrink_to_fit();
  dom_ = nullptr;
}

void State::unpack() const {
  if (packed_.empty()) return;
  dom_ = Dom::from_cbor(packed_);
  std::vector<std::uint8_t>().swap(packed_);
}

std::string State::print(std::int64_t revision, JsonLayout layout) const {
  unpack();
  // Within the tree for a moment, also if memory ends: a copy of a long film's tree is large.
  struct Loan {
    Dom& dom;
    ~Loan() { dom.erase("revision"); }
  } const loan{dom_};
  dom_["revision"] = revision;
  return print_dom(dom_, &type_of<Document>(), layout);
}

Result<void> State::replay(const Patch& patch, const std::string& expected_sum) {
  unpack();
  std::vector<Tokens> places;
  for (const Operation& operation : patch.operations)
    for (Tokens& place : changed_places(operation)) places.push_back(std::move(place));
  places = outermost(std::move(places));
  TreeSum sum = sum_;
  for (const Tokens& place : places)
    if (const Dom* there = find(dom_, place)) sum -= sum_of(*there, place);
  Patch inverse;
  TWOPOP_CHECK(apply_to_dom(dom_, patch, inverse));
  for (const Tokens& place : places)
    if (const Dom* there = find(dom_, place)) sum += sum_of(*there, place);
  if (to_string(sum) != expected_sum) {
    detail::take_back(dom_, inverse);
    return Error{Code::Damaged, fmt::format("an edit leads to the sum {} in place of {}", to_string(sum), expected_sum)};
  }
  // What a newer format says is read as a whole, by settle().
  if (unknown_keys_of(dom_) == UnknownKeys::Skip) document_ = nullptr;
  if (document_) {
    if (const Result<void> read = read_again(places); !read) {
      detail::take_back(dom_, inverse);
      TWOPOP_ASSERT(read_again(places));
      return read.error();
    }
  }
  sum_ = sum;
  return {};
}

Result<void> State::read_again(const std::vector<Tokens>& places) {
  const UnknownKeys unknown = unknown_keys_of(dom_);
  Document& document = own_document();
  for (const Tokens& place : places) TWOPOP_CHECK(refresh(type_of<Document>(), &document, dom_, place, unknown));
  return {};
}

Result<void> State::settle(std::vector<std::string>* skipped) {
  if (document_) return {};
  unpack();
  TWOPOP_TRY(document_, read_session(dom_, skipped));
  given_out_ = false;
  return {};
}

Document& State::own_document() {
  if (std::exchange(given_out_, false)) document_ = std::make_shared<Document>(*document_);
  return *document_;
}

Result<State::Change> State::change(const Patch& patch) {
  unpack();
  Change change{{}, {}, sum_, sum_};
  std::vector<Tokens>& places = change.places;
  for (const Operation& operation : patch.operations)
    for (Tokens& place : changed_places(operation)) places.push_back(std::move(place));
  places = outermost(std::move(places));
  for (const Tokens& place : places)
    if (const Dom* there = find(dom_, place)) change.sum -= sum_of(*there, place);

  Result<void> result;
  std::vector<Patch> back;
  for (const Operation& given : patch.operations) {
    for (const Operation& operation : normalised(dom_, given))
      if (result = add(operation, change.patch, back.emplace_back()); !result) break;
    if (!result) break;
  }
  // The last is taken back first.
  for (auto it = back.rbegin(); it != back.rend(); ++it) append(change.inverse, std::move(*it));
  if (result) result = finish(change);
  if (!result) {
    take_back(change);
    return std::move(result).error();
  }
  for (const Tokens& place : places)
    if (const Dom* there = find(dom_, place)) change.sum += sum_of(*there, place);
  sum_ = change.sum;
  return change;
}

Result<void> State::add(const Operation& operation, Patch& made, Patch& back) {
  if (operation.verb == Verb::Move) add_test(dom_, operation.from, made);
  if (operation.verb != Verb::Test) add_test(dom_, operation.path, made);
  TWOPOP_CHECK(apply_to_dom(dom_, Patch{{operation}}, back));
  made.operations.push_back(operation);
  return {};
}

Result<void> State::finish(Change& change) {
  if (!dom_.is_object()) return Error{Code::InvalidArgument, "/: a session is an object"};
  change.read = true;
  TWOPOP_CHECK(read_again(change.places));
  return validate(*document_);
}

void State::take_back(const Change& change) {
  unpack();
  detail::take_back(dom_, change.inverse);
  sum_ = change.before;
  if (change.read) TWOPOP_ASSERT(read_again(change.places));
}

}  // namespace twopop::session::detail
