// What a film of two hours and 100 tracks asks of the server's side of it: opening, compiling, an edit, chunks, peaks and the memory of
// all that. No network: see live tests for that.
//
//   served_film_bench [--minutes N] [--tracks N] [--folder DIR]
#include "film/film_service.h"
#include "session/json.h"
#include "testing/film_at_work.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace {

using namespace twopop;
using namespace twopop::server;
using twopop::test::must;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

double rss_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  return 0;
}

/// A recording of some minutes, of which the clips of all tracks play pieces.
session::Document long_film(const std::filesystem::path& folder, int minutes, int tracks) {
  session::Document document;
  document.name = "Long film";
  document.picture.length = samples(minutes * 60.0, document.rate);
  constexpr int recordings = 4, recorded_s = 120;
  for (int k = 0; k < recordings; ++k) {
    const session::Id id = fmt::format("r{}", k);
    twopop::test::write_wav(folder / (id + ".wav"), twopop::test::made_speech(static_cast<std::uint64_t>(k) + 1, recorded_s, 48000).view(), 48000);
    twopop::test::add_media(document, id, folder / (id + ".wav"), session::MediaKind::Effect);
  }
  for (int t = 0; t < tracks; ++t)
    for (int n = 0; n < minutes; ++n) {
      session::EffectClip clip;
      clip.media = fmt::format("r{}", (t + n) % recordings);
      clip.track = fmt::format("t{}", t);
      clip.at = {samples(n * 60.0 + t * 0.5, document.rate).value};
      clip.source_in_s = (t * 7 + n) % 100;
      clip.source_out_s = clip.source_in_s + 8;
      clip.fade_in = clip.fade_out = {{960}};
      clip.gain = Decibels{-18};
      clip.name = fmt::format("clip {} of track {}", n, t);
      clip.decided.by = session::By::Person;
      document.design.effects[fmt::format("e{}-{}", t, n)] = clip;
    }
  return document;
}

}  // namespace

int main(int argc, char** argv) {
  int minutes = 120, tracks = 100;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--minutes")) minutes = std::atoi(argv[i + 1]);
    if (!std::strcmp(argv[i], "--tracks")) tracks = std::atoi(argv[i + 1]);
  }
  try {
    std::printf("%d minutes, %d tracks, %d clips\n", minutes, tracks, minutes * tracks);
    auto start = Clock::now();
    server::test::FilmAtWork film("served-film-bench", [&](const auto& folder) { return long_film(folder, minutes, tracks); });
    std::printf("made and opened          %9.1f ms   %6.1f MB\n", ms_since(start), rss_mb());
    start = Clock::now();
    while (!film.service->compiler().newest(std::chrono::seconds(10)).ok()) {
    }
    std::printf("first compile            %9.1f ms   %6.1f MB\n", ms_since(start), rss_mb());
    const session::Head head = film.session->access().head();
    start = Clock::now();
    const std::string json = session::write_json(*head.document, session::JsonLayout::Compact);
    std::printf("document as JSON         %9.1f ms   %6.1f MB of text\n", ms_since(start), static_cast<double>(json.size()) / 1048576);
    start = Clock::now();
    const auto list = must(film.service->sounds().list({}));
    std::printf("list of %3zu sounds       %9.1f ms\n", list.size(), ms_since(start));

    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
      start = Clock::now();
      must(film.service->sounds().chunk(fmt::format("track:fx-t{}", i % tracks), (i * 37) % (minutes * 10), {}, {}));
      times.push_back(ms_since(start));
    }
    std::sort(times.begin(), times.end());
    std::printf("chunk of a track, p50    %9.1f ms   p99 %.1f ms   %6.1f MB\n", times[times.size() / 2], times[times.size() * 99 / 100], rss_mb());

    const auto ready = [&](bool is_media, const std::string& name) {
      const auto found = film.service->peaks().read({is_media, name, -1}, 0, 0, 1, {});
      return found.ok() && found->has_value();
    };
    start = Clock::now();
    if (!server::test::soon([&] { return ready(true, "r0") && ready(true, "r3"); })) throw std::runtime_error("no peaks of recordings");
    if (!server::test::soon([&] { return ready(false, "track:fx-t0"); }, std::chrono::seconds(600))) throw std::runtime_error("no peaks of a track");
    std::printf("peaks of a track, first  %9.1f ms\n", ms_since(start));
    start = Clock::now();
    for (int i = 0; i < 1000; ++i) must(film.service->peaks().read({false, "track:fx-t0", -1}, 3, (i * 7) % 1000, 1600, {}));
    std::printf("a range of peaks         %9.3f ms\n", ms_since(start) / 1000);

    start = Clock::now();
    const std::int64_t revision = film.edit([](session::Document& document) { document.design.effects.at("e3-1").gain = Decibels{-12}; });
    while (must(film.service->compiler().newest(std::chrono::seconds(60)))->revision < revision) {
    }
    std::printf("an edit until compiled   %9.1f ms\n", ms_since(start));
    start = Clock::now();
    if (!server::test::soon([&] { return ready(false, "track:fx-t3"); }, std::chrono::seconds(600))) throw std::runtime_error("no peaks of the edited track");
    std::printf("peaks of another track   %9.1f ms\n", ms_since(start));

    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < 30; ++i) {
        film.edit([&](session::Document& document) { document.design.effects.at("e1-1").gain = Decibels{-12.0 - 0.01 * (round * 30 + i)}; });
        must(film.service->sounds().chunk("track:fx-t1", i, {}, {}));
      }
      std::printf("%3d edits and chunks later              %6.1f MB\n", (round + 1) * 30, rss_mb());
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
