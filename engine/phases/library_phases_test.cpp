#include "analysis/loudness.h"
#include "phases/detail/sources.h"
#include "phases/foley/plan.h"
#include "core/random.h"
#include "phases/library_film.h"
#include "phases/ranges.h"

#include <cmath>
#include <cstdio>

namespace twopop::phases {
namespace {

using session::MediaKind;
using test_film::add;
using test_film::corpus;
using test_film::Film;

double level_db(AudioView<const float> sound) {
  double sum = 0;
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < sound.frames(); ++i) sum += static_cast<double>(sound.at(c, i)) * sound.at(c, i);
  return 10 * std::log10(sum / static_cast<double>(sound.frames() * sound.channels()) + 1e-30);
}

/// Facts hear the very samples that the signals carry.
TEST(Sources, what_is_heard_in_memory_is_what_the_signal_carries) {
  TWOPOP_NEEDS_SHARED();
  Film film("sources", 30);
  for (const char* name : {"ambience/blanket_city.ogg", "film/sound/roomtone.flac"}) {
    const session::Id id = add(film.document, corpus() / name, MediaKind::Ambience);
    const auto source = detail::source_of(film.context(), id);
    ASSERT_TRUE(source);
    const auto heard = detail::hear(source->media, film.document.rate, 20);
    const auto carried = film.work->read(source->sound, {SamplePosition{0}, SamplePosition{heard->frames()}});
    ASSERT_TRUE(heard && carried);
    for (int c = 0; c < heard->channels(); ++c)
      for (std::int64_t i = 0; i < heard->frames() - 2000; ++i) ASSERT_EQ(heard->channel(c)[i], carried->channel(c)[i]) << name << " " << i;
  }
}

void accept(Film& film, const Phase& phase, const std::map<std::string, const Compiled*>& earlier = {}) {
  auto proposal = phase.spot(film.context(earlier));
  ASSERT_TRUE(proposal) << proposal.error().message;
  for (const Proposed& item : proposal->items) EXPECT_FALSE(item.reason.empty()) << item.path;
  film.document = std::move(proposal->document);
}

/// The kit's camera sound has blanket_city.ogg behind it.
TEST(Design, lays_the_ambience_that_is_behind_the_production_sound) {
  TWOPOP_NEEDS_SHARED();
  Film film("design", 27.2);
  film.document.picture.media = add(film.document, corpus() / "film/picture/locked_cut.mp4", MediaKind::Picture);
  for (const char* name : {"blanket_birds.ogg", "blanket_city.ogg", "blanket_coffee-shop.ogg", "blanket_rain.ogg"}) add(film.document, corpus() / "ambience" / name, MediaKind::Ambience);
  accept(film, design_phase());
  ASSERT_EQ(film.document.design.ambiences.size(), 1u);
  const session::AmbienceBed& bed = film.document.design.ambiences.begin()->second;
  std::printf("%s\n", bed.decided.reason.c_str());
  EXPECT_EQ(bed.media, "blanket-city-ogg");
  const auto compiled = design_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  ASSERT_EQ(compiled->tracks.size(), 1u);
  EXPECT_TRUE(compiled->findings.empty());
  const auto sound = film.work->read(compiled->tracks[0].sound, film.document.extent());
  ASSERT_TRUE(sound) << sound.error().message;
  EXPECT_EQ(sound->channels(), 2);
  // Under all of the film, at the recording's own level.
  for (int s = 1; s < 27; ++s) EXPECT_GT(level_db(sound->view().sub(s * 48000, 48000)), -60) << s;
  const auto findings = design_phase().review(film.context(), *compiled);
  ASSERT_TRUE(findings);
  for (const Finding& f : *findings) EXPECT_NE(f.code, "no-ambience");
}

TEST(Design, without_an_ambience_the_pauses_of_the_production_sound_fill_the_film) {
  TWOPOP_NEEDS_SHARED();
  Film film("tone", 27.2);
  film.document.picture.media = add(film.document, corpus() / "film/picture/locked_cut.mp4", MediaKind::Picture);
  accept(film, design_phase());
  ASSERT_EQ(film.document.design.ambiences.size(), 1u);
  const auto compiled = design_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  for (const Finding& f : compiled->findings) ADD_FAILURE() << f.message;
  const auto sound = film.work->read(compiled->tracks.at(0).sound, film.document.extent());
  ASSERT_TRUE(sound);
  for (int s = 1; s < 26; ++s) EXPECT_GT(level_db(sound->view().sub(s * 48000, 48000)), -80) << s;
}

TEST(Design, an_effect_lies_at_its_place_with_its_chain) {
  TWOPOP_NEEDS_SHARED();
  Film film("effect", 10);
  session::EffectClip clip;
  clip.media = add(film.document, corpus() / "foley/doors/doors_door_close.ogg", MediaKind::Effect);
  clip.at = SamplePosition{3 * 48000};
  clip.decided.by = session::By::Person;
  session::EffectStep reverse, futz;
  reverse.kind = "reverse";
  futz.kind = "futz";
  futz.order = 1;
  futz.texts["preset"] = "telephone";
  clip.chain = {{"a", reverse}, {"b", futz}};
  film.document.design.effects["door"] = clip;
  auto compiled = design_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  ASSERT_EQ(compiled->tracks.size(), 1u);
  const auto sound = film.work->read(compiled->tracks[0].sound, film.document.extent());
  ASSERT_TRUE(sound) << sound.error().message;
  EXPECT_LT(level_db(sound->view().sub(0, 3 * 48000)), -200);
  EXPECT_GT(level_db(sound->view().sub(3 * 48000, 24000)), -60);
  film.document.design.effects["door"].chain["b"].texts["preset"] = "bucket";
  compiled = design_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  ASSERT_EQ(compiled->findings.size(), 1u);
  EXPECT_NE(compiled->findings[0].message.find("bucket"), std::string::npos);
}

TEST(Foley, sorts_recordings_into_sets_and_asks_for_times) {
  TWOPOP_NEEDS_SHARED();
  Film film("foley", 20);
  for (int i = 1; i <= 4; ++i) add(film.document, corpus() / fmt::format("foley/footsteps/minetest_default_gravel_footstep.{}.ogg", i), MediaKind::Foley);
  for (int i = 1; i <= 2; ++i) add(film.document, corpus() / fmt::format("foley/footsteps/minetest_default_wood_footstep.{}.ogg", i), MediaKind::Foley);
  auto proposal = foley_phase().spot(film.context());
  ASSERT_TRUE(proposal);
  ASSERT_EQ(proposal->document.foley.sets.size(), 2u);
  const session::FoleySet& gravel = proposal->document.foley.sets.at("minetest_default_gravel_footstep");
  EXPECT_EQ(gravel.surface, "gravel");
  EXPECT_EQ(gravel.pass, session::FoleyPass::Feet);
  EXPECT_EQ(gravel.media.size(), 4u);
  EXPECT_TRUE(proposal->document.foley.cues.empty());
  ASSERT_EQ(proposal->findings.size(), 1u);
  EXPECT_EQ(proposal->findings[0].code, "not-spotted");
}

/// Steps from a set: none twice in a row, and each attack within a millisecond and a half of its cue.
TEST(Foley, steps_are_heard_on_their_cues_and_never_the_same_twice) {
  TWOPOP_NEEDS_SHARED();
  Film film("steps", 20);
  for (int i = 1; i <= 3; ++i) add(film.document, corpus() / fmt::format("foley/footsteps/minetest_default_hard_footstep.{}.ogg", i), MediaKind::Foley);
  accept(film, foley_phase());
  std::vector<SamplePosition> cues;
  for (int i = 0; i < 24; ++i) {
    session::FoleyCue cue;
    cue.at = SamplePosition{48000 + i * 31713};
    cue.set = "minetest_default_hard_footstep";
    cue.decided.by = session::By::Person;
    film.document.foley.cues[fmt::format("step{:02}", i)] = cue;
    cues.push_back(cue.at);
  }
  const auto compiled = foley_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  for (const Finding& f : compiled->findings) ADD_FAILURE() << f.message;
  ASSERT_EQ(compiled->tracks.size(), 1u);
  const auto sound = film.work->read(compiled->tracks[0].sound, film.document.extent());
  ASSERT_TRUE(sound) << sound.error().message;
  const auto onsets = analysis::split_at_hits(sound->view(), film.document.rate);
  double worst = 0;
  std::vector<double> levels;
  for (const SamplePosition cue : cues) {
    double best = 1e9;
    for (const analysis::Hit& hit : onsets)
      if (const double off = std::fabs(seconds(hit.onset - cue, film.document.rate)); off < best) best = off;
    worst = std::max(worst, best);
  }
  std::printf("worst step %.2f ms off its cue\n", 1000 * worst);
  EXPECT_LE(1000 * worst, 1.5);
}

TEST(Foley, a_cue_that_names_its_surface_finds_its_set) {
  session::Foley sheet;
  sheet.sets["walk_gravel"] = {"gravel", session::FoleyPass::Feet, {}};
  sheet.sets["walk_wood"] = {"wood", session::FoleyPass::Feet, {}};
  session::FoleyCue cue;
  cue.surface = "Wood";
  EXPECT_EQ(foley::set_of(sheet, cue), "walk_wood");
  cue.set = "gravel";
  EXPECT_EQ(foley::set_of(sheet, cue), "walk_gravel");
  cue.set = "walk_wood";
  EXPECT_EQ(foley::set_of(sheet, cue), "walk_wood");
  EXPECT_EQ(foley::set_of(sheet, session::FoleyCue{}), "");
}

TEST(Foley, no_hit_plays_twice_in_a_row_and_moving_a_cue_leaves_the_draw_of_others) {
  std::vector<foley::Recorded> set;
  for (int i = 0; i < 3; ++i) set.push_back({fmt::format("m{}", i), {}});
  std::map<session::Id, session::FoleyCue> cues;
  for (int i = 0; i < 200; ++i) cues[fmt::format("c{:03}", i)].at = SamplePosition{i * 20000};
  std::vector<std::pair<session::Id, const session::FoleyCue*>> list;
  for (const auto& [id, cue] : cues) list.push_back({id, &cue});
  const auto laid = foley::lay_set(list, set, 1);
  int same_as_other_seed = 0;
  const auto other = foley::lay_set(list, set, 2);
  for (std::size_t i = 0; i < laid.size(); ++i) {
    if (i > 0) {
      EXPECT_NE(laid[i].media, laid[i - 1].media);
    }
    EXPECT_LE(std::fabs(laid[i].gain.value), 2);
    EXPECT_LE(std::fabs(laid[i].pitch_semitones), 0.5);
    same_as_other_seed += laid[i].gain == other[i].gain ? 1 : 0;
  }
  EXPECT_LT(same_as_other_seed, 5);
}

/// A recorded walk, its hits off the cues by up to 80 ms: each is moved onto its cue, and the way is told.
TEST(Foley, a_performance_is_moved_onto_its_cues) {
  TWOPOP_NEEDS_SHARED();
  Film film("performance", 12);
  const session::Id walk = add(film.document, corpus() / "foley/footsteps/kenney_walking.ogg", MediaKind::Foley);
  session::FoleyPerformance performance;
  performance.media = walk;
  performance.at = SamplePosition{2 * 48000};
  film.document.foley.performances["walk"] = performance;
  const auto before = foley_phase().compile(film.context());
  ASSERT_TRUE(before);
  const auto played = film.work->read(before->tracks.at(0).sound, film.document.extent());
  ASSERT_TRUE(played);
  const auto hits = analysis::split_at_hits(played->view(), film.document.rate);
  ASSERT_GE(hits.size(), 10u);
  RandomStream draw(1, 1);
  std::vector<SamplePosition> wanted;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    session::FoleyCue cue;
    cue.at = hits[i].onset + samples(draw.uniform(-0.08, 0.08), film.document.rate);
    cue.performance = "walk";
    film.document.foley.cues[fmt::format("c{:02}", i)] = cue;
    wanted.push_back(cue.at);
  }
  const auto after = foley_phase().compile(film.context());
  ASSERT_TRUE(after);
  const auto moved = film.work->read(after->tracks.at(0).sound, film.document.extent());
  ASSERT_TRUE(moved);
  const auto now = analysis::split_at_hits(moved->view(), film.document.rate);
  std::vector<double> errors;
  for (const SamplePosition at : wanted) {
    double best = 1e9;
    for (const analysis::Hit& hit : now) best = std::min(best, 1000 * std::fabs(seconds(hit.onset - at, film.document.rate)));
    errors.push_back(best);
  }
  std::sort(errors.begin(), errors.end());
  std::printf("hits on their cues: median %.2f ms, worst %.2f ms\n", errors[errors.size() / 2], errors.back());
  EXPECT_LE(errors[errors.size() / 2], 2.0);
  EXPECT_LE(errors[errors.size() * 8 / 10], 6.0);
  int told = 0;
  for (const Treatment& t : after->treatments) told += t.what.find("moved by") != std::string::npos ? 1 : 0;
  EXPECT_EQ(told, static_cast<int>(wanted.size()));
}

