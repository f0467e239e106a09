#include "signal/playback.h"

#include "signal/detail/describe.h"
#include "signal/detail/fused.h"

#include <algorithm>
#include <map>
#include <set>

namespace twopop::signal {
namespace {

class HandedOver final : public Node {
 public:
  HandedOver(int channels, SampleRange extent, std::string name) : Node({}), channels_(channels), extent_(extent), name_(std::move(name)) {}
  std::string_view kind() const override { return "handed over"; }
  int channels() const override { return channels_; }
  SampleRange extent() const override { return extent_; }
  void describe(Hasher& hasher, SampleRange) const override { hasher.add(name_); }
  Storage storage() const override { return Storage::Chunks; }
  std::string place() const override { return name_; }
  Result<void> render(SampleRange, std::span<const AudioView<const float>>, AudioView<float>) const override {
    return Error{Code::Internal, name_ + " cannot be rendered here"};
  }

 private:
  int channels_;
  SampleRange extent_;
  std::string name_;
};

/// A stored node at work.
struct Stage {
  Signal node;
  SampleCount pre_roll{};
  SampleCount look_ahead{};        ///< by which it reads ahead of what it makes
  bool voices = false;
  std::vector<Stage*> upstream;

  SamplePosition start{}, at{};
  std::int64_t warming_until = 0;  ///< `current` is itself the one that warms up for this restart point
  std::unique_ptr<detail::FusedRenderer> current, fresh;
  AudioBuffer<float> ring;         ///< sample t lies at t modulo its length
  AudioBuffer<float> block;        ///< what is being made
  SamplePosition silent_from{};    ///< nothing but silence from here to `at`

  void make_ring(std::int64_t frames) {
    if (ring.frames() != frames) ring = AudioBuffer<float>(node->channels(), frames);
  }
};

/// Latency of the voices on the way down to stored nodes, the longest way; collects those nodes.
SampleCount walk(const Signal& node, bool inside, std::vector<Signal>& stored, std::set<const Node*>& seen) {
  if (!inside && node->storage() != Storage::Fused) {
    if (seen.insert(node.get()).second) stored.push_back(node);
    return {};
  }
  SampleCount most{};
  for (const Signal& input : node->inputs()) most = std::max(most, walk(input, false, stored, seen));
  return node->stateful() ? most + node->latency() : most;
}

}  // namespace

Signal handed_over(int channels, SampleRange extent, std::string name) { return std::make_shared<HandedOver>(channels, extent, std::move(name)); }

struct Playback::Impl final : StoredSound {
  Signal root;
  const StoredSound* sound = nullptr;
  std::int64_t block = 128;
  std::vector<std::unique_ptr<Stage>> stages;  ///< each before those it hears; the root first
  std::map<const Node*, Stage*> by_node;
  SampleCount look_ahead{};                    ///< of all together
  SamplePosition next{}, run_to{};

  Stage* find(const Signal& node) {
    if (const auto found = by_node.find(node.get()); found != by_node.end()) return found->second;
    auto made = std::make_unique<Stage>();
    Stage* const stage = made.get();
    by_node[node.get()] = stage;
    stage->node = node;
    stage->pre_roll = detail::total_pre_roll(*node, true);
    stage->voices = detail::has_voices(*node, true);
    std::vector<Signal> stored;
    std::set<const Node*> seen;
    stage->look_ahead = walk(node, true, stored, seen);
    for (const Signal& input : stored)
      if (!input->inputs().empty()) stage->upstream.push_back(find(input));
    stages.push_back(std::move(made));  // after all that it hears
    return stage;
  }

  SampleCount whole_look_ahead(const Stage& stage) const {
    SampleCount most{};
    for (const Stage* input : stage.upstream) most = std::max(most, whole_look_ahead(*input));
    return stage.look_ahead + most;
  }

  Result<void> read(const Node& node, SampleRange range, AudioView<float> out) const override {
    const auto found = by_node.find(&node);
    if (found == by_node.end()) return sound->read(node, range, out);
    Stage& stage = *found->second;
    const SampleRange heard = intersection(range, node.extent());
    if (heard.empty()) return {};
    TWOPOP_CHECK(const_cast<Impl*>(this)->run(stage, heard.end));
    const std::int64_t length = stage.ring.frames();
    TWOPOP_ASSERT(stage.at.value - heard.begin.value <= length && heard.begin >= stage.start);
    for (std::int64_t t = heard.begin.value; t < heard.end.value;) {
      const std::int64_t from = t % length, n = std::min(length - from, heard.end.value - t);
      for (int c = 0; c < out.channels(); ++c) std::copy_n(stage.ring.channel(c) + from, n, out.channel(c) + (t - range.begin.value));
      t += n;
    }
    return {};
  }

