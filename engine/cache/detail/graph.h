#pragma once

#include "cache/run_scope.h"

#include <map>
#include <unordered_map>

namespace twopop::cache::detail {

/// What is done about one task during one run. Fields are guarded by the scheduler's mutex.
struct Node {
  /// How far the making of the bytes is.
  enum class Making { Idle, Queued, Gathering, Running };

  TaskRef task;
  std::string identity;
  Keep keep = Keep::Transient;
  TaskKind kind = TaskKind::Chunk;
  Hash recipe;
  bool declared = false;
  /// Inputs have a lower index than what is made of them; wanted ones are in their order.
  std::size_t index = 0;

  bool resolved = false;  ///< key and content are known
  Hash key, content;
  Reason reason = Reason::UpToDate;
  std::string cause;

  std::vector<Node*> inputs;
  std::size_t unresolved_inputs = 0;
  std::vector<Node*> waiting_for_content;

  Making making = Making::Idle;
  std::size_t missing_inputs = 0;  ///< whose bytes are not there yet
  std::vector<Node*> waiting_for_bytes;
  std::size_t claims = 0;  ///< how many need the blob; it is held as long
  Blob blob;

  bool want_stored = false;      ///< its bytes are to be in the store: wanted by run(), or found damaged
  bool held_for_store = false;   ///< by itself, until they are
  std::size_t blobs_wanted = 0;  ///< how often it is still to be handed over by bytes() or stream()
  bool unfinished = false;       ///< something is wanted of it that is not there yet; counted in the run
  bool pinned = false;
  bool could_not_keep = false;
  std::size_t holders = 0;  ///< nodes made of it that are still there, and one for each time it is wanted
  bool guarded = false;     ///< stays in the run although nobody holds it
  bool retired = false;     ///< has let go of its inputs
};

/// One call of run(), bytes() or stream().
struct Run {
  /// Smaller goes first: what is listened to before what is built.
  enum class Urgency { Bytes, Stream, Build };

  Urgency urgency = Urgency::Build;
  std::uint64_t sequence = 0;
  const RunScope* scope = RunScope::current();  ///< of the thread that waits for the run, so it outlives it
  std::unordered_map<const Task*, std::unique_ptr<Node>> nodes;
  std::size_t next_index = 0;
  std::map<TaskKind, std::int64_t> unresolved;
  std::vector<Node*> spread;  ///< resolved, but those that wait for it have not been told
  bool spreading = false;
  std::size_t jobs = 0;  ///< queued, under way, or waiting for the same task in another run
  std::size_t unfinished = 0;
  std::optional<Error> error;
  std::size_t error_index = 0;
  bool abandoned = false;  ///< whoever waited for it has gone
  bool ended = false;      ///< no job is left, and nothing is pinned
  bool outcome_changed = false;  ///< a task came out otherwise than recorded: what hangs on it must be looked at again
};

struct Job {
  enum class Kind { Gather, Fetch, Execute };

  Run* run = nullptr;
  Node* node = nullptr;
  Kind kind = Kind::Gather;
};

/// For a heap with the most urgent on top: depth first, so that what was made is used before more is made.
inline bool less_urgent(const Job& a, const Job& b) {
  if (a.run->urgency != b.run->urgency) return a.run->urgency > b.run->urgency;
  if (a.run->sequence != b.run->sequence) return a.run->sequence > b.run->sequence;
  return a.node->index > b.node->index;
}

}  // namespace twopop::cache::detail
