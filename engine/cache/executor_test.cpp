#include "cache/run_scope.h"

#include "cache/test_graph.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace twopop::cache {
namespace {

using test::Made;
using test::MemoryStore;
using test::Runs;
using test::task;

/// Recordings that are cleaned (dear), levelled (cheap) and mixed.
struct SmallFilm {
  explicit SmallFilm(Runs& runs, int gain_of_second = 0) {
    for (int i = 0; i < 4; ++i) {
      const TaskRef media = task({.identity = fmt::format("media {}", i), .setting = i, .keep = Keep::Transient, .declares = true}, runs);
      const TaskRef cleaned = task({.identity = fmt::format("cleaned {}", i), .keep = Keep::Stored, .inputs = {media}}, runs);
      levelled.push_back(task({.identity = fmt::format("levelled {}", i), .setting = i == 1 ? gain_of_second : 0,
                               .keep = Keep::Transient, .inputs = {cleaned}}, runs));
    }
    for (std::size_t i = 0; i < 2; ++i)
      mixed.push_back(task({.identity = fmt::format("mixed {}", i), .inputs = {levelled[2 * i], levelled[2 * i + 1]}}, runs));
  }
  std::vector<TaskRef> levelled, mixed;
};

std::map<std::string, Explanation> by_identity(const Executor& executor) {
  std::map<std::string, Explanation> all;
  for (const Explanation& e : executor.explanations()) all[e.identity] = e;
  return all;
}

TEST(Executor, makes_everything_once_and_the_second_time_nothing) {
  MemoryStore memory;
  Runs runs;
  const SmallFilm film(runs);
  {
    Executor executor(*memory.store, {.threads = 2});
    const auto made = executor.run(film.mixed);
    ASSERT_TRUE(made.ok()) << made.error().sentence();
    EXPECT_EQ((*made)[0], hash_of(test::recomputed(film.mixed[0])));
    EXPECT_EQ(runs.total(), 4 + 4 + 4 + 2);
  }
  memory.reopen();
  runs.clear();
  Executor executor(*memory.store, {.threads = 2});
  ASSERT_TRUE(executor.run(film.mixed).ok());
  EXPECT_EQ(runs.total(), 0);
  const Tally tally = executor.tallies()[TaskKind::Chunk];
  EXPECT_EQ(tally.wanted, 10);
  EXPECT_EQ(tally.cached, 10);
  EXPECT_EQ(tally.rendered, 0);
}

TEST(Executor, makes_only_what_a_changed_setting_touches_and_says_why) {
  MemoryStore memory;
  Runs runs;
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(SmallFilm(runs).mixed).ok());
  runs.clear();
  Executor executor(*memory.store, {.threads = 1});
  const SmallFilm film(runs, 3);
  ASSERT_TRUE(executor.run(film.mixed).ok());
  // "levelled 0" is cheap, so its bytes are made again for the mix; its own source comes from the store.
  EXPECT_EQ(runs.names(), (std::vector<std::string>{"levelled 0", "levelled 1", "mixed 0"}));
  auto why = by_identity(executor);
  EXPECT_EQ(why["levelled 1"].reason, Reason::SettingsChanged);
  EXPECT_EQ(why["levelled 1"].cause, "settings changed: setting 0 \u2192 setting 3");
  EXPECT_EQ(why["mixed 0"].reason, Reason::InputChanged);
  EXPECT_EQ(why["mixed 0"].cause, "input 'levelled 1' changed");
  EXPECT_EQ(why["levelled 0"].reason, Reason::Recomputed);
  EXPECT_EQ(why["mixed 1"].reason, Reason::UpToDate);
}

TEST(Executor, stops_the_spread_where_a_result_comes_out_the_same) {
  MemoryStore memory;
  Runs runs;
  const auto graph = [&](int setting) {
    const TaskRef first = task({.identity = "first", .setting = setting, .outcomes = 1}, runs);
    return task({.identity = "second", .inputs = {first}}, runs);
  };
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run({graph(1)}).ok());
  runs.clear();
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run({graph(2)}).ok());
  EXPECT_EQ(runs.names(), std::vector<std::string>{"first"});
}

TEST(Executor, reads_neither_media_nor_stored_inputs_of_what_is_up_to_date) {
  MemoryStore memory;
  Runs runs;
  const SmallFilm film(runs);
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(film.mixed).ok());
  runs.clear();
  memory.disk->plan().fail_at(memory.disk->plan().calls(), Failure::IoError, FaultPlan::Lasting::FromThenOn);
  EXPECT_TRUE(Executor(*memory.store, {.threads = 1}).run(film.mixed).ok());
  EXPECT_EQ(runs.total(), 0);
  memory.disk->plan().heal();
}

