#include "signal/detail/describe.h"

namespace twopop::signal::detail {
namespace {

class Walk {
 public:
  Walk(Start start, Hasher& hasher, std::vector<Dependency>& dependencies) : start_(start), hasher_(hasher), dependencies_(dependencies) {}

  void visit(const Signal& node, bool inside, SampleRange range) {
    const SampleRange heard = intersection(range, node->extent());
    if (heard.empty()) {
      hasher_.add("silence");
      return;
    }
    if (heard != range) hasher_.add("part").add((heard.begin - range.begin).value).add(heard.length().value);
    if (!inside && node->storage() != Storage::Fused) {
      depend(node, heard);
      return;
    }
    if (!node->transparent()) {
      hasher_.add(node->kind()).add(node->version()).add(node->channels());
      node->describe(hasher_, heard);
    }
    if (node->additive()) {  // a sum sounds the same without what is silent here
      for (const std::size_t i : node->heard_in(heard)) visit(node->inputs()[i], false, node->needs(i, heard));
    } else {
      for (std::size_t i = 0; i < node->inputs().size(); ++i) visit_input(*node, i, heard);
    }
    hasher_.add("end");
  }

 private:
  void visit_input(const Node& node, std::size_t i, SampleRange heard) {
    const Signal& input = node.inputs()[i];
    if (node.scattered()) {
      const std::vector<SampleRange> pieces = node.needs_scattered(heard);
      hasher_.add(pieces.size());
      for (const SampleRange& piece : pieces) visit(input, false, piece);
      return;
    }
    SampleRange wanted = node.needs(i, heard);
    if (node.stateful()) {
      if (start_ == Start::Resume) wanted.begin = wanted.begin + node.latency();
      wanted.end = wanted.end + node.latency();
    }
    visit(input, false, wanted);
  }
  void depend(const Signal& node, SampleRange heard) {
    if (node->storage() == Storage::Whole) {
      hasher_.add("whole").add((heard.begin - node->extent().begin).value).add(heard.length().value);
      add(node, 0);
      return;
    }
    const std::int64_t first = chunk_of(heard.begin), last = chunk_of(heard.end - SampleCount{1});
    hasher_.add("chunks").add((heard.begin - chunk_range(first).begin).value).add(heard.length().value);
    for (std::int64_t index = first; index <= last; ++index) add(node, index);
  }
  /// The key holds each place of the dependency in the list, and the list's contents are hashed in order: what is read twice
  /// needs to be there once.
  void add(const Signal& node, std::int64_t index) {
    for (std::size_t i = 0; i < dependencies_.size(); ++i)
      if (dependencies_[i].node == node && dependencies_[i].index == index) {
        hasher_.add(i);
        return;
      }
    hasher_.add(dependencies_.size());
    dependencies_.push_back({node, index});
  }

  Start start_;
  Hasher& hasher_;
  std::vector<Dependency>& dependencies_;
};

}  // namespace

bool has_voices(const Node& root, bool root_inside) {
  if (!root_inside && root.storage() != Storage::Fused) return false;
  return root.fused().voices;
}

SampleCount total_pre_roll(const Node& root, bool root_inside) {
  if (!root_inside && root.storage() != Storage::Fused) return {};
  return root.fused().pre_roll;
}

void describe_graph(const Signal& root, bool root_inside, SampleRange range, Start start, Hasher& hasher, std::vector<Dependency>& dependencies) {
  Walk(start, hasher, dependencies).visit(root, root_inside, range);
}

}  // namespace twopop::signal::detail
