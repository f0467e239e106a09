#include "core/random.h"
#include "testing/film.h"

#include <atomic>
#include <malloc.h>
#include <thread>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // GCC brings the sanitizer without the header that names it
#endif

namespace twopop::server {
namespace {

using namespace std::chrono_literals;
using testing::Client;
using testing::frame;
using testing::Live;
using testing::ServedFilmFixture;
using testing::Socket;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// The sanitizer keeps what was freed: what is in use is asked of it.
std::size_t bytes_in_use() { return __sanitizer_get_current_allocated_bytes(); }
#else
std::size_t bytes_in_use() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}
#endif

ServerOptions impatient() {
  ServerOptions options;
  options.limits.header_time = 1500ms;
  options.limits.idle_time = 3s;
  options.limits.stall_time = 2s;
  return options;
}

bool answers(const ServedFilmFixture& film) {
  Client client(film.port());
  return client.get("/api/films").status == 200;
}

TEST(Hostile, who_sends_a_header_byte_by_byte_is_cut_and_so_is_who_sends_nothing) {
  ServedFilmFixture film(1, impatient());
  Socket silent(film.port()), slow(film.port());
  const auto began = std::chrono::steady_clock::now();
  std::jthread drip([&](const std::stop_token& stop) {
    for (const char c : std::string("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")) {
      if (stop.stop_requested() || !slow.send(std::string(1, c))) return;
      std::this_thread::sleep_for(50ms);
    }
  });
  EXPECT_TRUE(slow.ends_within(15s));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_TRUE(silent.ends_within(15s));
  EXPECT_TRUE(answers(film));
}

TEST(Hostile, who_promises_a_body_and_does_not_send_it_is_cut) {
  ServedFilmFixture film(1, impatient());
  Client client(film.port());
  client.greet();
  client.socket().send(client.request_text("POST", "/api/films/night/edits", "{", {{"Content-Length", "1000"}}));
  EXPECT_TRUE(client.socket().ends_within(15s));
  EXPECT_EQ(film.hub().head().revision, 0);
  EXPECT_TRUE(answers(film));
}

TEST(Hostile, who_asks_for_much_and_reads_nothing_is_cut_and_costs_no_memory) {
  session::testing::TemporaryFolder folder;
  const auto path = folder / "big.wav";
  std::ofstream(path).put('x');
  std::filesystem::resize_file(path, std::uint64_t{2} << 30);
  Route file;
  file.method = "GET";
  file.pattern = "/api/file";
  file.handle = [path](const Request&) { return Response{200, "audio/wav", {}, FilePart{path, 0, std::nullopt}}; };
  Route memory;
  memory.method = "GET";
  memory.pattern = "/api/memory";
  memory.handle = [](const Request&) {
    Response response;
    response.body = std::make_shared<const std::vector<std::byte>>(std::size_t{4} << 20);
    return response;
  };
  ServerOptions options = impatient();
  options.limits.bytes_being_sent = 32 << 20;
  ServedFilmFixture film(1, options, {file, memory});
  ::mallopt(M_MMAP_THRESHOLD, 1 << 18);  // as the program does: what is done with goes back to the system
  const std::size_t before = bytes_in_use();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 120; ++i) {
    clients.push_back(std::make_unique<Client>(film.port()));
    clients.back()->socket().send(clients.back()->request_text("GET", i % 2 ? "/api/file" : "/api/memory"));
  }
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(bytes_in_use(), before + (std::size_t{100} << 20)) << "answers of 60 x 4 MB are not all made to wait in memory";
  EXPECT_TRUE(answers(film)) << "others are served meanwhile";
  for (auto& client : clients) {
    // What the system had buffered for it comes; then the end.
    EXPECT_TRUE(client->socket().ends_within(15s));
  }
  EXPECT_TRUE(answers(film));
}

