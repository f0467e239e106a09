#include "cache/executor.h"
#include "cache/store.h"
#include "cache/test_graph.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace twopop::cache {
namespace {

using test::bytes_of;
using test::noise;
namespace fs = std::filesystem;

constexpr std::uint64_t kBudget = std::uint64_t{16} << 20;

/// A store's folder on the real disk, where processes meet; removed at the end.
struct Shared {
  fs::path path;
  Shared() {
    std::string name = (fs::temp_directory_path() / "twopop-guest-XXXXXX").string();
    TWOPOP_ASSERT(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Shared() { fs::remove_all(path); }

  std::unique_ptr<Store> open(std::uint64_t budget = kBudget) const {
    auto opened = Store::open(path, {budget});
    EXPECT_TRUE(opened.ok()) << opened.error().sentence();
    return opened ? *std::move(opened) : nullptr;
  }
  std::size_t guests() const {
    std::error_code none;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path / "guests", none), fs::directory_iterator()));
  }
};

Hash recipe(int i) { return Hasher().add("recipe").add(i).finish(); }
Bytes made(int i, std::size_t size = 1000) { return noise(static_cast<std::uint64_t>(i), size + static_cast<std::size_t>(i)); }
Bytes got(Store& store, const Bytes& bytes) {
  const auto blob = store.get(hash_of(bytes));
  EXPECT_TRUE(blob.ok());
  return blob && *blob ? **blob : Bytes{};
}
void put(Store& store, int i) {
  const auto kept = store.put(recipe(i), hash_of(made(i)), made(i));
  ASSERT_TRUE(kept.ok()) << kept.error().sentence();
}

TEST(GuestStore, reads_what_the_owner_holds_also_what_its_index_does_not_tell_of_yet) {
  const Shared folder;
  const auto owner = folder.open();
  put(*owner, 1);
  ASSERT_TRUE(owner->set_note("why", bytes_of("because")).ok());
  ASSERT_TRUE(owner->sync().ok());
  put(*owner, 2);  // in the pack alone
  const auto guest = folder.open();
  for (int i = 1; i <= 2; ++i) {
    EXPECT_EQ(got(*guest, made(i)), made(i));
    ASSERT_TRUE(guest->outcome_of(recipe(i)));
    EXPECT_EQ(guest->outcome_of(recipe(i))->content, hash_of(made(i)));
  }
  EXPECT_EQ(*guest->note("why"), bytes_of("because"));
  EXPECT_FALSE(guest->has(hash_of(made(3))));
}

TEST(GuestStore, leaves_what_it_made_to_the_owner) {
  const Shared folder;
  const auto owner = folder.open();
  put(*owner, 1);
  auto guest = folder.open();
  for (int i = 1; i < 40; ++i) put(*guest, i);
  ASSERT_TRUE(guest->remember(recipe(100), {hash_of("cheap"), 5}).ok());
  ASSERT_TRUE(guest->set_note("why", bytes_of("because")).ok());
  EXPECT_EQ(got(*guest, made(7)), made(7));
  EXPECT_FALSE(owner->has(hash_of(made(7)))) << "at work still";
  put(*owner, 1000);
  EXPECT_EQ(folder.guests(), 1u);
  guest.reset();
  put(*owner, 1001);
  EXPECT_EQ(folder.guests(), 0u);
  for (int i = 1; i < 40; ++i) {
    EXPECT_EQ(got(*owner, made(i)), made(i));
    EXPECT_EQ(owner->outcome_of(recipe(i))->content, hash_of(made(i)));
  }
  EXPECT_EQ(owner->outcome_of(recipe(100))->content, hash_of("cheap"));
  EXPECT_EQ(*owner->note("why"), bytes_of("because"));
}

TEST(GuestStore, sees_what_other_guests_made_before_the_owner_has_taken_it_in) {
  const Shared folder;
  const auto owner = folder.open();
  put(*owner, 1);
  auto first = folder.open();
  put(*first, 2);
  const auto second = folder.open();
  EXPECT_EQ(got(*second, made(2)), made(2));
  first.reset();
  const auto third = folder.open();
  EXPECT_EQ(third->outcome_of(recipe(2))->content, hash_of(made(2)));
  put(*owner, 3);  // takes in the first
  EXPECT_EQ(got(*second, made(2)), made(2)) << "what it had open stays readable";
  EXPECT_EQ(got(*third, made(2)), made(2));
  EXPECT_EQ(got(*owner, made(2)), made(2));
}

