#include "phases/adr/adr.h"

#include "analysis/speech.h"
#include "phases/dialogue/compile.h"
#include "phases/kit.h"
#include "phases/dialogue/line_spot.h"

namespace twopop::phases {
namespace {

using test::Kit;

/// The guide track of the kit as production sound, spotted into clips, with some real takes of its lines.
void guide(Kit& kit, const std::vector<std::string>& takes) {
  kit.add("guide", "film/adr/guide_track.flac", session::MediaKind::Recording);
  kit.document.picture.length = samples(30.6, kit.document.rate);
  session::Placement p;
  p.media = "guide";
  p.film = {{0}, {kit.document.picture.length.value}};
  kit.document.dialogue.placements["p1"] = p;
  for (const std::string& take : takes) kit.add(take, "film/adr/" + take + ".flac", session::MediaKind::Take);
  Proposal lines;
  lines.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), lines).ok());
  kit.document = lines.document;
}

TEST(Adr, takes_whose_words_are_not_in_the_film_are_refused_each_with_a_finding) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  kit.film();
  for (const char* take : {"arctic_a0068_take1", "arctic_a0149_take2", "arctic_a0304_take3", "arctic_a0314_take1", "arctic_a0445_take4", "arctic_a0569_take2"})
    kit.add(take, std::string("film/adr/") + take + ".flac", session::MediaKind::Take);
  Proposal lines;
  lines.document = kit.document;
  ASSERT_TRUE(spot_lines(kit.context(), lines).ok());
  kit.document = lines.document;
  const Result<Proposal> p = spot_adr(kit.context());
  ASSERT_TRUE(p.ok()) << p.error().message;
  EXPECT_EQ(p->document.adr.takes.size(), 6u);
  for (const auto& [id, take] : p->document.adr.takes) EXPECT_TRUE(take.refused) << id << ": " << take.decided.reason;
  EXPECT_EQ(p->findings.size(), 6u);
  kit.document = p->document;
  const Result<Compiled> compiled = compile_adr(kit.context());
  ASSERT_TRUE(compiled.ok());
  EXPECT_TRUE(compiled->covers.empty());
}

TEST(Adr, takes_find_their_lines_and_cover_them) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  guide(kit, {"arctic_a0314_take1", "arctic_a0304_take1"});
  const Result<Proposal> p = spot_adr(kit.context());
  ASSERT_TRUE(p.ok()) << p.error().message;
  // truth.json: where the guide speaks these lines.
  const std::map<std::string, double> middle{{"k-arctic_a0314_take1", 12.4}, {"k-arctic_a0304_take1", 16.6}};
  for (const auto& [id, at] : middle) {
    ASSERT_TRUE(p->document.adr.takes.contains(id));
    const session::AdrTake& take = p->document.adr.takes.at(id);
    ASSERT_FALSE(take.refused) << take.decided.reason;
    EXPECT_TRUE(p->document.adr.cues.at(take.cue).film.range().contains({samples(at, kit.document.rate).value})) << id;
    EXPECT_EQ(p->document.adr.cues.at(take.cue).chosen_take, id);
    EXPECT_LT(take.worst_ms, 150);
  }
  // 8 dB of signal to noise asks for cues, with the figure.
  int noisy = 0;
  for (const auto& [id, cue] : p->document.adr.cues) noisy += cue.reason_code == "N" && cue.figure.find("dB") != std::string::npos;
  EXPECT_GE(noisy, 3);

  kit.document = p->document;
  const Result<Compiled> dialogue = compile_dialogue(kit.context());
  ASSERT_TRUE(dialogue.ok());
  const Result<Compiled> compiled = compile_adr(kit.context({{"dialogue", &*dialogue}}));
  ASSERT_TRUE(compiled.ok());
  EXPECT_TRUE(compiled->findings.empty()) << compiled->findings[0].message;
  EXPECT_EQ(compiled->covers.size(), 2u);
  for (const Track& track : compiled->tracks) {
    if (track.role != Role::Speech) continue;
    const SampleRange where = track.heard.front();
    const auto sound = kit.work->read(track.sound, where);
    ASSERT_TRUE(sound.ok()) << sound.error().message;
    EXPECT_NEAR(analysis::measure_speech(sound->view(), kit.document.rate).speech_level.value, -26, 4);  // the level of the line's clip
  }
}

}  // namespace
}  // namespace twopop::phases
