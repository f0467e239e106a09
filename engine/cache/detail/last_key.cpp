#include "cache/detail/last_key.h"

#include <cstring>

namespace twopop::cache::detail {
namespace {

constexpr std::uint32_t kVersion = 1;
/// A cause names this many changed inputs and counts the others.
constexpr std::size_t kNamedInputs = 3;

template <class T>
void append(Bytes& to, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

template <class T>
bool take(std::span<const std::byte>& from, T& value) {
  if (from.size() < sizeof value) return false;
  std::memcpy(&value, from.data(), sizeof value);
  from = from.subspan(sizeof value);
  return true;
}

}  // namespace

std::string last_key_note_name(const std::string& identity) { return "last key of " + identity; }

std::uint64_t short_identity(const std::string& identity) { return hash_of(identity).low; }

Bytes encode(const LastKey& last) {
  Bytes bytes;
  append(bytes, kVersion);
  append(bytes, last.key);
  append(bytes, last.recipe);
  append(bytes, static_cast<std::uint32_t>(last.inputs.size()));
  for (const auto& [identity, content] : last.inputs) {
    append(bytes, identity);
    append(bytes, content);
  }
  const auto text = std::as_bytes(std::span(last.settings));
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

std::optional<LastKey> decode_last_key(std::span<const std::byte> bytes) {
  LastKey last;
  std::uint32_t version = 0, count = 0;
  if (!take(bytes, version) || version != kVersion) return std::nullopt;
  if (!take(bytes, last.key) || !take(bytes, last.recipe) || !take(bytes, count)) return std::nullopt;
  if (count > bytes.size() / (sizeof(std::uint64_t) + sizeof(Hash))) return std::nullopt;
  last.inputs.resize(count);
  for (auto& [identity, content] : last.inputs) {
    take(bytes, identity);
    take(bytes, content);
  }
  last.settings.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return last;
}

Hash last_key_in(std::span<const std::byte> bytes) {
  std::uint32_t version = 0;
  Hash key;
  if (!take(bytes, version) || version != kVersion || !take(bytes, key)) return {};
  return key;
}

std::pair<Reason, std::string> why_run(const LastKey* last, const LastKey& current,
                                       const std::vector<std::string>& input_identities) {
  if (!last) return {Reason::NeverMade, "nothing was made here before"};
  if (last->key == current.key) return {Reason::BytesMissing, "the cache has lost what it knew of the result"};
  std::string inputs;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < current.inputs.size(); ++i) {
    bool same = false;
    // The same place first: inputs seldom move.
    if (i < last->inputs.size()) same = last->inputs[i] == current.inputs[i];
    if (!same) same = std::find(last->inputs.begin(), last->inputs.end(), current.inputs[i]) != last->inputs.end();
    if (same) continue;
    if (++changed <= kNamedInputs) inputs += fmt::format("{}'{}'", changed == 1 ? "" : ", ", input_identities[i]);
  }
  if (changed > kNamedInputs) inputs += fmt::format(" and {} more", changed - kNamedInputs);
  if (changed) inputs = fmt::format("{} {} changed", changed == 1 ? "input" : "inputs", inputs);
  if (changed == 0 && last->recipe == current.recipe)
    inputs = last->inputs.size() > current.inputs.size() ? "an input was taken away" : "the inputs are in another order";
  if (last->recipe == current.recipe) return {Reason::InputChanged, inputs};
  std::string cause = "settings changed";
  if (last->settings != current.settings) cause += fmt::format(": {} \u2192 {}", last->settings, current.settings);
  else cause = "the way it is made has changed";
  if (changed) cause += "; " + inputs;
  return {Reason::SettingsChanged, cause};
}

}  // namespace twopop::cache::detail
