#include "film/film_service.h"

#include "corpus.h"
#include "deliver/moment.h"
#include "film/booth.h"
#include "film/caught.h"
#include "media/picture.h"
#include "testing/film_at_work.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>

namespace twopop::server {
namespace {

using test::MemoryBody;
using test::must;
using test::FilmAtWork;
using test::soon;

session::Document two_tracks(const std::filesystem::path& folder) { return twopop::test::small_film(folder, 2, 30); }

std::string bytes_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Sounds, chunks_of_the_stems_sum_to_the_chunk_of_the_mix) {
  FilmAtWork film("sounds", two_tracks);
  const auto floats = [&](const std::string& name, std::int64_t n) {
    const SoundChunk chunk = must(film.service->sounds().chunk(name, n, {}, {}));
    std::vector<float> samples(chunk.samples->size() / sizeof(float));
    std::memcpy(samples.data(), chunk.samples->data(), chunk.samples->size());
    EXPECT_EQ(samples.size(), static_cast<std::size_t>(chunk.channels) * (std::size_t{1} << 18));
    return samples;
  };
  for (const std::int64_t n : {0, 4}) {
    const std::vector<float> mix = floats("mix", n);
    std::vector<double> sum(mix.size());
    for (const char* stem : {"dialogue", "adr", "effects", "foley", "music"}) {
      const std::vector<float> part = floats(std::string("stem:") + stem, n);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(part[i]);
    }
    double most = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      ASSERT_NEAR(sum[i], static_cast<double>(mix[i]), 1e-6) << n << " " << i;
      most = std::max(most, std::abs(sum[i]));
    }
    EXPECT_GT(most, 0.01);
  }
  EXPECT_EQ(film.service->sounds().chunk("mix", 6, {}, {}).error().code, Code::NotFound);
  EXPECT_EQ(film.service->sounds().chunk("mix", -1, {}, {}).error().code, Code::InvalidArgument);
  EXPECT_EQ(film.service->sounds().chunk("stem:nothing", 0, {}, {}).error().code, Code::NotFound);
  EXPECT_EQ(film.service->sounds().chunk("clip:dialogue/nothing", 0, {}, {}).error().code, Code::NotFound);
}

TEST(Sounds, only_chunks_that_an_edit_touches_get_other_contents) {
  FilmAtWork film("sounds-edit", two_tracks);
  const auto content = [&](const std::string& name, std::int64_t n) { return must(film.service->sounds().chunk(name, n, {}, {})).content; };
  std::map<std::pair<std::string, std::int64_t>, Hash> before;
  for (const char* name : {"bus:dialogue", "track:dialogue-1", "clip:dialogue/c0-0"})
    for (std::int64_t n = 0; n < 6; ++n) before[{name, n}] = content(name, n);
  const Hash known = before[{"bus:dialogue", 0}];
  EXPECT_EQ(must(film.service->sounds().chunk("bus:dialogue", 0, known, {})).samples, nullptr);  // nothing is sent again
  const std::int64_t revision = film.edit([](session::Document& document) { document.dialogue.clips.at("c0-2").gain = Decibels{-6}; });
  // The clip lies from 20 s to 27 s: chunks 3 and 4, and the pieces of 2 and 5 that it cannot reach.
  for (const char* name : {"bus:dialogue", "track:dialogue-1"}) {
    for (const std::int64_t n : {0, 1, 2}) EXPECT_EQ(content(name, n), (before[{name, n}])) << name << n;
    EXPECT_NE(content(name, 4), (before[{name, 4}])) << name;
  }
  EXPECT_EQ(content("clip:dialogue/c0-0", 0), (before[{"clip:dialogue/c0-0", 0}]));
  EXPECT_EQ(must(film.service->sounds().chunk("mix", 0, {}, {})).revision, revision);
}

TEST(Sounds, a_listener_who_left_is_not_rendered_for) {
  FilmAtWork film("sounds-gone", two_tracks);
  must(film.service->sounds().list({}));
  const auto gone = film.service->sounds().chunk("mix", 0, {}, [] { return true; });
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().code, Code::Cancelled);
  EXPECT_TRUE(film.service->sounds().chunk("mix", 0, {}, {}).ok());
}

