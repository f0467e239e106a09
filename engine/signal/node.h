#pragma once

#include "core/audio.h"
#include "core/hash.h"
#include "core/result.h"
#include "core/time.h"

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::signal {

class Node;
/// Sound as a value: what could be heard, computed nowhere yet. Immutable; shared because graphs share parts.
using Signal = std::shared_ptr<const Node>;

/// Chunks start at multiples of this; a chunk is the unit of storage and of work.
inline constexpr SampleCount kChunk{std::int64_t{1} << 18};
/// Stateful processing restarts from rest at multiples of this.
inline constexpr SampleCount kSegment{std::int64_t{1} << 20};

/// What becomes of a node's sound.
enum class Storage {
  Fused,   ///< computed inside whoever hears it, never kept
  Chunks,  ///< kept chunk by chunk
  Whole,   ///< made in one piece over its whole extent (denoised clips, stretched takes) and kept
};

/// The running state of a stateful node. process: [block] no allocation, no failure.
class Voice {
 public:
  virtual ~Voice() = default;
  /// Consumes the inputs and makes as many frames. The output lags by the node's latency.
  virtual void process(std::span<const AudioView<const float>> inputs, AudioView<float> out) noexcept = 0;
  /// All that is remembered, as bytes; same past, same bytes.
  virtual std::span<std::byte> state() noexcept = 0;
};

/// A kind of sound and its settings. Positions are in the node's own clock: film time, clip time or a file's samples.
class Node : public std::enable_shared_from_this<Node> {
 public:
  explicit Node(std::vector<Signal> inputs) : inputs_(std::move(inputs)) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Recipe: kind and version are hashed into every key. Raise the version when the sound changes.
  virtual std::string_view kind() const = 0;
  virtual int version() const { return 1; }
  virtual int channels() const = 0;
  /// Nothing is heard outside; it is not asked for there.
  virtual SampleRange extent() const = 0;
  const std::vector<Signal>& inputs() const { return inputs_; }

  /// Hashes the settings that matter for `range`, positions relative to range.begin wherever the sound
  /// does not depend on where it lies. Inputs are not included.
  virtual void describe(Hasher& hasher, SampleRange range) const = 0;
  /// What of input i must be heard to make `range`.
  virtual SampleRange needs(std::size_t input, SampleRange range) const {
    (void)input;
    return range;
  }
  /// Nodes that jump about in their input (loops, fitted music) say so, and list the ranges in the order in which they
  /// play them; render then gets them one after another in one view.
  virtual bool scattered() const { return false; }
  virtual std::vector<SampleRange> needs_scattered(SampleRange range) const {
    (void)range;
    return {};
  }
  /// Whether it hands its input on as it is (labels, shifts, cuts): such nodes leave no trace in keys.
  virtual bool transparent() const { return false; }
  /// Whether it only adds its inputs up: those that are silent in a range are then not looked at.
  virtual bool additive() const { return false; }
  /// Of a sum: the inputs, in their order, whose extent meets `range`.
  virtual std::vector<std::size_t> heard_in(SampleRange range) const {
    (void)range;
    return {};
  }
  /// Settings for people, for explanations: "gain -3.0 dB". Empty: not worth showing.
  virtual std::string settings_text() const { return {}; }
  /// The item of the session it stands for: "dialogue clip c12". Empty: none.
  virtual std::string label() const { return {}; }
  /// Stable name of the place a stored node fills, for tasks: "dialogue stem".
  virtual std::string place() const { return {}; }

  virtual Storage storage() const { return Storage::Fused; }
  /// Content known without rendering (a range of a media file). Zero if not.
  virtual Hash declared_content(SampleRange range) const {
    (void)range;
    return {};
  }
  /// Whether stored chunks are cheap to make again and not worth the disk.
  virtual bool cheap() const { return false; }

  /// Stateless nodes: a pure function of position. `inputs[i]` covers needs(i, range), silence where the input
  /// has nothing. `out` is zero on entry and has range.length() frames.
  virtual Result<void> render(SampleRange range, std::span<const AudioView<const float>> inputs, AudioView<float> out) const = 0;

  /// Stateful nodes make a Voice; others nullptr. A voice is fed `range` shifted by latency().
  virtual std::unique_ptr<Voice> voice(std::int64_t max_block) const {
    (void)max_block;
    return nullptr;
  }
  virtual bool stateful() const { return false; }
  virtual SampleCount latency() const { return {}; }
  virtual SampleCount pre_roll() const { return {}; }

  /// Hash of the graph below, file contents included: equal graphs sound the same.
  const Hash& structure() const;

  /// What the planner asks of every node for every chunk, of this node and the fused graph below it; found once.
  struct Fused {
    bool voices = false;      ///< whether anything in it is stateful
    SampleCount pre_roll{};   ///< of all that is stateful in it together
  };
  const Fused& fused() const;

 private:
  std::vector<Signal> inputs_;
  mutable std::once_flag structure_once_, fused_once_;
  mutable Hash structure_{};
  mutable Fused fused_{};
};

}  // namespace twopop::signal
