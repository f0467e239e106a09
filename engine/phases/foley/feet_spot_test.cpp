#include "phases/foley/feet_spot.h"

#include "phases/library_film.h"
#include "phases/ranges.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace twopop::phases {
namespace {

using session::MediaKind;
using test_film::add;
using test_film::corpus;
using test_film::Film;

/// film.truth: shots of walks, seconds of the cut. The others are talking heads.
constexpr std::pair<double, double> kWalks[] = {{0, 4.4}, {9.92, 15.92}, {24.2, 27.2}};

bool on_a_walk(SamplePosition at) {
  const double t = static_cast<double>(at.value) / 48000;
  return std::any_of(std::begin(kWalks), std::end(kWalks), [t](const auto& walk) { return walk.first <= t && t < walk.second; });
}

struct Walks : Film {
  Walks() : Film("feet", 27.2) {
    document.picture.media = add(document, corpus() / "film/picture/locked_cut.mp4", MediaKind::Picture);
    for (const char* name : {"wood_footstep.1", "wood_footstep.2", "gravel_footstep.1", "gravel_footstep.2"})
      add(document, corpus() / fmt::format("foley/footsteps/minetest_default_{}.ogg", name), MediaKind::Foley);
  }
};

TEST(FeetSpot, steps_are_laid_on_the_walks_of_the_kit_and_a_second_look_finds_the_same_without_looking) {
  TWOPOP_NEEDS_SHARED();
  Walks film;
  const auto first = foley_phase().spot(film.context());
  ASSERT_TRUE(first) << first.error().message;
  const auto& cues = first->document.foley.cues;
  std::printf("%zu steps\n", cues.size());
  EXPECT_GE(cues.size(), 5u);
  for (const auto& [id, cue] : cues) {
    EXPECT_TRUE(on_a_walk(cue.at)) << id;
    EXPECT_EQ(cue.pass, session::FoleyPass::Feet);
    EXPECT_EQ(cue.set, "minetest_default_wood_footstep") << "a floor indoors where the floor is not known";
    EXPECT_NE(cue.decided.reason.find("seen in the picture"), std::string::npos);
    EXPECT_GE(cue.decided.confidence, kAcceptConfidence);
  }
  bool guessed = false;
  for (const Finding& f : first->findings) guessed = guessed || f.code == "surface-guessed";
  EXPECT_TRUE(guessed) << "which of two surfaces is not seen";

  film.document = first->document;
  const auto before = film.work->executor().tallies();
  const auto second = foley_phase().spot(film.context());
  ASSERT_TRUE(second);
  ASSERT_EQ(second->document.foley.cues.size(), cues.size());
  for (const auto& [id, cue] : cues) EXPECT_EQ(second->document.foley.cues.at(id).at, cue.at) << id;
  EXPECT_EQ(film.work->executor().tallies().at(cache::TaskKind::Fact).rendered, before.at(cache::TaskKind::Fact).rendered) << "the picture was looked at once";

  const auto compiled = foley_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  ASSERT_EQ(compiled->tracks.size(), 1u);
  const auto sound = film.work->read(compiled->tracks[0].sound, film.document.extent());
  ASSERT_TRUE(sound) << sound.error().message;
  for (const auto& [id, cue] : cues) {
    float most = 0;
    for (std::int64_t i = cue.at.value; i < cue.at.value + 4800; ++i) most = std::max(most, std::fabs(sound->channel(0)[i]));
    EXPECT_GT(most, 0.01f) << id;
  }
}

TEST(FeetSpot, where_a_person_wrote_when_feet_are_heard_none_are_added) {
  TWOPOP_NEEDS_SHARED();
  Walks film;
  session::FoleyCue cue;
  cue.at = SamplePosition{500000};
  cue.decided.by = session::By::Person;
  film.document.foley.cues["mine"] = cue;
  const auto proposal = foley_phase().spot(film.context());
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->document.foley.cues.size(), 1u);
}

TEST(FeetSpot, nothing_is_looked_at_without_steps_to_lay) {
  TWOPOP_NEEDS_SHARED();
  Film film("no-feet", 27.2);
  film.document.picture.media = add(film.document, corpus() / "film/picture/locked_cut.mp4", MediaKind::Picture);
  const auto proposal = foley_phase().spot(film.context());
  ASSERT_TRUE(proposal);
  EXPECT_TRUE(proposal->document.foley.cues.empty());
  EXPECT_TRUE(proposal->findings.empty());
}

}  // namespace
}  // namespace twopop::phases
