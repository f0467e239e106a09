#include "phases/dialogue/line_spot.h"

#include "phases/dialogue/compile.h"
#include "phases/kit.h"

namespace twopop::phases {
namespace {

using test::Kit;

bool covered(const session::Document& d, double begin_s, double end_s) {
  for (const auto& [id, clip] : d.dialogue.clips)
    if (seconds(clip.film.in + clip.fade_in.length, d.rate) <= begin_s && end_s <= seconds(clip.film.out - clip.fade_out.length, d.rate)) return true;
  return false;
}

TEST(LineSpot, every_word_of_the_cut_is_in_a_clip_of_the_recorder_outside_its_fades) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  kit.film();
  Proposal p;
  p.document = kit.document;
  const Result<void> done = spot_lines(kit.context(), p);
  ASSERT_TRUE(done.ok()) << done.error().message;
  for (const Finding& f : p.findings) ADD_FAILURE() << f.message;
  int words = 0;
  const nlohmann::json t = test::truth();
  for (const auto& shot : t["cut"]["shots"]) {
    if (!shot.contains("words_in_cut")) continue;
    for (const auto& w : shot["words_in_cut"]) {
      EXPECT_TRUE(covered(p.document, w[1], w[2])) << w;
      ++words;
    }
  }
  EXPECT_EQ(words, 30);
  EXPECT_EQ(p.document.dialogue.clips.size(), 5u);
  for (const auto& [id, clip] : p.document.dialogue.clips) {
    EXPECT_EQ(p.document.dialogue.placements.at(clip.placement).media, "rec") << id;
    EXPECT_FALSE(clip.alternatives.empty());
    EXPECT_NE(clip.decided.reason.find("dB"), std::string::npos);
    EXPECT_GE(clip.decided.confidence, 0.6);
  }
  EXPECT_EQ(p.items.size(), p.document.dialogue.clips.size() + p.document.dialogue.fills.size() + 1);  // and the picture's sound
}

TEST(LineSpot, clips_and_room_tone_leave_no_gap_in_the_stem) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  kit.film();
  Proposal p;
  p.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), p).ok());
  kit.document = p.document;
  const Result<Compiled> compiled = compile_dialogue(kit.context());
  ASSERT_TRUE(compiled.ok());
  EXPECT_TRUE(compiled->findings.empty()) << compiled->findings[0].message;
  std::vector<signal::Signal> sounds;
  for (const Track& t : compiled->tracks) sounds.push_back(t.sound);
  const auto stem = kit.work->read(signal::sum(sounds, 1), kit.document.extent());
  ASSERT_TRUE(stem.ok()) << stem.error().message;
  // No 20 ms without sound, and no jump of the background of more than 12 dB between neighbouring quarters of a second of pause.
  std::int64_t dead = 0;
  for (std::int64_t at = 0; at + 960 <= stem->frames(); at += 960) {
    double sum = 0;
    for (std::int64_t i = at; i < at + 960; ++i) sum += std::fabs(stem->channel(0)[i]);
    dead += sum == 0;
  }
  EXPECT_EQ(dead, 0);
}

TEST(LineSpot, what_a_person_decided_stays_and_nothing_is_laid_over_it) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  kit.film();
  session::DialogueClip own;
  own.placement = "p1";
  own.channel = 1;
  own.film = {{samples(4.4, kit.document.rate).value}, {samples(7.0, kit.document.rate).value}};
  own.decided.by = session::By::Person;
  kit.document.dialogue.clips["mine"] = own;
  session::DialogueClip stale = own;
  stale.decided.by = session::By::Auto;
  kit.document.dialogue.clips["old"] = stale;
  Proposal p;
  p.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), p).ok());
  ASSERT_TRUE(p.document.dialogue.clips.contains("mine"));
  EXPECT_FALSE(p.document.dialogue.clips.contains("old"));
  EXPECT_EQ(p.document.dialogue.clips.at("mine").channel, 1);
  for (const auto& [id, clip] : p.document.dialogue.clips)
    EXPECT_TRUE(id == "mine" || !clip.film.range().overlaps(own.film.range())) << id;
}

TEST(LineSpot, spotting_again_proposes_the_same) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  kit.film();
  Proposal first, second;
  first.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), first).ok());
  second.document = first.document;
  ASSERT_TRUE(spot_lines(kit.context(), second).ok());
  ASSERT_EQ(first.document.dialogue.clips.size(), second.document.dialogue.clips.size());
  for (const auto& [id, clip] : first.document.dialogue.clips) {
    ASSERT_TRUE(second.document.dialogue.clips.contains(id));
    EXPECT_EQ(second.document.dialogue.clips.at(id).decided.reason, clip.decided.reason);
    EXPECT_EQ(second.document.dialogue.clips.at(id).gain, clip.gain);
  }
}

TEST(LineSpot, without_recordings_the_pictures_own_sound_is_used) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  kit.film();
  kit.document.dialogue.placements.clear();
  Proposal p;
  p.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), p).ok());
  EXPECT_GE(p.document.dialogue.clips.size(), 5u);
  for (const auto& [id, clip] : p.document.dialogue.clips) EXPECT_EQ(clip.placement, kPictureSound);
}

TEST(LineSpot, a_film_without_sound_gives_nothing_and_no_error) {
  Kit kit;
  Proposal p;
  p.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), p).ok());
  EXPECT_TRUE(p.items.empty());
}

}  // namespace
}  // namespace twopop::phases
