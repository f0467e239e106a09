#include "session/detail/dom.h"
#include "session/detail/sample_limits.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace twopop::session::detail {
namespace {

constexpr const char* kExtension = "ext";
constexpr std::size_t kLongestId = 200;

/// " dB" for gain_db: the unit as people write it, from the end of the key.
std::string_view unit_of(std::string_view place) {
  static constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
      {"_db", " dB"},   {"_dbfs", " dBFS"}, {"_dbtp", " dBTP"}, {"_lufs", " LUFS"},      {"_lu", " LU"},
      {"_s", " s"},     {"_ms", " ms"},     {"_hz", " Hz"},     {"_samples", " samples"}, {"_ppm", " ppm"},
      {"_percent", " %"}};
  for (const auto& [suffix, unit] : kUnits)
    if (place.ends_with(suffix)) return unit;
  return "";
}

/// A number as its shortest text; whole numbers without a point.
std::string number_text(double value) { return fmt::format("{}", value); }

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t best = std::min({row[j] + 1, row[j + 1] + 1, corner + (a[i] != b[j])});
      corner = std::exchange(row[j + 1], best);
    }
  }
  return row[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : known)
    if (const std::size_t d = distance(word.substr(0, 100), candidate); d < least) least = d, best = candidate;
  return best;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

std::string shown(const Dom& dom) {
  std::string text = dom.is_object() ? "an object" : dom.is_array() ? "a list" : dom.dump(-1, ' ', false, Dom::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 60) + "...";
  return text;
}

bool is_id(std::string_view id) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  };
  return !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), allowed);
}

Error no_id(const std::string& place) {
  return {Code::InvalidArgument, fmt::format("{}: this is no id", place),
          fmt::format("ids have 1 to {} letters, digits, '-', '_' and '.'", kLongestId)};
}

class Reader {
 public:
  Reader(std::string place, UnknownKeys unknown, std::vector<std::string>* skipped)
      : place_(std::move(place)), unknown_(unknown), skipped_(skipped) {}

  Result<void> read(const TypeInfo& type, const Dom& dom, void* value, const Limits& limits) {
    switch (type.kind) {
      case TypeKind::Bool:
        if (!dom.is_boolean()) return expected("true or false", dom);
        *static_cast<bool*>(value) = dom.get<bool>();
        return {};
      case TypeKind::Integer: return read_integer(type, dom, value, limits);
      case TypeKind::Number:
      case TypeKind::Level: return read_number(type, dom, value, limits);
      case TypeKind::Text: return read_text(type, dom, value, limits);
      case TypeKind::Enum: return read_enum(type, dom, value);
      case TypeKind::Range: return read_range(dom, value);
      case TypeKind::Object: return read_object(type, dom, value);
      case TypeKind::Optional:
        type.clear(value);
        return dom.is_null() ? Result<void>() : read(type.element(), dom, type.hold(value), limits);
      case TypeKind::List:
        if (!dom.is_array()) return expected("a list", dom);
        type.clear(value);
        for (std::size_t i = 0; i < dom.size(); ++i)
          TWOPOP_CHECK(inside(std::to_string(i), [&] { return read(type.element(), dom[i], type.append(value), limits); }));
        return {};
      case TypeKind::Map: return read_map(type, dom, value, limits);
      case TypeKind::Json: static_cast<AnyJson*>(value)->text = dom.dump(); return {};
    }
    return {};
  }

 private:
  Error fail(std::string_view what, std::string remedy = {}) const {
    return {Code::InvalidArgument, fmt::format("{}: {}", place_.empty() ? "/" : place_, what), std::move(remedy)};
  }
  Error expected(std::string_view what, const Dom& dom) const { return fail(fmt::format("{} is not {}", shown(dom), what)); }

  template <class Body>
  Result<void> inside(std::string_view key, Body body) {
    const std::size_t length = place_.size();
    place_ += '/' + escaped_token(key);
    Result<void> result = body();
    place_.resize(length);
    return result;
  }

  Result<void> check_limits(double number, const Limits& limits) const {
    const std::string_view unit = unit_of(place_);
    if (number < limits.least)
      return fail(fmt::format("{} is below {}{}", number_text(number), number_text(limits.least), unit));
    if (number > limits.most)
      return fail(fmt::format("{} is above {}{}", number_text(number), number_text(limits.most), unit));
    return {};
  }

  Result<void> whole(const Dom& dom, std::int64_t least, std::int64_t most, std::int64_t& out) const {
    if (dom.is_number_unsigned() && dom.get<std::uint64_t>() > static_cast<std::uint64_t>(most))
      return fail(fmt::format("{} is above {}", shown(dom), most));
    if (dom.is_number_integer()) {
      out = dom.get<std::int64_t>();
    } else if (dom.is_number_float()) {
      const double number = dom.get<double>();
      if (number != std::trunc(number) || std::fabs(number) > 0x1p53) return expected("a whole number", dom);
      out = static_cast<std::int64_t>(number);
    } else {
      return expected("a whole number", dom);
    }
    if (out < least) return fail(fmt::format("{} is below {}", out, least));
    if (out > most) return fail(fmt::format("{} is above {}", out, most));
    return {};
  }