TEST(GuestStore, leaves_word_of_results_whose_bytes_were_there_already) {
  const Shared folder;
  const auto owner = folder.open();
  put(*owner, 1);
  ASSERT_TRUE(folder.open()->put(recipe(50), hash_of(made(1)), made(1)).ok());
  EXPECT_EQ(folder.open()->outcome_of(recipe(50))->content, hash_of(made(1)));
  put(*owner, 2);
  EXPECT_EQ(folder.guests(), 0u);
  EXPECT_EQ(owner->outcome_of(recipe(50))->content, hash_of(made(1)));
}

TEST(GuestStore, that_made_nothing_leaves_nothing) {
  const Shared folder;
  const auto owner = folder.open();
  put(*owner, 1);
  {
    const auto guest = folder.open();
    EXPECT_EQ(folder.guests(), 1u);
    EXPECT_EQ(got(*guest, made(1)), made(1));
  }
  EXPECT_EQ(folder.guests(), 0u);
}

TEST(GuestStore, is_taken_in_by_whoever_opens_the_folder_next) {
  const Shared folder;
  {
    auto owner = folder.open();
    const auto guest = folder.open();
    put(*guest, 5);
    owner.reset();
  }
  const auto next = folder.open();
  EXPECT_EQ(got(*next, made(5)), made(5));
  EXPECT_EQ(next->outcome_of(recipe(5))->content, hash_of(made(5)));
}

