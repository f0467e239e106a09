#include "dsp/midi.h"

#include <algorithm>

namespace twopop::dsp {
namespace {

constexpr double kLongest_s = 6 * 3600;

/// Reads big-endian numbers; notes the first byte that was asked for beyond the end.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, std::size_t at, std::size_t end) : bytes_(bytes), at_(at), end_(end) {}
  std::size_t at() const { return at_; }
  bool done() const { return at_ >= end_; }
  bool broken() const { return broken_; }
  std::uint32_t byte() {
    if (at_ >= end_) {
      broken_ = true;
      return 0;
    }
    return static_cast<std::uint32_t>(bytes_[at_++]);
  }
  std::uint32_t peek() const { return at_ < end_ ? static_cast<std::uint32_t>(bytes_[at_]) : 0; }
  std::uint32_t number(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | byte();
    return value;
  }
  /// Variable-length quantity, at most four bytes (RP-001).
  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t b = byte();
      value = value << 7 | (b & 0x7f);
      if (!(b & 0x80)) return value;
    }
    broken_ = true;
    return value;
  }
  std::string text(std::uint32_t count) {
    std::string out;
    for (std::uint32_t i = 0; i < count && !broken_; ++i) out.push_back(static_cast<char>(byte()));
    return out;
  }
  void skip(std::uint32_t count) {
    if (count > end_ - std::min(at_, end_))
      broken_ = true;
    else
      at_ += count;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_, end_;
  bool broken_ = false;
};

Error damaged(std::size_t at, const std::string& what) {
  return Error{Code::Damaged, fmt::format("MIDI: {} at byte {}", what, at), "export the file again from the program that made it"};
}

Result<void> read_meta(Cursor& in, std::int64_t tick, int track, MidiFacts& facts, bool& ended) {
  const std::uint32_t type = in.byte(), length = in.variable();
  const std::size_t start = in.at();
  if (type == 0x2f) {
    ended = true;
  } else if (type == 0x51 && length == 3) {
    const auto tempo = static_cast<std::int32_t>(in.number(3));
    if (tempo == 0) return damaged(start, "a tempo of no length");
    facts.tempi.push_back({tick, tempo});
    return {};
  } else if (type == 0x58 && length == 4) {
    const int beats = static_cast<int>(in.byte()), power = static_cast<int>(in.byte());
    in.skip(2);
    if (beats == 0 || power > 7) return damaged(start, "an impossible time signature");
    facts.meters.push_back({tick, beats, 1 << power});
    return {};
  } else if (type == 0x03 && track == 0 && facts.title.empty()) {
    facts.title = in.text(length);
    return {};
  }
  in.skip(length);
  return {};
}

Result<void> read_track(Cursor& in, int track, MidiFacts& facts) {
  std::int64_t tick = 0;
  std::uint32_t running = 0;
  bool ended = false;
  while (!in.done() && !ended) {
    tick += in.variable();
    const std::size_t start = in.at();
    std::uint32_t status = in.peek();
    if (status & 0x80)
      in.byte();
    else
      status = running;
    if (in.broken()) return damaged(start, "the track ends within an event");
    if (!(status & 0x80)) return damaged(start, "data without a status byte");
    if (status == 0xff) {
      TWOPOP_CHECK(read_meta(in, tick, track, facts, ended));
    } else if (status == 0xf0 || status == 0xf7) {
      in.skip(in.variable());
    } else if (status > 0xf0) {
      return damaged(start, fmt::format("status 0x{:02x}, which no file may hold,", status));
    } else {
      running = status;
      const std::uint32_t kind = status >> 4, first = in.byte();
      const std::uint32_t second = kind == 0xc || kind == 0xd ? 0 : in.byte();
      if ((first | second) & 0x80) return damaged(start, "a data byte over 127");
      if (kind == 9 && second > 0)
        facts.notes.push_back({tick, static_cast<int>(status & 15), static_cast<int>(first), static_cast<int>(second)});
    }
    if (in.broken()) return damaged(start, "the track ends within an event");
  }
  if (!ended) return damaged(in.at(), fmt::format("track {} has no end mark", track + 1));
  facts.last_tick = std::max(facts.last_tick, tick);
  return {};
}

}  // namespace

