#include "cache/store.h"

#include "cache/test_graph.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace twopop::cache {
namespace {

using test::bytes_of;
using test::MemoryStore;
using test::noise;

/// A folder on the real disk, removed at the end.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "twopop-store-XXXXXX").string();
    TWOPOP_ASSERT(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

Hash recipe(int i) { return Hasher().add("recipe").add(i).finish(); }

void put(Store& store, int i, const Bytes& bytes) {
  const auto done = store.put(recipe(i), hash_of(bytes), bytes);
  ASSERT_TRUE(done.ok()) << done.error().sentence();
}

Blob got(Store& store, const Bytes& bytes) {
  auto blob = store.get(hash_of(bytes));
  EXPECT_TRUE(blob.ok());
  return blob ? *blob : nullptr;
}

TEST(Store, gives_back_what_was_put_also_after_closing) {
  const Folder folder;
  const Bytes bytes = noise(1, 100'000), empty;
  for (int life = 0; life < 2; ++life) {
    auto opened = Store::open(folder.path, {std::uint64_t{1} << 24});
    ASSERT_TRUE(opened.ok()) << opened.error().sentence();
    Store& store = **opened;
    if (life == 0) {
      EXPECT_FALSE(store.outcome_of(recipe(1)).has_value());
      EXPECT_EQ(got(store, bytes), nullptr);
      put(store, 1, bytes);
      put(store, 2, empty);
      ASSERT_TRUE(store.remember(recipe(3), {hash_of("cheap"), 5}).ok());
      ASSERT_TRUE(store.set_note("a note", bytes_of("first")).ok());
      ASSERT_TRUE(store.set_note("a note", bytes_of("second")).ok());
    }
    ASSERT_TRUE(got(store, bytes));
    EXPECT_EQ(*got(store, bytes), bytes);
    ASSERT_TRUE(got(store, empty));
    EXPECT_TRUE(got(store, empty)->empty());
    EXPECT_EQ(store.outcome_of(recipe(1))->content, hash_of(bytes));
    EXPECT_EQ(store.outcome_of(recipe(1))->bytes, bytes.size());
    EXPECT_EQ(store.outcome_of(recipe(3))->content, hash_of("cheap"));
    EXPECT_FALSE(store.has(hash_of("cheap")));
    EXPECT_EQ(*store.note("a note"), bytes_of("second"));
    EXPECT_FALSE(store.note("another").has_value());
  }
}

TEST(Store, writes_the_same_content_once) {
  MemoryStore memory;
  const Bytes bytes = noise(1, 5000);
  put(*memory.store, 1, bytes);
  const std::uint64_t before = memory.store->usage().disk_bytes;
  put(*memory.store, 2, bytes);
  EXPECT_EQ(memory.store->usage().disk_bytes, before);
  EXPECT_EQ(memory.store->outcome_of(recipe(2))->content, hash_of(bytes));
}

TEST(Store, finds_what_a_killed_process_had_put) {
  // A store that is never closed stands for a process that was killed: the page cache survives it.
  FaultyFileSystem disk;
  const Bytes bytes = noise(1, 5000);
  auto killed = Store::open("/cache", {std::uint64_t{1} << 24, &disk});
  ASSERT_TRUE(killed.ok());
  put(**killed, 1, bytes);
  struct OtherProcess final : FileSystem {
    explicit OtherProcess(FileSystem& shared) : files(shared) {}
    Result<std::unique_ptr<File>> open(const std::filesystem::path& p, Access a) override { return files.open(p, a); }
    Result<void> rename(const std::filesystem::path& a, const std::filesystem::path& b) override { return files.rename(a, b); }
    Result<void> remove(const std::filesystem::path& p) override { return files.remove(p); }
    Result<std::vector<std::string>> list(const std::filesystem::path& p) override { return files.list(p); }
    Result<void> make_folder(const std::filesystem::path& p) override { return files.make_folder(p); }
    Result<void> sync_folder(const std::filesystem::path& p) override { return files.sync_folder(p); }
    Result<std::uint64_t> free_bytes(const std::filesystem::path& p) override { return files.free_bytes(p); }
    Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path&) override {
      return std::make_unique<FileLock>();  // the killed one's lock is free
    }
    FileSystem& files;
  } other(disk);
  auto next = Store::open("/cache", {std::uint64_t{1} << 24, &other});
  ASSERT_TRUE(next.ok());
  ASSERT_TRUE(got(**next, bytes));
  EXPECT_EQ((*next)->outcome_of(recipe(1))->content, hash_of(bytes));
}

TEST(Store, takes_a_damaged_entry_for_absent_and_keeps_the_others) {
  for (unsigned bit = 0; bit < 8; ++bit) {
    MemoryStore memory;
    for (int i = 0; i < 3; ++i) put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 1000));
    memory.disk->flip_bit("/cache/pack-000001", 64 + 1080 + 80 + 500, bit);
    if (bit % 2) memory.reopen();
    EXPECT_TRUE(got(*memory.store, noise(0, 1000)));
    EXPECT_FALSE(got(*memory.store, noise(1, 1000)));
    EXPECT_FALSE(memory.store->has(hash_of(noise(1, 1000))));
    EXPECT_TRUE(got(*memory.store, noise(2, 1000)));
    put(*memory.store, 1, noise(1, 1000));
    EXPECT_TRUE(got(*memory.store, noise(1, 1000)));
  }
}

