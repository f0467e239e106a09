#include "phases/dialogue/organise.h"
#include "phases/dialogue/sync_facts.h"
#include "phases/dialogue/sync_spot.h"
#include "phases/library_film.h"

#include <cmath>

namespace twopop::phases {
namespace {

using session::MediaKind;

/// Film kit A of the shared recordings; its truth as the README beside it states it: the recorder started at set time 3.783 s with
/// a clock 40 ppm fast, the rushes' first samples lie at these set times, each shot starts 0.12 s into its rush.
constexpr double kRecorderStart_s = 3.783, kRecorderPpm = 40;
constexpr double kClipAt_s[] = {7.0, 12.36, 18.92, 24.08, 30.6};
constexpr double kCutAt_s[] = {4.40, 7.16, 15.92, 18.68, 21.44};
constexpr double kShot_s = 2.76, kSourceIn_s = 0.12;

class Kit : public test_film::Film {
 public:
  explicit Kit(const char* name) : Film(name, 27.2) {
    document.picture.media = test_film::add(document, folder_of_kit() / "picture/locked_cut.mp4", MediaKind::Picture);
    for (int i = 0; i < 5; ++i) {
      rushes.push_back(test_film::add(document, folder_of_kit() / fmt::format("rushes/A001_C00{}.mp4", i + 1), MediaKind::Rushes));
      document.media[rushes.back()].start_of_day_s = 3600 + kClipAt_s[i];
    }
    mos = test_film::add(document, folder_of_kit() / "rushes/A001_MOS_walks.mp4", MediaKind::Rushes);
    recorder = test_film::add(document, folder_of_kit() / "sound/REC_0001.wav", MediaKind::Recording);
    document.media[recorder].start_of_day_s = 3600 + kRecorderStart_s + 0.28;  // as its bext says, wrongly
  }
  static std::filesystem::path folder_of_kit() { return test_film::corpus() / "film"; }

  void with_list() {
    for (int i = 0; i < 5; ++i) {
      session::EditEvent event;
      event.film = {{samples(kCutAt_s[i], document.rate).value}, {samples(kCutAt_s[i] + kShot_s, document.rate).value}};
      event.media = rushes[static_cast<std::size_t>(i)];
      event.source_in_s = kSourceIn_s;
      document.picture.events[fmt::format("e{}", i + 1)] = event;
    }
    session::EditEvent walk;
    walk.film = {{0}, {samples(4.4, document.rate).value}};
    walk.media = mos;
    walk.source_in_s = 5.6;
    document.picture.events["e0"] = walk;
  }

  Proposal spotted() {
    Proposal proposal;
    proposal.document = document;
    const auto done = spot_placements(context(), proposal);
    EXPECT_TRUE(done) << done.error().message;
    return proposal;
  }

  /// Worst distance from the truth over all placements, ms; how many there are of a recording.
  double worst_ms(const Proposal& proposal) const {
    double worst = 0;
    for (const auto& [id, p] : proposal.document.dialogue.placements) {
      const double in = seconds(p.film.in, document.rate), out = seconds(p.film.out, document.rate);
      int shot = -1;
      for (int i = 0; i < 5; ++i)
        if ((in + out) / 2 > kCutAt_s[i] && (in + out) / 2 < kCutAt_s[i] + kShot_s) shot = i;
      if (shot < 0) return 1e9;
      for (const double t : {in, out}) {
        const double camera = t - kCutAt_s[shot] + kSourceIn_s;
        const double truth = p.media == recorder ? (kClipAt_s[shot] + camera - kRecorderStart_s) * (1 + kRecorderPpm * 1e-6) : camera;
        if (p.media != recorder && p.media != rushes[static_cast<std::size_t>(shot)]) return 1e9;
        worst = std::max(worst, std::abs(p.source_at_in_s + (t - in) * (1 + p.drift_ppm * 1e-6) - truth) * 1e3);
      }
    }
    return worst;
  }
  static int count(const Proposal& proposal, const session::Id& media) {
    int n = 0;
    for (const auto& [id, p] : proposal.document.dialogue.placements) n += p.media == media;
    return n;
  }