double MidiFacts::seconds_at(std::int64_t tick) const {
  if (ticks_per_quarter == 0) return static_cast<double>(tick) * seconds_per_tick_smpte;
  double seconds = 0;
  std::int64_t from = 0;
  std::int32_t tempo = 500000;
  const double unit = 1e-6 / ticks_per_quarter;
  for (const Tempo& change : tempi) {
    if (change.tick >= tick) break;
    seconds += static_cast<double>(change.tick - from) * tempo * unit;
    from = change.tick;
    tempo = change.microseconds_per_quarter;
  }
  return seconds + static_cast<double>(tick - from) * tempo * unit;
}

std::vector<double> MidiFacts::quarters_s() const {
  std::vector<double> times;
  if (ticks_per_quarter == 0) return times;
  const std::int64_t most = std::min<std::int64_t>(last_tick, std::int64_t{1000000} * ticks_per_quarter);
  for (std::int64_t tick = 0; tick <= most; tick += ticks_per_quarter) times.push_back(seconds_at(tick));
  return times;
}

Result<MidiFacts> parse_midi(std::span<const std::byte> bytes) {
  Cursor in(bytes, 0, bytes.size());
  if (in.number(4) != 0x4d546864) return damaged(0, "no MThd header");
  const std::uint32_t header = in.number(4);
  MidiFacts facts;
  facts.format = static_cast<int>(in.number(2));
  facts.tracks = static_cast<int>(in.number(2));
  const std::uint32_t division = in.number(2);
  if (in.broken() || header < 6) return damaged(in.at(), "the header is cut off");
  in.skip(header - 6);
  if (facts.format > 1)
    return Error{Code::Unsupported, fmt::format("MIDI: format {} is not a score", facts.format), "export it as format 0 or 1"};
  if (division & 0x8000) {
    const int frames = 256 - static_cast<int>(division >> 8), ticks = static_cast<int>(division & 0xff);
    if (ticks == 0 || (frames != 24 && frames != 25 && frames != 29 && frames != 30))
      return damaged(12, fmt::format("{} SMPTE frames of {} ticks", frames, ticks));
    facts.ticks_per_quarter = 0;
    facts.seconds_per_tick_smpte = 1 / ((frames == 29 ? 30000 / 1001.0 : frames) * ticks);
  } else {
    if (division == 0) return damaged(12, "no ticks in a quarter note");
    facts.ticks_per_quarter = static_cast<int>(division);
  }
  int read = 0;
  while (!in.done() && read < facts.tracks) {
    const std::size_t start = in.at();
    const std::uint32_t type = in.number(4), length = in.number(4);
    if (in.broken() || length > bytes.size() - in.at())
      return damaged(start, fmt::format("chunk {} reaches beyond the end of the file", read + 1));
    if (type == 0x4d54726b) {
      Cursor track(bytes, in.at(), in.at() + length);
      TWOPOP_CHECK(read_track(track, read, facts));
      ++read;
    }
    in.skip(length);
  }
  if (read < facts.tracks) return damaged(in.at(), fmt::format("{} of {} tracks are missing", facts.tracks - read, facts.tracks));
  const auto by_tick = [](const auto& a, const auto& b) { return a.tick < b.tick; };
  std::stable_sort(facts.tempi.begin(), facts.tempi.end(), by_tick);
  std::stable_sort(facts.meters.begin(), facts.meters.end(), by_tick);
  std::stable_sort(facts.notes.begin(), facts.notes.end(), by_tick);
  if (facts.tempi.empty() || facts.tempi.front().tick > 0) facts.tempi.insert(facts.tempi.begin(), MidiFacts::Tempo{});
  if (facts.duration_s() > kLongest_s)
    return Error{Code::Damaged, fmt::format("MIDI: lasts {:.0f} s", facts.duration_s()), "a score may last six hours"};
  return facts;
}

}  // namespace twopop::dsp
