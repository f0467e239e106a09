#include "deliver/ingest.h"

#include "corpus.h"
#include "deliver/ingest_edl.h"
#include "deliver/ingest_kind.h"
#include "deliver/relocate.h"
#include "session/validate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <unistd.h>

namespace twopop::deliver {
namespace {

using session::MediaKind;

media::MediaInfo sound() {
  media::MediaInfo info;
  info.audio.emplace_back();
  return info;
}

media::MediaInfo picture() {
  media::MediaInfo info = sound();
  info.video.emplace();
  return info;
}

std::string kind(const std::string& file, const std::optional<media::MediaInfo>& info) {
  const KindGuess guess = guess_kind("/raw", "/raw/" + file, info ? &*info : nullptr);
  if (!guess.kind) return "left out";
  for (const auto& known : names_of(*guess.kind))
    if (known.value == *guess.kind) return known.name;
  return "";
}

TEST(Ingest, folders_say_what_files_are_and_the_nearest_one_counts) {
  EXPECT_EQ(kind("adr/line1.wav", sound()), "take");
  EXPECT_EQ(kind("Room Tone/a.wav", sound()), "room-tone");
  EXPECT_EQ(kind("foley/footsteps/grass.flac", sound()), "foley");
  EXPECT_EQ(kind("music/score/theme.wav", sound()), "music");
  EXPECT_EQ(kind("sound/music/theme.wav", sound()), "music");
  EXPECT_EQ(kind("day 2/take.wav", sound()), "recording");
}

TEST(Ingest, what_is_in_a_file_outweighs_its_folder) {
  EXPECT_EQ(kind("rushes/A001.mp4", picture()), "rushes");
  EXPECT_EQ(kind("rushes/A001.wav", sound()), "recording");
  EXPECT_EQ(kind("sound/camera_b.mov", picture()), "rushes");
  EXPECT_EQ(kind("picture/cut.edl", std::nullopt), "edl");
  EXPECT_EQ(kind("music/song.mid", std::nullopt), "score");
  EXPECT_EQ(kind("sound/room_tone_2.wav", sound()), "room-tone");
}

TEST(Ingest, a_damaged_file_is_taken_by_its_name_and_other_things_are_left_out) {
  EXPECT_EQ(kind("sound/broken.wav", std::nullopt), "recording");
  EXPECT_EQ(kind("notes.pdf", std::nullopt), "left out");
  EXPECT_EQ(kind("script/film.txt", std::nullopt), "script");
  EXPECT_EQ(kind("readme.txt", std::nullopt), "left out");
}

TEST(Ingest, the_film_kit_is_taken_whole) {
  TWOPOP_NEEDS_SHARED();
  const std::filesystem::path folder = test::shared_folder() / "corpus/film";
  const auto files = files_below(folder);
  ASSERT_TRUE(files);
  IngestOptions options;
  options.threads = 2;
  const Ingest taken = ingest({}, folder, *files, options);
  const session::Document& film = taken.document;
  EXPECT_TRUE(session::validate(film));
  std::map<MediaKind, int> kinds;
  for (const auto& [id, media] : film.media) {
    ++kinds[media.kind];
    EXPECT_EQ(media.problem, "") << id;
    EXPECT_EQ(media.fingerprint.size(), 32u) << id;
  }
  // Counted in the folders of the kit; the long take's four files have no telling folder.
  EXPECT_EQ(kinds[MediaKind::Picture], 1);
  EXPECT_EQ(kinds[MediaKind::Rushes], 6);
  EXPECT_EQ(kinds[MediaKind::Take], 20);
  EXPECT_EQ(kinds[MediaKind::Recording], 5);
  EXPECT_EQ(kinds[MediaKind::RoomTone], 1);
  EXPECT_EQ(kinds[MediaKind::Edl], 1);
  // locked_cut.mp4: 680 frames at 25, timecode 01:00:00:00 (ffprobe).
  EXPECT_EQ(film.picture.media, "locked_cut.mp4");
  EXPECT_EQ(film.frames, frame_rates::k25);
  EXPECT_EQ(film.start_frame, 90000);
  EXPECT_EQ(film.picture.length.value, 680 * 1920);
  // cut.edl: event 2 shows A001_C001 (which starts at 01:00:07:00) from 01:00:07:03, at frame 110 of the cut.
  ASSERT_EQ(film.picture.events.size(), 9u);
  const session::EditEvent& event = film.picture.events.at("e0002");
  EXPECT_EQ(event.media, "A001_C001.mp4");
  EXPECT_NEAR(event.source_in_s, 3 / 25.0, 1e-9);
  EXPECT_EQ(event.film.in.value, 110 * 1920);
  EXPECT_EQ(event.film.out.value, 179 * 1920);
  for (const auto& [id, each] : film.picture.events) EXPECT_FALSE(each.media.empty()) << id << " shows " << each.clip_name;
  // Taken again, nothing is added.
  const Ingest again = ingest(film, folder, *files);
  EXPECT_EQ(again.document.media.size(), film.media.size());
}

TEST(Ingest, recordings_alone_are_a_film_without_a_picture) {
  TWOPOP_NEEDS_SHARED();
  const std::filesystem::path folder = test::shared_folder() / "corpus/film/longtake";
  const Ingest taken = ingest({}, folder, *files_below(folder));
  EXPECT_EQ(taken.document.media.size(), 4u);
  EXPECT_TRUE(taken.document.picture.media.empty());
  // boom.flac is the longest: 233.368 s (ffprobe).
  EXPECT_NEAR(static_cast<double>(taken.document.picture.length.value) / 48000, 233.368, 0.01);
}

TEST(Ingest, a_foley_sheet_becomes_cues_and_another_table_is_said_to_be_none) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("twopop_sheet_{}", ::getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "steps.csv") << "timecode,pass,surface\n01:00:01:00,feet,wood\n01:00:02:12,feet,wood\n";
  std::ofstream(folder / "phones.csv") << "name,phone\nAnna,12\n";
  session::Document film;
  film.picture.length = {480'000};
  const Ingest taken = ingest(film, folder, {folder / "phones.csv", folder / "steps.csv"});
  std::filesystem::remove_all(folder);
  EXPECT_EQ(taken.document.foley.cues.size(), 2u);
  int problems = 0;
  for (const auto& [id, media] : taken.document.media) problems += !media.problem.empty();
  EXPECT_EQ(problems, 1);
}

TEST(Ingest, an_event_names_its_rush_by_file_clip_or_reel) {
  session::Document film;
  for (const char* name : {"A001_C001.mov", "A002_C001.mov", "walking by the sea.mov"}) {
    session::Media& media = film.media[session::id_from(name)];
    media.path = std::string("/rushes/") + name;
    media.kind = MediaKind::Rushes;
  }
  const auto notes = apply_edl(film, "TITLE: T\nFCM: NON-DROP FRAME\n\n"
                                     "001  A001C001 V  C  01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
                                     "002  AX       V  C  00:00:02:00 00:00:03:00 01:00:01:00 01:00:02:00\n* FROM CLIP NAME: Walking by the sea.mov\n"
                                     "003  B009C007 V  C  01:00:00:00 01:00:01:00 01:00:02:00 01:00:03:00\n* FROM CLIP NAME: gone\n",
                               false);
  ASSERT_TRUE(notes) << notes.error().sentence();
  EXPECT_EQ(film.picture.events.at("e0001").media, "A001_C001.mov");
  EXPECT_EQ(film.picture.events.at("e0002").media, "walking-by-the-sea.mov");
  EXPECT_EQ(film.picture.events.at("e0002").source_in_s, 2.0) << "without timecode a rush starts on the hour";
  EXPECT_EQ(film.picture.events.at("e0003").media, "") << "a guess would be worse";
}

TEST(Ingest, subtitles_that_count_from_the_first_timecode_are_moved_to_film_time) {
  session::Document film;
  ASSERT_TRUE(apply_script(film, "1\n01:00:02,000 --> 01:00:03,500\nHello.\n", ".srt"));
  ASSERT_EQ(film.picture.script.size(), 1u);
  EXPECT_EQ(film.picture.script.begin()->second.film->in.value, 2 * 48000);
  EXPECT_EQ(film.picture.script.begin()->second.text, "Hello.");
}

TEST(Relocate, what_hangs_on_a_media_is_known) {
  session::Document film;
  film.media["a"].kind = film.media["b"].kind = MediaKind::Recording;
  film.dialogue.placements["p"].media = "a";
  EXPECT_TRUE(is_used(film, "a"));
  EXPECT_FALSE(is_used(film, "b"));
}

}  // namespace
}  // namespace twopop::deliver
