#include "film/takes.h"

#include "accounts/sha256.h"
#include "phases/adr/take_fit.h"
#include "small_film.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <numbers>
#include <sys/wait.h>

namespace twopop::server {
namespace {

using test::must;

constexpr int kRate = 48000;

/// A body that is handed over in portions, and may break off.
class Sent final : public BodyReader {
 public:
  explicit Sent(std::string bytes, std::size_t breaks_at = std::string::npos) : bytes_(std::move(bytes)), breaks_at_(breaks_at) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    if (at_ >= breaks_at_) return Error{Code::Cancelled, "the client went away"};
    const std::size_t n = std::min({into.size(), std::size_t{7001}, bytes_.size() - at_, breaks_at_ - at_});
    std::memcpy(into.data(), bytes_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0, breaks_at_;
};

/// A film of ten seconds with a cue at 4 s, on disk.
struct Booth {
  explicit Booth(const std::string& name) : scratch("takes-" + name), film(scratch.path / "film.twopop") {
    session::Document document;
    document.rate = {kRate};
    document.picture.length = {10 * kRate};
    session::AdrCue cue;
    cue.number = "012";
    cue.character = "Léa";
    cue.film = {{4 * kRate}, {7 * kRate}};
    document.adr.cues["a-1"] = cue;
    session::FoleyCue step;
    step.at = {5 * kRate};
    document.foley.cues["f-1"] = step;
    static_cast<void>(must(session::Store::create(film, document)));
    open();
    ada.name = "Ada";
    ada.roles = {"adr"};
  }
  void open() {
    takes.reset();
    core.reset();
    store.emplace(must(session::Store::open(film)));
    core = std::make_unique<FilmCore>();
    core->folder = film;
    core->session.head = [this] { return store->head(); };
    core->session.commit = [this](const session::Head& base, const session::Document& after, const std::string& author, const std::string& reason, session::By by) {
      if (conflicts-- > 0) return Result<std::int64_t>(Error{Code::Conflict, "somebody was faster"});
      return store->commit(base, after, author, reason, by);
    };
    core->work = must(signal::Workspace::open(film / "cache", {}));
    takes = std::make_unique<Takes>(*core);
  }
  test::ScratchFolder scratch;
  std::filesystem::path film;
  std::optional<session::Store> store;
  std::unique_ptr<FilmCore> core;
  std::unique_ptr<Takes> takes;
  Identity ada;
  int conflicts = 0;
};

/// What a microphone heard: beeps `late_ms` after the clock says, then a voice; as bytes.
std::string recorded(double late_ms, int rate = kRate) {
  AudioBuffer<float> take(1, 6 * rate);
  const AudioBuffer<float> voice = test::made_speech(5, 2, rate);
  for (std::int64_t i = 0; i < voice.frames(); ++i) take.view().at(0, i + 4 * rate) += voice.view().at(0, i);
  for (int k = 0; k < 3; ++k)
    for (std::int64_t i = 0; i < rate / 25; ++i) {
      const double at = (1 + k + late_ms / 1000) * rate;
      take.view().at(0, static_cast<std::int64_t>(at) + i) += 0.05f * static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / rate));
    }
  return {reinterpret_cast<const char*>(take.channel(0)), static_cast<std::size_t>(take.frames()) * 4};
}

/// The page recorded from 1 s of its clock on; beeps at 2, 3 and 4 s, the cue's in (film second 4) at 5 s.
TakeStart start_of_take() {
  TakeStart start;
  start.cue = "a-1";
  start.rate_hz = kRate;
  start.first_frame = kRate;
  start.anchor_frame = 5 * kRate;
  start.anchor = {4 * kRate};
  start.beep_frames = {2 * kRate, 3 * kRate, 4 * kRate};
  start.latency_ms = 60;
  start.input = "USB microphone";
  return start;
}

std::string data_chunk(const std::filesystem::path& wav) {
  std::ifstream in(wav, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  const std::size_t at = all.find("data");
  std::uint32_t size;
  std::memcpy(&size, all.data() + at + 4, 4);
  return all.substr(at + 8, size);
}

TEST(Takes, a_take_arrives_sample_for_sample_and_lies_where_its_beeps_say) {
  Booth booth("whole");
  const std::string bytes = recorded(98.5);
  const std::string id = must(booth.takes->start(start_of_take(), booth.ada)).id;
  Sent first(bytes.substr(0, 500'000)), second(bytes.substr(500'000));
  EXPECT_EQ(must(booth.takes->append(id, 0, first, booth.ada)).held.offset, 500'000);
  EXPECT_EQ(must(booth.takes->append(id, 500'000, second, booth.ada)).held.offset, static_cast<std::int64_t>(bytes.size()));
  const TakeResult result = must(booth.takes->finish(id, {sha256_hex(bytes), 6 * kRate, {}, 4}, booth.ada));

  const session::Document& document = *booth.store->head().document;
  const session::Media& media = document.media.at(result.media);
  EXPECT_EQ(data_chunk(booth.film / media.path), bytes) << "the WAV holds the bytes that were sent";
  EXPECT_EQ(media.kind, session::MediaKind::Take);
  EXPECT_EQ(media.cue, "a-1");
  EXPECT_EQ(media.fingerprint, to_string(must(media::fingerprint(booth.film / media.path))));
  EXPECT_EQ(media.device, "USB microphone");
  // First sample: clock 1 s, four seconds before the cue's in, less what sound takes to come back (98.5 ms by the beeps).
  EXPECT_NEAR(result.beep_error_ms.value(), 98.5 - 60, 0.1);
  EXPECT_NEAR(static_cast<double>(result.at.value) / kRate, 0 - 0.0985, 0.0001);
  const session::AdrTake& take = document.adr.takes.at(result.item);
  EXPECT_EQ(phases::recorded_at(document, media), result.at);
  EXPECT_EQ(take.stars, 4);
  EXPECT_EQ(take.decided.by, session::By::Person);
  EXPECT_EQ(document.adr.cues.at("a-1").chosen_take, result.item);
  EXPECT_EQ(document.adr.cues.at("a-1").status, session::CueStatus::Recorded);
  EXPECT_EQ(must(booth.store->history()).back().author, "Ada");
  EXPECT_NEAR(media.start_of_day_s.value(), 3600 - 0.0985, 0.001) << "by timecode of the film";
}

TEST(Takes, nothing_is_lost_when_the_connection_the_server_or_the_page_break) {
  Booth booth("broken");
  const std::string bytes = recorded(60);
  const std::string id = must(booth.takes->start(start_of_take(), booth.ada)).id;
  Sent broken(bytes, 123'456);
  EXPECT_FALSE(booth.takes->append(id, 0, broken, booth.ada));
  booth.open();  // another server
  EXPECT_EQ(must(booth.takes->offset(id, booth.ada)).offset, 123'456);
  Sent twice(bytes);
  const auto refused = must(booth.takes->append(id, 0, twice, booth.ada));
  EXPECT_FALSE(refused.in_place);
  EXPECT_EQ(refused.held.offset, 123'456);
  const Error early = booth.takes->finish(id, {sha256_hex(bytes), 6 * kRate, {}, 0}, booth.ada).error();
  EXPECT_EQ(early.code, Code::Conflict);
  Sent rest(bytes.substr(123'456));
  must(booth.takes->append(id, 123'456, rest, booth.ada));
  booth.conflicts = 2;
  const TakeResult result = must(booth.takes->finish(id, {sha256_hex(bytes), 6 * kRate, {}, 0}, booth.ada));
  booth.open();
  const TakeResult again = must(booth.takes->finish(id, {sha256_hex(bytes), 6 * kRate, {}, 0}, booth.ada));
  EXPECT_EQ(again.revision, result.revision) << "asked again it is not made twice";
  EXPECT_EQ(booth.store->head().document->media.size(), 1u);
  EXPECT_TRUE(must(booth.takes->offset(id, booth.ada)).finished);
}

TEST(Takes, killed_while_bytes_come_in_the_server_holds_what_it_said_it_held) {
  Booth booth("killed");
  const std::string bytes = recorded(60);
  const std::string id = must(booth.takes->start(start_of_take(), booth.ada)).id;
  int told[2];
  ASSERT_EQ(::pipe(told), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    TakeSpool spool(booth.film);
    for (std::int64_t at = 0;; at += 10'000) {
      Sent part(bytes.substr(static_cast<std::size_t>(at) % 1'000'000, 10'000));
      const auto held = spool.append(id, at, part);
      if (!held || ::write(told[1], &held->held.offset, sizeof held->held.offset) < 0) ::_exit(1);
    }
  }
  std::int64_t last = 0;
  for (int i = 0; i < 30; ++i) ASSERT_EQ(::read(told[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(told[1]);
  while (::read(told[0], &last, sizeof last) == static_cast<ssize_t>(sizeof last)) {}
  ::close(told[0]);
  const std::int64_t held = must(TakeSpool(booth.film).offset(id)).offset;
  EXPECT_GE(held, last) << "every byte that was confirmed is there";
}

TEST(Takes, damaged_bytes_are_refused_and_asked_for_again) {
  Booth booth("damaged");
  std::string bytes = recorded(60);
  const std::string id = must(booth.takes->start(start_of_take(), booth.ada)).id;
  const std::string sum = sha256_hex(bytes);
  std::string damaged = bytes;
  damaged[777'777] ^= 1;
  Sent wrong(damaged), right(bytes);
  must(booth.takes->append(id, 0, wrong, booth.ada));
  EXPECT_EQ(booth.takes->finish(id, {sum, 6 * kRate, {}, 0}, booth.ada).error().code, Code::Damaged);
  EXPECT_EQ(must(booth.takes->offset(id, booth.ada)).offset, 0);
  must(booth.takes->append(id, 0, right, booth.ada));
  must(booth.takes->finish(id, {sum, 6 * kRate, {}, 0}, booth.ada));
}

TEST(Takes, a_take_of_24_bits_keeps_every_bit_and_a_foley_performance_its_place) {
  Booth booth("foley");
  Identity fay;
  fay.name = "Fay";
  fay.roles = {"foley"};
  TakeStart start = start_of_take();
  start.what = TakeFor::Foley;
  start.cue = "f-1";
  start.format = TakeFormat::Pcm24;
  start.channels = 2;
  start.beep_frames.clear();
  std::string bytes;
  for (int i = 0; i < 2 * kRate * 6; ++i) bytes += static_cast<char>(philox(3, 1, static_cast<std::uint64_t>(i))[0]);
  const std::string id = must(booth.takes->start(start, fay)).id;
  Sent body(bytes);
  must(booth.takes->append(id, 0, body, fay));
  const TakeResult result = must(booth.takes->finish(id, {sha256_hex(bytes), 2 * kRate, {"the microphone was muted for 0.2 s"}, 0}, fay));
  const session::Document& document = *booth.store->head().document;
  EXPECT_EQ(data_chunk(booth.film / document.media.at(result.media).path), bytes);
  EXPECT_TRUE(result.suspect);
  EXPECT_EQ(document.foley.cues.at("f-1").performance, result.item);
  EXPECT_EQ(document.foley.performances.at(result.item).at.value, -60 * kRate / 1000);
}

TEST(Takes, belong_to_who_began_them_and_are_bounded_in_number_and_size) {
  Booth booth("bounds");
  Identity lea;
  lea.name = "Lea (by link)";
  lea.roles = {"actor"};
  lea.cue = "a-1";
  const std::string id = must(booth.takes->start(start_of_take(), booth.ada)).id;
  EXPECT_EQ(booth.takes->offset(id, lea).error().code, Code::NotFound);
  EXPECT_EQ(booth.takes->give_up(id, lea).error().code, Code::NotFound);
  for (const char* odd : {"..", "../../session.db", "", "0123456789012345678901", "a/b"}) EXPECT_EQ(booth.takes->offset(odd, booth.ada).error().code, Code::NotFound) << odd;
  TakeStart other = start_of_take();
  other.cue = "f-1";
  EXPECT_FALSE(booth.takes->start(other, lea)) << "a link for one cue";
  other.cue = "nothing";
  EXPECT_FALSE(booth.takes->start(other, booth.ada));
  TakeStart beeps = start_of_take();
  beeps.beep_frames = {std::numeric_limits<std::int64_t>::min()};
  EXPECT_EQ(booth.takes->start(beeps, booth.ada).error().code, Code::InvalidArgument) << "a distance from it that 64 bits do not hold";

  Takes small(*booth.core, {3, 2, 1000, 0});
  must(small.start(start_of_take(), booth.ada));
  EXPECT_EQ(small.start(start_of_take(), booth.ada).error().code, Code::OutOfSpace);
  Sent much(std::string(2000, 'x'));
  EXPECT_EQ(small.append(id, 0, much, booth.ada).error().code, Code::OutOfSpace);
  must(small.give_up(id, booth.ada));
  const std::string next = must(small.start(start_of_take(), booth.ada)).id;
  EXPECT_NE(next, id);
  Takes full(*booth.core, {64, 16, 1000, std::uint64_t{1} << 60});
  EXPECT_EQ(full.start(start_of_take(), booth.ada).error().code, Code::OutOfSpace) << "no room on the disk";
}

}  // namespace
}  // namespace twopop::server