/// A made dialogue: real speech in three lines of the film.
Compiled spoken(Film& film, const session::Id& voice, const std::vector<double>& starts_s) {
  Compiled dialogue;
  Context context = film.context();
  std::vector<signal::Signal> lines;
  Track track;
  track.id = "dialogue-1";
  for (const double s : starts_s) {
    const SampleCount length = samples(film.document.media.at(voice).duration_s, film.document.rate);
    auto line = media_on_session_clock(context, voice, 0, 0, 0, length);
    EXPECT_TRUE(line);
    const SamplePosition at{samples(s, film.document.rate).value};
    lines.push_back(signal::shifted(*line, at - SamplePosition{0}));
    track.heard.push_back({at, at + length});
  }
  dialogue.speech = track.heard;
  track.sound = signal::sum(lines, 1);
  dialogue.tracks.push_back(track);
  return dialogue;
}

TEST(Music, fits_a_piece_to_the_film_and_keeps_its_distance_under_speech) {
  TWOPOP_NEEDS_SHARED();
  Film film("music", 40);
  add(film.document, corpus() / "music/Kevin_MacLeod_-_Vibe_Ace.hq.ogg", MediaKind::Music);
  const session::Id voice = add(film.document, corpus() / "speech/kathleen_en/arctic_a0202_take1.flac", MediaKind::Recording);
  const Compiled dialogue = spoken(film, voice, {8, 17, 30});
  const std::map<std::string, const Compiled*> earlier{{"dialogue", &dialogue}};
  accept(film, music_phase(), earlier);
  ASSERT_EQ(film.document.music.cues.size(), 1u);
  const auto compiled = music_phase().compile(film.context(earlier));
  ASSERT_TRUE(compiled) << compiled.error().message;
  for (const Finding& f : compiled->findings) ADD_FAILURE() << f.message;
  ASSERT_EQ(compiled->tracks.size(), 1u);
  std::printf("%s\n", compiled->treatments.at(0).what.c_str());
  // As the mix does: speech at its anchor, music in the open 5 LU under it.
  const auto music = film.work->read(compiled->tracks[0].sound, film.document.extent());
  const auto speech = film.work->read(dialogue.tracks[0].sound, film.document.extent());
  ASSERT_TRUE(music && speech);
  const auto of = [&](const AudioBuffer<float>& sound) { return *analysis::measure_loudness(sound.view(), film.document.rate); };
  const auto m = of(*music), s = of(*speech);
  const std::vector<SampleRange> open = subtract({film.document.extent()}, dialogue.speech);
  const double shift = (analysis::dialogue_loudness(s, dialogue.speech).value - 5) - analysis::dialogue_loudness(m, open).value;
  for (const SampleRange& line : dialogue.speech) {
    const double apart = analysis::dialogue_loudness(s, std::span(&line, 1)).value - (analysis::dialogue_loudness(m, std::span(&line, 1)).value + shift);
    std::printf("speech over music at %.1f s: %.1f LU\n", seconds(line.begin, film.document.rate), apart);
    EXPECT_GE(apart, 9.0);
    EXPECT_LE(apart, 14.0);
  }
  // Heard up to the last second.
  EXPECT_GT(level_db(music->view().sub(38 * 48000, 48000)), -70);
  const auto findings = music_phase().review(film.context(earlier), *compiled);
  ASSERT_TRUE(findings);
  EXPECT_TRUE(std::any_of(findings->begin(), findings->end(), [](const Finding& f) { return f.code == "licence-missing"; }));
}