TEST(Store, reads_notes_where_they_lie_in_the_index_through_rewriting_and_damage) {
  MemoryStore memory;
  const auto value = [](int i, int turn) { return bytes_of(fmt::format("note {} of turn {} {}", i, turn, std::string(static_cast<std::size_t>(i), '.'))); };
  // Often enough that the index grows past what is live in it, and is written anew.
  for (int turn = 0; turn < 40; ++turn) {
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(memory.store->set_note(fmt::format("{}", i), value(i, turn)).ok());
    if (turn % 4 == 1) {
      ASSERT_TRUE(memory.store->sync().ok());
    }
    if (turn % 9 == 8) memory.reopen();
    for (int i = 0; i < 500; i += 7) ASSERT_EQ(memory.store->note(fmt::format("{}", i)), value(i, turn));
  }
  ASSERT_TRUE(memory.store->sync().ok());
  EXPECT_LT(memory.disk->size_of("/cache/index"), 40u * 500 * 64);
  ASSERT_TRUE(memory.store->set_note("last", bytes_of("this")).ok());
  ASSERT_TRUE(memory.store->sync().ok());
  memory.disk->flip_bit("/cache/index", 64 * (memory.disk->size_of("/cache/index") / 64 - 1) + 33, 2);
  int readable = 0;
  for (int i = 0; i < 500; ++i) readable += memory.store->note(fmt::format("{}", i)).has_value();
  EXPECT_GE(readable + memory.store->note("last").has_value(), 500);
}

TEST(Store, loses_one_record_to_a_damaged_index_slot) {
  MemoryStore memory;
  for (int i = 0; i < 50; ++i) put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 100));
  memory.store.reset();
  // Every put made two slots: where the bytes are, and the outcome; the header is the first slot of all.
  memory.disk->flip_bit("/cache/index", 64 * (1 + 2 * 20 + 1) + 30, 3);
  memory.reopen();
  int known = 0, readable = 0;
  for (int i = 0; i < 50; ++i) {
    known += memory.store->outcome_of(recipe(i)).has_value();
    readable += got(*memory.store, noise(static_cast<std::uint64_t>(i), 100)) != nullptr;
  }
  EXPECT_GE(known, 49);
  EXPECT_GE(readable, 49);
  EXPECT_EQ(known + readable, 99);
}

TEST(Store, builds_a_lost_index_again_from_the_packs) {
  MemoryStore memory;
  for (int i = 0; i < 50; ++i) put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 100));
  memory.store.reset();
  ASSERT_TRUE(memory.disk->remove("/cache/index").ok());
  memory.reopen();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(got(*memory.store, noise(static_cast<std::uint64_t>(i), 100)));
    EXPECT_EQ(memory.store->outcome_of(recipe(i))->content, hash_of(noise(static_cast<std::uint64_t>(i), 100)));
  }
}

TEST(Store, stays_within_its_budget_and_lets_the_longest_unused_go_first) {
  const std::uint64_t budget = 200'000;
  MemoryStore memory(budget);
  const Bytes kept = noise(1000, 1000), pinned = noise(1001, 1000);
  put(*memory.store, 1000, kept);
  put(*memory.store, 1001, pinned);
  memory.store->pin(hash_of(pinned));
  for (int i = 0; i < 1000; ++i) {
    put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 1000));
    EXPECT_LE(memory.store->usage().disk_bytes, budget);
    EXPECT_TRUE(got(*memory.store, kept)) << "used all the time, and gone after " << i;
  }
  EXPECT_TRUE(got(*memory.store, pinned));
  EXPECT_FALSE(got(*memory.store, noise(0, 1000)));
  EXPECT_TRUE(got(*memory.store, noise(999, 1000)));
  EXPECT_EQ(memory.store->outcome_of(recipe(0))->content, hash_of(noise(0, 1000)));
  EXPECT_GT(memory.store->usage().stored_bytes, budget / 2);
}