TEST(Hostile, a_page_that_never_reads_is_cut_while_others_see_every_edit) {
  ServerOptions options = impatient();
  options.limits.queue_bytes = 64 << 10;
  ServedFilmFixture film(1, options);
  Live deaf(film.port(), "night", 4096), fine(film.port(), "night");
  ASSERT_TRUE(fine.next_of("hello")) << "from here on it is told of every edit";
  const std::string filler(20000, 'x');
  std::int64_t revision = 0;
  for (int i = 0; i < 400; ++i) {
    session::Edit edit{revision, "Bo", filler, session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", fmt::format("{}", -(i % 50) - 1))};
    revision = film.hub().edit(edit).revision;
    const auto told = fine.next_of("edit");
    ASSERT_TRUE(told);
    ASSERT_EQ((*told)["revision"], revision);
  }
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (film.server->connections() > 1 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(film.server->connections(), 1u) << "the deaf one is gone, the other is not";
}

TEST(Hostile, a_page_that_reads_too_slowly_is_told_that_it_lags_and_can_catch_up) {
  ServerOptions options;
  options.limits.queue_bytes = 300 << 10;
  ServedFilmFixture film(1, options);
  Live slow(film.port(), "night", 4096);
  ASSERT_TRUE(slow.next_of("hello"));
  const std::string filler(9000, 'x');
  std::int64_t revision = 0;
  for (int i = 0; i < 400; ++i) {
    session::Edit edit{revision, "Bo", filler, session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", fmt::format("{}", -(i % 50) - 1))};
    revision = film.hub().edit(edit).revision;
  }
  std::int64_t seen = 0;
  bool lagged = false;
  while (!lagged) {
    const auto message = slow.next();
    ASSERT_TRUE(message) << "cut instead of told, at revision " << seen;
    if ((*message)["type"] == "edit") {
      EXPECT_EQ((*message)["revision"], seen + 1) << "what is told is told in order";
      seen = (*message)["revision"];
    }
    lagged = (*message)["type"] == "lagged";
    if (!lagged) continue;
    EXPECT_GT((*message)["revision"], seen) << "the document that it takes anew is at least of this revision";
    EXPECT_LE((*message)["revision"], revision);
  }
  EXPECT_LT(seen, revision);
  // Back from where it is, as far as that is not too much at once; then the document is taken anew.
  slow.send({{"type", "catch-up"}, {"revision", revision - 20}});
  for (std::int64_t next = revision - 19; next <= revision; ++next) EXPECT_EQ((*slow.next_of("edit"))["revision"], next);
  slow.send({{"type", "catch-up"}, {"revision", 0}});
  EXPECT_EQ((*slow.next_of("lagged"))["revision"], revision);
}

TEST(Hostile, frames_that_break_the_protocol_end_their_own_connection_alone) {
  ServedFilmFixture film(1, impatient());
  Live fine(film.port(), "night");
  ASSERT_TRUE(fine.next_of("hello"));
  const std::vector<std::string> broken = {
      frame("{}", 1, false),                                        // not masked
      frame("{}", 3), frame("{}", 15),                              // opcodes that are none
      std::string("\xF1\x80\x00\x00\x00\x00", 6),                   // reserved bits
      std::string("\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0", 14),  // 2^64 bytes
      std::string("\x81\xFF\x00\x00\x00\x00\x7F\xFF\xFF\xFF\0\0\0\0", 14),  // 2 GB
      frame(std::string(300 << 10, 'a')),                           // over the limit
      frame(std::string(200, 'p'), 9),                              // a ping that is too long
      frame("\xFF\xFE\xFD", 1),                                     // no UTF-8
      frame("x", 0),                                                // goes on with what never began
      frame("a", 2),                                                // bytes where texts are spoken
      std::string("\x88\x81\x00\x00\x00\x00x", 7),                  // a farewell of one byte
  };
  for (const std::string& bytes : broken) {
    Live live(film.port(), "night");
    live.send_raw(bytes);
    EXPECT_TRUE(live.socket().ends_within(15s)) << static_cast<int>(bytes[0] & 0xff) << ' ' << bytes.size();
  }
  film.hub().edit({0, "Bo", "", session::By::Person, ServedFilmFixture::to("/mix/strips/s0/gain_db", "-1")});
  EXPECT_TRUE(fine.next_of("edit"));
}

TEST(Hostile, a_storm_of_nonsense_harms_nobody) {
  ServedFilmFixture film(3, impatient());
  const auto until = std::chrono::steady_clock::now() + 3s;
  std::atomic<int> tried{0};
  std::vector<std::jthread> storm;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    storm.emplace_back([&, seed] {
      RandomStream random(seed, 7);
      const std::vector<std::string> beginnings = {"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", "POST /api/films/night/edits HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ", "GET /api/films/night HTTP/1.1\r\nRange: bytes=",
                                                   "POST /api/x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01",
                                                   "GET /api/films/night/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"};
      while (std::chrono::steady_clock::now() < until) {
        try {
          Socket socket(film.port());
          std::string bytes = beginnings[random.below(static_cast<std::uint32_t>(beginnings.size()))];
          for (std::uint32_t n = random.below(2000); n > 0; --n) bytes += static_cast<char>(random.below(256));
          if (random.below(3) == 0) bytes += "\r\n\r\n";
          socket.send(bytes);
          if (random.below(2)) socket.fill(20ms);
          if (random.below(3) == 0) {
            const linger hard{1, 0};  // ends with a reset
            ::setsockopt(socket.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
          }
          ++tried;
        } catch (const std::runtime_error&) {
          std::this_thread::sleep_for(10ms);
        }
      }
    });
  Client client(film.port());
  client.greet();
  Live live(film.port(), "night");
  ASSERT_TRUE(live.next_of("hello"));
  int edits = 0;
  while (std::chrono::steady_clock::now() < until) {
    const auto reply = client.post("/api/films/night/edits", nlohmann::json{{"patch", ServedFilmFixture::gain(edits % 3, -1 - edits % 40)}}.dump());
    ASSERT_EQ(reply.status, 200);
    ++edits;
    ASSERT_TRUE(live.next_of("edit"));
  }
  storm.clear();
  EXPECT_GT(tried, 50);
  EXPECT_GT(edits, 10);
  EXPECT_EQ(film.hub().head().revision, edits);
  const auto gone = std::chrono::steady_clock::now() + 15s;
  while (film.server->connections() > 2 && std::chrono::steady_clock::now() < gone) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(film.server->connections(), 2u) << "nothing of the storm is left";
}

TEST(Hostile, more_connections_than_there_is_room_for_are_turned_away) {
  ServerOptions options;
  options.limits.connections = 20;
  ServedFilmFixture film(1, options);
  std::vector<std::unique_ptr<Socket>> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(std::make_unique<Socket>(film.port()));
  std::this_thread::sleep_for(300ms);
  EXPECT_LE(film.server->connections(), 20u);
  crowd.clear();
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(answers(film));
}

}  // namespace
}  // namespace twopop::server
