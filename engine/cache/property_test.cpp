// Random graphs against the slow, obvious reference, with everything that may happen to a store in between.
#include "cache/test_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace twopop::cache {
namespace {

using test::Made;
using test::MadeTask;
using test::MemoryStore;
using test::Runs;

/// A random graph as plain numbers, so that one setting can be changed and the graph built again.
struct Graph {
  std::vector<Made> tasks;
  std::vector<std::vector<std::size_t>> inputs;
  std::vector<std::size_t> wanted;

  explicit Graph(RandomStream& random) {
    const std::size_t count = 5 + random.below(40);
    for (std::size_t i = 0; i < count; ++i) {
      Made made{.identity = fmt::format("task {}", i)};
      made.setting = static_cast<int>(random.below(8));
      made.keep = random.below(2) ? Keep::Stored : Keep::Transient;
      made.size = random.below(10) ? 16 + random.below(2000) : 0;
      made.outcomes = random.below(4) ? 0 : 1 + random.below(2);
      made.kind = random.below(3) ? TaskKind::Chunk : TaskKind::Fact;
      std::vector<std::size_t> in;
      for (std::size_t k = i ? random.below(4) : 0; k > 0; --k) in.push_back(random.below(static_cast<std::uint32_t>(i)));
      made.declares = in.empty() && random.below(2);
      tasks.push_back(made);
      inputs.push_back(in);
    }
    for (std::size_t k = 1 + random.below(6); k > 0; --k) wanted.push_back(random.below(static_cast<std::uint32_t>(count)));
    wanted.push_back(count - 1);
  }

  void change(RandomStream& random) {
    tasks[random.below(static_cast<std::uint32_t>(tasks.size()))].setting = static_cast<int>(random.below(8));
  }

  std::vector<TaskRef> build(Runs& runs, std::vector<TaskRef>* all = nullptr) const {
    std::vector<TaskRef> made;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      Made one = tasks[i];
      for (const std::size_t input : inputs[i]) one.inputs.push_back(made[input]);
      made.push_back(test::task(std::move(one), runs));
    }
    std::vector<TaskRef> roots;
    for (const std::size_t i : wanted) roots.push_back(made[i]);
    if (all) *all = made;
    return roots;
  }
};

Hash content_of(const TaskRef& task) {
  const Hash declared = task->declared_content();
  return declared.is_zero() ? hash_of(test::recomputed(task)) : declared;
}

/// Runs, streams, and asks for single bytes; all of it must be what the reference says.
void expect_right(Store& store, const Graph& graph, int threads, std::uint64_t memory_bytes, const char* when) {
  Runs runs;
  const std::vector<TaskRef> wanted = graph.build(runs);
  Executor executor(store, {.threads = threads, .memory_bytes = memory_bytes});
  const auto made = executor.run(wanted);
  ASSERT_TRUE(made.ok()) << when << ": " << made.error().sentence();
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ((*made)[i], content_of(wanted[i])) << when;
  std::size_t handed = 0;
  const auto streamed = executor.stream(wanted, [&](std::size_t i, const Blob& blob) -> Result<void> {
    EXPECT_EQ(*blob, test::recomputed(wanted[i])) << when;
    ++handed;
    return {};
  });
  ASSERT_TRUE(streamed.ok()) << when << ": " << streamed.error().sentence();
  EXPECT_EQ(handed, wanted.size());
  const auto one = executor.bytes(wanted.front());
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(**one, test::recomputed(wanted.front())) << when;
}

/// Streams before anything else is asked for.
void expect_streamed(Store& store, const Graph& graph, int threads) {
  Runs runs;
  const std::vector<TaskRef> wanted = graph.build(runs);
  Executor executor(store, {.threads = threads});
  const auto done = executor.stream(wanted, [&](std::size_t i, const Blob& blob) -> Result<void> {
    EXPECT_EQ(*blob, test::recomputed(wanted[i]));
    return {};
  });
  EXPECT_TRUE(done.ok());
}

class AnyThreads : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, AnyThreads, testing::Values(1, 2, 8));