TEST(Store, remembers_over_a_restart_what_was_used_last) {
  const std::uint64_t budget = 200'000;
  MemoryStore memory(budget);
  for (int i = 0; i < 100; ++i) put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 1000));
  memory.reopen(budget);
  EXPECT_TRUE(got(*memory.store, noise(0, 1000)));
  memory.reopen(budget);
  for (int i = 100; i < 200; ++i) put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 1000));
  EXPECT_TRUE(got(*memory.store, noise(0, 1000)));
  EXPECT_FALSE(got(*memory.store, noise(1, 1000)));
}

TEST(Store, refuses_to_put_when_everything_is_pinned_and_loses_nothing) {
  MemoryStore memory(100'000);
  int stored = 0;
  for (;; ++stored) {
    const Bytes bytes = noise(static_cast<std::uint64_t>(stored), 1000);
    memory.store->pin(hash_of(bytes));
    const auto done = memory.store->put(recipe(stored), hash_of(bytes), bytes);
    if (!done) {
      EXPECT_EQ(done.error().code, Code::OutOfSpace);
      break;
    }
  }
  EXPECT_GT(stored, 70);
  for (int i = 0; i < stored; ++i) EXPECT_TRUE(got(*memory.store, noise(static_cast<std::uint64_t>(i), 1000)));
  memory.store->unpin_all();
  put(*memory.store, stored, noise(static_cast<std::uint64_t>(stored), 1000));
}

TEST(Store, shrinks_to_a_smaller_budget_when_opened_with_it) {
  MemoryStore memory(std::uint64_t{1} << 24);
  for (int i = 0; i < 1000; ++i) put(*memory.store, i, noise(static_cast<std::uint64_t>(i), 1000));
  memory.reopen(100'000);
  EXPECT_LE(memory.store->usage().disk_bytes, 100'000u);
  EXPECT_TRUE(got(*memory.store, noise(999, 1000)));
}

TEST(Store, goes_on_when_the_disk_is_full) {
  FaultyFileSystem disk(50'000);
  auto store = Store::open("/cache", {std::uint64_t{1} << 24, &disk});
  ASSERT_TRUE(store.ok());
  int stored = 0;
  while ((*store)->put(recipe(stored), hash_of(noise(static_cast<std::uint64_t>(stored), 1000)), noise(static_cast<std::uint64_t>(stored), 1000)).ok()) ++stored;
  EXPECT_GT(stored, 30);
  for (int i = 0; i < stored; ++i) EXPECT_TRUE(got(**store, noise(static_cast<std::uint64_t>(i), 1000)));
  store->reset();
  auto again = Store::open("/cache", {std::uint64_t{1} << 24, &disk});
  ASSERT_TRUE(again.ok()) << again.error().sentence();
  for (int i = 0; i < stored; ++i) EXPECT_TRUE(got(**again, noise(static_cast<std::uint64_t>(i), 1000)));
}

TEST(Store, takes_its_default_budget_from_the_free_disk) {
  FaultyFileSystem disk(std::uint64_t{1} << 30);
  auto store = Store::open("/cache", {0, &disk});
  ASSERT_TRUE(store.ok());
  EXPECT_NEAR(static_cast<double>((*store)->usage().budget_bytes), static_cast<double>(std::uint64_t{1} << 28), 1e6);
}

TEST(Store, serves_many_threads_at_once) {
  MemoryStore memory(400'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      RandomStream random(static_cast<std::uint64_t>(t), 9);
      for (int k = 0; k < 500; ++k) {
        const int i = static_cast<int>(random.below(300));
        const Bytes bytes = noise(static_cast<std::uint64_t>(i), 1000 + static_cast<std::size_t>(i));
        if (random.below(2)) put(*memory.store, i, bytes);
        if (const Blob blob = got(*memory.store, bytes)) {
          EXPECT_EQ(*blob, bytes);
        }
        if (random.below(20) == 0) {
          EXPECT_TRUE(memory.store->sync().ok());
        }
        if (const auto outcome = memory.store->outcome_of(recipe(i))) {
          EXPECT_EQ(outcome->content, hash_of(bytes));
        }
        EXPECT_TRUE(memory.store->set_note(fmt::format("note {}", i), bytes_of(fmt::format("{}", k))).ok());
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(memory.store->usage().disk_bytes, 400'000u);
}

}  // namespace
}  // namespace twopop::cache
