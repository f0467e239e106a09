// What a build makes again, and what not, by the program as people run it.
#include "program.h"

#include <gtest/gtest.h>

#include <fstream>

namespace twopop {
namespace {

using test::build;
using test::must;
using test::rendered;
using test::sound_of;

/// A film of made speech, built once.
struct BuiltFilm {
  explicit BuiltFilm(const std::string& name, int tracks = 2, double length_s = 40)
      : scratch(name), film(scratch.path / "film.twopop") {
    std::filesystem::create_directories(scratch.path / "media");
    session::Document document = test::small_film(scratch.path / "media", tracks, length_s);
    // Effects too: a clip of five seconds every ten.
    for (int n = 0; n * 10 + 8 <= length_s; ++n) {
      session::EffectClip& clip = document.design.effects[fmt::format("e{}", n)];
      clip.media = "r0";
      clip.track = "effects-1";
      clip.at = {samples(n * 10.0 + 1, document.rate).value};
      clip.source_in_s = 2;
      clip.source_out_s = 7;
      clip.gain = {-6.0};
      clip.decided.by = session::By::Person;
    }
    // A master decided by a person stays where it is when a line changes.
    document.mix.master.decided.by = session::By::Person;
    document.mix.master.gain = {2.0};
    {
      const auto store = must(session::Store::create(film, document));
    }
    first = build(scratch.path, film);
  }

  /// Commits an edit of a person.
  void edit(const std::function<void(session::Document&)>& change) const {
    auto store = must(session::Store::open(film));
    session::Document after = *store.head().document;
    change(after);
    must(store.commit(store.head(), after, "tester", "a change"));
  }