  bool silent(const Node& node, SampleRange range) const override {
    const auto found = by_node.find(&node);
    if (found == by_node.end()) return sound->silent(node, range);
    Stage& stage = *found->second;
    const SampleRange heard = intersection(range, node.extent());
    if (heard.empty()) return true;
    // A failure is found again, and told, by read().
    return const_cast<Impl*>(this)->run(stage, heard.end).ok() && heard.begin >= stage.silent_from;
  }

  std::unique_ptr<detail::FusedRenderer> renderer(const Stage& stage) {
    return std::make_unique<detail::FusedRenderer>(stage.node, true, *this, block);
  }

  /// Where a stage has to start for its sound to be right from `from` on.
  SamplePosition begin_of(Stage& stage, SamplePosition from, Start kind) {
    stage.warming_until = 0;
    if (!stage.voices) return from;
    if (kind == Start::Settled) return {std::max<std::int64_t>(0, from.value - stage.pre_roll.value)};
    const std::int64_t restart = from.value / kSegment.value * kSegment.value;
    if (restart == 0) return {0};
    stage.warming_until = restart;
    return SamplePosition{restart} - stage.pre_roll;
  }

  /// Runs a stage until `to`, through restart points.
  Result<void> run(Stage& stage, SamplePosition to) {
    while (stage.at < to) {
      std::int64_t end = std::min(to.value, stage.at.value + block);
      const std::int64_t segment = kSegment.value;
      if (stage.voices) {
        if (stage.fresh && stage.at.value % segment == 0) stage.current = std::move(stage.fresh);
        const std::int64_t restart = (stage.at.value / segment + 1) * segment, warm = restart - stage.pre_roll.value;
        if (restart != stage.warming_until && !stage.fresh && stage.at.value == warm) {
          stage.fresh = renderer(stage);
          TWOPOP_CHECK(stage.fresh->restart(stage.at, stage.at));
        }
        end = std::min(end, restart);
        if (stage.at.value < warm) end = std::min(end, warm);
      }
      const std::int64_t n = end - stage.at.value;
      const AudioView<float> made = scratch(stage, n);
      TWOPOP_CHECK(stage.current->render(made));
      keep(stage, made);
      if (stage.fresh) TWOPOP_CHECK(stage.fresh->render(scratch(stage, n)));
      stage.at = {end};
    }
    return {};
  }

  /// Of the stage's own: what it hears runs while it renders.
  AudioView<float> scratch(Stage& stage, std::int64_t n) {
    if (stage.block.empty()) stage.block = AudioBuffer<float>(stage.node->channels(), block);
    const AudioView<float> view = stage.block.view().sub(0, n);
    for (int c = 0; c < view.channels(); ++c) std::fill_n(view.channel(c), n, 0.0f);
    return view;
  }

  void keep(Stage& stage, AudioView<const float> made) {
    const std::int64_t length = stage.ring.frames();
    for (std::int64_t done = 0; done < made.frames();) {
      const std::int64_t at = (stage.at.value + done) % length, n = std::min(length - at, made.frames() - done);
      for (int c = 0; c < made.channels(); ++c) std::copy_n(made.channel(c) + done, n, stage.ring.channel(c) + at);
      done += n;
    }
    for (int c = 0; c < made.channels(); ++c)
      for (std::int64_t i = made.frames(); i > 0; --i)
        if (made.at(c, i - 1) != 0) {
          stage.silent_from = std::max(stage.silent_from, stage.at + SampleCount{i});
          break;
        }
  }

