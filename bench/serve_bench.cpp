// Two hours of film and a room full of people: 200 who look and 20 who work. Prints the server's memory and how long its API takes; then, if asked,
// lets twenty people edit at random while the server is killed now and then, and compares what they ended with.
//
//   serve_bench TWOPOP [--seconds N] [--idle N] [--busy N]        the room; 60 seconds unless told otherwise
//   serve_bench TWOPOP --edits [--seconds N] [--kills N]          the edits; 300 seconds and 5 kills
//
// Fails where the server holds 400 MB or more, the slowest hundredth of the calls takes 50 ms or more, or two people disagree.
#include "testing/crowd.h"

#include "small_film.h"

#include <cstdio>
#include <cstring>

namespace {

using namespace twopop;
using namespace twopop::server::testing;

/// Two hours, 100 tracks, 6000 clips, as a busy cut has them.
session::Document long_film() {
  session::Document document;
  document.name = "Night";
  document.picture.length = samples(7200.0, document.rate);
  for (int i = 0; i < 60; ++i) {
    session::Media& media = document.media[fmt::format("m{}", i)];
    media.path = fmt::format("sound/{}.wav", i);
    media.kind = session::MediaKind::Recording;
    session::Placement& placement = document.dialogue.placements[fmt::format("p{}", i)];
    placement.media = fmt::format("m{}", i);
    placement.film = {{0}, {document.picture.length.value}};
  }
  for (int i = 0; i < 6000; ++i) {
    session::DialogueClip& clip = document.dialogue.clips[fmt::format("c{}", i)];
    clip.placement = fmt::format("p{}", i % 60);
    clip.track = fmt::format("t{}", i % 100);
    clip.film = {{i * std::int64_t{57000}}, {i * std::int64_t{57000} + 50000}};
    clip.text = "Somebody says a line of about this length here.";
    clip.decided.reason = "speech, 18.2 dB over the noise";
  }
  for (int i = 0; i < 100; ++i) document.mix.strips[fmt::format("s{}", i)];
  return document;
}

struct Calls {
  std::mutex mutex;
  std::map<std::string, std::vector<double>> ms;
  std::atomic<int> failed{0};
  void add(const std::string& what, double took) {
    const std::scoped_lock lock(mutex);
    ms[what].push_back(took);
  }
};

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

/// Opens the film once, then does what a page does: edits, asks for history and summaries, says where it is, takes in what others did.
void work(std::uint16_t port, int number, const std::atomic<bool>& stop, Calls& calls) {
  RandomStream random(static_cast<std::uint64_t>(number) + 1, 3);
  try {
    Client client(port);
    client.greet();
    Live live(port, "night");
    std::jthread reader([&](const std::stop_token& ended) {
      while (!ended.stop_requested()) live.next(std::chrono::milliseconds(200));
    });
    const auto timed = [&](const char* what, auto call) {
      const auto begin = std::chrono::steady_clock::now();
      const Reply reply = call();
      calls.add(what, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
      if (reply.status != 200 && reply.status != 304 && reply.status != 409) ++calls.failed;
      return reply;
    };
    std::string tag;
    while (!stop) {
      switch (random.below(5)) {
        case 0: {
          const nlohmann::json patch = nlohmann::json::array({{{"op", "replace"}, {"path", fmt::format("/mix/strips/s{}/gain_db", random.below(100))}, {"value", -static_cast<int>(random.below(40))}}});
          timed("POST edits", [&] { return client.post("/api/films/night/edits", nlohmann::json{{"reason", "at work"}, {"patch", patch}}.dump()); });
          break;
        }
        case 1: timed("GET history", [&] { return client.get("/api/films/night/history?last=20"); }); break;
        case 2: timed("GET films", [&] { return client.get("/api/films"); }); break;
        case 3: timed("GET me", [&] { return client.get("/api/me"); }); break;
        default: live.send({{"type", "presence"}, {"page", "mix"}, {"at_samples", random.below(100000000)}, {"selection", ""}});
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100 + random.below(300)));
    }
  } catch (const std::exception& e) {
    ++calls.failed;
    fmt::print("  somebody at work: {}\n", e.what());
  }
}

void look(std::uint16_t port, const std::atomic<bool>& stop, std::atomic<int>& lost) {
  try {
    Live live(port, "night");
    while (!stop) live.next(std::chrono::milliseconds(500));
  } catch (const std::exception&) {
    ++lost;
  }
}

int room(const std::filesystem::path& program, int seconds, int idle, int busy) {
  const test::ScratchFolder scratch("serve-bench");
  const std::filesystem::path film = scratch.path / "night.twopop";
  test::must(session::Store::create(film, long_film()));
  ServerProcess server(program, film, scratch.path / "serve.json");
  server.start();
  Calls calls;
  std::atomic<bool> stop{false};
  std::atomic<int> lost{0};
  {
    Client first(server.port());
    const auto begin = std::chrono::steady_clock::now();
    const Reply opened = first.get("/api/films/night");
    fmt::print("the document: {:.1f} MB, {:.0f} ms\n", static_cast<double>(opened.body.size()) / 1e6, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < idle; ++i) people.emplace_back([&] { look(server.port(), stop, lost); });
    for (int i = 0; i < busy; ++i) people.emplace_back([&, i] { work(server.port(), i, stop, calls); });
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    stop = true;
  }
  std::vector<double> all;
  for (const auto& [what, ms] : calls.ms) {
    fmt::print("  {:<12} {:6} calls   median {:7.2f} ms   p99 {:7.2f} ms   most {:7.2f} ms\n", what, ms.size(), percentile(ms, 0.5), percentile(ms, 0.99), percentile(ms, 1));
    all.insert(all.end(), ms.begin(), ms.end());
  }
  const double p99 = percentile(all, 0.99);
  fmt::print("{} look, {} work: {} calls, p99 {:.2f} ms (under 50), server {:.0f} MB, at most {:.0f} MB (under 400), {} failed, {} lost\n", idle, busy, all.size(), p99, server.resident_mb(), server.peak_mb(),
             calls.failed.load(), lost.load());
  return p99 < 50 && server.peak_mb() < 400 && calls.failed == 0 && lost == 0 && !all.empty() ? 0 : 1;
}

int edits(const std::filesystem::path& program, int seconds, int kills) {
  const test::ScratchFolder scratch("serve-bench");
  const CrowdOutcome outcome = run_crowd(program, scratch.path, 20, std::chrono::seconds(seconds), kills);
  fmt::print("20 people, {} s, {} kills: {} revisions, {} edits acknowledged, {} refused, {} reconnections\n", seconds, outcome.kills, outcome.revision, outcome.acknowledged, outcome.refused, outcome.reconnected);
  for (const std::string& wrong : outcome.wrong) fmt::print("  {}\n", wrong);
  fmt::print("{}\n", outcome.wrong.empty() ? "all have the same document, and no acknowledged edit is lost" : "they do not agree");
  return outcome.wrong.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  int seconds = 0, idle = 200, busy = 20, kills = 5;
  bool editing = false;
  for (int i = 2; i < argc; ++i) {
    const auto number = [&] { return i + 1 < argc ? std::atoi(argv[++i]) : 0; };
    if (!std::strcmp(argv[i], "--seconds")) seconds = number();
    else if (!std::strcmp(argv[i], "--idle")) idle = number();
    else if (!std::strcmp(argv[i], "--busy")) busy = number();
    else if (!std::strcmp(argv[i], "--kills")) kills = number();
    else if (!std::strcmp(argv[i], "--edits")) editing = true;
  }
  if (argc < 2) {
    std::fputs("serve_bench TWOPOP [--seconds N] [--idle N] [--busy N] [--edits] [--kills N]\n", stderr);
    return 2;
  }
  try {
    return editing ? edits(argv[1], seconds ? seconds : 300, kills) : room(argv[1], seconds ? seconds : 60, idle, busy);
  } catch (const std::exception& e) {
    fmt::print("{}\n", e.what());
    return 1;
  }
}