TEST(Sounds, list_names_what_chunks_can_be_had_of) {
  FilmAtWork film("sounds-list", two_tracks);
  const std::vector<SoundInfo> list = must(film.service->sounds().list({}));
  std::set<std::string> ids;
  for (const SoundInfo& sound : list) {
    ids.insert(sound.id);
    EXPECT_EQ(sound.chunks, 6);
    EXPECT_EQ(must(film.service->sounds().chunk(sound.id, 0, {}, {})).channels, sound.channels) << sound.id;
  }
  for (const char* id : {"mix", "me", "stem:music", "bus:dialogue", "track:dialogue-1", "track:dialogue-2"}) EXPECT_TRUE(ids.contains(id)) << id;
}

TEST(Board, is_worked_out_in_the_background_and_follows_edits_and_approvals) {
  FilmAtWork film("board", two_tracks);
  ASSERT_TRUE(soon([&] { return film.service->board().complete; }));
  const Board first = film.service->board();
  ASSERT_EQ(first.phases.size(), 6u);
  EXPECT_EQ(first.phases[0].name, "dialogue");
  EXPECT_EQ(first.phases[0].state, PhaseState::Done);
  EXPECT_GT(first.phases[0].by_person, 0);
  EXPECT_TRUE(film.was_told(R"("type":"board")"));

  const std::int64_t approved = must(film.service->approve({"dialogue", "as it is", false}, "dora", {}));
  ASSERT_TRUE(soon([&] { return film.service->board().complete && film.service->board().revision >= approved; }));
  Board board = film.service->board();
  EXPECT_EQ(board.phases[0].state, PhaseState::Approved);
  EXPECT_EQ(board.phases[0].approved_by, "dora");
  EXPECT_EQ(board.phases[0].note, "as it is");

  std::int64_t edited = 0;
  for (int i = 0; i < 8; ++i) edited = film.edit([&](session::Document& document) { document.dialogue.clips.at("c0-2").gain = Decibels{-1.0 - i}; });
  ASSERT_TRUE(soon([&] { return film.service->board().complete && film.service->board().revision >= edited; }));
  board = film.service->board();
  EXPECT_EQ(board.phases[0].state, PhaseState::Stale);
  EXPECT_EQ(board.phases[0].approval, phases::Staleness::DecisionChanged);
  ASSERT_FALSE(board.phases[0].stale.empty());
  EXPECT_GE(board.phases[0].stale.front().in_samples, SamplePosition{3 << 18});

  must(film.service->approve({"dialogue", "", true}, "dora", {}));
  EXPECT_EQ(film.service->approve({"dialogue", "", true}, "dora", {}).error().code, Code::NotFound);
  EXPECT_EQ(film.service->approve({"nonsense", "", false}, "dora", {}).error().code, Code::NotFound);
}

TEST(Board, explains_what_a_moment_is_made_of) {
  FilmAtWork film("moment", two_tracks);
  must(film.service->sounds().list({}));
  const deliver::Moment moment = must(film.service->moment("dialogue", {2 * 48000}, {}));
  EXPECT_TRUE(std::any_of(moment.made_of.begin(), moment.made_of.end(), [](const deliver::MomentStep& step) { return step.item.ends_with("c0-0"); }));
  EXPECT_EQ(film.service->moment("nonsense", {0}, {}).error().code, Code::NotFound);
}

