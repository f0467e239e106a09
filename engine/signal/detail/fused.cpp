#include "signal/detail/fused.h"

#include "core/bytes.h"
#include "signal/detail/describe.h"

#include <bit>
#include <map>
#include <unordered_map>

namespace twopop::signal::detail {

namespace {

/// So much silence is needed to know that a voice is at rest: whole turns of what voices count, whatever the blocks are.
constexpr std::int64_t kRest = FusedRenderer::kBlock;

/// A node at work: its buffer and, if stateful, its voice. Shared nodes are shared here too.
struct Instance {
  Signal node;
  bool reads = false;  ///< a stored node, read and not rendered
  bool holds_voices = false;  ///< a sum with voices among its inputs
  std::vector<Instance*> inputs;
  AudioBuffer<float> buffer;
  std::int64_t zeros = 0;  ///< so many frames at the buffer's start are known to be zero
  SampleRange last{{0}, {-1}};
  bool silent = false;
  std::unique_ptr<Voice> voice;
  bool primed = false;
  std::optional<SamplePosition> next;  ///< voices: the next output sample, once known
  bool rests = false;                  ///< voices: kRest frames of silence leave the state as it is, and are silence
  std::int64_t quiet = 0;              ///< voices: frames of silence heard since `state_before`, or passed over at rest
  std::vector<std::byte> state_before;
};

void clear(AudioView<float> view) {
  for (int c = 0; c < view.channels(); ++c) std::fill_n(view.channel(c), view.frames(), 0.0f);
}

/// Room for so many frames, all zero.
void ensure_zeros(Instance& self, int channels, std::int64_t frames, std::int64_t block) {
  if (self.buffer.channels() != channels || self.buffer.frames() < frames) {
    self.buffer = AudioBuffer<float>(channels, std::max<std::int64_t>(frames, block));
    self.zeros = self.buffer.frames();
  }
  if (self.zeros >= frames) return;
  clear(self.buffer.view().sub(0, frames));
  self.zeros = frames;
}

/// Bits: -0 is not what silence would have been.
bool all_zero(AudioView<const float> view) {
  for (int c = 0; c < view.channels(); ++c) {
    const float* p = view.channel(c);
    std::uint32_t any = 0;
    for (std::int64_t i = 0; i < view.frames(); ++i) any |= std::bit_cast<std::uint32_t>(p[i]);
    if (any != 0) return false;
  }
  return true;
}

/// Where a voice stands, in words that hold for another graph of the same film: its kind and the item or sum it hears.
std::string name_of(const Node& voice) {
  std::string name(voice.kind());
  for (const Node* node = voice.inputs()[0].get();; node = node->inputs()[0].get()) {
    if (!node->label().empty() || !node->place().empty()) return name + " of " + (node->label().empty() ? node->place() : node->label());
    if (node->inputs().empty() || node->additive()) return name + " of " + std::string(node->kind());
  }
}

}  // namespace

struct FusedRenderer::Impl {
  Signal root;
  const StoredSound* stored = nullptr;
  std::int64_t block = kBlock;
  std::unordered_map<const Node*, std::unique_ptr<Instance>> instances;
  std::vector<Instance*> voices;  ///< in the order of first visit, the same for every chunk of a graph
  Instance* top = nullptr;
  SamplePosition at{};

  Instance* instance(const Signal& node, bool inside) {
    if (const auto found = instances.find(node.get()); found != instances.end()) return found->second.get();
    auto made = std::make_unique<Instance>();
    made->node = node;
    made->reads = !inside && node->storage() != Storage::Fused;
    Instance* const raw = made.get();
    instances.emplace(node.get(), std::move(made));
    if (raw->reads) return raw;
    // A sum's inputs are made when they are first heard; whatever holds voices is made at once, for a stable order.
    for (const Signal& input : node->inputs()) {
      const bool later = node->additive() && !has_voices(*input, false);
      raw->inputs.push_back(later ? nullptr : instance(input, false));
      raw->holds_voices = raw->holds_voices || (node->additive() && !later);
    }
    if (node->stateful()) {
      raw->voice = node->voice(block);
      voices.push_back(raw);
    }
    return raw;
  }

  /// Renders `range` of an instance into its buffer.
  Result<void> pull(Instance& self, SampleRange range) {
    if (self.last == range) return {};
    const std::int64_t frames = range.length().value;
    ensure_zeros(self, self.node->channels(), frames, block);
    self.last = range;
    Result<void> done = make(self, range, self.buffer.view().sub(0, frames));
    if (!self.silent) self.zeros = 0;
    return done;
  }

