#include "core/hash.h"

#include <xxhash.h>

namespace twopop {
namespace {
Hash of(XXH128_hash_t h) { return {h.high64, h.low64}; }
XXH3_state_t* state(void* p) { return static_cast<XXH3_state_t*>(p); }
}  // namespace

Hash hash_of(std::span<const std::byte> bytes) { return of(XXH3_128bits(bytes.data(), bytes.size())); }
Hash hash_of(std::string_view text) { return of(XXH3_128bits(text.data(), text.size())); }

std::string to_string(const Hash& hash) { return fmt::format("{:016x}{:016x}", hash.high, hash.low); }

Result<Hash> parse_hash(std::string_view text) {
  if (text.size() != 32) return Error{Code::InvalidArgument, fmt::format("hash '{}' has not 32 digits", text)};
  Hash hash;
  for (std::size_t i = 0; i < 32; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return Error{Code::InvalidArgument, fmt::format("hash '{}' is not hexadecimal", text)};
    std::uint64_t& half = i < 16 ? hash.high : hash.low;
    half = half << 4 | static_cast<std::uint64_t>(digit);
  }
  return hash;
}

Hasher::Hasher() : state_(XXH3_createState()) {
  TWOPOP_ASSERT(state_ != nullptr);
  XXH3_128bits_reset(state(state_));
}
Hasher::~Hasher() { XXH3_freeState(state(state_)); }

Hasher& Hasher::raw(const void* bytes, std::size_t size) {
  XXH3_128bits_update(state(state_), bytes, size);
  return *this;
}
Hasher& Hasher::add(std::string_view text) {
  add(text.size());
  return raw(text.data(), text.size());
}
Hasher& Hasher::add(const Hash& hash) {
  add(hash.high);
  return add(hash.low);
}
Hasher& Hasher::add(std::span<const std::byte> bytes) {
  add(bytes.size());
  return raw(bytes.data(), bytes.size());
}
Hash Hasher::finish() const { return of(XXH3_128bits_digest(state(state_))); }

}  // namespace twopop
