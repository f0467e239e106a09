// How fast the cache is: bytes in and out against memcpy in the same run, opening the cache of a two-hour film, and
// finding out that nothing is to be done.
#include "cache/executor.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace {

using namespace twopop;
using namespace twopop::cache;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class F>
double median_seconds(int times, F&& f) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) {
    const double began = seconds();
    f(i);
    all.push_back(seconds() - began);
  }
  std::nth_element(all.begin(), all.begin() + times / 2, all.end());
  return all[static_cast<std::size_t>(times) / 2];
}

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().sentence().c_str());
  std::exit(1);
}
void must(Result<void> result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().sentence().c_str());
  std::exit(1);
}

Bytes filled(int seed, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    const std::uint64_t word = (static_cast<std::uint64_t>(seed) + i) * 0x9E3779B97F4A7C15u;
    std::memcpy(bytes.data() + i, &word, 8);
  }
  return bytes;
}

/// One of the chunks of a track, a stem or the mix.
class ChunkTask final : public Task {
 public:
  ChunkTask(std::string identity, std::uint64_t setting, std::vector<TaskRef> inputs, Keep keep)
      : identity_(std::move(identity)), setting_(setting), inputs_(std::move(inputs)), keep_(keep) {}
  std::string identity() const override { return identity_; }
  TaskKind kind() const override { return TaskKind::Chunk; }
  Keep keep() const override { return keep_; }
  Hash recipe() const override { return Hasher().add("chunk").add(setting_).finish(); }
  std::string settings_text() const override { return fmt::format("setting {}", setting_); }
  const std::vector<TaskRef>& inputs() const override { return inputs_; }
  Result<Bytes> run(const std::vector<Blob>&) const override { return filled(static_cast<int>(setting_), 256); }

 private:
  std::string identity_;
  std::uint64_t setting_;
  std::vector<TaskRef> inputs_;
  Keep keep_;
};

std::vector<TaskRef> film(int chunks, int tracks, int changed_chunk) {
  std::vector<TaskRef> mix;
  for (int c = 0; c < chunks; ++c) {
    std::vector<TaskRef> all;
    for (int t = 0; t < tracks; ++t) {
      const std::uint64_t setting = static_cast<std::uint64_t>(c * tracks + t) + (c == changed_chunk && t == 0 ? 1'000'000 : 0);
      all.push_back(std::make_shared<ChunkTask>(fmt::format("track {} chunk {}", t, c), setting, std::vector<TaskRef>{}, Keep::Stored));
    }
    mix.push_back(std::make_shared<ChunkTask>(fmt::format("mix chunk {}", c), 1, all, Keep::Stored));
  }
  return mix;
}

}  // namespace

int main() {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("twopop-cache-bench-{}", seconds());
  const std::size_t size = std::size_t{2} << 20;
  const double megabytes = static_cast<double>(size) * 1e-6;
  {
    auto store = must(Store::open(folder, {std::uint64_t{4} << 30, nullptr}));
    std::vector<Bytes> chunks;
    for (int i = 0; i < 100; ++i) chunks.push_back(filled(i, size));
    Bytes target(size);
    const double copy = median_seconds(100, [&](int i) { std::memcpy(target.data(), chunks[static_cast<std::size_t>(i)].data(), size); });
    std::vector<Hash> contents;
    const double hash = median_seconds(100, [&](int i) { contents.push_back(hash_of(chunks[static_cast<std::size_t>(i)])); });
    const double put = median_seconds(100, [&](int i) {
      must(store->put(hash_of(fmt::format("{}", i)), contents[static_cast<std::size_t>(i)], chunks[static_cast<std::size_t>(i)]));
    });
    const double get = median_seconds(100, [&](int i) {
      if (!must(store->get(contents[static_cast<std::size_t>(i)]))) std::exit(1);
    });
    std::printf("2 MiB blobs, median: memcpy %.0f MB/s, hash %.0f MB/s, put %.0f MB/s (%.2f x memcpy's time), get %.0f MB/s (%.2f x)\n",
                megabytes / copy, megabytes / hash, megabytes / put, put / copy, megabytes / get, get / copy);
  }
  std::filesystem::remove_all(folder);

  // Two hours at 48 kHz are 1319 chunks; with 22 tracks that is about 30,000 entries.
  const int chunk_count = 1319, track_count = 22;
  {
    auto store = must(Store::open(folder, {std::uint64_t{4} << 30, nullptr}));
    Executor executor(*store, {});
    const double began = seconds();
    must(executor.run(film(chunk_count, track_count, -1)));
    std::printf("%d small tasks run and kept: %.0f ms\n", chunk_count * (track_count + 1), (seconds() - began) * 1e3);
    must(store->sync());
  }
  const double open = median_seconds(9, [&](int) { must(Store::open(folder, {std::uint64_t{4} << 30, nullptr})); });
  std::printf("open with %d entries and as many notes: %.1f ms\n", chunk_count * (track_count + 1), open * 1e3);
  {
    auto store = must(Store::open(folder, {std::uint64_t{4} << 30, nullptr}));
    const auto again = film(chunk_count, track_count, -1);
    const double nothing = median_seconds(5, [&](int) { must(Executor(*store, {}).run(again)); });
    std::printf("find out that nothing is to be done: %.1f ms\n", nothing * 1e3);
    const double edit = median_seconds(9, [&](int i) { must(Executor(*store, {}).run(film(chunk_count, track_count, i + 1))); });
    std::printf("one changed track chunk, graph built anew: %.1f ms\n", edit * 1e3);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
