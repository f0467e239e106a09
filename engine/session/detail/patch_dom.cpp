#include "session/detail/patch_dom.h"

#include "core/hash.h"

namespace twopop::session::detail {
namespace {

std::string text_of(const Dom& dom) { return dom.dump(-1, ' ', false, Dom::error_handler_t::replace); }

Error nothing_at(std::string_view path) {
  return {Code::NotFound, fmt::format("{}: there is nothing here", path.empty() ? "/" : path),
          "look at the session as it is with `twopop export`"};
}

class Applier {
 public:
  Applier(Dom& root, Patch& inverse) : root_(root), inverse_(inverse) {}

  Result<void> apply(const Operation& operation) {
    TWOPOP_TRY(const auto path, pointer_tokens(operation.path));
    switch (operation.verb) {
      case Verb::Add: {
        TWOPOP_TRY(Dom value, parse_dom(operation.value));
        return put(path, std::move(value));
      }
      case Verb::Replace: {
        TWOPOP_TRY(Dom value, parse_dom(operation.value));
        if (!find(root_, path)) return nothing_at(operation.path);
        return put(path, std::move(value));
      }
      case Verb::Remove: return take(path);
      case Verb::Move: {
        TWOPOP_TRY(const auto from, pointer_tokens(operation.from));
        const Dom* source = find(root_, from);
        if (!source) return nothing_at(operation.from);
        if (from == path) return {};
        if (path.size() > from.size() && overlap(from, path))
          return Error{Code::InvalidArgument, fmt::format("{} cannot move into itself at {}", operation.from, operation.path)};
        Dom value = *source;
        TWOPOP_CHECK(take(from));
        return put(path, std::move(value));
      }
      case Verb::Copy: {
        TWOPOP_TRY(const auto from, pointer_tokens(operation.from));
        const Dom* source = find(root_, from);
        if (!source) return nothing_at(operation.from);
        return put(path, Dom(*source));
      }
      case Verb::Test: {
        TWOPOP_TRY(const Dom value, parse_dom(operation.value));
        const Dom* there = find(root_, path);
        if (!there) return Error{Code::Conflict, fmt::format("{}: expected {}, but there is nothing", operation.path, brief(value))};
        if (*there != value)
          return Error{Code::Conflict, fmt::format("{}: expected {}, found {}", operation.path, brief(value), brief(*there)),
                       "read the session again and make the edit on what it holds"};
        return {};
      }
    }
    return {};
  }

 private:
  static std::string brief(const Dom& dom) {
    constexpr std::size_t kMost = 80;
    std::string text = text_of(dom);
    if (text.size() > kMost) text.replace(kMost, std::string::npos, "...");
    return text;
  }

  Result<void> put(const std::vector<std::string>& path, Dom value) {
    if (path.empty()) {
      inverse_.operations.push_back({Verb::Replace, "", "", text_of(root_)});
      root_ = std::move(value);
      return {};
    }
    const std::string pointer = join_tokens(path);
    Dom* parent = find(root_, {path.begin(), path.end() - 1});
    if (!parent) return nothing_at(join_tokens({path.begin(), path.end() - 1}));
    if (!parent->is_object())
      return Error{Code::InvalidArgument, fmt::format("{}: only objects are entered by patches", pointer), "replace the list as a whole"};
    const auto there = parent->find(path.back());
    if (there == parent->end()) {
      inverse_.operations.push_back({Verb::Remove, pointer, "", ""});
      parent->emplace(path.back(), std::move(value));
    } else {
      inverse_.operations.push_back({Verb::Replace, pointer, "", text_of(*there)});
      *there = std::move(value);
    }
    return {};
  }

  Result<void> take(const std::vector<std::string>& path) {
    Dom* there = find(root_, path);
    if (!there) return nothing_at(join_tokens(path));
    if (path.empty()) return Error{Code::InvalidArgument, "the whole session cannot be removed"};
    inverse_.operations.push_back({Verb::Add, join_tokens(path), "", text_of(*there)});
    find(root_, {path.begin(), path.end() - 1})->erase(path.back());
    return {};
  }

  Dom& root_;
  Patch& inverse_;
};

void add_difference(const Dom& before, const Dom& after, std::vector<std::string>& at, Patch& patch) {
  if (before == after) return;
  if (!before.is_object() || !after.is_object()) {
    patch.operations.push_back({Verb::Replace, join_tokens(at), "", text_of(after)});
    return;
  }
  for (auto it = before.begin(); it != before.end(); ++it) {
    at.push_back(it.key());
    if (const auto other = after.find(it.key()); other == after.end()) patch.operations.push_back({Verb::Remove, join_tokens(at), "", ""});
    else add_difference(*it, *other, at, patch);
    at.pop_back();
  }
  for (auto it = after.begin(); it != after.end(); ++it) {
    if (before.contains(it.key())) continue;
    at.push_back(it.key());
    patch.operations.push_back({Verb::Add, join_tokens(at), "", text_of(*it)});
    at.pop_back();
  }
}

void add_sum(const Dom& node, std::string& at, TreeSum& sum) {
  Hasher hasher;
  hasher.add(at);
  if (node.is_object()) hasher.add("{");
  else hasher.add(text_of(node));
  const Hash hash = hasher.finish();
  sum += {hash.high, hash.low};
  if (!node.is_object()) return;
  const std::size_t length = at.size();
  for (auto it = node.begin(); it != node.end(); ++it) {
    at += '/' + escaped_token(it.key());
    add_sum(*it, at, sum);
    at.resize(length);
  }
}

}  // namespace

Result<void> apply_to_dom(Dom& root, const Patch& patch, Patch& inverse) {
  inverse.operations.clear();
  Applier applier(root, inverse);
  Result<void> result;
  for (const Operation& operation : patch.operations)
    if (result = applier.apply(operation); !result) break;
  std::reverse(inverse.operations.begin(), inverse.operations.end());
  if (!result) take_back(root, std::exchange(inverse, {}));
  return result;
}

void take_back(Dom& root, const Patch& inverse) {
  Patch unused;
  Applier applier(root, unused);
  for (const Operation& operation : inverse.operations) TWOPOP_ASSERT(applier.apply(operation));
}

Patch difference_of(const Dom& before, const Dom& after) {
  Patch patch;
  std::vector<std::string> at;
  add_difference(before, after, at, patch);
  return patch;
}

std::vector<std::vector<std::string>> changed_places(const Operation& operation) {
  std::vector<std::vector<std::string>> places;
  const auto add = [&](const std::string& path) {
    if (auto tokens = pointer_tokens(path)) places.push_back(*std::move(tokens));
  };
  if (operation.verb != Verb::Test) add(operation.path);
  if (operation.verb == Verb::Move) add(operation.from);
  return places;
}

bool overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
}

std::string join_tokens(const std::vector<std::string>& tokens) {
  std::string out;
  for (const std::string& token : tokens) out += '/' + escaped_token(token);
  return out;
}

TreeSum sum_of(const Dom& node, const std::vector<std::string>& at) {
  TreeSum sum;
  std::string place = join_tokens(at);
  add_sum(node, place, sum);
  return sum;
}

std::string to_string(TreeSum sum) { return twopop::to_string(Hash{sum.high, sum.low}); }

}  // namespace twopop::session::detail
