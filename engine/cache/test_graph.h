#pragma once

#include "cache/executor.h"
#include "cache/faulty_file_system.h"
#include "core/random.h"

#include <map>
#include <mutex>

namespace twopop::cache::test {

inline Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

/// Some bytes that are not easy to confuse with others.
inline Bytes noise(std::uint64_t seed, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(philox(seed, 1, i / 16)[i / 4 % 4] >> i % 4 * 8);
  return bytes;
}

/// Counts what was run, by identity.
struct Runs {
  std::mutex mutex;
  std::map<std::string, int> count;

  int total() {
    const std::lock_guard lock(mutex);
    int sum = 0;
    for (const auto& [identity, runs] : count) sum += runs;
    return sum;
  }
  int of(const std::string& identity) {
    const std::lock_guard lock(mutex);
    return count.contains(identity) ? count[identity] : 0;
  }
  std::vector<std::string> names() {
    const std::lock_guard lock(mutex);
    std::vector<std::string> all;
    for (const auto& [identity, runs] : count) all.push_back(identity);
    return all;
  }
  void clear() {
    const std::lock_guard lock(mutex);
    count.clear();
  }
};

struct Made {
  std::string identity;
  int setting = 0;
  Keep keep = Keep::Stored;
  std::vector<TaskRef> inputs{};
  std::size_t size = 64;
  /// So many different results: with 1 a change of anything comes out the same.
  std::uint32_t outcomes = 0;  ///< 0: no bound
  bool fails = false;
  bool declares = false;  ///< says its content without being run
  TaskKind kind = TaskKind::Chunk;
};

/// A task whose bytes depend on its settings and on all bytes of its inputs.
class MadeTask final : public Task {
 public:
  MadeTask(Made made, Runs& runs) : made_(std::move(made)), runs_(runs) {}

  std::string identity() const override { return made_.identity; }
  TaskKind kind() const override { return made_.kind; }
  Keep keep() const override { return made_.keep; }
  Hash recipe() const override { return Hasher().add("made").add(made_.setting).add(made_.size).add(made_.outcomes).finish(); }
  std::string settings_text() const override { return fmt::format("setting {}", made_.setting); }
  const std::vector<TaskRef>& inputs() const override { return made_.inputs; }
  std::uint64_t expected_bytes() const override { return made_.size; }
  Hash declared_content() const override { return made_.declares ? recipe() : Hash{}; }
  Result<Bytes> run(const std::vector<Blob>& inputs) const override {
    {
      const std::lock_guard lock(runs_.mutex);
      ++runs_.count[made_.identity];
    }
    if (made_.fails) return Error{Code::Damaged, "does not want to"};
    return bytes(inputs);
  }

  const Made& made() const { return made_; }

  Bytes bytes(const std::vector<Blob>& inputs) const {
    Hasher hasher;
    hasher.add(made_.setting);
    for (const Blob& input : inputs) hasher.add(std::span<const std::byte>(*input));
    std::uint64_t seed = hasher.finish().low;
    if (made_.outcomes) seed %= made_.outcomes;
    return noise(seed, made_.size);
  }

 private:
  Made made_;
  Runs& runs_;
};

inline TaskRef task(Made made, Runs& runs) { return std::make_shared<MadeTask>(std::move(made), runs); }

/// The slow, obvious reference: everything made anew.
inline Bytes recomputed(const TaskRef& task, std::map<const Task*, Bytes>& known) {
  if (const auto found = known.find(task.get()); found != known.end()) return found->second;
  std::vector<Blob> inputs;
  for (const TaskRef& input : task->inputs()) inputs.push_back(std::make_shared<Bytes>(recomputed(input, known)));
  return known[task.get()] = static_cast<const MadeTask&>(*task).bytes(inputs);
}
inline Bytes recomputed(const TaskRef& task) {
  std::map<const Task*, Bytes> known;
  return recomputed(task, known);
}

/// A store on a disk in memory.
struct MemoryStore {
  std::unique_ptr<FaultyFileSystem> disk = std::make_unique<FaultyFileSystem>();
  std::unique_ptr<Store> store;

  explicit MemoryStore(std::uint64_t budget_bytes = std::uint64_t{64} << 20) { reopen(budget_bytes); }
  void reopen(std::uint64_t budget_bytes = std::uint64_t{64} << 20) {
    store.reset();
    auto opened = Store::open("/cache", {budget_bytes, disk.get()});
    TWOPOP_ASSERT(opened.ok());
    store = *std::move(opened);
  }
};

}  // namespace twopop::cache::test