TEST(Jobs, a_build_writes_outputs_and_tells_how_far_it_is) {
  FilmAtWork film("jobs", two_tracks);
  const Job job = must(film.service->jobs().start({JobKind::Build, {}, {}, {}}, "ann"));
  ASSERT_TRUE(soon([&] { return must(film.service->jobs().find(job.id)).outcome.has_value() || must(film.service->jobs().find(job.id)).state == JobState::Failed; }));
  const Job done = must(film.service->jobs().find(job.id));
  ASSERT_EQ(done.state, JobState::Done) << done.message;
  EXPECT_EQ(done.author, "ann");
  ASSERT_TRUE(done.outcome->integrated.has_value());
  EXPECT_NEAR(done.outcome->integrated->value, -23.0, 0.2);
  std::set<std::string> paths;
  for (const Output& output : outputs_of(film.folder())) paths.insert(output.path);
  for (const std::string& path : done.outcome->outputs) EXPECT_TRUE(paths.contains(path)) << path;
  EXPECT_TRUE(paths.contains("mix.wav"));
  EXPECT_TRUE(film.was_told(R"("state":"running")"));
  EXPECT_TRUE(film.was_told(R"("state":"done")"));
  // What the build found out is the board at once.
  EXPECT_TRUE(soon([&] { return film.service->board().complete && film.service->board().revision == done.outcome->revision; }));

  const Job render = must(film.service->jobs().start({JobKind::Render, {}, "stem:dialogue", SampleRange{{48000}, {96000}}}, "ann"));
  ASSERT_TRUE(soon([&] { return must(film.service->jobs().find(render.id)).outcome.has_value(); }));
  const std::string file = must(film.service->jobs().find(render.id)).outcome->outputs.at(0);
  const auto rendered = must(media::read_all(must(output_path(film.folder(), file))));
  EXPECT_EQ(rendered.frames(), 48000);

  const auto measured = [&] { return film.service->compiler().loudness(); };
  ASSERT_TRUE(soon([&] { return measured() != nullptr; }));
  EXPECT_NEAR(measured()->measure.master.figures.programme.integrated.value, done.outcome->integrated->value, 1e-9);
}

TEST(Jobs, can_be_stopped_while_they_wait_and_while_they_run) {
  FilmAtWork film("jobs-stop", two_tracks);
  const Job first = must(film.service->jobs().start({JobKind::Build, {}, {}, {}}, "ann"));
  const Job second = must(film.service->jobs().start({JobKind::Spot, "dialogue", {}, {}}, "bob"));
  EXPECT_EQ(must(film.service->jobs().cancel(second.id)).state, JobState::Cancelled);
  must(film.service->jobs().cancel(first.id));
  ASSERT_TRUE(soon([&] { return must(film.service->jobs().find(first.id)).state == JobState::Cancelled; }));
  EXPECT_EQ(film.service->jobs().cancel(first.id).error().code, Code::NotFound);
  EXPECT_EQ(film.service->jobs().start({JobKind::Spot, "nonsense", {}, {}}, "ann").error().code, Code::NotFound);
  // The engine goes on for others.
  EXPECT_TRUE(film.service->sounds().chunk("mix", 0, {}, {}).ok());
}

TEST(Jobs, what_is_thrown_becomes_the_failure_of_the_work) {
  const auto no_memory = caught([]() -> Result<int> { throw std::bad_alloc(); });
  EXPECT_EQ(no_memory.error().code, Code::OutOfSpace);
  const auto mistake = caught([]() -> Result<void> { throw std::out_of_range("map::at"); });
  EXPECT_EQ(mistake.error().code, Code::Internal);
  EXPECT_EQ(mistake.error().message, "map::at");
  EXPECT_EQ(must(caught([]() -> Result<int> { return 3; })), 3);
}

TEST(Jobs, proposals_change_nothing) {
  FilmAtWork film("proposals", two_tracks);
  const std::int64_t before = film.session->access().head().revision;
  const Proposals proposals = must(film.service->jobs().proposals("mix", {}));
  EXPECT_EQ(proposals.revision, before);
  EXPECT_EQ(film.session->access().head().revision, before);
  EXPECT_FALSE(proposals.items.empty());
  EXPECT_TRUE(session::parse_patch(proposals.patch).ok());
}

TEST(Outputs, no_path_leads_out_of_the_folder) {
  const twopop::test::ScratchFolder folder("outputs");
  std::filesystem::create_directories(folder.path / "out" / "sub");
  std::ofstream(folder.path / "out" / "sub" / "mix.wav") << "x";
  std::ofstream(folder.path / "secret") << "x";
  std::filesystem::create_symlink(folder.path / "secret", folder.path / "out" / "link.txt");
  std::filesystem::create_directory_symlink(folder.path, folder.path / "out" / "up");
  EXPECT_TRUE(output_path(folder.path, "sub/mix.wav").ok());
  for (const char* path : {"../secret", "sub/../../secret", "/etc/passwd", "link.txt", "up/secret", "", ".", "sub", "sub/none.wav", "..", "./../secret"}) EXPECT_FALSE(output_path(folder.path, path).ok()) << path;
  const std::vector<Output> outputs = outputs_of(folder.path);
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].path, "sub/mix.wav");
}