  Result<void> read_integer(const TypeInfo& type, const Dom& dom, void* value, const Limits& limits) const {
    std::int64_t number = 0;
    if (dom.is_number()) TWOPOP_CHECK(check_limits(dom.get<double>(), limits_of(type, limits)));
    TWOPOP_CHECK(whole(dom, type.least, type.most, number));
    type.store_integer(value, number);
    return {};
  }

  Result<void> read_number(const TypeInfo& type, const Dom& dom, void* value, const Limits& limits) const {
    double number = -std::numeric_limits<double>::infinity();
    const bool silence = type.kind == TypeKind::Level && dom.is_null() && std::isinf(limits.least);
    if (!silence) {
      if (!dom.is_number()) return expected("a number", dom);
      number = dom.get<double>();
      TWOPOP_CHECK(check_limits(number, limits));
    }
    type.store_number(value, number);
    return {};
  }

  Result<void> read_text(const TypeInfo& type, const Dom& dom, void* value, const Limits& limits) const {
    if (!dom.is_string()) return expected("a text", dom);
    const std::string& text = dom.get_ref<const std::string&>();
    if (static_cast<double>(text.size()) > limits.most)
      return fail(fmt::format("a text of {} bytes is longer than {}", text.size(), number_text(limits.most)));
    if (text.find('\0') != std::string::npos) return fail("a text may not hold the character U+0000");
    if (auto stored = type.store_text(value, text); !stored) return fail(stored.error().message, stored.error().remedy);
    return {};
  }

  Result<void> read_enum(const TypeInfo& type, const Dom& dom, void* value) const {
    if (!dom.is_string()) return expected("one of " + joined(type.names), dom);
    const std::string& name = dom.get_ref<const std::string&>();
    const auto it = std::find(type.names.begin(), type.names.end(), name);
    if (it == type.names.end()) return fail(fmt::format("{} is not one of {}", shown(dom), joined(type.names)));
    type.store_name(value, static_cast<std::size_t>(it - type.names.begin()));
    return {};
  }

  Result<void> read_range(const Dom& dom, void* value) const {
    if (!dom.is_array() || dom.size() != 2) return expected("a range [begin, end]", dom);
    std::int64_t begin = 0, end = 0;
    TWOPOP_CHECK(whole(dom[0], -kFarthestSample, kFarthestSample, begin));
    TWOPOP_CHECK(whole(dom[1], -kFarthestSample, kFarthestSample, end));
    if (end < begin) return fail(fmt::format("[{}, {}] ends before it begins", begin, end));
    *static_cast<SampleRange*>(value) = {{begin}, {end}};
    return {};
  }

  Result<void> read_object(const TypeInfo& type, const Dom& dom, void* value) {
    if (!dom.is_object()) return expected("an object", dom);
    for (auto it = dom.begin(); it != dom.end(); ++it) {
      const auto known = std::find_if(type.fields.begin(), type.fields.end(), [&](const FieldInfo& f) { return f.key == it.key(); });
      if (known != type.fields.end()) {
        TWOPOP_CHECK(inside(it.key(), [&] { return read(known->type(), *it, known->at(value), known->limits); }));
      } else if (it.key() == kExtension) {
        if (!it->is_object()) return inside(kExtension, [&] { return Result<void>(expected("an object keyed by vendor", *it)); });
      } else if (unknown_ == UnknownKeys::Refuse) {
        return inside(it.key(), [&] { return Result<void>(unknown_key(type, it.key())); });
      } else if (skipped_) {
        skipped_->push_back(place_ + '/' + escaped_token(it.key()));
      }
    }
    return {};
  }

  Error unknown_key(const TypeInfo& type, const std::string& key) const {
    std::vector<std::string> keys;
    for (const FieldInfo& field : type.fields) keys.push_back(field.key);
    const std::string best = closest(key, keys);
    return fail("there is no such key", best.empty() ? "the keys here are " + joined(keys) : fmt::format("did you mean {}?", best));
  }

  Result<void> read_map(const TypeInfo& type, const Dom& dom, void* value, const Limits& limits) {
    if (!dom.is_object()) return expected("an object keyed by ids", dom);
    type.clear(value);
    for (auto it = dom.begin(); it != dom.end(); ++it)
      TWOPOP_CHECK(inside(it.key(), [&]() -> Result<void> {
        if (!is_id(it.key())) return no_id(place_);
        return read(type.element(), *it, type.entry(value, it.key()), limits);
      }));
    return {};
  }

