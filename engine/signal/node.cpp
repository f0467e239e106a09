#include "signal/node.h"

namespace twopop::signal {

const Hash& Node::structure() const {
  std::call_once(structure_once_, [this] {
    Hasher hasher;
    const SampleRange range = extent();
    hasher.add(kind()).add(version()).add(channels()).add(range.begin.value).add(range.end.value).add(place());
    describe(hasher, range);
    hasher.add(inputs_.size());
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const SampleRange wanted = scattered() ? SampleRange{} : needs(i, range);
      hasher.add(inputs_[i]->structure()).add(wanted.begin.value).add(wanted.end.value);
    }
    structure_ = hasher.finish();
  });
  return structure_;
}

const Node::Fused& Node::fused() const {
  std::call_once(fused_once_, [this] {
    for (const Signal& input : inputs_) {
      if (input->storage() != Storage::Fused) continue;
      fused_.voices = fused_.voices || input->fused().voices;
      fused_.pre_roll = std::max(fused_.pre_roll, input->fused().pre_roll);
    }
    if (!stateful()) return;
    fused_.voices = true;
    fused_.pre_roll = fused_.pre_roll + pre_roll();
  });
  return fused_;
}

}  // namespace twopop::signal