TEST(GuestStore, reads_on_what_the_owner_evicts_and_compacts_away) {
  const Shared folder;
  const auto owner = folder.open(200'000);
  for (int i = 0; i < 100; ++i) put(*owner, i);
  const auto guest = folder.open(200'000);
  std::vector<int> there;
  for (int i = 0; i < 100; ++i)
    if (guest->has(hash_of(made(i)))) there.push_back(i);
  ASSERT_GT(there.size(), 90u);
  for (int i = 1000; i < 1400; ++i) put(*owner, i);
  EXPECT_FALSE(owner->has(hash_of(made(there.front()))));
  for (const int i : there) EXPECT_EQ(got(*guest, made(i)), made(i));
}

TEST(GuestStore, takes_what_is_damaged_for_absent_and_makes_it_anew) {
  const Shared folder;
  const auto owner = folder.open();
  for (int i = 1; i < 4; ++i) put(*owner, i);
  ASSERT_TRUE(owner->sync().ok());
  {
    std::fstream pack(folder.path / "pack-000001", std::ios::in | std::ios::out | std::ios::binary);
    pack.seekp(64 + 80 + 500);
    pack.put('\x55');
    pack.put('\xaa');
  }
  auto guest = folder.open();
  EXPECT_TRUE(got(*guest, made(1)).empty());
  EXPECT_FALSE(guest->has(hash_of(made(1))));
  EXPECT_TRUE(guest->found_damaged(hash_of(made(1))));
  EXPECT_EQ(got(*guest, made(2)), made(2));
  put(*guest, 1);
  EXPECT_EQ(got(*guest, made(1)), made(1));
  EXPECT_FALSE(guest->found_damaged(hash_of(made(1))));
}

TEST(GuestStore, stays_with_its_owner_within_the_owners_budget) {
  const Shared folder;
  const auto owner = folder.open(400'000);
  for (int i = 0; i < 100; ++i) put(*owner, i);
  {
    const auto guest = folder.open();  // has a larger budget, and so larger packs
    for (int i = 1000; i < 2000; ++i) put(*guest, i);
  }
  put(*owner, 5000);
  EXPECT_EQ(folder.guests(), 0u);
  EXPECT_LE(owner->usage().disk_bytes, 400'000u);
  EXPECT_TRUE(owner->has(hash_of(made(1999))));
  for (int i = 0; i < 2000; ++i)
    if (const Bytes bytes = got(*owner, made(i)); !bytes.empty()) {
      EXPECT_EQ(bytes, made(i));
    }
}

// --- processes ---------------------------------------------------------------------------------

/// Runs `work` in a process of its own.
pid_t process(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  return child;
}
bool ended_well(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Puts and gets at random, the first thing that is wrong ends the process with a status; for so many rounds, or until it is killed.
void work_at_random(const fs::path& path, std::uint64_t seed, int rounds) {
  auto opened = Store::open(path, {std::uint64_t{600'000}});
  if (!opened) ::_exit(2);
  Store& store = **opened;
  RandomStream random(seed, 4);
  for (int k = 0; rounds == 0 || k < rounds; ++k) {
    const int i = static_cast<int>(random.below(600));
    const Bytes bytes = made(i);
    if (random.below(2) && !store.put(recipe(i), hash_of(bytes), bytes)) ::_exit(3);
    const auto blob = store.get(hash_of(bytes));
    if (!blob || (*blob && **blob != bytes)) ::_exit(4);
    if (const auto outcome = store.outcome_of(recipe(i)); outcome && outcome->content != hash_of(bytes)) ::_exit(5);
    if (random.below(100) == 0 && !store.sync()) ::_exit(6);
  }
}

TEST(GuestStore, processes_at_work_at_once_never_mix_anything_up_whichever_is_killed) {
  const Shared folder;
  RandomStream random(5, 6);
  for (int round = 0; round < 12; ++round) {
    std::vector<pid_t> killed, whole;
    for (std::uint64_t p = 0; p < 3; ++p) {
      const auto seed = static_cast<std::uint64_t>(round) * 10 + p;
      // Each round another of the three is killed in the middle of it: owner or guest.
      if (static_cast<int>(p) == round % 3) killed.push_back(process([&] { work_at_random(folder.path, seed, 0); }));
      else whole.push_back(process([&] { work_at_random(folder.path, seed, 400); }));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + random.below(60)));
    for (const pid_t child : killed) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    for (const pid_t child : whole) EXPECT_TRUE(ended_well(child)) << "round " << round;
  }
  const auto last = folder.open(600'000);
  put(*last, 1);
  EXPECT_EQ(folder.guests(), 0u);
  int known = 0, held = 0;
  for (int i = 0; i < 600; ++i) {
    if (const auto outcome = last->outcome_of(recipe(i))) {
      ++known;
      EXPECT_EQ(outcome->content, hash_of(made(i)));
    }
    if (const Bytes bytes = got(*last, made(i)); !bytes.empty()) {
      ++held;
      EXPECT_EQ(bytes, made(i));
    }
  }
  EXPECT_GT(known, 300);
  EXPECT_GT(held, 100);
  EXPECT_LE(last->usage().disk_bytes, 600'000u);
}

TEST(GuestStore, a_build_beside_another_gives_the_same_and_the_next_makes_nothing) {
  const Shared folder;
  const auto film = [](test::Runs& runs) {
    std::vector<TaskRef> sources, mixed;
    for (int i = 0; i < 12; ++i) sources.push_back(test::task({fmt::format("source {}", i), i, Keep::Stored, {}, 5000}, runs));
    for (int i = 0; i < 8; ++i) mixed.push_back(test::task({fmt::format("mix {}", i), i, Keep::Stored, {sources[static_cast<std::size_t>(i)], sources[static_cast<std::size_t>(i + 4)]}, 5000}, runs));
    return mixed;
  };
  const auto build = [&] {
    test::Runs runs;
    auto opened = Store::open(folder.path, {kBudget});
    if (!opened) ::_exit(2);
    Executor executor(**opened, {2});
    const auto wanted = film(runs);
    const auto contents = executor.run(wanted);
    if (!contents) ::_exit(3);
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if ((*contents)[i] != hash_of(test::recomputed(wanted[i]))) ::_exit(4);
    if (!(*opened)->sync()) ::_exit(5);
  };
  const pid_t a = process(build), b = process(build);
  EXPECT_TRUE(ended_well(a));
  EXPECT_TRUE(ended_well(b));
  test::Runs runs;
  const auto store = folder.open();
  Executor executor(*store, {2});
  const auto again = executor.run(film(runs));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(runs.total(), 0);
}

}  // namespace
}  // namespace twopop::cache