TEST_P(AnyThreads, give_what_the_reference_gives_through_changes_and_damage) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(seed, 1);
    MemoryStore memory;
    Graph graph(random);
    for (int round = 0; round < 4; ++round) {
      const std::uint64_t memory_bytes = random.below(3) ? 1 << 20 : random.below(4000);
      expect_right(*memory.store, graph, GetParam(), memory_bytes, fmt::format("seed {} round {}", seed, round).c_str());
      if (testing::Test::HasFailure()) return;
      if (random.below(2)) memory.reopen();
      switch (random.below(4)) {
        case 3: {
          // Somebody writes to a pack while the store is closed.
          memory.store.reset();
          const std::uint64_t size = memory.disk->size_of("/cache/pack-000001");
          for (int k = 0; k < 6 && size; ++k)
            memory.disk->overwrite("/cache/pack-000001", random.below(static_cast<std::uint32_t>(size)), test::bytes_of("x"));
          memory.reopen();
          if (random.below(2)) expect_streamed(*memory.store, graph, GetParam());
          break;
        }
        case 0: graph.change(random); break;
        case 1: {
          const std::uint64_t size = memory.disk->size_of("/cache/pack-000001");
          for (int k = 0; k < 3 && size; ++k)
            memory.disk->flip_bit("/cache/pack-000001", random.below(static_cast<std::uint32_t>(size)), random.below(8));
          break;
        }
        case 2: {
          const std::uint64_t size = memory.disk->size_of("/cache/index");
          memory.store.reset();
          if (size) memory.disk->flip_bit("/cache/index", random.below(static_cast<std::uint32_t>(size)), random.below(8));
          memory.reopen();
          break;
        }
      }
    }
  }
}

TEST_P(AnyThreads, make_the_same_decisions) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    std::optional<std::set<std::tuple<std::string, Reason, std::string, Hash>>> first;
    for (const int threads : {1, GetParam()}) {
      RandomStream random(seed, 2);
      MemoryStore memory;
      Graph graph(random);
      Runs runs;
      ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(graph.build(runs)).ok());
      graph.change(random);
      Executor executor(*memory.store, {.threads = threads});
      ASSERT_TRUE(executor.run(graph.build(runs)).ok());
      std::set<std::tuple<std::string, Reason, std::string, Hash>> all;
      for (const Explanation& e : executor.explanations()) all.emplace(e.identity, e.reason, e.cause, e.content);
      if (!first) first = all;
      EXPECT_EQ(*first, all) << "seed " << seed;
    }
  }
}

TEST_P(AnyThreads, build_right_under_a_budget_that_holds_a_fraction) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomStream random(seed, 3);
    const std::uint64_t budget = 16384 + random.below(30000);
    MemoryStore memory(budget);
    Graph graph(random);
    for (int round = 0; round < 5; ++round) {
      expect_right(*memory.store, graph, GetParam(), random.below(8000), fmt::format("seed {} round {}", seed, round).c_str());
      if (testing::Test::HasFailure()) return;
      const StoreUsage usage = memory.store->usage();
      EXPECT_LE(usage.disk_bytes, usage.budget_bytes);
      EXPECT_EQ(usage.pinned_bytes, 0u);
      if (random.below(2)) memory.reopen(budget);
      for (int k = 0; k < 3; ++k) graph.change(random);
    }
  }
}

/// What must run if the bytes of `lost` are gone and only `wanted` are needed: the lost one if it is on the way to
/// something that must run or is wanted itself, and cheap inputs of what runs.
void must_run(const TaskRef& task, bool bytes_needed, const std::set<Hash>& lost, std::set<std::string>& run,
              std::set<const Task*>& seen) {
  const bool gone = task->keep() == Keep::Transient || lost.contains(content_of(task));
  if (!bytes_needed || !gone || !seen.insert(task.get()).second) return;
  run.insert(task->identity());
  for (const TaskRef& input : task->inputs()) must_run(input, true, lost, run, seen);
}

