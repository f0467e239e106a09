#include "signal/known_fact.h"

#include "cache/run_scope.h"
#include "signal/detail/chunk.h"
#include "signal/detail/fetched.h"
#include "signal/detail/tasks.h"

#include <algorithm>
#include <chrono>
#include <malloc.h>
#include <span>

namespace twopop::signal {

using detail::Dependency;

struct Workspace::Impl {
  std::unique_ptr<cache::Store> store;
  std::unique_ptr<cache::Executor> executor;
  std::shared_ptr<MediaPool> media;
  detail::Planner planner;

  std::vector<cache::TaskRef> chunk_tasks(const Signal& stored, SampleRange range) {
    TWOPOP_ASSERT(stored->storage() == Storage::Chunks);
    std::vector<cache::TaskRef> tasks;
    if (range.empty()) return tasks;
    for (std::int64_t index = detail::chunk_of(range.begin); index <= detail::chunk_of(range.end - SampleCount{1}); ++index)
      tasks.push_back(planner.task(stored, index));
    return tasks;
  }
};

Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
Workspace::~Workspace() = default;

Result<std::unique_ptr<Workspace>> Workspace::open(const std::filesystem::path& folder, WorkspaceOptions options) {
  std::unique_ptr<Workspace> workspace(new Workspace());
  cache::StoreOptions store;
  store.budget_bytes = options.cache_budget_bytes;
  TWOPOP_TRY(workspace->impl_->store, cache::Store::open(folder, store));
  workspace->impl_->media = std::make_shared<MediaPool>(folder);
  cache::ExecutorOptions run;
  run.threads = options.threads;
  run.memory_bytes = options.memory_bytes;
  run.on_progress = std::move(options.on_progress);
  run.cancel = options.cancel;
  workspace->impl_->executor = std::make_unique<cache::Executor>(*workspace->impl_->store, std::move(run));
  return workspace;
}

Result<AudioBuffer<float>> Workspace::read(const Signal& signal, SampleRange range) {
  AudioBuffer<float> out(signal->channels(), range.length().value);
  if (range.empty()) return out;
  // Voices start where a stored signal's would, so that what is read does not depend on how it is asked for.
  const bool voices = detail::has_voices(*signal, false);
  SamplePosition from = range.begin, at = range.begin;
  if (voices) {
    from.value = mul_div(range.begin.value, 1, kSegment.value, Rounding::Floor) * kSegment.value;
    at = from.value == 0 ? from : from - detail::total_pre_roll(*signal, false);
  }
  Hasher unused;
  std::vector<Dependency> dependencies;
  detail::describe_graph(signal, false, {at, range.end}, detail::Start::Restart, unused, dependencies);
  const std::vector<cache::TaskRef> tasks = impl_->planner.tasks(dependencies);
  std::vector<cache::Blob> blobs;
  for (const cache::TaskRef& task : tasks) {
    TWOPOP_TRY(cache::Blob blob, impl_->executor->bytes(task));
    blobs.push_back(std::move(blob));
  }
  const detail::Fetched fetched(dependencies, blobs);
  detail::FusedRenderer renderer(signal, false, fetched);
  TWOPOP_CHECK(renderer.restart(at, range.begin));
  TWOPOP_CHECK(renderer.render(out.view()));
  return out;
}

Result<void> Workspace::stream(const Signal& signal, SampleRange range,
                               const std::function<Result<void>(SamplePosition, AudioView<const float>)>& consume) {
  if (range.empty()) return {};
  const std::int64_t first = detail::chunk_of(range.begin);
  if (signal->storage() != Storage::Chunks) {
    TWOPOP_ASSERT(!detail::has_voices(*signal, false));
    for (std::int64_t index = first; index <= detail::chunk_of(range.end - SampleCount{1}); ++index) {
      const SampleRange part = intersection(detail::chunk_range(index), range);
      TWOPOP_TRY(const AudioBuffer<float> sound, read(signal, part));
      TWOPOP_CHECK(consume(part.begin, sound.view()));
    }
    return {};
  }
  const Signal& stored = signal;
  AudioBuffer<float> silence;
  const auto count = static_cast<std::size_t>(detail::chunk_of(range.end - SampleCount{1}) - first + 1);
  const auto task = [&](std::size_t i) { return impl_->planner.task(stored, first + static_cast<std::int64_t>(i)); };
  return impl_->executor->stream(count, task, [&](std::size_t i, const cache::Blob& blob) -> Result<void> {
    TWOPOP_TRY(const detail::ChunkView chunk, detail::decode_chunk(*blob));
    const SampleRange whole = detail::chunk_range(first + static_cast<std::int64_t>(i));
    const SampleRange part = intersection(whole, range);
    AudioView<const float> sound = chunk.sound;
    if (chunk.silent) {
      if (silence.empty()) silence = AudioBuffer<float>(stored->channels(), kChunk.value);
      sound = std::as_const(silence).view();
    }
    return consume(part.begin, sound.sub((part.begin - whole.begin).value, part.length().value));
  });
}

Result<void> Workspace::make(const std::vector<Signal>& stored, SampleRange range) {
  if (range.empty()) return {};
  // Ten minutes and more at a time: the graph of a long film need not be held at once.
  constexpr std::int64_t kAtOnce = 96;
  const std::int64_t first = detail::chunk_of(range.begin), last = detail::chunk_of(range.end - SampleCount{1});
  const auto began = std::chrono::steady_clock::now();
  cache::Part part{0, static_cast<std::size_t>((last - first) / kAtOnce + 1), 0};
  for (; part.index < part.count; ++part.index) {
    const std::int64_t from = first + static_cast<std::int64_t>(part.index) * kAtOnce;
    std::vector<cache::TaskRef> tasks;
    for (const Signal& signal : stored)
      for (std::int64_t index = from; index <= std::min(last, from + kAtOnce - 1); ++index) tasks.push_back(impl_->planner.task(signal, index));
    const auto elapsed_s = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
    part.elapsed_s = elapsed_s();
    TWOPOP_TRY([[maybe_unused]] const auto contents, impl_->executor->run(tasks, part));
    if (elapsed_s() - part.elapsed_s > 2) {  // an edit is not kept waiting for it
      tasks.clear();
      impl_->planner.forget_unheld();
      malloc_trim(0);
    }
  }
  return {};
}

Result<std::vector<Hash>> Workspace::contents(const Signal& stored, SampleRange range) {
  return impl_->executor->run(impl_->chunk_tasks(stored, range));
}

Result<Hash> Workspace::content(const Signal& signal, SampleRange range) {
  Hasher hasher;
  std::vector<Dependency> dependencies;
  detail::describe_graph(signal, false, range, detail::Start::Restart, hasher, dependencies);
  constexpr std::size_t kAtOnce = 1024;
  const std::span<const Dependency> all(dependencies);
  for (std::size_t at = 0; at < all.size(); at += kAtOnce) {
    const auto some = all.subspan(at, std::min(kAtOnce, all.size() - at));
    TWOPOP_TRY(const std::vector<Hash> contents, impl_->executor->run(impl_->planner.tasks({some.begin(), some.end()}), {at / kAtOnce, (all.size() - 1) / kAtOnce + 1, 0}));
    for (const Hash& content : contents) hasher.add(content);
  }
  return hasher.finish();
}

Result<cache::Blob> Workspace::fact(const std::string& identity, std::string_view recipe, int version, const Hash& settings,
                                    const std::function<Result<cache::Bytes>()>& measure) {
  return impl_->executor->bytes(detail::make_fact(identity, fact_recipe(recipe, version, settings), measure));
}

Result<cache::Blob> Workspace::fact(const Fact& fact) { return this->fact(fact.identity, fact.recipe, fact.version, fact.settings, fact.measure); }

Result<void> Workspace::make_facts(const std::vector<Fact>& facts) {
  constexpr std::size_t kAtOnce = 256;
  const std::span<const Fact> all(facts);
  const auto began = std::chrono::steady_clock::now();
  cache::Part part{0, (all.size() + kAtOnce - 1) / kAtOnce, 0};
  for (; part.index < part.count; ++part.index) {
    std::vector<cache::TaskRef> tasks;
    for (const Fact& fact : all.subspan(part.index * kAtOnce, std::min(kAtOnce, all.size() - part.index * kAtOnce)))
      tasks.push_back(detail::make_fact(fact.identity, fact_recipe(fact.recipe, fact.version, fact.settings), fact.measure));
    part.elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    malloc_trim(0);  // small results lie between what each measurement has freed
    for (auto made = impl_->executor->run(tasks, part); !made; made = impl_->executor->run(tasks, part)) {
      if (made.error().code == Code::Cancelled) return made.error();
      // The error begins with the name of the task that failed: the others go on without it.
      if (std::erase_if(tasks, [&](const cache::TaskRef& task) { return made.error().message.starts_with(task->identity() + ": "); }) == 0) break;
    }
  }
  return {};
}

Result<void> Workspace::chunk_facts(const Signal& stored, SampleRange range, std::string_view recipe, int version, SampleCount pre_roll,
                                    const std::function<Result<cache::Bytes>(SampleRange, AudioView<const float>)>& measure,
                                    const std::function<Result<void>(SampleRange, const cache::Blob&)>& consume) {
  if (range.empty()) return {};
  const std::int64_t first = detail::chunk_of(range.begin);
  const auto part = [&](std::size_t i) { return intersection(detail::chunk_range(first + static_cast<std::int64_t>(i)), range); };
  const auto task = [&](std::size_t i) {
    detail::RangeFact fact;
    fact.identity = fmt::format("{} of {} chunk {}", recipe, stored->place(), first + static_cast<std::int64_t>(i));
    fact.range = part(i);
    // What is measured may know where it lies, and whether anything follows: equal sound elsewhere is another fact.
    fact.recipe = Hasher().add(recipe).add(version).add(fact.range.begin.value).add(fact.range.end == range.end).finish();
    fact.node = stored;
    fact.heard = {fact.range.begin - pre_roll, fact.range.end};
    fact.measure = measure;
    return detail::make_range_fact(impl_->planner, std::move(fact));
  };
  const auto count = static_cast<std::size_t>(detail::chunk_of(range.end - SampleCount{1}) - first + 1);
  return impl_->executor->stream(count, task, [&](std::size_t i, const cache::Blob& blob) { return consume(part(i), blob); });
}

Hash fact_recipe(std::string_view recipe, int version, const Hash& settings) { return Hasher().add("fact").add(recipe).add(version).add(settings).finish(); }

cache::Blob known_fact(Workspace& work, std::string_view recipe, int version, const Hash& settings) {
  return cache::known(work.store(), fact_recipe(recipe, version, settings));
}

void Workspace::rest() {
  impl_->executor->rest();
  impl_->media->rest();
  impl_->planner.forget_unheld();
  malloc_trim(0);
}

std::shared_ptr<MediaPool> Workspace::media() const { return impl_->media; }
cache::Store& Workspace::store() { return *impl_->store; }
cache::Executor& Workspace::executor() { return *impl_->executor; }

}  // namespace twopop::signal
