#include "phases/adr/adr.h"

#include "analysis/speech.h"
#include "phases/adr/take_fit.h"
#include "phases/detail/sources.h"
#include "phases/dialogue/compile.h"
#include "phases/kit.h"
#include "phases/dialogue/line_spot.h"
#include "session/testing/temporary_folder.h"

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

TEST(Adr, a_take_covers_the_sentence_of_a_long_clip_that_it_says_and_leaves_the_others) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  guide(kit, {"arctic_a0314_take1", "arctic_a0304_take1"});
  const SampleRate rate = kit.document.rate;
  const SamplePosition first{samples(12.4, rate).value}, second{samples(16.6, rate).value};  // truth.json
  auto& clips = kit.document.dialogue.clips;
  const auto holding = [&](SamplePosition at) { return std::find_if(clips.begin(), clips.end(), [&](const auto& clip) { return clip.second.film.range().contains(at); }); };
  const auto one = holding(first), other = holding(second);
  ASSERT_TRUE(one != clips.end() && other != clips.end() && one != other);
  one->second.film.out = other->second.film.out;
  const session::Id joined = one->first;
  clips.erase(other);

  const auto check = [&](const session::Document& document) {
    for (const auto& [id, at] : {std::pair{"k-arctic_a0314_take1", first}, {"k-arctic_a0304_take1", second}}) {
      const session::AdrTake& take = document.adr.takes.at(id);
      ASSERT_FALSE(take.refused) << id << ": " << take.decided.reason;
      const session::AdrCue& cue = document.adr.cues.at(take.cue);
      EXPECT_EQ(cue.clip, joined);
      EXPECT_TRUE(cue.film.range().contains(at));
      EXPECT_FALSE(cue.film.range().contains(at == first ? second : first)) << "the other sentence is not covered";
    }
  };
  const Result<Proposal> p = spot_adr(kit.context());
  ASSERT_TRUE(p.ok()) << p.error().message;
  check(p->document);

  // Looked at again, nothing has another number: it stands on sheets that were handed out.
  kit.document = p->document;
  const Result<Proposal> unchanged = spot_adr(kit.context());
  ASSERT_TRUE(unchanged.ok()) << unchanged.error().message;
  ASSERT_EQ(unchanged->document.adr.cues.size(), p->document.adr.cues.size());
  for (const auto& [id, cue] : p->document.adr.cues) EXPECT_EQ(unchanged->document.adr.cues.at(id).number, cue.number) << id;

  // A cue that somebody has worked on stays, and the other take keeps its sentence.
  session::AdrCue& own = kit.document.adr.cues.at(kit.document.adr.takes.at("k-arctic_a0314_take1").cue);
  own.text = "as it was said";
  own.decided.by = session::By::Person;
  const Result<Proposal> again = spot_adr(kit.context());
  ASSERT_TRUE(again.ok()) << again.error().message;
  check(again->document);
}

/// Adds a recording that is made for a test: mono, the session's rate.
void record(Kit& kit, const session::Id& id, AudioView<const float> sound) {
  static const session::testing::TemporaryFolder made;
  const auto path = made / (id + ".wav");
  media::WavWriter::Settings settings;
  settings.rate = kit.document.rate;
  settings.channels = 1;
  const auto writer = media::WavWriter::create(path, settings);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->write(sound).ok() && (*writer)->finish().ok());
  kit.add(id, path.string(), session::MediaKind::Take);
}

