#include "signal/detail/tasks.h"

#include "signal/detail/chunk.h"
#include "signal/detail/fetched.h"

namespace twopop::signal::detail {
namespace {

std::string place_of(const Node& node) {
  const std::string place = node.place();
  return place.empty() ? fmt::format("{} {}", node.kind(), to_string(node.structure()).substr(0, 12)) : place;
}

/// Settings of a fused graph that can be shown: the texts of its nodes, outermost first.
void collect_settings(const Node& node, SampleRange range, bool inside, int depth, std::string& text) {
  if (depth > 12 || text.size() > 2000 || intersection(range, node.extent()).empty()) return;
  if (!inside && node.storage() != Storage::Fused) return;
  if (const std::string own = node.label().empty() ? node.settings_text() : node.label(); !own.empty()) {
    if (!text.empty()) text += ", ";
    text += own;
  }
  if (node.scattered()) return;
  for (std::size_t i = 0; i < node.inputs().size(); ++i) collect_settings(*node.inputs()[i], node.needs(i, range), false, depth + 1, text);
}

/// The voices' state at the end of a chunk, apart from its sound: a chunk whose sound changed but whose state came out the
/// same does not make the next one stale.
class StateTask final : public cache::Task {
 public:
  StateTask(cache::TaskRef chunk, std::string identity) : inputs_{std::move(chunk)}, identity_(std::move(identity)) {}
  std::string identity() const override { return identity_; }
  cache::TaskKind kind() const override { return cache::TaskKind::Artefact; }
  cache::Keep keep() const override { return cache::Keep::Transient; }
  Hash recipe() const override { return hash_of("state of a chunk, 1"); }
  const std::vector<cache::TaskRef>& inputs() const override { return inputs_; }
  Result<cache::Bytes> run(const std::vector<cache::Blob>& inputs) const override {
    TWOPOP_TRY(const ChunkView chunk, decode_chunk(*inputs[0]));
    return cache::Bytes(chunk.state.begin(), chunk.state.end());
  }

 private:
  std::vector<cache::TaskRef> inputs_;
  std::string identity_;
};

/// One chunk of a stored node, or a node made whole.
class SoundTask final : public cache::Task {
 public:
  SoundTask(Planner& planner, Signal node, std::int64_t index) : node_(std::move(node)), index_(index) {
    const bool whole = node_->storage() == Storage::Whole;
    range_ = whole ? node_->extent() : chunk_range(index);
    const bool voices = !whole && has_voices(*node_, true);
    const bool resumes = voices && !restarts_at(index);
    start_ = resumes ? Start::Resume : Start::Restart;
    begin_ = range_.begin;
    // The film starts from rest at its first sample; other restart points run in over what lies before them.
    if (voices && !resumes && index != 0) begin_ = begin_ - total_pre_roll(*node_, true);
    Hasher hasher;
    hasher.add(whole ? "whole 1" : "chunk 1").add(resumes).add((range_.begin - begin_).value);
    describe_graph(node_, true, {begin_, range_.end}, start_, hasher, dependencies_);
    recipe_ = hasher.finish();
    inputs_ = planner.tasks(dependencies_);
    if (resumes)
      inputs_.push_back(std::make_shared<StateTask>(planner.task(node_, index - 1), fmt::format("{} state {}", place_of(*node_), index - 1)));
  }

  std::string identity() const override {
    return node_->storage() == Storage::Whole ? place_of(*node_) : fmt::format("{} chunk {}", place_of(*node_), index_);
  }
  cache::TaskKind kind() const override { return node_->inputs().empty() ? cache::TaskKind::Artefact : cache::TaskKind::Chunk; }
  cache::Keep keep() const override { return node_->cheap() ? cache::Keep::Transient : cache::Keep::Stored; }
  /// As if all of it were to be heard: what is silent takes next to nothing.
  std::uint64_t expected_bytes() const override {
    const SampleRange heard = node_->storage() == Storage::Whole ? node_->extent() : intersection(node_->extent(), chunk_range(index_));
    return heard.empty() ? 0 : static_cast<std::uint64_t>(heard.length().value) * static_cast<std::uint64_t>(node_->channels()) * sizeof(float);
  }
  Hash recipe() const override { return recipe_; }
  std::string settings_text() const override {
    std::string text;
    collect_settings(*node_, range_, true, 0, text);
    return text;
  }
  const std::vector<cache::TaskRef>& inputs() const override { return inputs_; }
  Hash declared_content() const override { return node_->inputs().empty() ? node_->declared_content(range_) : Hash{}; }

  Result<cache::Bytes> run(const std::vector<cache::Blob>& inputs) const override {
    const Fetched fetched(dependencies_, std::span(inputs).first(dependencies_.size()));
    AudioBuffer<float> sound(node_->channels(), range_.length().value);
    if (node_->storage() == Storage::Whole) {
      TWOPOP_CHECK(run_whole(fetched, sound.view()));
      return encode_chunk(sound.view(), {});
    }
    FusedRenderer renderer(node_, true, fetched);
    if (start_ == Start::Resume)
      TWOPOP_CHECK(renderer.resume(range_.begin, *inputs.back()));
    else
      TWOPOP_CHECK(renderer.restart(begin_, range_.begin));
    TWOPOP_CHECK(renderer.render(sound.view()));
    return encode_chunk(sound.view(), renderer.state());
  }