  std::string place_;
  UnknownKeys unknown_;
  std::vector<std::string>* skipped_;
};

const FieldInfo* field_named(const TypeInfo& type, std::string_view key) {
  for (const FieldInfo& field : type.fields)
    if (field.key == key) return &field;
  return nullptr;
}

}  // namespace

Result<void> from_dom(const TypeInfo& type, const Dom& dom, void* value, UnknownKeys unknown, std::string place, Limits limits,
                      std::vector<std::string>* skipped) {
  type.reset(value);
  return Reader(std::move(place), unknown, skipped).read(type, dom, value, limits);
}

Dom to_dom(const TypeInfo& type, const void* value) {
  switch (type.kind) {
    case TypeKind::Bool: return *static_cast<const bool*>(value);
    case TypeKind::Integer: return type.load_integer(value);
    case TypeKind::Number:
    case TypeKind::Level: {
      const double number = type.load_number(value);
      return std::isfinite(number) ? Dom(number) : Dom();
    }
    case TypeKind::Text: return type.load_text(value);
    case TypeKind::Enum: return type.names[type.load_name(value)];
    case TypeKind::Range: {
      const auto& range = *static_cast<const SampleRange*>(value);
      return Dom::array({range.begin.value, range.end.value});
    }
    case TypeKind::Object: {
      Dom out = Dom::object();
      for (const FieldInfo& field : type.fields) {
        const TypeInfo& of_field = field.type();
        const void* member = field.at(const_cast<void*>(value));
        if (of_field.kind == TypeKind::Optional && !of_field.held(member)) continue;
        out.emplace(field.key, to_dom(of_field, member));
      }
      return out;
    }
    case TypeKind::Optional: {
      const void* held = type.held(value);
      return held ? to_dom(type.element(), held) : Dom();
    }
    case TypeKind::List: {
      Dom out = Dom::array();
      for (std::size_t i = 0; i < type.size(value); ++i) out.push_back(to_dom(type.element(), type.item(value, i)));
      return out;
    }
    case TypeKind::Map: {
      struct State {
        Dom out = Dom::object();
        const TypeInfo* element;
      } state{.element = &type.element()};
      type.each(value, &state, [](void* context, const std::string& key, const void* item) {
        auto& s = *static_cast<State*>(context);
        s.out.emplace(key, to_dom(*s.element, item));
      });
      return std::move(state.out);
    }
    case TypeKind::Json: return Dom::parse(static_cast<const AnyJson*>(value)->text, nullptr, false);
  }
  return {};
}

namespace {

using Item = std::pair<const std::string*, const void*>;

/// The items of a map in the order of their keys.
std::vector<Item> items_of(const TypeInfo& type, const void* map) {
  std::vector<Item> items;
  type.each(map, &items, [](void* context, const std::string& key, const void* item) { static_cast<std::vector<Item>*>(context)->push_back({&key, item}); });
  return items;
}

/// Whether two values have the same tree.
bool same(const TypeInfo& type, const void* a, const void* b) {
  switch (type.kind) {
    case TypeKind::Bool: return *static_cast<const bool*>(a) == *static_cast<const bool*>(b);
    case TypeKind::Integer: return type.load_integer(a) == type.load_integer(b);
    case TypeKind::Number:
    case TypeKind::Level: {
      const double x = type.load_number(a), y = type.load_number(b);
      return std::isfinite(x) ? x == y : !std::isfinite(y);
    }
    case TypeKind::Text: return type.load_text(a) == type.load_text(b);
    case TypeKind::Enum: return type.load_name(a) == type.load_name(b);
    case TypeKind::Range: return *static_cast<const SampleRange*>(a) == *static_cast<const SampleRange*>(b);
    case TypeKind::Object:
      return std::all_of(type.fields.begin(), type.fields.end(), [&](const FieldInfo& field) {
        return same(field.type(), field.at(const_cast<void*>(a)), field.at(const_cast<void*>(b)));
      });
    case TypeKind::Optional: {
      const void *x = type.held(a), *y = type.held(b);
      return x && y ? same(type.element(), x, y) : !x && !y;
    }
    case TypeKind::List: {
      const std::size_t size = type.size(a);
      if (size != type.size(b)) return false;
      for (std::size_t i = 0; i < size; ++i)
        if (!same(type.element(), type.item(a, i), type.item(b, i))) return false;
      return true;
    }
    case TypeKind::Json: return static_cast<const AnyJson*>(a)->text == static_cast<const AnyJson*>(b)->text;
    case TypeKind::Map: {
      const auto x = items_of(type, a), y = items_of(type, b);
      return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                        [&](const Item& left, const Item& right) { return *left.first == *right.first && same(type.element(), left.second, right.second); });
    }
  }
  return false;
}

}  // namespace