TEST(Damage, makes_exactly_the_damaged_again_and_the_cheap_inputs_they_need) {
  int damaged = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random(seed, 4);
    MemoryStore memory;
    Graph graph(random);
    for (Made& made : graph.tasks) {
      made.outcomes = 0;
      made.size += 16;
      made.setting = static_cast<int>(&made - graph.tasks.data());  // no two the same
    }
    Runs runs;
    const std::vector<TaskRef> wanted = graph.build(runs);
    ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(wanted).ok());

    std::vector<TaskRef> stored;
    for (const TaskRef& task : wanted)
      if (task->keep() == Keep::Stored) stored.push_back(task);
    if (stored.empty()) continue;
    const TaskRef victim = stored[random.below(static_cast<std::uint32_t>(stored.size()))];
    const Bytes bytes = test::recomputed(victim);
    // Found by its bytes, wherever the pack has put them.
    auto file = memory.disk->open("/cache/pack-000001", Access::Read);
    ASSERT_TRUE(file.ok());
    Bytes pack(memory.disk->size_of("/cache/pack-000001"));
    ASSERT_TRUE((*file)->read(0, pack).ok());
    const auto at = std::search(pack.begin(), pack.end(), bytes.begin(), bytes.end());
    ASSERT_NE(at, pack.end());
    memory.disk->flip_bit("/cache/pack-000001", static_cast<std::uint64_t>(at - pack.begin()) + random.below(static_cast<std::uint32_t>(bytes.size())), random.below(8));
    ++damaged;

    runs.clear();
    std::set<std::string> expected;
    std::set<const Task*> seen;
    for (const TaskRef& task : wanted)
      if (task->keep() == Keep::Stored) must_run(task, true, {content_of(victim)}, expected, seen);
    Executor executor(*memory.store, {.threads = 2});
    std::vector<TaskRef> read;
    for (const TaskRef& task : wanted)
      if (task->keep() == Keep::Stored) read.push_back(task);
    ASSERT_TRUE(executor.stream(read, [&](std::size_t i, const Blob& blob) -> Result<void> {
      EXPECT_EQ(*blob, test::recomputed(read[i]));
      return {};
    }).ok());
    const auto names = runs.names();
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected) << "seed " << seed;
    runs.clear();
    ASSERT_TRUE(Executor(*memory.store, {.threads = 2}).run(wanted).ok());
    EXPECT_EQ(runs.total(), 0) << "seed " << seed;
  }
  EXPECT_GT(damaged, 100);
}

TEST(Faults, of_any_single_call_leave_the_next_build_right) {
  RandomStream random(7, 5);
  Graph graph(random);
  for (const Failure failure : {Failure::DiskFull, Failure::IoError})
    for (const auto lasting : {FaultPlan::Lasting::Once, FaultPlan::Lasting::FromThenOn}) {
      bool failed_somewhere = true;
      for (std::uint64_t n = 0; failed_somewhere && n < 3000; ++n) {
        FaultyFileSystem disk;
        disk.plan().fail_at(n, failure, lasting);
        Runs runs;
        const std::vector<TaskRef> wanted = graph.build(runs);
        for (int build = 0; build < 2; ++build) {
          auto store = Store::open("/cache", {20000, &disk});
          if (!store) {
            EXPECT_TRUE(store.error().code == Code::OutOfSpace || store.error().code == Code::IoFailed);
            continue;
          }
          Executor executor(**store, {.threads = 1});
          const auto made = executor.run(wanted);
          ASSERT_TRUE(made.ok()) << n << ": " << made.error().sentence();
          for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ((*made)[i], content_of(wanted[i])) << "call " << n;
          static_cast<void>((*store)->sync());
        }
        failed_somewhere = disk.plan().calls() > n;
        disk.plan().heal();
        auto store = Store::open("/cache", {20000, &disk});
        ASSERT_TRUE(store.ok()) << n << ": " << store.error().sentence();
        expect_right(**store, graph, 1, 1 << 20, fmt::format("call {}", n).c_str());
        if (testing::Test::HasFailure()) return;
      }
    }
}

TEST(Faults, of_the_whole_machine_at_any_moment_leave_the_next_build_right) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    RandomStream random(seed, 6);
    FaultyFileSystem disk;
    Graph graph(random);
    for (int life = 0; life < 4; ++life) {
      // The machine stops somewhere in the middle of a build, or of opening.
      disk.plan().fail_at(disk.plan().calls() + random.below(60), Failure::IoError, FaultPlan::Lasting::FromThenOn);
      {
        auto store = Store::open("/cache", {random.below(2) ? 20000u : 1u << 24, &disk});
        if (store) {
          Runs runs;
          Executor executor(**store, {.threads = 1});
          static_cast<void>(executor.run(graph.build(runs)));
          if (random.below(2)) static_cast<void>((*store)->sync());
          if (random.below(2)) disk.crash(random);  // before the store is closed
        }
      }
      disk.crash(random);
      disk.plan().heal();
      auto store = Store::open("/cache", {1 << 24, &disk});
      ASSERT_TRUE(store.ok()) << "seed " << seed << ": " << store.error().sentence();
      expect_right(**store, graph, 1, 1 << 20, fmt::format("seed {} life {}", seed, life).c_str());
      if (testing::Test::HasFailure()) return;
      graph.change(random);
    }
  }
}

}  // namespace
}  // namespace twopop::cache
