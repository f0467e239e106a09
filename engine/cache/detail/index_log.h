#pragma once

#include "cache/store.h"

#include <functional>

namespace twopop::cache::detail {

/// Where the bytes of a content lie: `offset` is that of the bytes in pack number `pack`.
struct Place {
  std::uint32_t pack = 0;
  std::uint64_t offset = 0, bytes = 0, checksum = 0;
};

/// What the records of an index say, one call a record, in the order in which they were written.
struct IndexReader {
  std::function<void(std::uint32_t version)> header = [](auto&&...) {};
  std::function<void(const Hash& recipe, const Outcome&)> outcome = [](auto&&...) {};
  std::function<void(const Hash& content, const Place&)> place = [](auto&&...) {};
  std::function<void(const Hash& content)> gone = [](auto&&...) {};
  /// `offset`: where the value lies in the index.
  std::function<void(const Hash& name, std::span<const std::byte> value, std::uint64_t offset)> note = [](auto&&...) {};
  std::function<void(std::span<const Hash> contents)> uses = [](auto&&...) {};
  std::function<void(std::uint32_t pack, std::uint64_t end, std::uint64_t stamp)> pack_end = [](auto&&...) {};
};

/// Collects records for the end of an index file.
///
/// The format (docs/formats/cache.md) is a row of 64-byte slots; a record fills whole slots and carries a checksum over
/// them and the number of its first slot, so that a damaged slot costs its own record and no other.
class IndexWriter {
 public:
  static constexpr std::size_t kSlotBytes = 64;
  static constexpr std::uint32_t kVersion = 1;

  /// The next record fills slots from `slot`.
  explicit IndexWriter(std::uint64_t slot = 0) : slot_(slot) {}

  void add_header();
  void add_outcome(const Hash& recipe, const Outcome& outcome);
  void add_place(const Hash& content, const Place& place);
  void add_gone(const Hash& content);
  /// Returns where the value will lie in the index.
  std::uint64_t add_note(const Hash& name, std::span<const std::byte> value);
  /// Contents in the order of their last use, oldest first.
  void add_uses(std::span<const Hash> contents);
  /// Up to where a pack is known: what lies behind is found by looking. If its file has another stamp than this,
  /// somebody else has written to it.
  void add_pack_end(std::uint32_t pack, std::uint64_t end, std::uint64_t stamp);

  const Bytes& bytes() const { return bytes_; }
  /// Forgets what was collected, which has been written; the next record follows it.
  void written();
  std::uint64_t slot() const { return slot_; }

 private:
  void add(unsigned char kind, std::initializer_list<std::span<const std::byte>> parts);

  Bytes bytes_;
  std::uint64_t slot_;
};

struct IndexEnd {
  std::uint64_t bytes = 0;          ///< up to the end of the last whole record
  std::uint64_t damaged_slots = 0;  ///< skipped before that end
};

/// Reads all whole records; damaged ones are skipped.
IndexEnd read_index(std::span<const std::byte> bytes, const IndexReader& reader);

}  // namespace twopop::cache::detail
