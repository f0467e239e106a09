// Two hours of film and a room full of people: 200 who look and 20 who work. Prints the server's memory and how long its API takes; then, if asked,
// lets twenty people edit at random while the server is killed now and then, and compares what they ended with.
//
//   serve_bench TWOPOP [--seconds N] [--idle N] [--busy N]        the room; 60 seconds unless told otherwise
//   serve_bench TWOPOP --edits [--seconds N] [--kills N]          the edits; 300 seconds and 5 kills
//
// Fails where the server holds 400 MB or more, the slowest hundredth of the calls takes 50 ms or more, somebody misses an edit, or two people disagree.
#include "testing/crowd.h"

#include "small_film.h"

#include <cstdio>
#include <cstring>
#include <sys/epoll.h>

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

/// Everybody's live sockets, read by one thread, so that 220 people take no more of the machine than they do in a studio, where each has their own.
/// What comes is taken apart as far as a page must to keep up: every edit, in order, without a gap.
class Room {
 public:
  Room(std::uint16_t port, int people) : ends_(static_cast<std::size_t>(people)) {
    poll_ = ::epoll_create1(0);
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      ends_[i].live = std::make_unique<Live>(port, "night");
      ends_[i].held = std::move(ends_[i].live->socket().held());
      take_frames(ends_[i]);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, ends_[i].live->socket().fd(), &event);
    }
    reader_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
  }
  ~Room() {
    reader_ = {};
    ::close(poll_);
  }
  void send(int person, const nlohmann::json& message) {
    End& end = ends_[static_cast<std::size_t>(person)];
    const std::scoped_lock lock(end.sending);
    end.live->send(message);
  }
  /// Sockets that ended, edits that were missing or came out of order, and people who are not yet at a revision.
  int lost() const { return lost_; }
  int gaps() const { return gaps_; }
  int behind(std::int64_t revision) const {
    return static_cast<int>(std::count_if(ends_.begin(), ends_.end(), [&](const End& end) { return end.revision != revision; }));
  }
  std::int64_t messages() const { return messages_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  struct End {
    std::unique_ptr<Live> live;
    std::mutex sending;
    std::string held;
    std::atomic<std::int64_t> revision{-1};
    bool open = true;
  };

  void read(const std::stop_token& stop) {
    std::vector<char> buffer(256 << 10);
    while (!stop.stop_requested()) {
      epoll_event events[64];
      const int ready = ::epoll_wait(poll_, events, 64, 100);
      for (int i = 0; i < ready; ++i) {
        End& end = ends_[events[i].data.u64];
        const ssize_t got = ::recv(end.live->socket().fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) {
          if (std::exchange(end.open, false)) ++lost_;
          ::epoll_ctl(poll_, EPOLL_CTL_DEL, end.live->socket().fd(), nullptr);
          continue;
        }
        bytes_ += got;
        end.held.append(buffer.data(), static_cast<std::size_t>(got));
        take_frames(end);
      }
    }
  }

  void take_frames(End& end) {
    std::size_t at = 0;
    const std::string_view held = end.held;
    while (held.size() - at >= 2) {
      std::size_t length = static_cast<unsigned char>(held[at + 1]) & 127, head = 2;
      if (length >= 126) {
        head += length == 126 ? 2 : 8;
        if (held.size() - at < head) break;
        length = 0;
        for (std::size_t i = 2; i < head; ++i) length = length << 8 | static_cast<unsigned char>(held[at + i]);
      }
      if (held.size() - at < head + length) break;
      const int opcode = held[at] & 15;
      const std::string_view payload = held.substr(at + head, length);
      at += head + length;
      if (opcode == 9) {
        const std::scoped_lock lock(end.sending);
        end.live->send_raw(frame(payload, 10));
      } else if (opcode == 1) {
        take(end, payload);
      }
    }
    end.held.erase(0, at);
  }

  void take(End& end, std::string_view text) {
    ++messages_;
    const bool hello = text.starts_with(R"({"type":"hello")"), edit = text.starts_with(R"({"type":"edit")");
    if (text.starts_with(R"({"type":"lagged")")) ++gaps_;
    if (!hello && !edit) return;
    const std::size_t key = text.find(R"("revision":)");
    const std::int64_t revision = key == std::string_view::npos ? -1 : std::atoll(text.data() + key + 11);
    if (edit && revision != end.revision + 1) ++gaps_;
    end.revision = revision;
  }

  std::vector<End> ends_;
  int poll_ = -1;
  std::atomic<int> lost_{0}, gaps_{0};
  std::atomic<std::int64_t> messages_{0}, bytes_{0};
  std::jthread reader_;
};

