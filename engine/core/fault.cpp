#include "core/fault.h"

#include <algorithm>
#include <cstring>

namespace twopop {
namespace {
constexpr std::size_t kSectorBytes = 512;
}

void FaultPlan::fail_at(std::uint64_t call, Failure failure, Lasting lasting) {
  const std::lock_guard lock(mutex_);
  failing_call_ = call;
  failure_ = failure;
  lasting_ = lasting;
}

void FaultPlan::heal() {
  const std::lock_guard lock(mutex_);
  failing_call_ = std::numeric_limits<std::uint64_t>::max();
}

Failure FaultPlan::next_call() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t call = calls_++;
  const bool fails = lasting_ == Lasting::Once ? call == failing_call_ : call >= failing_call_;
  return fails ? failure_ : Failure::None;
}

std::uint64_t FaultPlan::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void VolatileFile::apply(std::vector<std::byte>& to, std::uint64_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (to.size() < offset + bytes.size()) to.resize(offset + bytes.size());
  std::memcpy(to.data() + offset, bytes.data(), bytes.size());
}

std::size_t VolatileFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset >= bytes_.size()) return 0;
  const std::size_t count = std::min<std::size_t>(into.size(), bytes_.size() - offset);
  if (count) std::memcpy(into.data(), bytes_.data() + offset, count);
  return count;
}

void VolatileFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  ++changes_;
  apply(bytes_, offset, bytes);
  unsynced_.push_back({offset, {bytes.begin(), bytes.end()}, std::nullopt});
}

void VolatileFile::truncate(std::uint64_t size) {
  ++changes_;
  bytes_.resize(size);
  unsynced_.push_back({0, {}, size});
}

void VolatileFile::sync() {
  for (const Change& change : unsynced_) {
    if (change.truncated_to) durable_.resize(*change.truncated_to);
    apply(durable_, change.offset, change.bytes);
  }
  unsynced_.clear();
}

void VolatileFile::crash(RandomStream& random) {
  for (const Change& change : unsynced_) {
    const std::uint32_t fate = random.below(3);
    if (fate == 0) continue;
    if (change.truncated_to) {
      durable_.resize(*change.truncated_to);
    } else if (fate == 1) {
      apply(durable_, change.offset, change.bytes);
    } else {
      const std::span<const std::byte> all = change.bytes;
      for (std::size_t at = 0; at < all.size();) {
        // Sectors lie on the grid of the file, not of the write.
        const std::size_t left_in_sector = kSectorBytes - (change.offset + at) % kSectorBytes;
        const std::size_t count = std::min(left_in_sector, all.size() - at);
        if (random.below(2)) apply(durable_, change.offset + at, all.subspan(at, count));
        at += count;
      }
    }
  }
  if (!unsynced_.empty()) ++changes_;
  bytes_ = durable_;
  unsynced_.clear();
}

void VolatileFile::flip_bit(std::uint64_t offset, unsigned bit) {
  if (offset >= bytes_.size()) return;
  sync();
  bytes_[offset] ^= std::byte{1} << bit;
  durable_ = bytes_;
}

}  // namespace twopop