  test::ScratchFolder scratch;
  std::filesystem::path film;
  nlohmann::json first;
};

/// Where the bytes of each entry of the cache lie (docs/formats/cache.md).
struct Entry {
  std::filesystem::path pack;
  std::uint64_t offset = 0, bytes = 0;
};

std::vector<Entry> entries_of(const std::filesystem::path& film) {
  std::vector<Entry> all;
  for (const auto& file : std::filesystem::directory_iterator(film / "cache")) {
    if (!file.path().filename().string().starts_with("pack-")) continue;
    const std::string bytes = test::text_of(file.path());
    for (std::size_t at = 64; at + 80 <= bytes.size();) {
      std::uint64_t length = 0;
      std::memcpy(&length, bytes.data() + at + 40, sizeof length);
      all.push_back({file.path(), at + 80, length});
      at += 80 + length;
    }
  }
  return all;
}

void damage(const Entry& entry, RandomStream& random) {
  std::fstream pack(entry.pack, std::ios::binary | std::ios::in | std::ios::out);
  const auto at = static_cast<std::streamoff>(entry.offset + random.below(static_cast<std::uint32_t>(entry.bytes)));
  pack.seekg(at);
  const char was = static_cast<char>(pack.get());
  pack.seekp(at);
  pack.put(static_cast<char>(was ^ (1 << random.below(8))));
}

TEST(Incremental, a_second_build_renders_nothing_also_without_out_and_with_moved_media) {
  const BuiltFilm built("second");
  EXPECT_GT(rendered(built.first), 0);
  const auto sound = sound_of(built.film);
  const auto second = build(built.scratch.path, built.film);
  EXPECT_EQ(rendered(second), 0) << "nothing was changed";
  EXPECT_EQ(second["revision"], built.first["revision"]) << "nor is there anything to decide anew";

  std::filesystem::remove_all(built.film / "out");
  EXPECT_EQ(rendered(build(built.scratch.path, built.film)), 0) << "out/ was deleted";
  EXPECT_EQ(sound_of(built.film), sound);

  std::filesystem::rename(built.scratch.path / "media", built.scratch.path / "elsewhere");
  test::run_json(built.scratch.path, {"relink", built.film.string(), (built.scratch.path / "elsewhere").string()});
  std::filesystem::remove_all(built.film / "out");
  EXPECT_EQ(rendered(build(built.scratch.path, built.film)), 0) << "the media moved and were relinked";
  EXPECT_EQ(sound_of(built.film), sound);
}

/// Changes one clip and expects that nothing is rendered but what it touches, and that explain says why.
void expect_little_rendered(const BuiltFilm& built, const std::string& set, SampleRange heard, int signals, const std::string& phase,
                            const std::string& setting) {
  const auto before = build(built.scratch.path, built.film);
  test::run_json(built.scratch.path, {"edit", built.film.string(), "--set", set, "--reason", "too loud"});
  const auto again = build(built.scratch.path, built.film);
  // Chunks are 2^18 samples, and states may carry a change on to the end of their segment of 2^20.
  const std::int64_t first = heard.begin.value >> 18, last = (heard.end.value >> 18) | 3;
  const std::int64_t touched = last - first + 1;
  const std::int64_t chunks = again.at("chunks").at("rendered");
  EXPECT_GE(chunks, 3) << "bus, master gain, mix";
  EXPECT_LE(chunks, signals * (touched + 1)) << "the limiter of the chunk before looks ahead";
  EXPECT_LT(chunks, before.at("chunks").at("wanted").get<std::int64_t>() / 2);
  EXPECT_EQ(sound_of(built.film), test::sound_of_clean_build(built.scratch.path, built.film));

  const SampleRate rate{48000};
  const std::string moment = fmt::format("{}@01:{:02}:{:02}:00", phase, static_cast<int>(seconds(heard.begin, rate)) / 60, static_cast<int>(seconds(heard.begin, rate)) % 60 + 1);
  const auto why = test::run_json(built.scratch.path, {"explain", built.film.string(), moment});
  bool told = false;
  for (const auto& step : why.at("made_of"))
    if (step.contains("last_build") && step["last_build"]["reason"] == "settings_changed")
      told = told || step["last_build"]["cause"].get<std::string>().find(setting) != std::string::npos;
  EXPECT_TRUE(told) << moment << ": " << why.dump(1);
  const auto untouched = test::run_json(built.scratch.path, {"explain", built.film.string(), phase + "@01:00:02:00"});
  for (const auto& step : untouched.at("made_of")) {
    // Media are read again where a bed that loops them is heard in a touched chunk.
    const std::string reason = step.value("last_build", nlohmann::json::object()).value("reason", "up_to_date");
    EXPECT_TRUE(reason == "up_to_date" || reason == "recomputed") << step.dump();
  }
}

TEST(Incremental, a_lines_gain_renders_only_the_chunks_it_touches_and_what_hangs_on_them) {
  const BuiltFilm built("gain", 2, 80);
  const SampleRate rate{48000};
  expect_little_rendered(built, "/dialogue/clips/c0-3/gain_db=-2.5", {{samples(30, rate).value}, {samples(37, rate).value}}, 4, "dialogue", "-2.50 dB");
  expect_little_rendered(built, "/design/effects/e5/gain_db=-8.5", {{samples(51, rate).value}, {samples(56, rate).value}}, 4, "design", "-8.50 dB");
}

TEST(Incremental, a_new_master_gain_renders_only_the_master) {
  const BuiltFilm built("master");
  built.edit([](session::Document& document) { document.mix.master.gain = {1.0}; });
  const auto again = build(built.scratch.path, built.film);
  const std::int64_t chunks = (samples(40, {48000}).value >> 18) + 1;
  EXPECT_GE(again.at("chunks").at("rendered"), chunks);
  EXPECT_LE(again.at("chunks").at("rendered"), 3 * chunks) << "the gains of mix and M&E, and the mix";
}

TEST(Incremental, one_damaged_entry_is_made_again_and_no_other) {
  const BuiltFilm built("damage");
  const auto sound = sound_of(built.film);
  RandomStream random(3, 1);
  const std::vector<Entry> entries = entries_of(built.film);
  ASSERT_GT(entries.size(), 20u);
  int made_again = 0;
  for (int pick = 0; pick < 8; ++pick) {
    Entry victim;
    while (victim.bytes == 0) victim = entries[random.below(static_cast<std::uint32_t>(entries.size()))];
    damage(victim, random);
    const auto again = build(built.scratch.path, built.film);
    // What an earlier attempt at the master left is not part of this film, and is not made again.
    EXPECT_LE(rendered(again), 1);
    made_again += static_cast<int>(rendered(again));
    EXPECT_EQ(rendered(build(built.scratch.path, built.film)), 0);
    EXPECT_EQ(sound_of(built.film), sound);
  }
  EXPECT_GE(made_again, 2) << "some of what was damaged must have been part of the film";
}

TEST(Incremental, warm_cold_and_partly_damaged_caches_with_one_and_two_threads_give_the_same_bits) {
  const BuiltFilm built("bits");
  const auto sound = sound_of(built.film);
  RandomStream random(4, 1);
  for (const int threads : {1, 2}) {
    std::filesystem::remove_all(built.film / "out");
    for (const Entry& entry : entries_of(built.film))
      if (entry.bytes && random.below(3) == 0) damage(entry, random);
    EXPECT_GT(rendered(build(built.scratch.path, built.film, threads)), 0);
    EXPECT_EQ(sound_of(built.film), sound) << "partly damaged, " << threads << " threads";

    std::filesystem::remove_all(built.film / "out");
    std::filesystem::remove_all(built.film / "cache");
    build(built.scratch.path, built.film, threads);
    EXPECT_EQ(sound_of(built.film), sound) << "cold, " << threads << " threads";
  }
}

}  // namespace
}  // namespace twopop
