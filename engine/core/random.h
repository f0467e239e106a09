#pragma once

#include <array>
#include <cstdint>

namespace twopop {

/// Philox 4x32-10: a counter-based generator (Salmon, Moraes, Dror, Shaw, "Parallel random numbers:
/// as easy as 1, 2, 3", SC 2011). Any position can be drawn without drawing those before it, so
/// noise is a function of (seed, stream, position) and never of who rendered what first.
constexpr std::array<std::uint32_t, 4> philox(std::uint64_t seed, std::uint64_t stream, std::uint64_t position) {
  std::uint32_t k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  std::array<std::uint32_t, 4> c{static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(position >> 32),
                                 static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
         static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

/// Uniform in [0, 1), 24 bits.
constexpr float uniform01(std::uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24f; }
/// Uniform in [-1, 1).
constexpr float uniform11(std::uint32_t bits) { return static_cast<float>(static_cast<std::int32_t>(bits) >> 8) * 0x1p-23f; }

/// Draws one after another from a stream, for choices (which step, which grain) rather than samples.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}
  std::uint32_t bits() {
    if (at_ % 4 == 0) block_ = philox(seed_, stream_, at_ / 4);
    return block_[at_++ % 4];
  }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * (bits() * 0x1p-32); }
  /// Uniform in 0 .. count-1.
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(std::uint64_t{bits()} * count >> 32);
  }

 private:
  std::uint64_t seed_, stream_, at_ = 0;
  std::array<std::uint32_t, 4> block_{};
};

}  // namespace twopop
