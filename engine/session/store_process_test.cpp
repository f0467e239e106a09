#include "session/store.h"

#include "core/random.h"
#include "session/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace twopop::session {
namespace {

using testing::TemporaryFolder;

Document two_strips() {
  Document document;
  for (const char* id : {"a", "b"}) document.mix.strips[id];
  return document;
}

/// The gain that revision r leaves on strip a, and r-1 on strip b: one edit writes both.
double gain_of(std::int64_t revision) { return -static_cast<double>(revision % 900) / 10; }

/// Opens the film, edits it a few times and closes it, over and over; each acknowledged revision goes down the pipe.
[[noreturn]] void edit_until_killed(const std::filesystem::path& film, int pipe) {
  for (;;) {
    auto store = Store::open(film);
    if (!store) ::_exit(3);
    for (int i = 0; i < 5; ++i) {
      Document after = *store->head().document;
      const std::int64_t next = store->head().revision + 1;
      after.mix.strips.at("a").gain = Decibels{gain_of(next)};
      after.mix.strips.at("b").gain = Decibels{gain_of(next - 1)};
      const auto revision = store->commit(store->head(), after, "writer", "step");
      if (!revision) ::_exit(4);
      if (::write(pipe, &*revision, sizeof *revision) != sizeof *revision) ::_exit(5);
    }
  }
}

/// TWOPOP_KILLS sets how many writers are killed.
TEST(StoreProcesses, killing_a_writer_at_any_instant_loses_no_acknowledged_edit) {
  TemporaryFolder folder;
  const std::filesystem::path film = folder / "film";
  ASSERT_TRUE(Store::create(film, two_strips()));
  const char* set = std::getenv("TWOPOP_KILLS");
  const int kills = set ? std::atoi(set) : 20;
  RandomStream random(11, 6);
  std::int64_t acknowledged = 0;
  for (int kill = 0; kill < kills; ++kill) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      edit_until_killed(film, ends[1]);
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(random.uniform(1000, 60000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);
    for (std::int64_t revision = 0; ::read(ends[0], &revision, sizeof revision) == sizeof revision;) acknowledged = revision;
    ::close(ends[0]);

    const auto store = Store::open(film);
    ASSERT_TRUE(store) << store.error().sentence();
    const std::int64_t newest = store->head().revision;
    ASSERT_GE(newest, acknowledged) << "an acknowledged edit is lost";
    ASSERT_LE(newest, acknowledged + 1) << "at most the edit in flight is there as well";
    if (newest > 0) {
      EXPECT_EQ(store->head().document->mix.strips.at("a").gain.value, gain_of(newest));
      EXPECT_EQ(store->head().document->mix.strips.at("b").gain.value, gain_of(newest - 1)) << "half an edit";
    }
    acknowledged = newest;
  }
  EXPECT_GT(acknowledged, 0);
}

/// Commits `edits` changes of one strip, each on the revision it saw last, so that most must be merged.
int edit_strip(const std::filesystem::path& film, const std::string& strip, int edits) {
  auto store = Store::open(film);
  if (!store) return 3;
  for (int i = 1; i <= edits; ++i) {
    const Head base = store->head();
    Document after = *base.document;
    after.mix.strips.at(strip).gain = Decibels{-i / 10.0};
    if (!store->commit(base, after, strip, "step")) return 4;
  }
  return 0;
}

TEST(StoreProcesses, two_processes_that_edit_at_once_converge) {
  constexpr int kEdits = 200;
  TemporaryFolder folder;
  const std::filesystem::path film = folder / "film";
  ASSERT_TRUE(Store::create(film, two_strips()));
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  std::vector<pid_t> children;
  for (const char* strip : {"a", "b"}) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      char nothing = 0;
      ::close(gate[1]);
      if (::read(gate[0], &nothing, 1) != 0) ::_exit(5);  // until the gate is closed, for both at once
      ::_exit(edit_strip(film, strip, kEdits));
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  auto store = Store::open(film);
  ASSERT_TRUE(store);
  EXPECT_EQ(store->head().revision, 2 * kEdits);
  EXPECT_EQ(store->head().document->mix.strips.at("a").gain.value, -kEdits / 10.0);
  EXPECT_EQ(store->head().document->mix.strips.at("b").gain.value, -kEdits / 10.0);
  int merged = 0;
  const auto history = store->history();
  for (const LogEntry& entry : *history) merged += entry.base_revision + 1 < entry.revision;
  EXPECT_GT(merged, 0) << "the two never met";
}

}  // namespace
}  // namespace twopop::session
