#include "testing/film_at_work.h"

#include <gtest/gtest.h>

#include <fstream>

namespace twopop::server {
namespace {

using test::must;
using test::FilmAtWork;
using test::soon;

std::vector<DrawnPeak> noise_peaks(std::size_t count, std::uint64_t seed) {
  std::vector<DrawnPeak> peaks;
  for (std::size_t i = 0; i < count; ++i) {
    const auto random = philox(seed, 1, i);
    peaks.push_back({static_cast<std::int8_t>(-static_cast<int>(random[0] % 128)), static_cast<std::int8_t>(random[1] % 128)});
  }
  return peaks;
}

/// The slow, obvious reference.
DrawnPeak over(const std::vector<DrawnPeak>& fine, std::int64_t begin, std::int64_t end) {
  DrawnPeak all = fine[static_cast<std::size_t>(begin)];
  for (std::int64_t i = begin; i < std::min<std::int64_t>(end, static_cast<std::int64_t>(fine.size())); ++i) all = joined(all, fine[static_cast<std::size_t>(i)]);
  return all;
}

TEST(PeakFile, every_level_joins_four_of_the_one_below) {
  const twopop::test::ScratchFolder folder("peak-file");
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{4}, std::size_t{5}, std::size_t{1000}}) {
    const std::vector<std::vector<DrawnPeak>> channels{noise_peaks(count, 1), noise_peaks(count, 2)};
    must(PeakFile::write(folder.path / "p", channels, {static_cast<std::int64_t>(count) * 256 - 100}));
    const PeakFile file = must(PeakFile::open(folder.path / "p"));
    EXPECT_EQ(file.channels(), 2);
    std::int64_t span = 1;
    for (int level = 0; level < file.levels(); ++level, span *= 4) {
      for (int c = 0; c < 2; ++c) {
        const auto all = must(file.read(c, level, 0, 1 << 20));
        ASSERT_EQ(all.size(), (count + static_cast<std::size_t>(span) - 1) / static_cast<std::size_t>(span));
        for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], over(channels[static_cast<std::size_t>(c)], static_cast<std::int64_t>(i) * span, static_cast<std::int64_t>(i + 1) * span));
      }
      const auto both = must(file.read(-1, level, 0, 1));
      EXPECT_EQ(both[0], joined(over(channels[0], 0, span), over(channels[1], 0, span)));
    }
    EXPECT_EQ(file.count(file.levels() - 1), 1);
    EXPECT_TRUE(must(file.read(0, file.levels(), 0, 10)).empty());
    EXPECT_FALSE(file.read(2, 0, 0, 1).ok());
  }
}

