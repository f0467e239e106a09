#include "analysis/picture_cuts.h"

#include "core/random.h"
#include "corpus.h"
#include "media/picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr int kWidth = 160, kHeight = 90;
using Picture = std::vector<std::uint8_t>;

/// A made scene: blobs and edges drawn by seed, seen from (x, y), with a blob that moves by itself.
Picture scene(std::uint64_t seed, double x, double y, double time, double brightness = 0) {
  Picture out(kWidth * kHeight);
  RandomStream draw(seed, 1);
  struct Blob {
    double x, y, size, level;
  };
  std::vector<Blob> blobs;
  for (int i = 0; i < 25; ++i)
    blobs.push_back({draw.uniform(-60, 260), draw.uniform(-40, 140), draw.uniform(6, 30), draw.uniform(-70, 70)});
  blobs.push_back({40 + 20 * time, 45, 12, 60});
  for (int row = 0; row < kHeight; ++row)
    for (int column = 0; column < kWidth; ++column) {
      double level = 120 + brightness;
      for (const Blob& b : blobs)
        if (std::abs(column + x - b.x) < b.size && std::abs(row + y - b.y) < b.size) level += b.level;
      out[static_cast<std::size_t>(row * kWidth + column)] = static_cast<std::uint8_t>(std::clamp(level, 0.0, 255.0));
    }
  return out;
}

std::vector<std::int64_t> hard_frames(const std::vector<PictureCut>& cuts) {
  std::vector<std::int64_t> frames;
  for (const PictureCut& cut : cuts)
    if (cut.kind == CutKind::Hard) frames.push_back(cut.frame);
  return frames;
}

TEST(CutDetector, finds_cuts_between_moving_shots_to_the_frame) {
  CutDetector detector(kWidth, kHeight);
  for (int i = 0; i < 200; ++i) detector.add(scene(i < 60 ? 1 : i < 130 ? 2 : 3, 0.7 * i, 0, i / 25.0));
  EXPECT_EQ(hard_frames(detector.finish()), (std::vector<std::int64_t>{60, 130}));
}

TEST(CutDetector, takes_no_pan_shake_flash_or_repeated_frame_for_a_cut) {
  CutDetector detector(kWidth, kHeight);
  RandomStream draw(9, 9);
  for (int i = 0; i < 250; ++i) {
    const int shown = i / 3 * 3;  // 8 pictures a second in a 25 fps film
    const bool flash = i >= 100 && i < 102;
    detector.add(scene(4, 2.0 * shown + draw.uniform(-2, 2), draw.uniform(-2, 2), shown / 25.0, flash ? 90 : 0));
  }
  EXPECT_TRUE(hard_frames(detector.finish()).empty());
}

TEST(CutDetector, sees_a_jump_cut_of_a_still_camera_by_its_exposure) {
  CutDetector detector(kWidth, kHeight);
  for (int i = 0; i < 100; ++i) detector.add(scene(5, 0, 0, 0, i < 50 ? 0 : -5));
  const auto cuts = detector.finish();
  EXPECT_EQ(hard_frames(cuts), (std::vector<std::int64_t>{50}));
  EXPECT_LT(cuts.at(0).confidence, 0.7);
}

TEST(CutDetector, finds_the_middle_of_a_dissolve) {
  CutDetector detector(kWidth, kHeight);
  for (int i = 0; i < 120; ++i) {
    const Picture a = scene(6, 0, 0, 0), b = scene(7, 0, 0, 0);
    const double share = std::clamp((i - 50) / 20.0, 0.0, 1.0);
    Picture mixed(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) mixed[k] = static_cast<std::uint8_t>(std::lround(a[k] + share * (b[k] - a[k])));
    detector.add(mixed);
  }
  const auto cuts = detector.finish();
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].kind, CutKind::Gradual);
  EXPECT_NEAR(static_cast<double>(cuts[0].frame), 60, 3);
}

std::vector<PictureCut> cuts_of(const std::string& name) {
  auto reader = media::FrameReader::open(test::shared_folder() / "corpus" / name);
  EXPECT_TRUE(reader) << name;
  CutDetector detector(kWidth, kHeight);
  while (true) {
    auto frame = (*reader)->next();
    EXPECT_TRUE(frame);
    if (!frame || !*frame) return detector.finish();
    detector.add((*frame)->pixels);
  }
}

/// The kit's nine shots (film.truth: starts at 0, 4.40, 7.16, 9.92, 12.72, 15.92, 18.68, 21.44 and 24.20 s of 25 frames).
TEST(CutDetector, finds_the_eight_cuts_of_the_kit_to_the_frame) {
  TWOPOP_NEEDS_SHARED();
  EXPECT_EQ(hard_frames(cuts_of("film/picture/locked_cut.mp4")), (std::vector<std::int64_t>{110, 179, 248, 318, 398, 467, 536, 605}));
}

/// Seen frame by frame: three cuts in Big Buck Bunny's first 30 s, none in shots taken in one go.
TEST(CutDetector, finds_cuts_of_other_films_and_none_in_single_shots) {
  TWOPOP_NEEDS_SHARED();
  EXPECT_EQ(hard_frames(cuts_of("video/big_buck_bunny_0_30.webm")), (std::vector<std::int64_t>{283, 376, 551}));
  for (const char* name : {"video/mdn_pig.mp4", "video/run.mp4", "video/coin_motion.mov"})
    EXPECT_TRUE(hard_frames(cuts_of(name)).empty()) << name;
}

TEST(CutDetector, no_frames_and_one_frame_have_no_cut) {
  EXPECT_TRUE(CutDetector(kWidth, kHeight).finish().empty());
  CutDetector one(kWidth, kHeight);
  one.add(Picture(kWidth * kHeight, 80));
  EXPECT_TRUE(one.finish().empty());
}

}  // namespace
}  // namespace twopop::analysis