  Result<void> make(Instance& self, SampleRange range, AudioView<float> out) {
    if (self.reads) {
      self.silent = stored->silent(*self.node, range);
      return self.silent ? Result<void>() : stored->read(*self.node, range, out);
    }
    if (self.node->stateful()) return run_voice(self, range, out);
    const SampleRange heard = intersection(range, self.node->extent());
    self.silent = heard.empty();
    if (self.silent) return {};
    AudioView<float> part = out.sub((heard.begin - range.begin).value, heard.length().value);
    if (self.node->additive()) return add_up(self, heard, part);
    if (self.node->scattered()) return gather(self, heard, part);
    std::vector<AudioView<const float>> inputs;
    bool all_silent = !self.inputs.empty();
    for (std::size_t i = 0; i < self.inputs.size(); ++i) {
      const SampleRange wanted = self.node->needs(i, heard);
      TWOPOP_CHECK(pull(*self.inputs[i], wanted));
      all_silent = all_silent && self.inputs[i]->silent;
      inputs.push_back(self.inputs[i]->buffer.view().sub(0, wanted.length().value));
    }
    self.silent = all_silent;
    return all_silent ? Result<void>() : self.node->render(heard, inputs, part);
  }

  Result<void> add_up(Instance& self, SampleRange heard, AudioView<float> out) {
    self.silent = true;
    if (self.holds_voices)  // which go on whether they are heard or not
      for (std::size_t i = 0; i < self.inputs.size(); ++i) {
        if (self.inputs[i] || !intersection(heard, self.node->inputs()[i]->extent()).empty()) TWOPOP_CHECK(add(self, i, heard, out));
      }
    else
      for (const std::size_t i : self.node->heard_in(heard)) TWOPOP_CHECK(add(self, i, heard, out));
    return {};
  }

  Result<void> add(Instance& self, std::size_t i, SampleRange heard, AudioView<float> out) {
    if (!self.inputs[i]) self.inputs[i] = instance(self.node->inputs()[i], false);
    TWOPOP_CHECK(pull(*self.inputs[i], heard));
    if (self.inputs[i]->silent) return {};
    self.silent = false;
    const AudioView<const float> sound = self.inputs[i]->buffer.view();
    for (int c = 0; c < out.channels(); ++c) {
      const float* from = sound.channel(c);
      float* to = out.channel(c);
      for (std::int64_t n = 0; n < out.frames(); ++n) to[n] += from[n];
    }
    return {};
  }

  Result<void> gather(Instance& self, SampleRange heard, AudioView<float> out) {
    const std::vector<SampleRange> pieces = self.node->needs_scattered(heard);
    std::int64_t total = 0;
    for (const SampleRange& piece : pieces) total += piece.length().value;
    AudioBuffer<float> joined(self.node->inputs()[0]->channels(), total);
    std::int64_t done = 0;
    for (const SampleRange& piece : pieces) {
      TWOPOP_CHECK(pull(*self.inputs[0], piece));
      for (int c = 0; c < joined.channels(); ++c)
        std::copy_n(self.inputs[0]->buffer.channel(c), piece.length().value, joined.channel(c) + done);
      done += piece.length().value;
    }
    const AudioView<const float> input = joined.view();
    return self.node->render(heard, std::span(&input, 1), out);
  }

  Result<void> run_voice(Instance& self, SampleRange range, AudioView<float> out) {
    if (!self.voice) return Error{Code::InvalidArgument, fmt::format("{}: its settings cannot work at this rate", self.node->kind()), "correct the settings"};
    TWOPOP_ASSERT(!self.next || *self.next == range.begin);
    const SampleCount late = self.node->latency();
    if (!self.primed) {
      for (std::int64_t done = 0; done < late.value;) {
        const std::int64_t n = std::min(block, late.value - done);
        AudioBuffer<float> unheard(self.node->channels(), n);
        TWOPOP_CHECK(feed(self, {range.begin + SampleCount{done}, range.begin + SampleCount{done + n}}, unheard.view()));
        done += n;
      }
      self.primed = true;
    }
    TWOPOP_CHECK(feed(self, {range.begin + late, range.end + late}, out));
    self.next = range.end;
    return {};
  }

  /// `out` is zero on entry.
  Result<void> feed(Instance& self, SampleRange wanted, AudioView<float> out) {
    std::vector<AudioView<const float>> inputs;
    bool all_silent = true;
    for (Instance* input : self.inputs) {
      TWOPOP_CHECK(pull(*input, wanted));
      inputs.push_back(input->buffer.view().sub(0, wanted.length().value));
      all_silent = all_silent && input->silent;
    }
    if (!all_silent) {
      wake(self);
      self.voice->process(inputs, out);
      self.silent = false;
      return {};
    }
    // A voice that kRest frames of silence have left exactly as it was, and which was silent, will do so again: most
    // tracks of a film are silent most of the time.
    self.silent = self.rests;
    if (self.rests) {
      self.quiet = (self.quiet + out.frames()) % kRest;
      return {};
    }
    if (self.quiet == 0) {
      const std::span<const std::byte> state = self.voice->state();
      self.state_before.assign(state.begin(), state.end());
    }
    self.voice->process(inputs, out);
    self.silent = all_zero(out);
    self.quiet = self.silent ? self.quiet + out.frames() : 0;
    if (self.quiet < kRest) return {};
    const std::span<const std::byte> after = self.voice->state();
    self.rests = self.quiet == kRest && std::equal(after.begin(), after.end(), self.state_before.begin(), self.state_before.end());
    self.quiet = 0;
    return {};
  }