TEST(Executor, tells_the_first_failure_with_any_number_of_threads) {
  for (const int threads : {1, 2, 8}) {
    MemoryStore memory;
    Runs runs;
    std::vector<TaskRef> wanted;
    for (int i = 0; i < 40; ++i) {
      const TaskRef source = task({.identity = fmt::format("source {}", i), .setting = i}, runs);
      wanted.push_back(task({.identity = fmt::format("result {}", i), .inputs = {source}, .fails = i % 10 == 7}, runs));
    }
    Executor executor(*memory.store, {.threads = threads});
    const auto made = executor.run(wanted);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().message, "result 7: does not want to");
    EXPECT_EQ(made.error().code, Code::Damaged);
    EXPECT_EQ(runs.of("result 6"), 1);
  }
}

/// A task that runs into a mistake of ours.
class ThrowingTask final : public Task {
 public:
  std::string identity() const override { return "bus chunk 3"; }
  TaskKind kind() const override { return TaskKind::Chunk; }
  Keep keep() const override { return Keep::Stored; }
  Hash recipe() const override { return hash_of(identity()); }
  const std::vector<TaskRef>& inputs() const override { return none_; }
  Result<Bytes> run(const std::vector<Blob>&) const override { throw std::length_error("vector::reserve"); }

 private:
  std::vector<TaskRef> none_;
};

TEST(Executor, tells_what_a_task_threw_as_its_failure_and_works_on) {
  MemoryStore memory;
  Runs runs;
  Executor executor(*memory.store, {.threads = 2});
  const auto made = executor.run({std::make_shared<ThrowingTask>()});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code, Code::Internal);
  EXPECT_EQ(made.error().message, "bus chunk 3: vector::reserve");
  EXPECT_TRUE(executor.run(SmallFilm(runs).mixed).ok());
}

TEST(Executor, hands_out_a_stream_in_order) {
  for (const int threads : {1, 2, 8}) {
    MemoryStore memory;
    Runs runs;
    std::vector<TaskRef> wanted;
    for (int i = 0; i < 100; ++i)
      wanted.push_back(task({.identity = fmt::format("chunk {}", i), .setting = i % 37, .keep = i % 2 ? Keep::Stored : Keep::Transient}, runs));
    wanted.push_back(wanted.front());
    Executor executor(*memory.store, {.threads = threads, .memory_bytes = 1000});
    std::size_t next = 0;
    const auto done = executor.stream(wanted, [&](std::size_t i, const Blob& blob) -> Result<void> {
      EXPECT_EQ(i, next++);
      EXPECT_EQ(*blob, test::recomputed(wanted[i]));
      return {};
    });
    ASSERT_TRUE(done.ok()) << done.error().sentence();
    EXPECT_EQ(next, wanted.size());
  }
}

TEST(Executor, ends_a_stream_when_its_reader_fails) {
  MemoryStore memory;
  Runs runs;
  std::vector<TaskRef> wanted;
  for (int i = 0; i < 100; ++i) wanted.push_back(task({.identity = fmt::format("chunk {}", i), .setting = i}, runs));
  Executor executor(*memory.store, {.threads = 2});
  const auto done = executor.stream(wanted, [&](std::size_t i, const Blob&) -> Result<void> {
    if (i == 3) return Error{Code::OutOfSpace, "the file's disk is full"};
    return {};
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::OutOfSpace);
  EXPECT_LT(runs.total(), 30);
}

TEST(Executor, outlives_a_reader_that_throws_while_others_work) {
  MemoryStore memory;
  Runs runs;
  std::vector<TaskRef> wanted;
  for (int i = 0; i < 400; ++i) {
    const TaskRef input = task({.identity = fmt::format("input {}", i), .setting = i, .keep = Keep::Transient, .size = 20000}, runs);
    wanted.push_back(task({.identity = fmt::format("chunk {}", i), .inputs = {input}, .size = 20000}, runs));
  }
  Executor executor(*memory.store, {.threads = 4});
  for (std::size_t at = 0; at < 40; ++at)
    EXPECT_THROW(static_cast<void>(executor.stream(wanted, [&](std::size_t i, const Blob&) -> Result<void> {
      if (i == at) throw std::bad_alloc();
      return {};
    })), std::bad_alloc);
  EXPECT_TRUE(executor.run(wanted).ok());
}

TEST(Executor, stops_on_request_and_goes_on_later) {
  MemoryStore memory;
  Runs runs;
  std::vector<TaskRef> wanted;
  for (int i = 0; i < 50; ++i) wanted.push_back(task({.identity = fmt::format("chunk {}", i), .setting = i}, runs));
  std::atomic<bool> cancel{true};
  Executor executor(*memory.store, {.threads = 2, .cancel = &cancel});
  const auto stopped = executor.run(wanted);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
  EXPECT_EQ(runs.total(), 0);
  cancel = false;
  EXPECT_TRUE(executor.run(wanted).ok());
  EXPECT_EQ(runs.total(), 50);
}

TEST(Executor, stops_the_runs_of_one_scope_and_leaves_the_others) {
  MemoryStore memory;
  Runs runs;
  std::vector<TaskRef> wanted;
  for (int i = 0; i < 50; ++i) wanted.push_back(task({.identity = fmt::format("chunk {}", i), .setting = i}, runs));
  Executor executor(*memory.store, {.threads = 2});
  std::int64_t told = 0;
  {
    const RunScope left([] { return true; });
    const auto stopped = executor.run(wanted);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, Code::Cancelled);
    EXPECT_EQ(runs.total(), 0);
    const RunScope inner([] { return false; }, [&](const Progress& progress) { told = progress.done; });
    EXPECT_TRUE(executor.run({wanted[0]}).ok());
    EXPECT_EQ(told, 1);
    std::vector<std::string> decided;
    const RunScope innermost([] { return false; }, {}, [&](const Explanation& why) { decided.push_back(why.identity); });
    EXPECT_TRUE(executor.run({wanted[2]}).ok());
    EXPECT_EQ(decided, std::vector<std::string>{"chunk 2"});
    std::thread another([&] { EXPECT_TRUE(executor.run({wanted[1]}).ok()); });
    another.join();
  }
  EXPECT_TRUE(executor.run(wanted).ok());
  EXPECT_EQ(runs.total(), 50);
}

