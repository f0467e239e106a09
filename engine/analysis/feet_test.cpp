#include "analysis/feet.h"

#include "analysis/picture_cuts.h"
#include "corpus.h"
#include "made_walk.h"
#include "media/picture.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <optional>

namespace twopop::analysis {
namespace {

std::vector<double> sure(const FeetSeen& seen) {
  std::vector<double> at;
  for (const FootContact& c : seen.contacts)
    if (c.confidence >= 0.5) at.push_back(c.time_s);
  return at;
}

FeetSeen seen_of(const test::MadeWalk& walk) {
  FootSpotter spotter(walk.width, walk.height, {});
  for (int n = 0; n < walk.length_s() * walk.shown_per_s; ++n) spotter.add(walk.frame_at(n / walk.shown_per_s), n / walk.shown_per_s);
  return spotter.finish();
}

/// The shots are those of the cut detector, as in a film.
FeetSeen seen_of(const std::filesystem::path& picture) {
  std::vector<double> cuts;
  const auto times = media::frame_times(picture);
  const auto first = media::FrameReader::open(picture), second = media::FrameReader::open(picture, 320, 180);
  if (!times || !first || !second) return {};
  CutDetector detector(160, 90);
  for (auto frame = (*first)->next(); frame && *frame; frame = (*first)->next()) detector.add((*frame)->pixels);
  for (const PictureCut& cut : detector.finish())
    if (cut.confidence >= 0.4) cuts.push_back(times->seconds_of(cut.frame));
  FootSpotter spotter(320, 180, cuts);
  for (auto frame = (*second)->next(); frame && *frame; frame = (*second)->next()) spotter.add((*frame)->pixels, (*frame)->time_s);
  return spotter.finish();
}

TEST(Feet, of_drawn_walkers_come_down_when_they_do_at_any_frame_rate) {
  for (const auto& [shot_at, shown_at] : {std::pair{10.0, 25.0}, {25.0, 25.0}, {50.0, 50.0}}) {
    int found = 0, real = 0, false_ones = 0;
    double worst = 0;
    for (int seed = 11; seed < 14; ++seed) {
      test::MadeWalk walk;
      walk.seed = static_cast<std::uint64_t>(seed);
      walk.frames_per_s = shot_at, walk.shown_per_s = shown_at;
      walk.figure = 80 + 15 * (seed - 10);
      walk.step_s = 0.4 + 0.07 * (seed - 10);
      walk.steps = 4;
      const test::Hits hits = test::match_times(sure(seen_of(walk)), walk.contacts(), 0.12);
      found += hits.found, real += hits.found + hits.missed, false_ones += hits.false_ones;
      for (const double e : hits.errors_s) worst = std::max(worst, std::fabs(e));
    }
    std::printf("shot at %.0f, shown at %.0f: %d of %d, %d false, worst %.0f ms\n", shot_at, shown_at, found, real, false_ones, 1000 * worst);
    EXPECT_GE(found, real * 3 / 4) << shot_at;
    EXPECT_LE(false_ones, 1) << shot_at;
  }
}

TEST(Feet, are_not_looked_for_while_the_camera_moves) {
  test::MadeWalk walk;
  walk.steps = 4;
  walk.pan_per_s = 200;
  const FeetSeen seen = seen_of(walk);
  EXPECT_TRUE(sure(seen).empty());
  EXPECT_GT(seen.camera_moves_s, 1);
}

TEST(Feet, are_not_seen_in_a_still_shot_or_where_something_slides) {
  test::MadeWalk walk;
  walk.steps = 4;
  FootSpotter still(walk.width, walk.height, {});
  for (int n = 0; n < 75; ++n) {
    // One picture with a camera's noise.
    auto frame = walk.frame_at(0.1);
    for (std::size_t p = 0; p < frame.size(); ++p) frame[p] = static_cast<std::uint8_t>(frame[p] + (p * 7 + static_cast<std::size_t>(n) * 13) % 3);
    still.add(frame, n / 25.0);
  }
  EXPECT_TRUE(still.finish().contacts.empty());

  // A dark door that slides in and stops: upright, travelling, at rest in the end; but it walks nowhere.
  FootSpotter door(walk.width, walk.height, {});
  for (int n = 0; n < 100; ++n) {
    std::vector<std::uint8_t> frame(320 * 180, 150);
    const int right = std::min(140, n * 3);
    for (int y = 40; y < 165; ++y)
      for (int x = std::max(0, right - 60); x < right; ++x) frame[static_cast<std::size_t>(y * 320 + x)] = 40;
    door.add(frame, n / 25.0);
  }
  EXPECT_TRUE(sure(door.finish()).empty());
}

TEST(Feet, on_the_walks_of_the_film_kit_are_seen_and_none_on_talking_heads) {
  TWOPOP_NEEDS_SHARED();
  const auto corpus = test::shared_folder() / "corpus";
  std::ifstream in(corpus / "film.truth/truth.json");
  const nlohmann::json truth = nlohmann::json::parse(in);
  std::vector<double> real;
  for (const auto& step : truth["footsteps"]["steps"]) real.push_back(step["cut_s"].get<double>());
  const test::Hits hits = test::match_times(sure(seen_of(corpus / "film/picture/locked_cut.mp4")), real, truth["footsteps"]["tolerance_s"].get<double>());
  std::printf("film kit: %d of %zu contacts, %d false\n", hits.found, real.size(), hits.false_ones);
  EXPECT_GE(hits.found, 5);
  EXPECT_EQ(hits.false_ones, 0);
  for (const char* file : {"video/grid/bbaf2n.mpg", "video/grid/sbia1a.mpg", "video/coin_motion.mov"}) EXPECT_TRUE(sure(seen_of(corpus / file)).empty()) << file;
}

}  // namespace
}  // namespace twopop::analysis
