#include "corpus.h"
#include "media/excerpt.h"
#include "media/proxy.h"
#include "small_film.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace twopop::media {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Mean difference of two pictures' luma, 0 to 255, frame by frame: the greatest.
double worst_difference(const std::filesystem::path& a, const std::filesystem::path& b) {
  auto one = FrameReader::open(a, 64, 36), other = FrameReader::open(b, 64, 36);
  double worst = 0;
  for (;;) {
    const auto x = (*one)->next(), y = (*other)->next();
    if (!x.ok() || !y.ok() || x->has_value() != y->has_value()) return 255;
    if (!*x) return worst;
    double sum = 0;
    for (std::size_t i = 0; i < (*x)->pixels.size(); ++i) sum += std::abs(static_cast<int>((*x)->pixels[i]) - static_cast<int>((*y)->pixels[i]));
    worst = std::max(worst, sum / static_cast<double>((*x)->pixels.size()));
  }
}

TEST(Proxy, has_the_frames_of_the_picture_at_their_times_in_short_groups) {
  TWOPOP_NEEDS_SHARED();
  const test::ScratchFolder folder("proxy");
  int uneven = 0;
  for (const char* name : {"film/picture/locked_cut.mp4", "video/nasa_13013.mp4", "video/run.mp4", "video/grid/brbk7n.mpg"}) {
    const auto picture = test::shared_folder() / "corpus" / name;
    const auto times = frame_times(picture);
    ASSERT_TRUE(times.ok()) << name;
    uneven += times->variable_rate;
    const auto proxy = folder.path / "proxy.mp4";
    ProxySettings settings;
    settings.most_height = 180;
    settings.piece = 60;
    const auto made = make_proxy(picture, *times, proxy, folder.path / "pieces", settings);
    ASSERT_TRUE(made.ok()) << name << ": " << made.error().sentence();
    EXPECT_FALSE(std::filesystem::exists(folder.path / "pieces"));
    const auto back = frame_times(proxy);
    ASSERT_TRUE(back.ok()) << back.error().sentence();
    ASSERT_EQ(back->count(), times->count()) << name;
    EXPECT_EQ(back->start_s, 0) << name;
    if (!times->variable_rate) {
      EXPECT_EQ(back->frames, times->frames) << name;
      EXPECT_FALSE(back->variable_rate) << name;
      for (std::int64_t i = 0; i < back->count(); ++i)
        ASSERT_EQ(back->ticks[static_cast<std::size_t>(i)] * back->tick_numerator * times->frames.numerator, i * times->frames.denominator * back->tick_denominator) << name << " frame " << i;
    } else {
      for (std::int64_t i = 0; i < back->count(); ++i) ASSERT_NEAR(back->seconds_of(i), times->seconds_of(i), 1e-4) << name << " frame " << i;
    }
    for (std::size_t k = 0; k < back->key_frames.size(); ++k) {
      const std::int64_t next = k + 1 < back->key_frames.size() ? back->key_frames[k + 1] : back->count();
      ASSERT_LE(next - back->key_frames[k], 12) << name;
    }
    const auto info = probe(proxy);
    ASSERT_TRUE(info.ok());
    EXPECT_TRUE(info->audio.empty());
    EXPECT_LE(info->video->height, 180);
    EXPECT_LT(worst_difference(picture, proxy), 8.0) << name;
    std::filesystem::remove(proxy);
  }
  EXPECT_GE(uneven, 0);
}

TEST(Proxy, goes_on_where_it_was_cut_off_and_comes_out_the_same) {
  TWOPOP_NEEDS_SHARED();
  const test::ScratchFolder folder("proxy-cut-off");
  const auto picture = test::shared_folder() / "corpus" / "film/picture/locked_cut.mp4";
  const auto times = frame_times(picture);
  ASSERT_TRUE(times.ok());
  ProxySettings settings;
  settings.most_height = 90;
  settings.piece = 60;
  ASSERT_TRUE(make_proxy(picture, *times, folder.path / "whole.mp4", folder.path / "a", settings).ok());
  const auto stopped = make_proxy(picture, *times, folder.path / "proxy.mp4", folder.path / "b", settings, [](double share) { return share < 0.5; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, Code::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder.path / "proxy.mp4"));
  // A piece that was being written when the machine went down is not whole.
  std::filesystem::resize_file(folder.path / "b" / "000001.piece", 100);
  std::vector<double> shares;
  ASSERT_TRUE(make_proxy(picture, *times, folder.path / "proxy.mp4", folder.path / "b", settings, [&](double share) {
                shares.push_back(share);
                return true;
              }).ok());
  EXPECT_LT(static_cast<std::int64_t>(shares.size()), times->count() * 3 / 4);  // half of it was there
  EXPECT_EQ(shares.back(), 1);
  EXPECT_EQ(bytes_of(folder.path / "proxy.mp4"), bytes_of(folder.path / "whole.mp4"));
}

