#include "cache/detail/index_log.h"

#include <cstring>

namespace twopop::cache::detail {
namespace {

enum Kind : unsigned char { Header = 1, OutcomeRecord, PlaceRecord, Gone, Note, Uses, PackEnd };

constexpr std::size_t kSlot = IndexWriter::kSlotBytes;
constexpr char kMagic[] = "twopop cache index";

struct RecordHead {
  unsigned char kind = 0;
  unsigned char zero[3] = {};
  std::uint32_t length = 0;
  std::uint64_t checksum = 0;
};
static_assert(sizeof(RecordHead) == 16);

struct OutcomeBody {
  Hash recipe, content;
  std::uint64_t bytes;
};
struct PlaceBody {
  Hash content;
  std::uint64_t offset, bytes, checksum;
  std::uint32_t pack, zero;
};
struct PackEndBody {
  std::uint64_t end, stamp;
  std::uint32_t pack, zero;
};

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

template <class T>
bool take(std::span<const std::byte> from, T& into) {
  if (from.size() < sizeof into) return false;
  std::memcpy(&into, from.data(), sizeof into);
  return true;
}

std::size_t slots_for(std::size_t length) { return (sizeof(RecordHead) + length + kSlot - 1) / kSlot; }

/// Over the record with its slot number in place of the checksum.
std::uint64_t checksum_of(std::span<std::byte> record, std::uint64_t slot) {
  std::memcpy(record.data() + offsetof(RecordHead, checksum), &slot, sizeof slot);
  return hash_of(record).low;
}

void report(const IndexReader& to, Kind kind, std::span<const std::byte> body, std::uint64_t offset) {
  switch (kind) {
    case Header: {
      std::uint32_t version = 0;
      if (take(body, version) && to.header) to.header(version);
      return;
    }
    case OutcomeRecord: {
      OutcomeBody o;
      if (take(body, o)) to.outcome(o.recipe, {o.content, o.bytes});
      return;
    }
    case PlaceRecord: {
      PlaceBody p;
      if (take(body, p)) to.place(p.content, {p.pack, p.offset, p.bytes, p.checksum});
      return;
    }
    case Gone: {
      Hash content;
      if (take(body, content)) to.gone(content);
      return;
    }
    case Note: {
      Hash name;
      if (take(body, name)) to.note(name, body.subspan(sizeof name), offset + sizeof name);
      return;
    }
    case Uses: {
      std::vector<Hash> contents(body.size() / sizeof(Hash));
      if (!contents.empty()) std::memcpy(contents.data(), body.data(), contents.size() * sizeof(Hash));
      to.uses(contents);
      return;
    }
    case PackEnd: {
      PackEndBody e;
      if (take(body, e)) to.pack_end(e.pack, e.end, e.stamp);
      return;
    }
  }
}

}  // namespace

void IndexWriter::add(unsigned char kind, std::initializer_list<std::span<const std::byte>> parts) {
  std::size_t length = 0;
  for (const auto& part : parts) length += part.size();
  const std::size_t begin = bytes_.size();
  const std::size_t slots = slots_for(length);
  bytes_.resize(begin + slots * kSlot);
  RecordHead head;
  head.kind = kind;
  head.length = static_cast<std::uint32_t>(length);
  std::memcpy(bytes_.data() + begin, &head, sizeof head);
  std::size_t at = begin + sizeof head;
  for (const auto& part : parts) {
    if (!part.empty()) std::memcpy(bytes_.data() + at, part.data(), part.size());
    at += part.size();
  }
  const std::span<std::byte> record(bytes_.data() + begin, slots * kSlot);
  const std::uint64_t checksum = checksum_of(record, slot_);
  std::memcpy(record.data() + offsetof(RecordHead, checksum), &checksum, sizeof checksum);
  slot_ += slots;
}

void IndexWriter::add_header() {
  const std::uint32_t version = kVersion;
  add(Header, {bytes_of(version), std::as_bytes(std::span(kMagic))});
}
void IndexWriter::add_outcome(const Hash& recipe, const Outcome& outcome) {
  const OutcomeBody body{recipe, outcome.content, outcome.bytes};
  add(OutcomeRecord, {bytes_of(body)});
}
void IndexWriter::add_place(const Hash& content, const Place& place) {
  const PlaceBody body{content, place.offset, place.bytes, place.checksum, place.pack, 0};
  add(PlaceRecord, {bytes_of(body)});
}
void IndexWriter::add_gone(const Hash& content) { add(Gone, {bytes_of(content)}); }
std::uint64_t IndexWriter::add_note(const Hash& name, std::span<const std::byte> value) {
  const std::uint64_t offset = slot_ * kSlot + sizeof(RecordHead) + sizeof name;
  add(Note, {bytes_of(name), value});
  return offset;
}
void IndexWriter::add_uses(std::span<const Hash> contents) { add(Uses, {std::as_bytes(contents)}); }
void IndexWriter::add_pack_end(std::uint32_t pack, std::uint64_t end, std::uint64_t stamp) {
  const PackEndBody body{end, stamp, pack, 0};
  add(PackEnd, {bytes_of(body)});
}

void IndexWriter::written() { bytes_.clear(); }

IndexEnd read_index(std::span<const std::byte> bytes, const IndexReader& reader) {
  IndexEnd end;
  const std::size_t slots = bytes.size() / kSlot;
  Bytes record;  // a copy, since the checksum is over the slot's number in its own place
  std::uint64_t skipped = 0;
  for (std::size_t slot = 0; slot < slots;) {
    RecordHead head;
    std::memcpy(&head, bytes.data() + slot * kSlot, sizeof head);
    const std::size_t needed = slots_for(head.length);
    if (head.kind >= Header && head.kind <= PackEnd && needed <= slots - slot) {
      const auto raw = bytes.subspan(slot * kSlot, needed * kSlot);
      record.assign(raw.begin(), raw.end());
      if (checksum_of(record, slot) == head.checksum) {
        report(reader, static_cast<Kind>(head.kind), std::span(record).subspan(sizeof head, head.length), slot * kSlot + sizeof head);
        slot += needed;
        end.bytes = slot * kSlot;
        end.damaged_slots += skipped;
        skipped = 0;
        continue;
      }
    }
    ++skipped;
    ++slot;
  }
  return end;
}

}  // namespace twopop::cache::detail
