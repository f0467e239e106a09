#pragma once

#include "analysis/loudness_blocks.h"
#include "phases/mix/live_mix.h"
#include "signal/playback.h"

#include <deque>
#include <set>

namespace twopop::phases {

/// A chunk of a track: tracks by their place in LiveMix::tracks.
struct TrackChunk {
  std::int32_t track = 0, chunk = 0;
  auto operator<=>(const TrackChunk&) const = default;
};

/// The mix of a film as it is heard: fed with chunks of the tracks, it runs the engine's own graph (build_mix) in order, so that
/// what it gives is what the film's render holds, bit for bit, once it says exact(). Settings may change while it runs: they are heard
/// at once, over a cross-fade of 10 ms, and a second mixer runs up from the restart point in the background until it is exact again.
/// One thread; memory bounded by the budget of chunks. Failures of the graph are those of its settings.
class LiveMixer final : signal::StoredSound {
 public:
  static constexpr std::int64_t kBlock = 128;

  static Result<std::unique_ptr<LiveMixer>> make(LiveMix live);
  ~LiveMixer() override;

  const LiveMix& live() const { return live_; }
  int channels() const { return channels_; }

  /// Room for a chunk's samples, planar, to be filled before anything else is called.
  float* hand_over(TrackChunk chunk);
  void hand_over_silence(TrackChunk chunk);
  /// What will be needed soon and is not there, the most urgent first.
  std::vector<TrackChunk> wanted();
  /// Forgets all chunks of a track whose sound has changed (or of all: -1).
  void forget(std::int32_t track);
  std::uint64_t held_bytes() const { return held_bytes_; }

  void seek(SamplePosition at, signal::Start start);
  /// A jump to come (of a loop): runs up for it in true_up(); a seek there then sounds at once, and exactly.
  void prepare(SamplePosition at);
  SamplePosition position() const;
  enum class Step { Starved, RunningUp, Ready };
  /// Runs up by so many frames at most after a seek.
  Result<Step> run_up(SampleCount frames);
  /// The next out.frames() <= kBlock samples; Starved gives silence and stays where it is.
  Result<Step> render(AudioView<float> out);
  /// Works at becoming exact, by so many frames at most; false if there is nothing to do.
  Result<bool> true_up(SampleCount frames);
  bool exact() const { return exact_; }

  /// Settings as they are while somebody moves them; the film's own are those of the last set_mix.
  Result<void> set_strip(const session::Id& track, session::Strip strip);
  Result<void> set_bus(const std::string& stem, session::Bus bus);
  Result<void> set_master(session::Master master);
  Result<void> set_mix(session::Mix mix);

  /// Levels since they were last asked for, linear, and the least gain (1: nothing was turned down).
  struct Level {
    float peak = 0, gain = 1;
  };
  struct Levels {
    std::vector<float> mix;      ///< peak of each channel
    float limiter = 1, compressor = 1;  ///< of the whole mix: both together, and the master's compressor alone
    std::vector<Level> tracks, buses;  ///< in the order of LiveMix::tracks and of kStems
  };
  Levels levels();
  /// Loudness of what was rendered since it was last asked for, to be appended; positions count what was heard.
  std::vector<analysis::LoudnessBlocks> loudness();
  /// Up to where it was measured; the mixer that takes over from this one counts on from there.
  SamplePosition measured() const { return {heard_to_}; }
  void measure_from(SamplePosition at) { heard_to_ = at.value; }

 private:
  struct Chunk {
    AudioBuffer<float> sound;  ///< empty: silence
  };
  struct Running {
    MixGraph graph;
    std::unique_ptr<signal::Playback> playback;
    const signal::Node* compressor = nullptr;  ///< gain of the master's; null where it is off
  };

  explicit LiveMixer(LiveMix live);
  Result<void> read(const signal::Node& node, SampleRange range, AudioView<float> out) const override;
  bool silent(const signal::Node& node, SampleRange range) const override;

  Running running() const;
  bool there(SampleRange range) const;
  Result<void> changed();
  void meter(AudioView<const float> out);
  void meter_node(const signal::Signal& after, const signal::Signal& before, Level& level) const;
  void make_room();

  LiveMix live_;
  int channels_ = 2;
  std::vector<signal::Signal> sounds_;
  std::map<const signal::Node*, std::int32_t> track_of_;
  std::map<TrackChunk, Chunk> chunks_;
  std::uint64_t held_bytes_ = 0;

  Running now_, before_, truing_, ahead_;  ///< before_ fades out; truing_ runs up to become exact, ahead_ for a jump
  std::int64_t fade_left_ = 0;
  bool pending_ = false, exact_ = false;
  AudioBuffer<float> other_;

  Levels levels_;
  std::vector<double> weights_;
  AudioBuffer<float> heard_;        ///< what loudness was not yet measured of, with its lead
  std::int64_t lead_ = 0, filled_ = 0, heard_to_ = 0;
  std::vector<analysis::LoudnessBlocks> blocks_;
};

}  // namespace twopop::phases
