#pragma once

#include "cache/executor.h"
#include "signal/node.h"
#include "signal/media_pool.h"

#include <functional>

namespace twopop::signal {

struct WorkspaceOptions {
  int threads = 0;
  std::uint64_t cache_budget_bytes = 0;
  /// Sound held in memory between tasks; bounds memory, never results.
  std::uint64_t memory_bytes = std::uint64_t{96} << 20;
  std::function<void(const cache::Progress&)> on_progress;
  std::atomic<bool>* cancel = nullptr;
};

/// A measurement, made once for a recipe: `settings` must hold everything it depends on (fingerprints, contents, parameters).
/// `identity` names the place it fills, for explanations: "sync of REC_0001.wav".
struct Fact {
  std::string identity;
  std::string recipe;
  int version = 1;
  Hash settings;
  std::function<Result<cache::Bytes>()> measure;  ///< on any thread; must not ask for other facts
};

/// Where a film is heard: its cache, its open files, the executor. One a process and film. Thread-safe where cache is.
class Workspace {
 public:
  /// `folder` holds the cache, e.g. film.twopop/cache.
  static Result<std::unique_ptr<Workspace>> open(const std::filesystem::path& folder, WorkspaceOptions options);
  ~Workspace();

  /// Any range of any signal. Stored parts come from the cache, or are made and kept.
  Result<AudioBuffer<float>> read(const Signal& signal, SampleRange range);
  /// A signal from one end of `range` to the other in order, chunk by chunk, clipped to the range; memory stays bounded.
  /// Signals with voices must be stored.
  Result<void> stream(const Signal& signal, SampleRange range,
                      const std::function<Result<void>(SamplePosition begin, AudioView<const float>)>& consume);
  /// Makes sure that everything of these stored signals within the range is in the cache.
  Result<void> make(const std::vector<Signal>& stored, SampleRange range);
  /// What stands for the sound of a stored signal: a content hash for each chunk of the range, made if need be.
  Result<std::vector<Hash>> contents(const Signal& stored, SampleRange range);
  /// One hash for the sound of any signal within a range.
  Result<Hash> content(const Signal& signal, SampleRange range);

  Result<cache::Blob> fact(const Fact& fact);
  /// Makes what fact() is going to be asked for, on all threads. What cannot be made is told where it is asked for: fails only if
  /// it was stopped.
  Result<void> make_facts(const std::vector<Fact>& facts);
  /// The same as a Fact of these.
  Result<cache::Blob> fact(const std::string& identity, std::string_view recipe, int version, const Hash& settings,
                           const std::function<Result<cache::Bytes>()>& measure);
  /// A measurement of each chunk of a stored signal: `measure` hears the chunk with `pre_roll` before it (silence before
  /// the film). Made for changed chunks only; handed to `consume` in order.
  Result<void> chunk_facts(const Signal& stored, SampleRange range, std::string_view recipe, int version, SampleCount pre_roll,
                           const std::function<Result<cache::Bytes>(SampleRange chunk, AudioView<const float> with_pre_roll)>& measure,
                           const std::function<Result<void>(SampleRange chunk, const cache::Blob&)>& consume);

  /// Gives back the memory and files that are held only in case they are wanted again soon: between the stages of a build.
  void rest();

  std::shared_ptr<MediaPool> media() const;
  cache::Store& store();
  cache::Executor& executor();

 private:
  Workspace();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace twopop::signal