TEST(Library, words_become_a_query) {
  EXPECT_EQ(fts_query("door slam"), R"(("door"* AND "slam"*))");
  EXPECT_EQ(fts_query("door, gate -wood"), R"(("door"*) OR (("gate"*) NOT "wood"*))");
  EXPECT_EQ(fts_query("\"car door\" -x"), R"((("car door") NOT "x"*))");
  EXPECT_EQ(fts_query("-wood"), "");
  EXPECT_EQ(fts_query("a\" OR 1 (\"*"), R"x(("a"* AND " OR 1 ("))x");
  EXPECT_EQ(fts_query(" ,, - + "), "");
  EXPECT_EQ(ucs_category("AMBCity_Night Traffic_BOB_Lib.wav"), "AMBCity");
  EXPECT_EQ(ucs_category("DOORWood-INT_Slam_X_Y.wav"), "DOORWood");
  EXPECT_EQ(ucs_category("my_file.wav"), "");
  EXPECT_EQ(ucs_category("REC_0001.wav"), "");
}

TEST(Library, finds_by_name_folder_notes_and_category) {
  session::Document document;
  const auto add = [&](const char* id, const char* path, session::MediaKind kind, const char* notes) {
    session::Media media;
    media.path = path;
    media.name = std::filesystem::path(path).filename().string();
    media.kind = kind;
    media.notes = notes;
    document.media[id] = media;
  };
  add("a", "lib/doors/DOORWood_HeavySlam_BOB_Lib.wav", session::MediaKind::Effect, "close perspective");
  add("b", "lib/doors/GATEMetl_Creak_BOB_Lib.wav", session::MediaKind::Effect, "");
  add("c", "lib/rain/AMBRain_City street_BOB_Lib.wav", session::MediaKind::Ambience, "recorded at night");
  add("d", "production/door dialogue.wav", session::MediaKind::Recording, "");
  const auto library = must(Library::open());
  const auto found = [&](const std::string& words, std::optional<session::MediaKind> kind = {}) {
    std::set<std::string> ids;
    for (const LibraryItem& item : must(library->find(document, words, kind, 0, 10)).items) ids.insert(item.media);
    return ids;
  };
  using Ids = std::set<std::string>;
  EXPECT_EQ(found(""), (Ids{"a", "b", "c"}));
  EXPECT_EQ(found("slam"), (Ids{"a"}));
  EXPECT_EQ(found("doors"), (Ids{"a", "b"}));
  EXPECT_EQ(found("doors -creak"), (Ids{"a"}));
  EXPECT_EQ(found("night, creak"), (Ids{"b", "c"}));
  EXPECT_EQ(found("ambrain"), (Ids{"c"}));
  EXPECT_EQ(found("", session::MediaKind::Ambience), (Ids{"c"}));
  EXPECT_EQ(found("doors", session::MediaKind::Ambience), Ids{});
  EXPECT_EQ(found("dialogue"), Ids{});
  EXPECT_EQ(found("-doors"), Ids{});
  document.media.erase("a");
  EXPECT_EQ(found("slam"), Ids{});
}

TEST(Preview, is_what_the_film_would_sound_like_and_leaves_no_trace) {
  FilmAtWork film("preview", two_tracks);
  const std::int64_t before = film.session->access().head().revision;
  PreviewRequest rain;
  rain.ambience.emplace();
  rain.ambience->synth = "rain";
  rain.length_s = 2;
  const PreviewSound sound = must(film.service->preview(rain, {}));
  EXPECT_EQ(sound.length.value, 96000);
  EXPECT_EQ(sound.samples->size(), static_cast<std::size_t>(sound.channels) * 96000 * sizeof(float));
  EXPECT_TRUE(std::any_of(sound.samples->begin(), sound.samples->end(), [](std::byte b) { return b != std::byte{0}; }));
  EXPECT_EQ(*must(film.service->preview(rain, {})).samples, *sound.samples);

  PreviewRequest chain;
  chain.what = PreviewKind::Effect;
  chain.effect.emplace();
  chain.effect->media = "r0";
  chain.effect->source_out_s = 1.0;
  chain.effect->chain["slow"].kind = "stretch";
  chain.effect->chain["slow"].numbers["factor"] = 2;
  EXPECT_EQ(must(film.service->preview(chain, {})).length.value, 96000);
  chain.effect->chain["slow"].numbers["factor"] = 100;
  EXPECT_EQ(film.service->preview(chain, {}).error().code, Code::InvalidArgument);
  chain.effect->media = "nothing";
  EXPECT_EQ(film.service->preview(chain, {}).error().code, Code::NotFound);
  rain.ambience->synth = "thunder";
  EXPECT_EQ(film.service->preview(rain, {}).error().code, Code::InvalidArgument);
  EXPECT_EQ(film.session->access().head().revision, before);
}

TEST(Files, are_streamed_to_the_film_and_taken_in) {
  FilmAtWork film("files", two_tracks);
  const std::string wav = bytes_of(film.scratch.path / "r1.wav");
  const auto files = [&] {
    std::set<std::string> names;
    std::error_code none;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(film.folder() / "media", none))
      if (entry.is_regular_file()) names.insert(entry.path().filename().string());
    return names;
  };
  // The same sound is in the film already: another is not the same.
  std::string other = wav;
  for (std::size_t i = 1000; i < 3000; ++i) other[i] = static_cast<char>(i);
  MemoryBody body(other);
  const FileTaken taken = must(film.service->add_file("../../Rain on tin.wav", session::MediaKind::Ambience, body, "ann"));
  EXPECT_EQ(taken.kind, session::MediaKind::Ambience);
  const session::Head head = film.session->access().head();
  EXPECT_EQ(head.revision, taken.revision);
  const session::Media& media = head.document->media.at(taken.media);
  EXPECT_EQ(media.path, "media/ambience/Rain on tin.wav");
  EXPECT_EQ(bytes_of(must(film.service->media_file(taken.media))), other);
  EXPECT_EQ(files(), (std::set<std::string>{"Rain on tin.wav"}));
  ASSERT_TRUE(soon([&] { return film.was_told(R"("type":"peaks","media":")" + taken.media); }));

  other[5000] ^= 1;
  MemoryBody again(other);
  const FileTaken second = must(film.service->add_file("Rain on tin.wav", session::MediaKind::Ambience, again, "ann"));
  EXPECT_EQ(film.session->access().head().document->media.at(second.media).path, "media/ambience/Rain on tin-2.wav");

  MemoryBody cut(other.substr(0, 20000), true);
  EXPECT_EQ(film.service->add_file("Cut.wav", session::MediaKind::Effect, cut, "ann").error().code, Code::Cancelled);
  MemoryBody words("this is no sound");
  EXPECT_FALSE(film.service->add_file("notes.xyz", {}, words, "ann").ok());
  MemoryBody nameless(other);
  EXPECT_EQ(film.service->add_file("../..", {}, nameless, "ann").error().code, Code::InvalidArgument);
  EXPECT_EQ(files(), (std::set<std::string>{"Rain on tin.wav", "Rain on tin-2.wav"}));
}

TEST(Files, a_path_written_into_the_document_opens_nothing_else) {
  FilmAtWork film("files-guard", two_tracks);
  EXPECT_TRUE(film.service->media_file("r0").ok());
  std::ofstream(film.scratch.path / "secret.txt") << "secret";
  film.edit([&](session::Document& document) {
    document.media.at("r0").path = (film.scratch.path / "secret.txt").string();
    document.media.at("r1").path = "../secret.txt";
  });
  EXPECT_EQ(film.service->media_file("r0").error().code, Code::NotFound);
  EXPECT_EQ(film.service->media_file("r1").error().code, Code::NotFound);
  EXPECT_EQ(film.service->media_file("none").error().code, Code::NotFound);
  // Moved as it is, it is known by its content.
  std::filesystem::copy_file(film.scratch.path / "r1.wav", film.scratch.path / "moved.wav");
  film.edit([&](session::Document& document) { document.media.at("r1").path = (film.scratch.path / "moved.wav").string(); });
  EXPECT_TRUE(film.service->media_file("r1").ok());
}

TEST(Picture, proxy_and_strips_are_made_in_the_background_and_kept) {
  TWOPOP_NEEDS_SHARED();
  FilmAtWork film("picture", [](const auto& folder) {
    session::Document document = twopop::test::small_film(folder, 1, 10);
    const auto path = twopop::test::shared_folder() / "corpus" / "film/picture/locked_cut.mp4";
    session::Media media;
    media.path = path.string();
    media.name = "locked_cut.mp4";
    media.kind = session::MediaKind::Picture;
    media.has_picture = true;
    media.fingerprint = to_string(must(media::fingerprint(path)));
    document.media["cut"] = media;
    document.picture.media = "cut";
    return document;
  });
  EXPECT_FALSE(film.service->picture().thumbs(-1, {}).ok());
  ASSERT_TRUE(soon([&] { return film.service->picture().info().proxy_ready; }, std::chrono::seconds(280))) << film.service->picture().info().proxy_problem;
  const PictureInfo info = film.service->picture().info();
  const auto times = must(media::frame_times(must(film.service->picture().proxy())));
  EXPECT_EQ(times.count(), info.count);
  EXPECT_EQ(times.frames, info.frames);
  EXPECT_EQ(must(film.service->picture().frame_seconds()).size(), static_cast<std::size_t>(info.count));
  EXPECT_GT(std::filesystem::file_size(must(film.service->picture().thumbs(0, {}))), 1000u);
  EXPECT_EQ(film.service->picture().thumbs(1000, {}).error().code, Code::NotFound);
  EXPECT_TRUE(film.was_told(R"("type":"picture")"));

  // The booth's picture: whole for who may read the film, for an actor's link what lies within 30 s of its cue.
  film.edit([](session::Document& document) {
    document.adr.cues["q1"].film = {{50 * 48000}, {51 * 48000}};
    document.adr.cues["q2"].film = {{2 * 48000}, {3 * 48000}};
  });
  const session::Head head = film.session->access().head();
  const auto seen_by = [&](const Identity& who) { return booth_picture(*film.service, booth_view(*head.document, who), who); };
  const Identity owner{"Ann", {"owner"}, {}, {}, {}, {}}, actor{"Lea", {"actor"}, {}, {}, "film", "q1"}, elsewhere{"Lea", {"actor"}, {}, {}, "film", "gone"};
  EXPECT_EQ(must(seen_by(owner)), must(film.service->picture().proxy()));
  const auto excerpt = must(seen_by(actor));
  EXPECT_NE(excerpt, must(film.service->picture().proxy()));
  EXPECT_EQ(must(seen_by(actor)), excerpt) << "made once";
  const auto open = must(media::frame_times(excerpt));
  EXPECT_NEAR(open.duration_s(), times.duration_s(), 0.01) << "the same time line";
  ASSERT_GT(open.count(), 10);
  ASSERT_LT(open.count(), times.count());
  EXPECT_EQ(open.seconds_of(0), 0.0) << "stands for what is closed";
  EXPECT_GT(open.seconds_of(1), 19.0) << "a frame of what does not belong to the cue";
  EXPECT_LE(open.seconds_of(1), 20.0);
  EXPECT_EQ(seen_by(elsewhere).error().code, Code::NotFound);
  film.close();
  film.open();
  EXPECT_TRUE(soon([&] { return film.service->picture().info().proxy_ready; }, std::chrono::seconds(5)));
}

TEST(Picture, a_film_without_one_says_so) {
  FilmAtWork film("no-picture", two_tracks);
  EXPECT_EQ(film.service->picture().proxy().error().code, Code::NotFound);
  EXPECT_EQ(film.service->picture().thumbs(0, {}).error().code, Code::NotFound);
  EXPECT_TRUE(film.service->picture().info().media.empty());
}

}  // namespace
}  // namespace twopop::server
