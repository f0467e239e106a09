#pragma once

#include "cache/store.h"

#include <memory>
#include <string>
#include <vector>

namespace twopop::cache {

class Task;
using TaskRef = std::shared_ptr<const Task>;

/// What becomes of a task's bytes.
enum class Keep {
  Stored,     ///< dear: kept in the store
  Transient,  ///< cheap: made again when needed, only recipe -> content is remembered
};

/// What a task counts as in the tallies that `build --json` ends with.
enum class TaskKind { Fact, Chunk, Artefact };

/// A unit of work whose result is a pure function of its settings and the contents of its inputs.
/// Knows nothing of sound here. Immutable; equal tasks (same identity) are made once by whoever plans.
class Task {
 public:
  virtual ~Task() = default;
  /// Stable name of the place this task fills: "dialogue stem chunk 12". Explanations compare a task with
  /// the one that filled the same place last time.
  virtual std::string identity() const = 0;
  virtual TaskKind kind() const = 0;
  virtual Keep keep() const = 0;
  /// Hash of recipe name, its version, and the settings that matter within the task's range; without inputs.
  virtual Hash recipe() const = 0;
  /// The settings behind recipe(), readable, for explanations; may be empty.
  virtual std::string settings_text() const { return {}; }
  virtual const std::vector<TaskRef>& inputs() const = 0;
  /// Content hash known without running (a range of a media file, by the file's fingerprint). Zero if not.
  virtual Hash declared_content() const { return {}; }
  /// About how many bytes the result will have, for telling before a build whether the cache can hold it.
  virtual std::uint64_t expected_bytes() const { return 0; }
  /// Makes the result. `inputs` are in the order of inputs(). Never blocks on other tasks, never looks anything up.
  virtual Result<Bytes> run(const std::vector<Blob>& inputs) const = 0;
};

}  // namespace twopop::cache
