#pragma once

#include "signal/stored_sound.h"

#include <optional>

namespace twopop::signal {

/// A stored sound whose samples somebody else hands over (StoredSound): what a playback reads. It cannot be rendered.
Signal handed_over(int channels, SampleRange extent, std::string name);

/// How a playback starts in the middle of a film.
enum class Start {
  Settled,  ///< from rest, a pre-roll before the place: differs from the film's render by less than -120 dBFS until the next restart point
  Exact,    ///< from the restart point before it, and so on upstream: the bits of the film's render from the first sample on
};

/// Hears a graph in order as it runs, without a cache and without threads: each stored node runs beside the others, on the
/// film's restart grid. A second voice of each warms up before a restart point and takes over there, so that the samples are those
/// that Workspace::read gives. Only what was handed over is read; the blocks it is run in do not matter.
class Playback {
 public:
  /// `sound` reads what was handed over, and must outlive it. `block` frames at a time at most.
  Playback(Signal root, const StoredSound& sound, std::int64_t block);
  ~Playback();

  /// Makes sample `at` >= 0 the first to be heard. Nothing runs yet.
  void start(SamplePosition at, Start start);
  /// Goes on where another playback is, with its voices where the graphs agree: for settings that were just changed.
  void adopt(Playback& other);

  /// The next sample to be heard.
  SamplePosition position() const;
  /// How far it has run up; position() once it may render.
  SamplePosition run_up_position() const;
  bool ready() const { return run_up_position() >= position(); }
  /// What must be readable of everything handed over to go on by so many frames, of run-up or of sound.
  SampleRange needs(SampleCount frames) const;
  /// Runs up by so many frames at most.
  Result<void> run_up(SampleCount frames);
  /// The next out.frames() samples; ready() must hold.
  Result<void> render(AudioView<float> out);

  /// What a node gave in the newest block; see FusedRenderer. Null if it is not heard.
  struct Latest {
    SampleRange range{};
    AudioView<const float> sound;  ///< empty where silent
  };
  std::optional<Latest> latest(const Node& node) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace twopop::signal