  /// Brings a voice at rest to where it would be: what was passed over of whole rests has left no trace.
  void wake(Instance& self) {
    const std::int64_t passed = self.rests ? self.quiet : 0;
    self.rests = false;
    self.quiet = 0;
    if (passed == 0) return;
    std::vector<AudioBuffer<float>> silence;
    std::vector<AudioView<const float>> inputs;
    for (const Instance* input : self.inputs) silence.emplace_back(input->node->channels(), std::min(passed, block));
    AudioBuffer<float> unheard(self.node->channels(), std::min(passed, block));
    for (std::int64_t done = 0; done < passed;) {
      const std::int64_t n = std::min(block, passed - done);
      inputs.clear();
      for (const AudioBuffer<float>& buffer : silence) inputs.push_back(buffer.view().sub(0, n));
      self.voice->process(inputs, unheard.view().sub(0, n));
      done += n;
    }
  }
};

FusedRenderer::FusedRenderer(Signal root, bool root_inside, const StoredSound& stored, std::int64_t block) : impl_(std::make_unique<Impl>()) {
  impl_->root = std::move(root);
  impl_->stored = &stored;
  impl_->block = block;
  impl_->top = impl_->instance(impl_->root, root_inside);
}
FusedRenderer::~FusedRenderer() = default;

Result<void> FusedRenderer::restart(SamplePosition at, SamplePosition to) {
  impl_->at = at;
  while (impl_->at < to) {
    const SamplePosition end{std::min(to.value, impl_->at.value + impl_->block)};
    TWOPOP_CHECK(impl_->pull(*impl_->top, {impl_->at, end}));
    impl_->at = end;
  }
  return {};
}

Result<void> FusedRenderer::resume(SamplePosition at, std::span<const std::byte> state) {
  impl_->at = at;
  ByteReader reader(state);
  for (Instance* voice : impl_->voices) {
    const auto bytes = reader.vector<std::byte>();
    if (!voice->voice) continue;
    const std::span<std::byte> into = voice->voice->state();
    if (!reader.ok() || bytes.size() != into.size())
      return Error{Code::Damaged, fmt::format("the kept state of {} does not fit", voice->node->kind())};
    std::copy(bytes.begin(), bytes.end(), into.begin());
    voice->primed = true;
  }
  return {};
}

Result<void> FusedRenderer::render(AudioView<float> out) {
  for (std::int64_t done = 0; done < out.frames();) {
    const std::int64_t n = std::min(impl_->block, out.frames() - done);
    TWOPOP_CHECK(impl_->pull(*impl_->top, {impl_->at, impl_->at + SampleCount{n}}));
    if (!impl_->top->silent)
      for (int c = 0; c < out.channels(); ++c) std::copy_n(impl_->top->buffer.channel(c), n, out.channel(c) + done);
    impl_->at = impl_->at + SampleCount{n};
    done += n;
  }
  return {};
}

std::vector<std::byte> FusedRenderer::state() const {
  ByteWriter writer;
  for (Instance* voice : impl_->voices) {
    if (voice->voice) impl_->wake(*voice);
    const std::span<const std::byte> state = voice->voice ? voice->voice->state() : std::span<std::byte>();
    writer.put(std::vector<std::byte>(state.begin(), state.end()));
  }
  return writer.take();
}

void FusedRenderer::adopt(FusedRenderer& other, SamplePosition at) {
  impl_->at = at;
  std::multimap<std::string, Instance*> there;
  for (Instance* voice : other.impl_->voices)
    if (voice->voice) there.emplace(name_of(*voice->node), voice);
  for (Instance* voice : impl_->voices) {
    const auto found = there.find(name_of(*voice->node));
    if (found == there.end() || !voice->voice) continue;
    Instance& old = *found->second;
    there.erase(found);
    other.impl_->wake(old);
    const std::span<const std::byte> state = old.voice->state();
    const std::span<std::byte> into = voice->voice->state();
    if (state.size() != into.size() || old.next != std::optional(at)) continue;
    std::copy(state.begin(), state.end(), into.begin());
    voice->primed = old.primed;
    voice->next = at;
  }
}

std::optional<FusedRenderer::Latest> FusedRenderer::latest(const Node& node) const {
  const auto found = impl_->instances.find(&node);
  if (found == impl_->instances.end() || found->second->last.length().value <= 0) return std::nullopt;
  const Instance& self = *found->second;
  return Latest{self.last, self.silent ? AudioView<const float>() : self.buffer.view().sub(0, self.last.length().value)};
}

}  // namespace twopop::signal::detail
