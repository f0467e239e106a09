// How long a session of a two-hour film takes to open, to take an edit and to be written out. Prints medians of wall and CPU
// time; the commit's wall time is mostly the disk's sync, which `sync` shows beside it.
#include "session/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

using namespace twopop;

namespace {

session::Document long_film(int clips) {
  session::Document document;
  for (int i = 0; i < 40; ++i) document.media[fmt::format("m{}", i)].path = fmt::format("sound/{}.wav", i);
  for (int i = 0; i < clips; ++i) {
    const session::Id placement = fmt::format("p{}", i % 200);
    document.dialogue.placements[placement].media = fmt::format("m{}", i % 40);
    session::DialogueClip& clip = document.dialogue.clips[fmt::format("c{}", i)];
    clip.placement = placement;
    clip.film = {{i * 100000}, {i * 100000 + 90000}};
    clip.text = "Somebody says a line of about this length here.";
    clip.decided.reason = "speech, 18.2 dB over the noise";
  }
  document.picture.length = {clips * std::int64_t{100000}};
  return document;
}

double cpu_ms() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) * 1e-6;
}

template <class Body>
void time(const char* what, int times, Body body) {
  std::vector<double> wall, cpu;
  for (int i = 0; i < times; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const double busy = cpu_ms();
    body(i);
    cpu.push_back(cpu_ms() - busy);
    wall.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(wall.begin(), wall.end());
  std::sort(cpu.begin(), cpu.end());
  fmt::print("{:<44} {:8.2f} ms wall  {:8.2f} ms CPU\n", what, wall[wall.size() / 2], cpu[cpu.size() / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kClips = 4000;
  const std::filesystem::path folder = argc > 1 ? argv[1] : std::filesystem::temp_directory_path() / fmt::format("twopop-session-bench-{}", ::getpid());
  std::filesystem::create_directories(folder);
  const std::filesystem::path film = folder / "film";
  {
    auto store = session::Store::create(film, long_film(kClips));
    if (!store) return fmt::print(stderr, "{}\n", store.error().sentence()), 1;
    fmt::print("{} clips, session.json {:.1f} MB\n", kClips, static_cast<double>(store->json().size()) / 1e6);
    time("commit of one clip's gain (patch)", 50, [&](int i) {
      const session::Patch patch{{{session::Verb::Replace, fmt::format("/dialogue/clips/c{}/gain_db", i * 37 % kClips), "", fmt::format("{}", -i / 10.0 - 1)}}};
      TWOPOP_ASSERT(store->commit({store->head().revision, "bench", "", session::By::Person, patch}));
    });
    time("commit of a changed document", 20, [&](int i) {
      session::Document after = *store->head().document;
      after.dialogue.clips.at(fmt::format("c{}", i * 53 % kClips)).gain = Decibels{-i / 10.0 - 7};
      TWOPOP_ASSERT(store->commit(store->head(), after, "bench", ""));
    });
    time("undo", 20, [&](int) { TWOPOP_ASSERT(store->undo("bench")); });
    time("export of session.json", 5, [&](int) { TWOPOP_ASSERT(store->export_json()); });
  }
  time("open, with 90 edits since revision 0", 5, [&](int) { TWOPOP_ASSERT(session::Store::open(film)); });
  const int file = ::open((folder / "sync").c_str(), O_CREAT | O_WRONLY, 0666);
  time("sync of 4 kB, for comparison", 50, [&](int) {
    const std::vector<char> page(4096, 'x');
    TWOPOP_ASSERT(::write(file, page.data(), page.size()) == 4096 && ::fsync(file) == 0);
  });
  ::close(file);
  std::filesystem::remove_all(folder);
  return 0;
}