std::pair<Dom, Dom> to_differing_doms(const TypeInfo& type, const void* a, const void* b) {
  if (type.kind != TypeKind::Object && type.kind != TypeKind::Map) return {to_dom(type, a), to_dom(type, b)};
  std::pair<Dom, Dom> out{Dom::object(), Dom::object()};
  const auto both = [&](const std::string& key, const TypeInfo& of, const void* left, const void* right) {
    if (same(of, left, right)) return;
    auto [x, y] = to_differing_doms(of, left, right);
    const auto there = [&](const void* value) { return of.kind != TypeKind::Optional || of.held(value); };
    if (there(left)) out.first.emplace(key, std::move(x));
    if (there(right)) out.second.emplace(key, std::move(y));
  };
  if (type.kind == TypeKind::Object) {
    for (const FieldInfo& field : type.fields) both(field.key, field.type(), field.at(const_cast<void*>(a)), field.at(const_cast<void*>(b)));
    return out;
  }
  const auto x = items_of(type, a), y = items_of(type, b);
  for (auto left = x.begin(), right = y.begin(); left != x.end() || right != y.end();) {
    const int order = left == x.end() ? 1 : right == y.end() ? -1 : left->first->compare(*right->first);
    if (order == 0) both(*left->first, type.element(), left->second, right->second);
    if (order < 0) out.first.emplace(*left->first, to_dom(type.element(), left->second));
    if (order > 0) out.second.emplace(*right->first, to_dom(type.element(), right->second));
    if (order <= 0) ++left;
    if (order >= 0) ++right;
  }
  return out;
}

Placed placed(const TypeInfo& root, const std::vector<std::string>& tokens) {
  Placed at{&root, {}, 0};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    while (at.type && at.type->kind == TypeKind::Optional) at.type = &at.type->element();
    if (!at.type) break;
    if (at.type->kind == TypeKind::Map) {
      at.type = &at.type->element();
      at.item_tokens = i + 1;
    } else if (const FieldInfo* field = at.type->kind == TypeKind::Object ? field_named(*at.type, tokens[i]) : nullptr) {
      at.type = &field->type();
      at.limits = field->limits;
    } else {
      at.type = nullptr;
    }
  }
  return at;
}

Result<void> refresh(const TypeInfo& root, void* value, const Dom& tree, const std::vector<std::string>& tokens,
                     UnknownKeys unknown) {
  const TypeInfo* type = &root;
  const Dom* dom = &tree;
  Limits limits{};
  std::string place;
  for (const std::string& token : tokens) {
    const auto it = dom->find(token);
    if (type->kind == TypeKind::Map) {
      if (it == dom->end()) {
        type->erase(value, token);
        return {};
      }
      if (!is_id(token)) return no_id(place + '/' + escaped_token(token));
      value = type->entry(value, token);
      type = &type->element();
    } else {
      // What lies in an optional, a list or a scalar, and keys that no field has, are read with what is around them.
      const FieldInfo* field = type->kind == TypeKind::Object ? field_named(*type, token) : nullptr;
      if (!field) break;
      value = field->at(value);
      type = &field->type();
      limits = field->limits;
      if (it == dom->end()) {
        type->reset(value);
        return {};
      }
    }
    dom = &*it;
    place += '/' + escaped_token(token);
  }
  return from_dom(*type, *dom, value, unknown, place, limits);
}

void complete(const TypeInfo& type, Dom& dom) {
  switch (type.kind) {
    case TypeKind::Number:
    case TypeKind::Level:
      if (dom.is_number_integer()) dom = dom.get<double>();
      return;
    case TypeKind::Integer:
      if (dom.is_number_float() && dom.get<double>() == std::trunc(dom.get<double>()) && std::fabs(dom.get<double>()) < 0x1p53)
        dom = static_cast<std::int64_t>(dom.get<double>());
      return;
    case TypeKind::Object:
      if (!dom.is_object()) return;
      for (const FieldInfo& field : type.fields) {
        const TypeInfo& of_field = field.type();
        const auto it = dom.find(field.key);
        if (it == dom.end()) {
          if (of_field.kind != TypeKind::Optional)
            dom.emplace(field.key, to_dom(of_field, field.at(const_cast<void*>(type.blank()))));
        } else if (of_field.kind == TypeKind::Optional && it->is_null()) {
          dom.erase(it);
        } else {
          complete(of_field, *it);
        }
      }
      return;
    case TypeKind::Optional: return complete(type.element(), dom);
    case TypeKind::List:
    case TypeKind::Map:
      if (!dom.is_structured()) return;
      for (Dom& item : dom) complete(type.element(), item);
      return;
    default: return;
  }
}

}  // namespace twopop::session::detail