 private:
  Result<void> run_whole(const Fetched& fetched, AudioView<float> out) const {
    std::vector<AudioBuffer<float>> buffers;
    std::vector<AudioView<const float>> views;
    for (std::size_t i = 0; i < node_->inputs().size(); ++i) {
      const SampleRange wanted = node_->needs(i, range_);
      buffers.emplace_back(node_->inputs()[i]->channels(), wanted.length().value);
      FusedRenderer renderer(node_->inputs()[i], false, fetched);
      TWOPOP_CHECK(renderer.restart(wanted.begin, wanted.begin));
      TWOPOP_CHECK(renderer.render(buffers.back().view()));
    }
    for (const AudioBuffer<float>& buffer : buffers) views.push_back(buffer.view());
    return node_->render(range_, views, out);
  }

  Signal node_;
  std::int64_t index_;
  SampleRange range_{};
  SamplePosition begin_{};
  Start start_ = Start::Restart;
  Hash recipe_;
  std::vector<Dependency> dependencies_;
  std::vector<cache::TaskRef> inputs_;
};

class FactTask final : public cache::Task {
 public:
  FactTask(std::string identity, Hash recipe, std::function<Result<cache::Bytes>()> measure)
      : identity_(std::move(identity)), recipe_(recipe), measure_(std::move(measure)) {}
  std::string identity() const override { return identity_; }
  cache::TaskKind kind() const override { return cache::TaskKind::Fact; }
  cache::Keep keep() const override { return cache::Keep::Stored; }
  Hash recipe() const override { return recipe_; }
  const std::vector<cache::TaskRef>& inputs() const override { return none_; }
  Result<cache::Bytes> run(const std::vector<cache::Blob>&) const override { return measure_(); }

 private:
  std::string identity_;
  Hash recipe_;
  std::function<Result<cache::Bytes>()> measure_;
  std::vector<cache::TaskRef> none_;
};

class RangeFactTask final : public cache::Task {
 public:
  RangeFactTask(Planner& planner, RangeFact fact) : fact_(std::move(fact)) {
    Hasher hasher;
    hasher.add("range fact 1").add(fact_.recipe).add(fact_.range.length().value).add((fact_.range.begin - fact_.heard.begin).value);
    describe_graph(fact_.node, false, fact_.heard, Start::Restart, hasher, dependencies_);
    recipe_ = hasher.finish();
    inputs_ = planner.tasks(dependencies_);
  }
  std::string identity() const override { return fact_.identity; }
  cache::TaskKind kind() const override { return cache::TaskKind::Fact; }
  cache::Keep keep() const override { return cache::Keep::Stored; }
  Hash recipe() const override { return recipe_; }
  const std::vector<cache::TaskRef>& inputs() const override { return inputs_; }
  Result<cache::Bytes> run(const std::vector<cache::Blob>& inputs) const override {
    const Fetched fetched(dependencies_, inputs);
    AudioBuffer<float> sound(fact_.node->channels(), fact_.heard.length().value);
    TWOPOP_CHECK(fetched.read(*fact_.node, fact_.heard, sound.view()));
    return fact_.measure(fact_.range, sound.view());
  }

 private:
  RangeFact fact_;
  Hash recipe_;
  std::vector<Dependency> dependencies_;
  std::vector<cache::TaskRef> inputs_;
};

}  // namespace

cache::TaskRef Planner::task(const Signal& node, std::int64_t index) {
  const std::pair key{node->structure(), index};
  {
    std::scoped_lock lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end())
      if (cache::TaskRef task = found->second.lock()) return task;
  }
  const std::shared_ptr<const SoundTask> made(new SoundTask(*this, node, index));  // apart from its counters, which known_ holds longer
  std::scoped_lock lock(mutex_);
  auto& slot = known_[key];
  if (cache::TaskRef other = slot.lock()) return other;
  slot = made;
  // A process that lives on plans ever new graphs: what nobody holds any more is let go now and then.
  if (known_.size() > let_go_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    let_go_at_ = std::max(kKnownAtLeast, 2 * known_.size());
  }
  return made;
}

void Planner::forget_unheld() {
  std::scoped_lock lock(mutex_);
  std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
}

std::vector<cache::TaskRef> Planner::tasks(const std::vector<Dependency>& dependencies) {
  std::vector<cache::TaskRef> found;
  found.reserve(dependencies.size());
  for (const Dependency& dependency : dependencies) found.push_back(task(dependency.node, dependency.index));
  return found;
}

cache::TaskRef make_fact(std::string identity, Hash recipe, std::function<Result<cache::Bytes>()> measure) {
  return std::make_shared<FactTask>(std::move(identity), recipe, std::move(measure));
}

cache::TaskRef make_range_fact(Planner& planner, RangeFact fact) { return std::make_shared<RangeFactTask>(planner, std::move(fact)); }

}  // namespace twopop::signal::detail