  std::vector<session::Id> rushes;
  session::Id mos, recorder;
};

bool has_finding(const Proposal& proposal, std::string_view code, std::string_view item) {
  for (const Finding& f : proposal.findings)
    if (f.code == code && f.item.find(item) != std::string::npos) return true;
  return false;
}

TEST(SpotPlacements, puts_the_recorder_under_every_dialogue_shot_within_a_millisecond_by_the_edit_list) {
  TWOPOP_NEEDS_SHARED();
  Kit kit("edl");
  kit.with_list();
  const session::Id stranger = test_film::add(kit.document, test_film::corpus() / "speech/librispeech_en/198-209-0000.hq.ogg", MediaKind::Recording);
  const Proposal proposal = kit.spotted();
  EXPECT_EQ(Kit::count(proposal, kit.recorder), 5);
  for (const session::Id& rush : kit.rushes) EXPECT_EQ(Kit::count(proposal, rush), 1) << rush;
  EXPECT_LT(kit.worst_ms(proposal), 1.0);
  // The recorder's timecode is wrong by 0.28 s, and its sound says so.
  EXPECT_TRUE(has_finding(proposal, "timecode-wrong", kit.recorder));
  EXPECT_EQ(Kit::count(proposal, stranger), 0);
  EXPECT_TRUE(has_finding(proposal, "recording-not-in-picture", stranger));
  // What was measured is known afterwards, windows and all.
  const auto known = detail::known_sync_of(kit.context(), kit.rushes[0], kit.recorder);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->windows.size(), std::min<std::size_t>(static_cast<std::size_t>(known->windows_tried), analysis::kMostSyncWindows));
  for (const analysis::SyncWindow& w : known->windows) EXPECT_LT(std::abs(w.left_s), w.on_line ? 5e-4 : 0.05);
  ASSERT_EQ(proposal.document.dialogue.refusals.size(), 1u);
  EXPECT_FALSE(proposal.document.dialogue.refusals.begin()->second.runner_up.empty());
}

TEST(SpotPlacements, finds_the_same_places_without_an_edit_list) {
  TWOPOP_NEEDS_SHARED();
  Kit kit("no-edl");
  const Proposal proposal = kit.spotted();
  EXPECT_EQ(Kit::count(proposal, kit.recorder), 5);
  for (const session::Id& rush : kit.rushes) EXPECT_EQ(Kit::count(proposal, rush), 1) << rush;
  EXPECT_LT(kit.worst_ms(proposal), 1.0);
  // What the cut's sound said of the recorder is known afterwards, a stretch for each shot, each with its windows.
  const std::vector<analysis::SyncResult> stretches = detail::known_conform_of(kit.context(), kit.document.picture.media, kit.recorder);
  ASSERT_EQ(stretches.size(), 5u);
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const analysis::SyncResult& s = stretches[i];
    ASSERT_FALSE(s.windows.empty());
    for (const analysis::SyncWindow& w : s.windows) {
      EXPECT_GT(w.at_s, kCutAt_s[i] - 0.2);
      EXPECT_LT(w.at_s, kCutAt_s[i] + kShot_s + 0.2);
      if (!w.on_line) continue;
      EXPECT_NEAR(s.file_second(w.at_s) + w.left_s, (kClipAt_s[i] + w.at_s - kCutAt_s[i] + kSourceIn_s - kRecorderStart_s) * (1 + kRecorderPpm * 1e-6), 1e-3);
    }
  }
}

TEST(SpotPlacements, leaves_what_a_person_placed_where_it_is) {
  TWOPOP_NEEDS_SHARED();
  Kit kit("person");
  kit.with_list();
  session::Placement own;
  own.media = kit.recorder;
  own.film = {{0}, {48000}};
  own.source_at_in_s = 1.5;
  own.decided.by = session::By::Person;
  kit.document.dialogue.placements["mine"] = own;
  const Proposal proposal = kit.spotted();
  EXPECT_EQ(Kit::count(proposal, kit.recorder), 1);
  EXPECT_EQ(proposal.document.dialogue.placements.at("mine").source_at_in_s, 1.5);
}

TEST(SpotPlacements, runs_a_film_without_picture_on_the_cameras_clock) {
  TWOPOP_NEEDS_SHARED();
  test_film::Film film("longtake", 0);
  std::map<session::Id, std::pair<double, double>> truth;  // start s, ppm: README of the kit
  const auto kit = test_film::corpus() / "film/longtake";
  truth[test_film::add(film.document, kit / "boom.flac", MediaKind::Recording)] = {-11.482, 85};
  truth[test_film::add(film.document, kit / "lav_1.flac", MediaKind::Recording)] = {4.906, -37};
  truth[test_film::add(film.document, kit / "lav_2.flac", MediaKind::Recording)] = {123.777, -37};
  truth[test_film::add(film.document, kit / "camera.m4a", MediaKind::Recording)] = {0, 0};
  Proposal proposal;
  proposal.document = film.document;
  const auto done = spot_placements(film.context(), proposal);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(proposal.document.dialogue.placements.size(), 4u);
  EXPECT_NEAR(seconds(proposal.document.picture.length, film.document.rate), 220.37, 0.05);
  for (const auto& [id, p] : proposal.document.dialogue.placements) {
    const auto [start, ppm] = truth.at(p.media);
    for (const SamplePosition at : {p.film.in, p.film.out}) {
      const double t = seconds(at, film.document.rate), in = seconds(p.film.in, film.document.rate);
      EXPECT_NEAR(p.source_at_in_s + (t - in) * (1 + p.drift_ppm * 1e-6), (t - start) * (1 + ppm * 1e-6), 1e-3) << id;
    }
    EXPECT_NEAR(p.drift_ppm, ppm, 0.1) << id;
  }
}

TEST(Organise, reads_camera_and_slate_out_of_names) {
  session::Media media;
  media.name = "A001_C003.mp4";
  EXPECT_EQ(label_of(media).device, "camera A");
  media.name = "REC_0007.wav";
  EXPECT_EQ(label_of(media).device, "REC");
  media.name = "27B_T3_lav.wav";
  EXPECT_EQ(label_of(media).scene, "27B");
  EXPECT_EQ(label_of(media).take, "3");
  EXPECT_EQ(label_of(media).device, "lav");
  media.device = "MixPre";  // what the recorder wrote comes before its name
  EXPECT_EQ(label_of(media).device, "MixPre");
}

TEST(Organise, keeps_the_microphones_of_one_take_together) {
  session::Document document;
  for (const char* name : {"27B_T3_boom.wav", "27B_T3_lav.wav", "27B_T4_boom.wav"}) {
    session::Media media;
    media.name = name;
    media.kind = session::MediaKind::Recording;
    document.media[name] = media;
  }
  const std::vector<RecordingGroup> groups = organise(document);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].media.size() + groups[1].media.size(), 3u);
}

}  // namespace
}  // namespace twopop::phases
