#include "deliver/explanations.h"

#include "core/bytes.h"

namespace twopop::deliver {
namespace {
constexpr const char* kNote = "explanations of the last build";
}

Result<void> keep_explanations(cache::Store& store, const std::vector<cache::Explanation>& explanations) {
  ByteWriter writer;
  writer.put(static_cast<std::uint64_t>(explanations.size()));
  for (const cache::Explanation& e : explanations) writer.put(e.identity).put(e.kind).put(e.reason).put(e.cause).put(e.key).put(e.content);
  const cache::Bytes bytes = writer.take();
  return store.set_note(kNote, bytes);
}

std::map<std::string, cache::Explanation> kept_explanations(const cache::Store& store) {
  std::map<std::string, cache::Explanation> kept;
  const auto note = store.note(kNote);
  if (!note) return kept;
  ByteReader reader(*note);
  const auto count = reader.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    cache::Explanation e;
    e.identity = reader.text();
    e.kind = reader.get<cache::TaskKind>();
    e.reason = reader.get<cache::Reason>();
    e.cause = reader.text();
    e.key = reader.get<Hash>();
    e.content = reader.get<Hash>();
    if (reader.ok()) kept[e.identity] = e;
  }
  return kept;
}

}  // namespace twopop::deliver
