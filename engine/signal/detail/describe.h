#pragma once

#include "signal/node.h"

namespace twopop::signal::detail {

/// A stored stretch that a fused graph reads: chunk `index` of a node, or 0 for one made whole.
struct Dependency {
  Signal node;
  std::int64_t index = 0;
};

/// Voices go on from a state, or restart from rest.
enum class Start { Restart, Resume };

constexpr std::int64_t chunk_of(SamplePosition at) { return mul_div(at.value, 1, kChunk.value, Rounding::Floor); }
constexpr SampleRange chunk_range(std::int64_t index) { return {{index * kChunk.value}, {(index + 1) * kChunk.value}}; }
constexpr bool restarts_at(std::int64_t chunk) { return chunk % (kSegment.value / kChunk.value) == 0; }

/// Pre-roll that the stateful nodes of a fused graph need together; 0 if there are none.
SampleCount total_pre_roll(const Node& root, bool root_inside);
bool has_voices(const Node& root, bool root_inside);

/// Hashes what makes `range` of a fused graph and lists the stored stretches it reads, in a fixed order.
/// With `root_inside`, the root is taken as part of the graph even if it is itself a stored node.
void describe_graph(const Signal& root, bool root_inside, SampleRange range, Start start, Hasher& hasher, std::vector<Dependency>& dependencies);

}  // namespace twopop::signal::detail
