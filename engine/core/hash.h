#pragma once

#include "core/result.h"

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace twopop {

/// 128 bits that stand for some bytes (XXH3). Not for secrets: nobody hostile is kept out by it.
struct Hash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  constexpr auto operator<=>(const Hash&) const = default;
  constexpr bool is_zero() const { return high == 0 && low == 0; }
};

Hash hash_of(std::span<const std::byte> bytes);
Hash hash_of(std::string_view text);
/// 32 lower-case hexadecimal digits.
std::string to_string(const Hash& hash);
Result<Hash> parse_hash(std::string_view text);

struct HashOfHash {
  std::size_t operator()(const Hash& h) const { return static_cast<std::size_t>(h.low ^ h.high); }
};

/// Hashes a sequence of typed values; two different sequences do not read the same bytes,
/// since text and arrays carry their length.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  Hasher& add(T value) {
    if constexpr (std::is_floating_point_v<T>)
      if (value == T{0}) value = T{0};  // -0.0 and 0.0 set the same thing
    return raw(&value, sizeof value);
  }
  Hasher& add(std::string_view text);
  Hasher& add(const char* text) { return add(std::string_view(text)); }
  Hasher& add(const Hash& hash);
  Hasher& add(std::span<const std::byte> bytes);
  /// Bytes as they are, without their length: for streaming the content of files.
  Hasher& raw(const void* bytes, std::size_t size);
  Hash finish() const;

 private:
  void* state_;
};

}  // namespace twopop

template <>
struct std::hash<twopop::Hash> {
  std::size_t operator()(const twopop::Hash& h) const noexcept { return twopop::HashOfHash{}(h); }  // noexcept: tables keep no copy of it
};