TEST(Executor, runs_a_task_once_when_several_threads_ask_for_it) {
  MemoryStore memory;
  Runs runs;
  Executor executor(*memory.store, {.threads = 4});
  std::vector<std::thread> askers;
  for (int asker = 0; asker < 4; ++asker)
    askers.emplace_back([&] {
      // Each asks with tasks of its own: what is the same is known by the key.
      const SmallFilm film(runs);
      ASSERT_TRUE(executor.run(film.mixed).ok());
      const auto bytes = executor.bytes(film.mixed[1]);
      ASSERT_TRUE(bytes.ok());
      EXPECT_EQ(**bytes, test::recomputed(film.mixed[1]));
    });
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(runs.of("mixed 0"), 1);
  EXPECT_EQ(runs.of("cleaned 0"), 1);
}

TEST(Executor, looks_again_at_what_hangs_on_a_result_that_came_out_otherwise) {
  MemoryStore memory;
  Runs runs;
  const TaskRef source = task({.identity = "source", .keep = Keep::Transient}, runs);
  const TaskRef result = task({.identity = "result", .inputs = {source}}, runs);
  // A cache that was made where the source came out otherwise.
  Executor executor(*memory.store, {.threads = 1});
  ASSERT_TRUE(executor.run({source}).ok());
  const Hash key = executor.explanations().at(0).key;
  ASSERT_TRUE(memory.store->remember(key, {hash_of("something else"), 64}).ok());
  Executor second(*memory.store, {.threads = 1, .memory_bytes = 0});
  const auto made = second.run({result});
  ASSERT_TRUE(made.ok()) << made.error().sentence();
  EXPECT_EQ(made->front(), hash_of(test::recomputed(result)));
  EXPECT_EQ(memory.store->outcome_of(key)->content, hash_of(test::recomputed(source)));
}

TEST(Executor, repairs_what_somebody_overwrote_even_if_nobody_needs_its_bytes) {
  MemoryStore memory;
  Runs runs;
  const SmallFilm film(runs);
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(film.mixed).ok());
  memory.store.reset();
  const Bytes cleaned = test::recomputed(film.levelled[2]->inputs()[0]);
  auto pack = memory.disk->open("/cache/pack-000001", Access::Read);
  Bytes all(memory.disk->size_of("/cache/pack-000001"));
  ASSERT_TRUE((*pack)->read(0, all).ok());
  const auto at = std::search(all.begin(), all.end(), cleaned.begin(), cleaned.end());
  ASSERT_NE(at, all.end());
  memory.disk->overwrite("/cache/pack-000001", static_cast<std::uint64_t>(at - all.begin()) + 7, test::bytes_of("x"));
  memory.reopen();
  runs.clear();
  Executor executor(*memory.store, {.threads = 1});
  ASSERT_TRUE(executor.run(film.mixed).ok());
  EXPECT_EQ(runs.names(), (std::vector<std::string>{"cleaned 2", "media 2"}));
  EXPECT_EQ(by_identity(executor)["cleaned 2"].reason, Reason::BytesMissing);
  memory.reopen();
  runs.clear();
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(film.mixed).ok());
  EXPECT_EQ(runs.total(), 0);
}

