// Two processes on one film's cache at once: the server and the command line.
#include "program.h"

#include <gtest/gtest.h>

#include <thread>

namespace twopop {
namespace {

using test::Process;
using test::must;
using Sounds = std::map<std::string, Hash>;

/// `twopop serve`, listening once this is made.
struct Served {
  Served(const std::filesystem::path& scratch, const std::filesystem::path& film)
      : said(scratch / "serve.json"), process({"serve", film.string(), "--port", "0", "--web", scratch.string(), "--json"}, said) {
    for (int tries = 0; tries < 4800 && test::text_of(said).find("\"port\"") == std::string::npos; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(25));
    EXPECT_NE(test::text_of(said).find("\"port\""), std::string::npos) << test::text_of(said.string() + ".errors") << test::threads_of(process.pid());
  }
  std::filesystem::path said;
  Process process;
};

struct OneFilm {
  test::ScratchFolder scratch{"shared-cache"};
  std::filesystem::path film = scratch.path / "film.twopop";
  OneFilm() {
    const auto store = must(session::Store::create(film, test::small_film(scratch.path, 2, 24)));
  }
  void edit(double gain) { test::run_json(scratch.path, {"edit", film.string(), "--set", fmt::format("/dialogue/clips/c0-0/gain_db={}", gain)}); }
  nlohmann::json build() { return test::build(scratch.path, film); }
  Sounds clean() { return test::sound_of_clean_build(scratch.path, film); }
  Sounds made() { return test::sound_of(film); }
};

TEST(SharedCache, a_build_beside_the_server_gives_the_same_sound_and_is_made_once) {
  OneFilm one;
  {
    Served server(one.scratch.path, one.film);
    const auto first = one.build();
    EXPECT_GT(test::rendered(first), 0);
    EXPECT_EQ(one.made(), one.clean());
    const auto second = one.build();
    EXPECT_EQ(second.at("chunks").at("rendered"), 0) << "what the first made is there, whoever holds it";
    one.edit(-5);
    one.build();
    EXPECT_EQ(one.made(), one.clean());
    EXPECT_EQ(server.process.kill(), -1) << "it ran all the time";
  }
  const auto last = one.build();
  EXPECT_EQ(last.at("chunks").at("rendered"), 0);
  EXPECT_EQ(one.made(), one.clean());
  EXPECT_TRUE(std::filesystem::is_empty(one.film / "cache" / "guests")) << "taken in by who came next";
}

TEST(SharedCache, survives_that_either_is_killed_at_any_moment) {
  OneFilm one;
  RandomStream random(8, 2);
  for (int round = 0; round < 4; ++round) {
    one.edit(-1.5 * round);
    auto server = std::make_unique<Served>(one.scratch.path, one.film);
    Process build({"build", one.film.string(), "--json"}, one.scratch.path / "killed.json");
    std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0.05, 0.8)));
    if (round % 2) build.kill();
    else server->process.kill();
    if (round % 2 == 0) {
      EXPECT_EQ(build.wait(), 0) << test::text_of(one.scratch.path / "killed.json.errors");
    }
    one.build();
    EXPECT_EQ(one.made(), one.clean()) << round;
  }
}

TEST(SharedCache, a_server_comes_to_a_build_that_is_under_way) {
  OneFilm one;
  Process build({"build", one.film.string(), "--json"}, one.scratch.path / "first.json");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  {
    Served server(one.scratch.path, one.film);
    EXPECT_EQ(build.wait(), 0) << test::text_of(one.scratch.path / "first.json.errors");
    one.build();  // the server is a guest or the owner by now: either way
    EXPECT_EQ(one.made(), one.clean());
  }
}

}  // namespace
}  // namespace twopop
