// The program killed at random instants of edits and builds. TWOPOP_KILLS sets how often; the long form is 200:
//
//     TWOPOP_KILLS=200 build/release/whole_test --gtest_filter='Kills.*'
#include "program.h"

#include <gtest/gtest.h>

#include <chrono>

namespace twopop {
namespace {

using test::must;

/// The gain that revision r leaves on one clip, and its negative on another: one edit writes both.
double gain_of(std::int64_t revision) { return -static_cast<double>(revision % 90) / 10; }

/// Edits the film over and over, each acknowledged revision going down the pipe, until it is killed.
[[noreturn]] void edit_until_killed(const std::filesystem::path& film, int pipe) {
  for (;;) {
    auto store = session::Store::open(film);
    if (!store) ::_exit(3);
    for (int i = 0; i < 5; ++i) {
      session::Document after = *store->head().document;
      const std::int64_t next = store->head().revision + 1;
      after.dialogue.clips.at("c0-0").gain = {gain_of(next)};
      after.dialogue.clips.at("c1-0").gain = {-gain_of(next)};
      const auto revision = store->commit(store->head(), after, "writer", "step");
      if (!revision) ::_exit(4);
      if (::write(pipe, &*revision, sizeof *revision) != sizeof *revision) ::_exit(5);
    }
  }
}

void sleep_for(double seconds) { ::usleep(static_cast<useconds_t>(seconds * 1e6)); }

/// The last revision that a killed writer was told is safe, or 0.
std::int64_t kill_a_writer(const std::filesystem::path& film, double after_seconds) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    edit_until_killed(film, ends[1]);
  }
  ::close(ends[1]);
  sleep_for(after_seconds);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);
  std::int64_t acknowledged = 0;
  for (std::int64_t revision = 0; ::read(ends[0], &revision, sizeof revision) == sizeof revision;) acknowledged = revision;
  ::close(ends[0]);
  return acknowledged;
}

TEST(Kills, of_edits_and_builds_lose_no_acknowledged_edit_and_the_next_build_is_right) {
  const test::ScratchFolder scratch("kills");
  const auto film = scratch.path / "film.twopop";
  {
    const auto store = must(session::Store::create(film, test::small_film(scratch.path, 2, 12)));
  }
  const char* set = std::getenv("TWOPOP_KILLS");
  const int kills = set ? std::atoi(set) : 10;
  const auto began = std::chrono::steady_clock::now();
  test::build(scratch.path, film);
  const double build_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

  RandomStream random(5, 1);
  int killed_builds = 0;
  for (int kill = 0; kill < kills; ++kill) {
    std::int64_t acknowledged = must(session::Store::open(film, session::Access::Read)).head().revision;
    const std::uint32_t kind = random.below(4);
    if (kind == 0) {
      acknowledged = std::max(acknowledged, kill_a_writer(film, random.uniform(0.001, 0.08)));
    } else if (kind == 1) {
      const double gain = random.uniform(-9, 0);
      test::Process process({"edit", film.string(), "--set", fmt::format("/dialogue/clips/c0-0/gain_db={}", gain), fmt::format("/dialogue/clips/c1-0/gain_db={}", -gain)},
                            scratch.path / "killed.json");
      sleep_for(random.uniform(0, 0.1));
      if (process.kill() == 0) ++acknowledged;
    } else {
      // A build that has something to do, from nothing now and then.
      if (random.below(4) == 0) std::filesystem::remove_all(film / "cache");
      auto store = must(session::Store::open(film));
      session::Document after = *store.head().document;
      after.dialogue.clips.at("c0-0").gain = {random.uniform(-9, 0)};
      after.dialogue.clips.at("c1-0").gain = {-after.dialogue.clips.at("c0-0").gain.value};
      acknowledged = must(store.commit(store.head(), after, "tester", "before a build"));
      test::Process process({"build", film.string(), "--json"}, scratch.path / "killed.json");
      sleep_for(random.uniform(0, 0.3 * build_seconds));  // with a warm cache it takes a part of the first
      killed_builds += process.kill() == -1;
    }
    {
      const auto store = session::Store::open(film);
      ASSERT_TRUE(store) << store.error().sentence();
      EXPECT_GE(store->head().revision, acknowledged) << "an acknowledged edit is lost";
      const auto& clips = store->head().document->dialogue.clips;
      EXPECT_EQ(clips.at("c0-0").gain.value, -clips.at("c1-0").gain.value) << "half an edit";
    }
    if (kill % 5 == 4 || kill + 1 == kills) {
      test::build(scratch.path, film);
      ASSERT_EQ(test::sound_of(film), test::sound_of_clean_build(scratch.path, film)) << "after kill " << kill;
    }
  }
  EXPECT_GT(killed_builds, 0);
}

}  // namespace
}  // namespace twopop
