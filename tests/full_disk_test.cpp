// A whole build whose out/ lies on a disk of its own that fills up: a tmpfs of a chosen size, mounted where only this test
// sees it.
#include "program.h"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/mount.h>

namespace twopop {
namespace {

namespace fs = std::filesystem;
using test::must;

constexpr int kNoMount = 77;

void write_text(const char* path, const std::string& text) {
  if (std::FILE* file = std::fopen(path, "wb")) {
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
}

/// Mounts an empty disk of so many bytes on a folder, for this process and its children alone.
bool mount_small_disk(const fs::path& folder, std::uintmax_t bytes) {
  const auto uid = ::getuid(), gid = ::getgid();
  if (uid == 0) {
    if (::unshare(CLONE_NEWNS) != 0) return false;
  } else {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", fmt::format("0 {} 1", uid));
    write_text("/proc/self/gid_map", fmt::format("0 {} 1", gid));
  }
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tmpfs", folder.c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) == 0;
}

std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes += (entry.file_size() + 4095) / 4096 * 4096;
  return bytes;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) names.insert(fs::relative(entry.path(), folder).string());
  return names;
}

/// Builds with what `film/out` holds on a disk that has `room` bytes left. What lies there afterwards is copied to `after`.
/// \returns the build's exit code, or kNoMount where no disk could be mounted.
int build_on_small_disk(const fs::path& film, std::uintmax_t room, const fs::path& after) {
  const fs::path kept = film.parent_path() / "kept";
  fs::remove_all(kept);
  fs::remove_all(after);
  fs::copy(film / "out", kept, fs::copy_options::recursive);
  const pid_t child = ::fork();
  if (child == 0) {
    int code = kNoMount;
    try {
      if (mount_small_disk(film / "out", bytes_in(kept) + 65536 + room)) {
        fs::copy(kept, film / "out", fs::copy_options::recursive);
        code = test::Process({"build", film.string()}, film.parent_path() / "full.txt").wait();
        fs::copy(film / "out", after, fs::copy_options::recursive);
      }
    } catch (const std::exception& e) {
      std::fprintf(stderr, "full_disk_test: %s\n", e.what());
      code = 70;
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(FullDisk, under_out_ends_the_build_with_a_word_and_leaves_every_file_whole) {
  const test::ScratchFolder scratch("full disk");
  const auto film = scratch.path / "film.twopop", after = scratch.path / "after";
  {
    const auto store = must(session::Store::create(film, test::small_film(scratch.path, 2, 12)));
  }
  test::build(scratch.path, film);
  const auto before = test::sound_of(film);
  const auto names = names_in(film / "out");
  {
    auto store = must(session::Store::open(film));
    session::Document changed = *store.head().document;
    changed.dialogue.clips.at("c0-0").gain = {-7};
    must(store.commit(store.head(), changed, "tester", "something to write"));
  }
  const auto wanted = test::sound_of_clean_build(scratch.path, film);
  ASSERT_NE(before, wanted);
  const std::uintmax_t whole = bytes_in(film / "out");
  int full = 0;
  for (const double share : {0.0, 0.1, 0.3, 0.45, 2.0}) {
    const int code = build_on_small_disk(film, static_cast<std::uintmax_t>(share * static_cast<double>(whole)), after);
    if (code == kNoMount) GTEST_SKIP() << "this machine lets nobody mount a disk of their own";
    const std::string errors = test::text_of(scratch.path / "full.txt.errors");
    EXPECT_EQ(names_in(after), names) << "something was left behind or lost, with room for " << share;
    fs::remove_all(scratch.path / "seen.twopop");
    fs::create_directory(scratch.path / "seen.twopop");
    fs::rename(after, scratch.path / "seen.twopop" / "out");
    for (const auto& [name, sound] : test::sound_of(scratch.path / "seen.twopop"))
      EXPECT_TRUE(sound == before.at(name) || sound == wanted.at(name)) << name << " is neither the old nor the new, with room for " << share;
    if (code == 0) {
      EXPECT_EQ(test::sound_of(scratch.path / "seen.twopop"), wanted);
      continue;
    }
    ++full;
    EXPECT_NE(errors.find("disk is full"), std::string::npos) << errors;
    EXPECT_NE(errors.find((film / "out").string()), std::string::npos) << "it does not say where: " << errors;
  }
  EXPECT_GE(full, 2);
  // Where there is room again the next build is right.
  test::build(scratch.path, film);
  EXPECT_EQ(test::sound_of(film), wanted);
}

}  // namespace
}  // namespace twopop
