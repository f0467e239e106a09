#pragma once

#include "signal/stored_sound.h"

#include <optional>

namespace twopop::signal::detail {

/// Renders a fused graph block by block, with its voices. One use: construct, restart or resume, render onwards.
class FusedRenderer {
 public:
  static constexpr std::int64_t kBlock = 4096;

  /// `block` frames at a time at most; the sound does not depend on it.
  FusedRenderer(Signal root, bool root_inside, const StoredSound& stored, std::int64_t block = kBlock);
  ~FusedRenderer();

  /// Voices start from rest at `at` and run up to `to` unheard.
  Result<void> restart(SamplePosition at, SamplePosition to);
  /// Voices go on at `at` with what state() gave there.
  Result<void> resume(SamplePosition at, std::span<const std::byte> state);
  /// The next out.frames() samples.
  Result<void> render(AudioView<float> out);
  /// State of the voices after what was rendered.
  std::vector<std::byte> state() const;

  /// Takes over the state of voices that stand at the same place in another graph at the same position: same kind, same
  /// track or sum below, as much to remember. The others start from rest. To be called before anything is rendered.
  void adopt(FusedRenderer& other, SamplePosition at);
  /// What a node inside gave when it was last asked: where, and the sound (empty where it was silent). Null if it was not.
  struct Latest {
    SampleRange range{};
    AudioView<const float> sound;
  };
  std::optional<Latest> latest(const Node& node) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace twopop::signal::detail