TEST(Music, a_score_is_played_and_heard_through_a_radio_in_the_scene) {
  TWOPOP_NEEDS_SHARED();
  Film film("score", 6);
  session::MusicCue cue;
  cue.media = add(film.document, test::shared_folder() / "interchange/midi/test-c-major-scale.mid", MediaKind::Score);
  film.document.music.sound_font = add(film.document, corpus() / "music/soundfont/TimGM6mb.sf2", MediaKind::SoundFont);
  cue.number = "1M1s";
  cue.film = {SamplePosition{48000}, SamplePosition{4 * 48000}};
  cue.fit = false;
  cue.diegetic = true;
  cue.futz = "radio";
  film.document.music.cues["a"] = cue;
  auto compiled = music_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  for (const Finding& f : compiled->findings) ADD_FAILURE() << f.message;
  ASSERT_EQ(compiled->tracks.size(), 1u);
  EXPECT_EQ(compiled->tracks[0].role, Role::DiegeticMusic);
  const auto sound = film.work->read(compiled->tracks[0].sound, film.document.extent());
  ASSERT_TRUE(sound) << sound.error().message;
  EXPECT_LT(level_db(sound->view().sub(0, 47000)), -200);
  EXPECT_GT(level_db(sound->view().sub(48000, 96000)), -60);
  film.document.music.cues["a"].media = add(film.document, test::shared_folder() / "interchange/midi/test-corrupt-file-missing-byte.mid", MediaKind::Score);
  compiled = music_phase().compile(film.context());
  ASSERT_TRUE(compiled);
  ASSERT_EQ(compiled->findings.size(), 1u);
  EXPECT_NE(compiled->findings[0].message.find("byte"), std::string::npos);
}

TEST(Music, what_a_person_spotted_stays_alone) {
  TWOPOP_NEEDS_SHARED();
  Film film("person", 30);
  const session::Id piece = add(film.document, corpus() / "music/Kevin_MacLeod_-_Vibe_Ace.hq.ogg", MediaKind::Music);
  session::MusicCue cue;
  cue.media = piece;
  cue.film = {SamplePosition{0}, SamplePosition{480000}};
  cue.decided.by = session::By::Person;
  film.document.music.cues["mine"] = cue;
  const auto proposal = music_phase().spot(film.context());
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->document.music.cues.size(), 1u);
  EXPECT_TRUE(proposal->items.empty());
}

}  // namespace
}  // namespace twopop::phases
