#include "deliver/explanations.h"

namespace twopop::deliver {
namespace {

constexpr std::uint32_t kInPart = 2048;

/// Where the parts of the last build lie: builds take turns between two sides, so that one that is killed spoils nothing.
struct Kept {
  std::uint32_t side = 1, parts = 0;
};

constexpr const char* kHead = "explanations of the last build, in parts";

Kept head_of(const cache::Store& store) {
  const auto note = store.note(kHead);
  return note ? ByteReader(*note).get<Kept>() : Kept{};
}

std::string part_name(std::uint32_t side, std::uint32_t part) { return fmt::format("{}: {}/{}", kHead, side, part); }

}  // namespace

ExplanationKeeper::ExplanationKeeper(cache::Store& store) : store_(store), side_(1 - (head_of(store).side & 1)) {}

void ExplanationKeeper::add(const cache::Explanation& e) {
  part_.put(e.identity).put(e.kind).put(e.reason).put(e.cause).put(e.key).put(e.content);
  if (++in_part_ == kInPart) write_part();
}

void ExplanationKeeper::write_part() {
  const cache::Bytes bytes = part_.take();
  part_ = {};
  in_part_ = 0;
  if (written_) written_ = store_.set_note(part_name(side_, parts_), bytes);
  ++parts_;
}

Result<void> ExplanationKeeper::finish() {
  if (in_part_ > 0) write_part();
  if (!written_) return written_;
  const cache::Bytes head = ByteWriter().put(Kept{side_, parts_}).take();
  return store_.set_note(kHead, head);
}

std::map<std::string, cache::Explanation> kept_explanations(const cache::Store& store) {
  std::map<std::string, cache::Explanation> kept;
  const Kept head = head_of(store);
  for (std::uint32_t part = 0; part < head.parts; ++part) {
    const auto note = store.note(part_name(head.side, part));
    if (!note) continue;
    ByteReader reader(*note);
    while (!reader.at_end()) {
      cache::Explanation e;
      e.identity = reader.text();
      e.kind = reader.get<cache::TaskKind>();
      e.reason = reader.get<cache::Reason>();
      e.cause = reader.text();
      e.key = reader.get<Hash>();
      e.content = reader.get<Hash>();
      if (!reader.ok()) break;
      kept[e.identity] = e;
    }
  }
  return kept;
}

}  // namespace twopop::deliver