/// Does what a page does: edits, asks for history and summaries, says where it is.
void work(std::uint16_t port, int number, Room& room, const std::atomic<bool>& stop, Calls& calls) {
  RandomStream random(static_cast<std::uint64_t>(number) + 1, 3);
  try {
    Client client(port);
    client.greet();
    const auto timed = [&](const char* what, auto call) {
      const auto begin = std::chrono::steady_clock::now();
      const Reply reply = call();
      calls.add(what, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
      if (reply.status != 200 && reply.status != 304 && reply.status != 409) ++calls.failed;
      return reply;
    };
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
        default: room.send(number, {{"type", "presence"}, {"page", "mix"}, {"at_samples", random.below(100000000)}, {"selection", ""}});
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100 + random.below(300)));
    }
  } catch (const std::exception& e) {
    ++calls.failed;
    fmt::print("  somebody at work: {}\n", e.what());
  }
}

/// How late this machine wakes who only sleeps: nothing of that is the server's doing.
void sleep_and_see(const std::atomic<bool>& stop, std::vector<double>& late) {
  while (!stop) {
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    late.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count() - 10);
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
  std::vector<double> late;
  Client first(server.port());
  {
    const auto begin = std::chrono::steady_clock::now();
    const Reply opened = first.get("/api/films/night");
    fmt::print("the document: {:.1f} MB, {:.0f} ms\n", static_cast<double>(opened.body.size()) / 1e6, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  Room all_here(server.port(), idle + busy);
  {
    std::vector<std::jthread> people;
    for (int i = 0; i < busy; ++i) people.emplace_back([&, i] { work(server.port(), i, all_here, stop, calls); });
    people.emplace_back([&] { sleep_and_see(stop, late); });
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    stop = true;
  }
  const auto revision = first.get("/api/films").json().at(0).at("revision").get<std::int64_t>();
  for (int tries = 0; tries < 100 && all_here.behind(revision) > 0; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::vector<double> all;
  for (const auto& [what, ms] : calls.ms) {
    fmt::print("  {:<12} {:6} calls   median {:7.2f} ms   p99 {:7.2f} ms   most {:7.2f} ms\n", what, ms.size(), percentile(ms, 0.5), percentile(ms, 0.99), percentile(ms, 1));
    all.insert(all.end(), ms.begin(), ms.end());
  }
  const double p99 = percentile(all, 0.99);
  fmt::print("  told: {} messages, {:.0f} MB; {} revisions, {} of {} people do not have the last, {} gaps\n", all_here.messages(), static_cast<double>(all_here.bytes()) / 1e6, revision, all_here.behind(revision), idle + busy,
             all_here.gaps());
  fmt::print("  a sleep of 10 ms is late by {:.2f} ms (p99), {:.2f} ms at most: the machine's share of the above\n", percentile(late, 0.99), percentile(late, 1));
  fmt::print("{} look, {} work: {} calls, p99 {:.2f} ms (under 50), server {:.0f} MB, at most {:.0f} MB (under 400), {} failed, {} lost\n", idle, busy, all.size(), p99, server.resident_mb(), server.peak_mb(),
             calls.failed.load(), all_here.lost());
  return p99 < 50 && server.peak_mb() < 400 && calls.failed == 0 && all_here.lost() == 0 && all_here.gaps() == 0 && all_here.behind(revision) == 0 && !all.empty() ? 0 : 1;
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
