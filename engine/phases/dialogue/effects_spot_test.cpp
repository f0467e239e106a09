#include "phases/dialogue/effects_spot.h"

#include "phases/dialogue/compile.h"
#include "phases/dialogue/line_spot.h"
#include "phases/library_film.h"
#include "phases/mix/mix.h"
#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop::phases {
namespace {

using test_film::Film;

/// A knock: noise that dies away within a quarter of a second.
void knock(AudioBuffer<float>& sound, int channel, double at_s, double level, std::uint64_t seed) {
  for (std::int64_t i = 0; i < 24000; ++i)
    sound.view().at(channel, static_cast<std::int64_t>(at_s * 48000) + i) += static_cast<float>(level * std::exp(-static_cast<double>(i) / 2400)) * uniform11(philox(seed, 4, static_cast<std::uint64_t>(i))[0]);
}

/// Half a minute of made speech with pauses from x.6 to (x + 4).0 s, x = 2, 6, 10 ..., on a boom and a lavalier.
AudioBuffer<float> two_microphones() {
  const AudioBuffer<float> voice = twopop::test::made_speech(7, 32, 48000);
  AudioBuffer<float> sound(2, voice.frames());
  for (std::int64_t i = 0; i < voice.frames(); ++i) {
    // Two lines of four are left out, so that there is room for what happens between them.
    const double t = static_cast<double>(i) / 48000;
    const bool silent = (t > 6.8 && t < 12) || (t > 18.8 && t < 24);
    for (int c : {0, 1}) sound.view().at(c, i) = (silent ? 0.0f : voice.channel(0)[i]) + 0.001f * uniform11(philox(3, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]);
  }
  return sound;
}

session::Document placed(Film& film, AudioView<const float> sound) {
  twopop::test::write_wav(film.folder / "rec.wav", sound, 48000);
  const session::Id id = test_film::add(film.document, film.folder / "rec.wav", session::MediaKind::Recording);
  session::Placement placement;
  placement.media = id;
  placement.film = {{0}, {film.document.picture.length.value}};
  placement.decided.by = session::By::Person;
  film.document.dialogue.placements["rec"] = placement;
  return film.document;
}

std::vector<const session::DialogueClip*> effects(const session::Document& document) {
  std::vector<const session::DialogueClip*> out;
  for (const auto& [id, clip] : document.dialogue.clips)
    if (clip.role == session::ClipRole::ProductionEffect) out.push_back(&clip);
  return out;
}

TEST(EffectsSpot, knocks_that_both_microphones_hear_become_production_effects_and_nothing_else_does) {
  Film film("pfx", 32);
  AudioBuffer<float> sound = two_microphones();
  for (int c : {0, 1}) {
    knock(sound, c, 8.5, 0.2, 1);
    knock(sound, c, 10.5, 0.1, 2);
    knock(sound, c, 21.0, 0.2, 3);
    knock(sound, c, 1.0, 0.2, 4);   // in the middle of a line
  }
  knock(sound, 1, 9.5, 0.2, 5);     // a rub at the lavalier
  placed(film, sound.view());
  Proposal proposal;
  proposal.document = film.document;
  const auto done = spot_lines(film.context(), proposal);
  ASSERT_TRUE(done.ok()) << done.error().message;
  const auto events = events_in(film.context(), "rec-wav", 0);
  ASSERT_TRUE(events.ok()) << events.error().message;
  for (const SetEvent& e : *events) std::printf("%.3f .. %.3f s: %.0f dB over the room, strength %.1f, speech %.2f\n", e.begin_s, e.end_s, e.over_room_db, e.strength, e.speech);
  std::vector<double> at;
  for (const session::DialogueClip* clip : effects(proposal.document)) {
    at.push_back(seconds(clip->film.in, film.document.rate));
    EXPECT_NE(clip->decided.reason.find("heard by 2 of 2"), std::string::npos) << clip->decided.reason;
    EXPECT_GE(clip->decided.confidence, 0.5);
  }
  ASSERT_EQ(at.size(), 3u);
  for (const auto& [spotted, real] : {std::pair{at[0], 8.5}, {at[1], 10.5}, {at[2], 21.0}}) EXPECT_NEAR(spotted, real, 0.06);
  bool rub = false;
  for (const Finding& f : proposal.findings) rub = rub || (f.code == "production-effect-unsure" && f.where && std::fabs(seconds(f.where->begin, film.document.rate) - 9.5) < 0.1);
  EXPECT_TRUE(rub) << "what one of two microphones hears is a finding, not an effect";

  // They go to M&E, and no line does.
  film.document = proposal.document;
  const auto compiled = compile_dialogue(film.context());
  ASSERT_TRUE(compiled.ok());
  const MixGraph graph = build_mix(film.document, {compiled->tracks, compiled->covers, compiled->room_tone}, DbTp{-1});
  const auto me = film.work->read(graph.music_and_effects, film.document.extent());
  ASSERT_TRUE(me.ok()) << me.error().message;
  const auto peak = [&](double begin_s, double end_s) {
    float most = 0;
    for (auto i = static_cast<std::int64_t>(begin_s * 48000); i < static_cast<std::int64_t>(end_s * 48000); ++i) most = std::max(most, std::fabs(me->channel(0)[i]));
    return most;
  };
  EXPECT_GT(peak(8.5, 8.6), 0.02f);
  EXPECT_LT(peak(0.5, 2.5), 0.01f);
}

TEST(EffectsSpot, a_second_spotting_finds_the_same_and_leaves_what_a_person_decided) {
  Film film("pfx-again", 32);
  AudioBuffer<float> sound = two_microphones();
  for (int c : {0, 1}) knock(sound, c, 8.5, 0.2, 1);
  placed(film, sound.view());
  Proposal first, second;
  first.document = film.document;
  ASSERT_TRUE(spot_lines(film.context(), first).ok());
  ASSERT_EQ(effects(first.document).size(), 1u);
  second.document = first.document;
  for (auto& [id, clip] : second.document.dialogue.clips)
    if (clip.role == session::ClipRole::ProductionEffect) clip.muted = true, clip.decided.by = session::By::Person;
  ASSERT_TRUE(spot_lines(film.context(), second).ok());
  ASSERT_EQ(effects(second.document).size(), 1u);
  EXPECT_TRUE(effects(second.document)[0]->muted);
}

/// An interview of real lines on a lavalier (film.truth: speech and nothing else happens).
TEST(EffectsSpot, nothing_is_proposed_where_people_only_talk) {
  TWOPOP_NEEDS_SHARED();
  Film film("pfx-talk", 100);
  const session::Id id = test_film::add(film.document, test_film::corpus() / "film/longtake/lav_1.flac", session::MediaKind::Recording);
  session::Placement placement;
  placement.media = id;
  placement.film = {{0}, {film.document.picture.length.value}};
  placement.decided.by = session::By::Person;
  film.document.dialogue.placements["lav"] = placement;
  Proposal proposal;
  proposal.document = film.document;
  ASSERT_TRUE(spot_lines(film.context(), proposal).ok());
  EXPECT_GT(proposal.document.dialogue.clips.size(), 5u);
  for (const session::DialogueClip* clip : effects(proposal.document)) ADD_FAILURE() << seconds(clip->film.in, film.document.rate) << " s: " << clip->decided.reason;
}

}  // namespace
}  // namespace twopop::phases