TEST(Proxy, an_excerpt_holds_its_stretches_at_their_times_and_nothing_of_the_rest) {
  TWOPOP_NEEDS_SHARED();
  const test::ScratchFolder folder("excerpt");
  const auto picture = test::shared_folder() / "corpus" / "film/picture/locked_cut.mp4";
  const auto times = frame_times(picture);
  ASSERT_TRUE(times.ok());
  const auto proxy = folder.path / "proxy.mp4", excerpt = folder.path / "excerpt.mp4";
  ProxySettings settings;
  settings.most_height = 180;
  ASSERT_TRUE(make_proxy(picture, *times, proxy, folder.path / "pieces", settings).ok());
  const double length_s = times->duration_s(), frame_s = length_s / static_cast<double>(times->count());
  ASSERT_GT(length_s, 20);
  // Out of order, two that meet, one that ends beyond the end of the film.
  const std::vector<PictureStretch> stretches{{9, 11}, {5, 7}, {10, 12}, {length_s - 2, length_s + 30}};
  const auto copied = copy_stretches(proxy, stretches, excerpt);
  ASSERT_TRUE(copied.ok()) << copied.error().sentence();
  const auto open = [&](double s) { return (s >= 5 && s < 7) || (s >= 9 && s < 12) || s >= length_s - 2; };
  const auto nearly_open = [&](double s) { return open(s) || open(s + 13 * frame_s); };

  const auto there = frame_times(proxy), here = frame_times(excerpt);
  ASSERT_TRUE(there.ok());
  ASSERT_TRUE(here.ok()) << here.error().sentence();
  EXPECT_NEAR(here->duration_s(), length_s, 1e-3);
  std::set<std::int64_t> at;
  for (std::int64_t i = 0; i < here->count(); ++i) {
    const double s = here->seconds_of(i);
    EXPECT_TRUE(i == 0 || nearly_open(s)) << "a frame of what is closed, at " << s;
    at.insert(std::llround(s / frame_s));
  }
  for (std::int64_t i = 0; i < there->count(); ++i)
    EXPECT_TRUE(at.contains(i) || !open(there->seconds_of(i) + 1e-6)) << "frame " << i << " is missing";
  // The same frames bit for bit, those of the excerpt found by their time.
  auto whole = FrameReader::open(proxy, 64, 36), part = FrameReader::open(excerpt, 64, 36);
  ASSERT_TRUE(whole.ok() && part.ok());
  std::map<std::int64_t, std::vector<std::uint8_t>> pixels;
  for (std::int64_t i = 0;; ++i) {
    const auto frame = (*whole)->next();
    ASSERT_TRUE(frame.ok());
    if (!*frame) break;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>((*frame)->pixels.data());
    pixels[i].assign(bytes, bytes + (*frame)->pixels.size());
  }
  int compared = 0;
  for (std::int64_t i = 0; i < here->count(); ++i) {
    const auto frame = (*part)->next();
    ASSERT_TRUE(frame.ok() && *frame) << i;
    if (i == 0) continue;  // fills the time before
    const auto* bytes = reinterpret_cast<const std::uint8_t*>((*frame)->pixels.data());
    ASSERT_EQ(std::vector<std::uint8_t>(bytes, bytes + (*frame)->pixels.size()), pixels.at(std::llround(here->seconds_of(i) / frame_s))) << i;
    ++compared;
  }
  EXPECT_GT(compared, 7 * 20);
  EXPECT_LT(std::filesystem::file_size(excerpt), std::filesystem::file_size(proxy) / 2);
  EXPECT_EQ(copy_stretches(proxy, std::vector<PictureStretch>{{3, 3}, {length_s + 5, length_s + 9}}, folder.path / "none.mp4").error().code, Code::NotFound);
  EXPECT_FALSE(std::filesystem::exists(folder.path / "none.mp4"));
}

TEST(Proxy, sprite_shows_its_pictures_side_by_side) {
  TWOPOP_NEEDS_SHARED();
  const test::ScratchFolder folder("sprite");
  const auto picture = test::shared_folder() / "corpus" / "film/picture/locked_cut.mp4";
  const double times[]{0, 2, 4, 6};
  const auto strip = sprite(picture, times, 160);
  ASSERT_TRUE(strip.ok()) << strip.error().sentence();
  std::ofstream(folder.path / "strip.jpg", std::ios::binary) << *strip;
  const auto info = probe(folder.path / "strip.jpg");
  ASSERT_TRUE(info.ok()) << info.error().sentence();
  EXPECT_EQ(info->video->width, 640);
  EXPECT_FALSE(sprite(picture, {}, 160).ok());
}

TEST(Proxy, png_keeps_every_pixel) {
  const test::ScratchFolder folder("png");
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 40 * 20; ++i) pixels.insert(pixels.end(), {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i / 3), 9});
  const auto bytes = png(40, 20, pixels);
  ASSERT_TRUE(bytes.ok()) << bytes.error().sentence();
  EXPECT_EQ(bytes->substr(1, 3), "PNG");
  EXPECT_FALSE(png(40, 21, pixels).ok());
}

}  // namespace
}  // namespace twopop::media
