#include "session/detail/dom.h"

namespace twopop::session::detail {
namespace {

constexpr std::size_t kDeepest = 100;

/// Builds the tree from nlohmann's events, which alone can see a key that stands twice.
class Builder : public nlohmann::json_sax<Dom> {
 public:
  explicit Builder(std::string_view text) : text_(text) {}
  Dom root;
  Error error{};

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Dom::object()); }
  bool start_array(std::size_t) override { return open(Dom::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      error = {Code::Damaged, fmt::format("the key \"{}\" stands twice in one object", name), "keep one of them"};
      return false;
    }
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t at, const std::string& token, const nlohmann::detail::exception&) override {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i + 1 < at && i < text_.size(); ++i) {
      ++column;
      if (text_[i] == '\n') ++line, column = 1;
    }
    error = {Code::Damaged, fmt::format("line {}, column {}: not JSON at '{}'", line, column, token.substr(0, 40)),
             "correct the text there"};
    return false;
  }

 private:
  template <class Value>
  bool put(Value&& value) {
    add(Dom(std::forward<Value>(value)));
    return true;
  }
  Dom* add(Dom node) {
    if (open_.empty()) {
      root = std::move(node);
      return &root;
    }
    Dom& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(node));
      return &parent.back();
    }
    return &(parent[key_] = std::move(node));
  }
  bool open(Dom container) {
    if (open_.size() == kDeepest) {
      error = {Code::Damaged, fmt::format("nested deeper than {} levels", kDeepest)};
      return false;
    }
    open_.push_back(add(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  std::vector<Dom*> open_;
  std::string key_;
};

std::string scalar(const Dom& dom) { return dom.dump(-1, ' ', false, Dom::error_handler_t::replace); }

class Printer {
 public:
  explicit Printer(JsonLayout layout) : layout_(layout) {}
  std::string out;

  void print(const Dom& dom, const TypeInfo* type, std::size_t depth) {
    while (type && type->kind == TypeKind::Optional) type = &type->element();
    if (!dom.is_structured()) {
      out += scalar(dom);
    } else if (layout_ == JsonLayout::Indented && flat(dom)) {
      print_flat(dom, type);
    } else {
      const auto nodes = ordered(dom, type);
      out += dom.is_object() ? '{' : '[';
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (i) out += ',';
        line(depth + 1);
        if (nodes[i].key) out += scalar(*nodes[i].key) + (layout_ == JsonLayout::Indented ? ": " : ":");
        print(*nodes[i].dom, nodes[i].type, depth + 1);
      }
      if (!nodes.empty()) line(depth);
      out += dom.is_object() ? '}' : ']';
    }
  }

 private:
  struct Node {
    const std::string* key;
    const Dom* dom;
    const TypeInfo* type;
  };

  static std::vector<Node> ordered(const Dom& dom, const TypeInfo* type) {
    std::vector<Node> nodes;
    const TypeInfo* const element = type && type->element ? &type->element() : nullptr;
    if (dom.is_array()) {
      for (const Dom& item : dom) nodes.push_back({nullptr, &item, element});
    } else if (type && type->kind == TypeKind::Object) {
      const auto declared = [&](const std::string& key) {
        return std::any_of(type->fields.begin(), type->fields.end(), [&](const FieldInfo& f) { return f.key == key; });
      };
      for (auto it = dom.begin(); it != dom.end(); ++it)
        if (!declared(it.key())) nodes.push_back({&it.key(), &it.value(), nullptr});
      for (const FieldInfo& field : type->fields)
        if (const auto it = dom.find(field.key); it != dom.end()) nodes.push_back({&field.key, &*it, &field.type()});
    } else {
      for (auto it = dom.begin(); it != dom.end(); ++it) nodes.push_back({&it.key(), &it.value(), element});
    }
    return nodes;
  }

  /// Short values without values inside them stand on one line, so that a difference between files shows whole items.
  static bool flat(const Dom& dom) {
    constexpr std::size_t kMostItems = 8, kMostText = 100;
    if (dom.size() > kMostItems) return false;
    std::size_t length = 2;
    for (auto it = dom.begin(); it != dom.end(); ++it) {
      if (it->is_structured() && !it->empty()) return false;
      length += scalar(*it).size() + 2 + (dom.is_object() ? it.key().size() + 4 : 0);
    }
    return length <= kMostText;
  }

  void print_flat(const Dom& dom, const TypeInfo* type) {
    out += dom.is_object() ? '{' : '[';
    bool first = true;
    for (const Node& node : ordered(dom, type)) {
      if (!std::exchange(first, false)) out += ", ";
      if (node.key) out += scalar(*node.key) + ": ";
      out += scalar(*node.dom);
    }
    out += dom.is_object() ? '}' : ']';
  }

  void line(std::size_t depth) {
    if (layout_ == JsonLayout::Indented) out += '\n' + std::string(depth * 2, ' ');
  }

  JsonLayout layout_;
};

}  // namespace

Result<Dom> parse_dom(std::string_view text) {
  Builder builder(text);
  if (!Dom::sax_parse(text.begin(), text.end(), &builder)) return builder.error;
  return std::move(builder.root);
}

std::string print_dom(const Dom& dom, const TypeInfo* type, JsonLayout layout) {
  Printer printer(layout);
  printer.print(dom, type, 0);
  return std::move(printer.out);
}

std::string escaped_token(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

Result<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer.front() != '/')
    return Error{Code::InvalidArgument, fmt::format("path '{}' does not begin with '/'", pointer),
                 "write it like /mix/strips/dialogue/gain_db"};
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (c == '/') {
      tokens.emplace_back();
    } else if (c == '~') {
      const char next = i + 1 < pointer.size() ? pointer[i + 1] : '\0';
      if (next != '0' && next != '1')
        return Error{Code::InvalidArgument, fmt::format("path '{}' has a '~' that is not ~0 or ~1", pointer)};
      tokens.back() += next == '0' ? '~' : '/';
      ++i;
    } else {
      tokens.back() += c;
    }
  }
  return tokens;
}

const Dom* find(const Dom& root, const std::vector<std::string>& tokens) {
  const Dom* at = &root;
  for (const std::string& token : tokens) {
    if (!at->is_object()) return nullptr;
    const auto it = at->find(token);
    if (it == at->end()) return nullptr;
    at = &*it;
  }
  return at;
}

Dom* find(Dom& root, const std::vector<std::string>& tokens) {
  return const_cast<Dom*>(find(std::as_const(root), tokens));
}

}  // namespace twopop::session::detail