TEST(PeakFile, one_that_was_cut_short_or_is_something_else_is_refused) {
  const twopop::test::ScratchFolder folder("peak-file-damaged");
  must(PeakFile::write(folder.path / "p", {noise_peaks(500, 3)}, {500 * 256}));
  const auto size = std::filesystem::file_size(folder.path / "p");
  for (std::uintmax_t cut = 0; cut < size; cut += 37) {
    std::filesystem::copy_file(folder.path / "p", folder.path / "cut", std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(folder.path / "cut", cut);
    EXPECT_FALSE(PeakFile::open(folder.path / "cut").ok()) << cut;
  }
  std::ofstream(folder.path / "other") << std::string(2000, 'x');
  EXPECT_FALSE(PeakFile::open(folder.path / "other").ok());
}

TEST(PeakFile, no_sound_is_drawn_as_silence) {
  const float quiet[]{0, 1e-6f, 0}, loud[]{3.0f, -3.0f}, nothing[]{0, 0};
  EXPECT_EQ(drawn(quiet), (DrawnPeak{0, 1}));
  EXPECT_EQ(drawn(loud), (DrawnPeak{-127, 127}));
  EXPECT_EQ(drawn(nothing), (DrawnPeak{0, 0}));
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(drawn(std::vector{nan, nan}), (DrawnPeak{0, 0}));
  EXPECT_EQ(drawn(std::vector{nan, 0.5f, nan}), (DrawnPeak{63, 64}));
  EXPECT_EQ(drawn(std::vector{-inf, inf}), (DrawnPeak{-127, 127}));
}

TEST(Peaks, of_a_recording_are_made_once_and_found_again) {
  FilmAtWork film("peaks-media", [](const auto& folder) { return twopop::test::small_film(folder, 2, 20); });
  const auto read = [&](int channel, int level, std::int64_t begin, std::int64_t count) { return must(film.service->peaks().read({true, "r0", channel}, level, begin, count, {})); };
  ASSERT_TRUE(soon([&] { return read(0, 0, 0, 1).has_value(); }));
  ASSERT_TRUE(soon([&] { return film.was_told(R"("type":"peaks","media":"r0")"); }));
  const auto sound = must(media::read_all(film.scratch.path / "r0.wav"));
  const auto all = *read(0, 0, 0, 1 << 18);
  ASSERT_EQ(static_cast<std::int64_t>(all.size()), (sound.frames() + 255) / 256);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::int64_t at = static_cast<std::int64_t>(i) * 256;
    ASSERT_EQ(all[i], drawn({sound.channel(0) + at, static_cast<std::size_t>(std::min<std::int64_t>(256, sound.frames() - at))})) << i;
  }
  ASSERT_TRUE(soon([&] { return film.service->peaks().made() == 2; }));
  film.close();
  film.open();
  EXPECT_TRUE(read(0, 3, 0, 10).has_value());
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(film.service->peaks().made(), 0);
}

TEST(Peaks, of_a_sound_follow_an_edit) {
  FilmAtWork film("peaks-sound", [](const auto& folder) { return twopop::test::small_film(folder, 1, 30); });
  const Peaks::Wanted track{false, "track:dialogue-1", -1};
  std::vector<DrawnPeak> before, after;
  const auto made = [&](std::vector<DrawnPeak>& into) {
    const auto found = film.service->peaks().read(track, 0, 0, 1 << 18, {});
    if (!found.ok() || !*found) return false;
    into = **found;
    return true;
  };
  ASSERT_TRUE(soon([&] { return made(before); }));
  ASSERT_EQ(static_cast<std::int64_t>(before.size()), (30 * 48000 + 255) / 256);
  const auto sound = must(film.service->sounds().stretch("track:dialogue-1", {{0}, {30 * 48000}}, {}));
  for (std::size_t i = 0; i < before.size(); ++i) {
    DrawnPeak expected{127, -127};
    const auto at = static_cast<std::int64_t>(i) * 256;
    for (int c = 0; c < sound.channels(); ++c) expected = joined(expected, drawn({sound.channel(c) + at, static_cast<std::size_t>(std::min<std::int64_t>(256, sound.frames() - at))}));
    ASSERT_EQ(before[i], expected) << i;
  }
  film.edit([](session::Document& document) { document.dialogue.clips.at("c0-1").muted = true; });
  ASSERT_TRUE(soon([&] { return made(after) && after != before; }));
  // The clip lies from 10 s to 17 s.
  for (std::size_t i = 0; i < after.size(); ++i) {
    const double at_s = static_cast<double>(i) * 256 / 48000;
    if (at_s > 10.1 && at_s < 16.9) {
      ASSERT_EQ(after[i], DrawnPeak{}) << at_s;
    } else if (at_s < 9.9 || at_s > 17.1) {
      ASSERT_EQ(after[i], before[i]) << at_s;
    }
  }
  EXPECT_EQ(film.service->peaks().read({false, "track:nobody", -1}, 0, 0, 1, {}).error().code, Code::NotFound);
  EXPECT_EQ(film.service->peaks().read({true, "nothing", -1}, 0, 0, 1, {}).error().code, Code::NotFound);
  EXPECT_EQ(film.service->peaks().read(track, 0, -1, 1, {}).error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace twopop::server