TEST(Adr, a_take_recorded_to_the_picture_is_fitted_without_the_beeps_before_it) {
  TWOPOP_NEEDS_SHARED();
  Kit kit;
  guide(kit, {"arctic_a0314_take1"});
  const SampleRate rate = kit.document.rate;
  const SamplePosition middle{samples(12.4, rate).value};
  const auto line = std::find_if(kit.document.dialogue.clips.begin(), kit.document.dialogue.clips.end(), [&](const auto& clip) { return clip.second.film.range().contains(middle); });
  ASSERT_NE(line, kit.document.dialogue.clips.end());
  const SampleRange where = line->second.film.range();

  // As the booth records it: four seconds with three loud beeps, then the words.
  const auto words = describe_media(kit.context(), "arctic_a0314_take1");
  ASSERT_TRUE(words.ok());
  const auto voice = detail::hear(*words, rate, 60);
  ASSERT_TRUE(voice.ok());
  const std::int64_t lead = 4 * rate.hz;
  AudioBuffer<float> take(1, lead + voice->frames());
  for (int k = 1; k <= 3; ++k)
    for (std::int64_t i = 0; i < rate.hz / 25; ++i) take.view().at(0, k * rate.hz + i) = 0.5f * static_cast<float>(std::sin(2 * M_PI * 1000 * static_cast<double>(i) / rate.hz));
  std::copy_n(voice->channel(0), voice->frames(), take.channel(0) + lead);
  record(kit, "booth", take.view());

  const auto sound = production_line(kit.context(), line->first);
  ASSERT_TRUE(sound.ok());
  const auto fit = fit_of(kit.context(), *sound, where, "booth", 0, where.begin - SampleCount{lead});
  ASSERT_TRUE(fit.ok()) << fit.error().message;
  EXPECT_TRUE(fit->alignment.same_words) << fit->alignment.reason;
  ASSERT_GE(fit->alignment.map.size(), 2u);
  // The map is in samples of the whole take, and none of it lies at a beep.
  EXPECT_GT(fit->alignment.map.front().source, 3 * rate.hz + rate.hz / 25);
  const auto whole = fit_of(kit.context(), *sound, where, "arctic_a0314_take1", 0);
  ASSERT_TRUE(whole.ok());
  EXPECT_NEAR(fit->alignment.score, whole->alignment.score, 0.1) << "as well as the words alone";
  const double at = static_cast<double>(where.length().value) / 2;
  EXPECT_NEAR(dsp::warp_back(fit->alignment.map, at) - static_cast<double>(lead), dsp::warp_back(whole->alignment.map, at), 0.05 * rate.hz);
}

TEST(Adr, an_added_line_lies_where_it_was_spoken_to_the_picture) {
  Kit kit;
  const SampleRate rate = kit.document.rate;
  kit.document.picture.length = samples(20, rate);
  AudioBuffer<float> take(1, 8 * rate.hz);
  take.view().at(0, 5 * rate.hz) = 0.5f;
  record(kit, "booth", take.view());
  session::AdrCue cue;
  cue.film = {{10 * rate.hz}, {13 * rate.hz}};
  cue.chosen_take = "k";
  session::AdrTake taken;
  taken.media = "booth";
  taken.cue = "a";
  const auto click_at = [&](std::optional<SamplePosition> at, double nudge_ms) -> std::int64_t {
    kit.document.media["booth"].roll = at ? kBoothRoll : "";
    if (at) kit.document.media["booth"].start_of_day_s = static_cast<double>(kit.document.start_frame) / kit.document.frames.hz() + seconds(*at, rate);
    taken.nudge_ms = nudge_ms;
    kit.document.adr.cues["a"] = cue;
    kit.document.adr.takes["k"] = taken;
    const Result<Compiled> compiled = compile_adr(kit.context());
    if (!compiled || compiled->tracks.empty()) return -1;
    const auto sound = kit.work->read(compiled->tracks[0].sound, {{0}, {20 * rate.hz}});
    if (!sound) return -1;
    for (std::int64_t i = 0; i < sound->frames(); ++i)
      if (std::abs(sound->view().at(0, i)) > 0.4f) return i;
    return -1;
  };
  EXPECT_EQ(click_at(SamplePosition{6 * rate.hz + 100}, 0), 11 * rate.hz + 100);
  EXPECT_EQ(click_at(SamplePosition{6 * rate.hz + 100}, -10), 11 * rate.hz + 100 - rate.hz / 100);
  EXPECT_EQ(click_at(SamplePosition{7 * rate.hz}, 0), 12 * rate.hz) << "a punch-in may begin within the line";
  EXPECT_EQ(click_at(std::nullopt, 0), -1) << "laid at its in, the click lies behind the out";
}

}  // namespace
}  // namespace twopop::phases