  void make_rings() {
    const std::int64_t wanted = look_ahead.value + 8 * block;
    std::int64_t length = 1024;
    while (length < wanted) length *= 2;
    for (const auto& stage : stages) stage->make_ring(length);
  }
};

Playback::Playback(Signal root, const StoredSound& sound, std::int64_t block) : impl_(std::make_unique<Impl>()) {
  impl_->root = root;
  impl_->sound = &sound;
  impl_->block = block;
  const Stage* top = impl_->find(root);
  std::reverse(impl_->stages.begin(), impl_->stages.end());
  impl_->look_ahead = impl_->whole_look_ahead(*top);
  impl_->make_rings();
}
Playback::~Playback() = default;

void Playback::start(SamplePosition at, Start start) {
  std::map<const Stage*, SamplePosition> needed;
  for (const auto& stage : impl_->stages) needed[stage.get()] = at;
  impl_->run_to = at;
  for (const auto& stage : impl_->stages) {
    stage->start = stage->at = stage->silent_from = impl_->begin_of(*stage, needed[stage.get()], start);
    stage->current = impl_->renderer(*stage);
    stage->fresh.reset();
    // A renderer that starts here has rendered nothing: this only tells it where.
    (void)stage->current->restart(stage->at, stage->at).ok();
    for (const Stage* input : stage->upstream) needed[input] = std::min(needed[input], stage->start);
    impl_->run_to = std::min(impl_->run_to, stage->start);
  }
  impl_->next = at;
}

void Playback::adopt(Playback& other) {
  impl_->next = other.impl_->next;
  impl_->run_to = other.impl_->run_to;
  for (const auto& stage : impl_->stages) {
    Stage* old = nullptr;
    for (const auto& candidate : other.impl_->stages)
      if (candidate->node->place() == stage->node->place() && candidate->node->channels() == stage->node->channels()) old = candidate.get();
    stage->current = impl_->renderer(*stage);
    stage->fresh.reset();
    if (!old) {
      stage->start = stage->at = stage->silent_from = impl_->next;
      (void)stage->current->restart(stage->at, stage->at).ok();
      continue;
    }
    stage->start = old->start;
    stage->at = old->at;
    stage->silent_from = old->silent_from;
    stage->warming_until = old->warming_until;
    stage->current->adopt(*old->current, old->at);
    const std::int64_t kept = std::min(stage->ring.frames(), old->ring.frames());
    for (std::int64_t t = std::max<std::int64_t>(0, old->at.value - kept); t < old->at.value; ++t)
      for (int c = 0; c < stage->ring.channels(); ++c) stage->ring.channel(c)[t % stage->ring.frames()] = old->ring.channel(c)[t % old->ring.frames()];
    // What warms up has to have begun where this stage's pre-roll begins: otherwise the old voices go on over the restart point.
    if (old->fresh && old->pre_roll == stage->pre_roll) {
      stage->fresh = impl_->renderer(*stage);
      stage->fresh->adopt(*old->fresh, old->at);
    }
  }
}

SamplePosition Playback::position() const { return impl_->next; }
SamplePosition Playback::run_up_position() const { return impl_->run_to; }

SampleRange Playback::needs(SampleCount frames) const {
  SamplePosition least = impl_->run_to;
  for (const auto& stage : impl_->stages)
    if (stage->start <= impl_->run_to) least = std::min(least, stage->at);
  return {least, impl_->run_to + frames + impl_->look_ahead + SampleCount{impl_->block}};
}

Result<void> Playback::run_up(SampleCount frames) {
  const SamplePosition to = std::min(impl_->next, impl_->run_to + frames);
  // In steps, so that no stage gets further ahead of another than the rings reach.
  while (impl_->run_to < to) {
    const SamplePosition step = std::min(to, impl_->run_to + SampleCount{impl_->block});
    for (const auto& stage : impl_->stages)
      if (stage->voices && stage->start < step) TWOPOP_CHECK(impl_->run(*stage, step));
    impl_->run_to = step;
  }
  return {};
}

Result<void> Playback::render(AudioView<float> out) {
  TWOPOP_ASSERT(ready());
  Impl& m = *impl_;
  for (std::int64_t done = 0; done < out.frames();) {
    const SampleCount n{std::min(m.block, out.frames() - done)};
    AudioView<float> part = out.sub(done, n.value);
    for (int c = 0; c < part.channels(); ++c) std::fill_n(part.channel(c), n.value, 0.0f);
    TWOPOP_CHECK(m.read(*m.root, {m.next, m.next + n}, part));
    m.next = m.run_to = m.next + n;
    done += n.value;
  }
  return {};
}

std::optional<Playback::Latest> Playback::latest(const Node& node) const {
  for (const auto& stage : impl_->stages)
    if (stage->current)
      if (const auto found = stage->current->latest(node)) return Latest{found->range, found->sound};
  return std::nullopt;
}

}  // namespace twopop::signal