TEST(Executor, makes_damaged_bytes_anew_once_where_several_tasks_come_to_them) {
  MemoryStore memory;
  Runs runs;
  std::vector<TaskRef> alike;
  for (int i = 0; i < 8; ++i) alike.push_back(test::task({.identity = fmt::format("alike {}", i), .setting = i, .size = 1 << 20, .outcomes = 1}, runs));
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(alike).ok());
  memory.store.reset();
  memory.disk->overwrite("/cache/pack-000001", 5000, test::bytes_of("damaged"));
  memory.reopen();
  runs.clear();
  Executor executor(*memory.store, {.threads = 4});
  std::size_t read = 0;
  ASSERT_TRUE(executor.stream(alike, [&](std::size_t i, const Blob& blob) {
    EXPECT_EQ(*blob, test::recomputed(alike[i]));
    ++read;
    return Result<void>{};
  }).ok());
  EXPECT_EQ(read, alike.size());
  EXPECT_EQ(runs.total(), 1);
}

/// Notes how many different inputs of tasks were alive at once.
class AliveInputs {
 public:
  void saw(const std::vector<Blob>& inputs) {
    const std::lock_guard lock(mutex_);
    std::erase_if(seen_, [](const auto& blob) { return blob.second.expired(); });
    for (const Blob& blob : inputs) seen_[blob.get()] = blob;
    most_ = std::max(most_, seen_.size());
  }
  std::size_t most() const { return most_; }

 private:
  std::mutex mutex_;
  std::map<const Bytes*, std::weak_ptr<const Bytes>> seen_;
  std::size_t most_ = 0;
};

class WatchedMix final : public Task {
 public:
  WatchedMix(int number, std::vector<TaskRef> inputs, AliveInputs& alive)
      : number_(number), inputs_(std::move(inputs)), alive_(alive) {}
  std::string identity() const override { return fmt::format("mix {}", number_); }
  TaskKind kind() const override { return TaskKind::Chunk; }
  Keep keep() const override { return Keep::Stored; }
  Hash recipe() const override { return hash_of(identity()); }
  const std::vector<TaskRef>& inputs() const override { return inputs_; }
  Result<Bytes> run(const std::vector<Blob>& inputs) const override {
    alive_.saw(inputs);
    return test::bytes_of(identity());
  }

 private:
  int number_;
  std::vector<TaskRef> inputs_;
  AliveInputs& alive_;
};

TEST(Executor, holds_few_results_in_memory_however_many_tasks_there_are) {
  const int tracks = 8;
  for (const int threads : {1, 2, 8})
    for (const int mixes : {50, 1000}) {
      MemoryStore memory;
      Runs runs;
      AliveInputs alive;
      std::vector<TaskRef> wanted;
      for (int m = 0; m < mixes; ++m) {
        std::vector<TaskRef> inputs;
        for (int t = 0; t < tracks; ++t)
          inputs.push_back(task({.identity = fmt::format("track {} chunk {}", t, m), .setting = tracks * m + t,
                                 .keep = t % 2 ? Keep::Transient : Keep::Stored, .size = 1000}, runs));
        wanted.push_back(std::make_shared<WatchedMix>(m, std::move(inputs), alive));
      }
      // Room for 16 between tasks; each thread may be gathering for one and running another.
      const ExecutorOptions options{.threads = threads, .memory_bytes = 32'000};
      ASSERT_TRUE(Executor(*memory.store, options).run(wanted).ok());
      EXPECT_LE(alive.most(), static_cast<std::size_t>(16 + 2 * tracks * (threads + 1))) << threads << " threads, " << mixes << " mixes";
    }
}

TEST(Executor, tells_how_far_it_is) {
  MemoryStore memory;
  Runs runs;
  std::vector<Progress> told;
  Executor executor(*memory.store, {.threads = 1, .on_progress = [&](const Progress& p) { told.push_back(p); }});
  ASSERT_TRUE(executor.run(SmallFilm(runs).mixed).ok());
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back().done, 14);
  EXPECT_EQ(told.back().total, 14);
}

TEST(Executor, tells_how_much_a_film_needs_before_anything_is_made) {
  MemoryStore memory;
  Runs runs;
  const SmallFilm film(runs);
  EXPECT_EQ(working_set_bytes(*memory.store, film.mixed), 6 * 64u);
  ASSERT_TRUE(Executor(*memory.store, {.threads = 1}).run(film.mixed).ok());
  // All four are cleaned from different media, so nothing is the same.
  EXPECT_EQ(working_set_bytes(*memory.store, film.mixed), 6 * 64u);
  EXPECT_TRUE(check_budget(memory.store->usage(), 6 * 64u).ok());
  EXPECT_EQ(check_budget(memory.store->usage(), std::uint64_t{1} << 40).error().code, Code::OutOfSpace);
}

}  // namespace
}  // namespace twopop::cache
