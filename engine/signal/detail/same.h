#pragma once

#include "signal/node.h"

#include <algorithm>

namespace twopop::signal::detail {

inline void copy(AudioView<const float> from, AudioView<float> to) {
  for (int c = 0; c < to.channels(); ++c) std::copy(from.channel(c), from.channel(c) + to.frames(), to.channel(c));
}

/// A stateless node with one input on the same clock.
class Same : public Node {
 public:
  explicit Same(Signal input) : Node({std::move(input)}), extent_(inputs()[0]->extent()) {}
  int channels() const override { return inputs()[0]->channels(); }
  SampleRange extent() const override { return extent_; }

 private:
  SampleRange extent_;  // kept: chains of such nodes are long, and the planner asks for every chunk
};

}  // namespace twopop::signal::detail
