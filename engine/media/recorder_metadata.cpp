#include "media/detail/recorder_metadata.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace twopop::media::detail {
namespace {

/// Length of the valid UTF-8 sequence at the start of `s`; 0 where there is none.
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
  if (length == 0 || s.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) >= 0xA0) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) >= 0x90) return 0;
  return length;
}

void append_utf8(std::string& to, unsigned code) {
  if (code < 0x80) {
    to += static_cast<char>(code);
  } else if (code < 0x800) {
    to += static_cast<char>(0xC0 | code >> 6);
    to += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    to += static_cast<char>(0xE0 | code >> 12);
    to += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    to += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// Windows-1252, 0x80 to 0x9F; undefined places stand for themselves.
constexpr std::array<unsigned, 32> kWindows1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::string_view trimmed(std::string_view s) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = s.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

struct RateName {
  double hz;
  FrameRate frames;
};
constexpr std::array kRates{RateName{23.976, frame_rates::k23_976}, RateName{24, frame_rates::k24},
                            RateName{25, frame_rates::k25},         RateName{29.97, frame_rates::k29_97},
                            RateName{30, frame_rates::k30},         RateName{50, frame_rates::k50},
                            RateName{59.94, frame_rates::k59_94},   RateName{60, frame_rates::k60},
                            RateName{48, {48, 1}},                  RateName{47.952, {48000, 1001}}};

}  // namespace

std::string tidy_text(std::string_view raw) {
  raw = raw.substr(0, std::min(raw.size(), raw.find('\0')));
  bool valid = true;
  for (std::size_t at = 0; at < raw.size() && valid;) {
    const std::size_t n = utf8_length(raw.substr(at));
    valid = n > 0;
    at += n;
  }
  if (valid) return std::string(trimmed(raw));
  std::string text;
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(text, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80u] : byte);
  }
  return std::string(trimmed(text));
}

std::optional<TimecodeRate> recorder_rate(std::string_view speed, std::string_view flag) {
  speed = trimmed(speed);
  double top = 0, bottom = 1;
  const auto first = std::from_chars(speed.data(), speed.data() + speed.size(), top);
  if (first.ec != std::errc{}) return std::nullopt;
  std::string_view rest = speed.substr(static_cast<std::size_t>(first.ptr - speed.data()));
  if (!rest.empty() && rest[0] == '/') {
    const auto second = std::from_chars(rest.data() + 1, rest.data() + rest.size(), bottom);
    if (second.ec != std::errc{} || !(bottom > 0)) return std::nullopt;
    rest = rest.substr(static_cast<std::size_t>(second.ptr - rest.data()));
  }
  const auto says_drop = [](std::string_view s) {
    return s.find("DF") != std::string_view::npos && s.find("NDF") == std::string_view::npos;
  };
  const bool drop = says_drop(flag) || (flag.empty() && says_drop(rest));
  const double hz = top / bottom;
  // Nearest known rate: 23.98 and 23.976 both mean 24000/1001, and 24 lies 0.024 away.
  const RateName* best = nullptr;
  for (const RateName& known : kRates)
    if (std::fabs(known.hz - hz) < 0.011 && (!best || std::fabs(known.hz - hz) < std::fabs(best->hz - hz))) best = &known;
  if (!best) return std::nullopt;
  FrameRate frames = best->frames;
  // Drop-frame counting of "30" is what recorders write for 29.97 drop.
  if (drop && frames == frame_rates::k30) frames = frame_rates::k29_97;
  if (drop && frames == frame_rates::k60) frames = frame_rates::k59_94;
  const auto rate = timecode_rate(frames, drop ? DropFrame::Yes : DropFrame::No);
  if (!rate) return TimecodeRate{frames, DropFrame::No};
  return *rate;
}

void resolve_timecode(Metadata& metadata, SampleRate file_rate) {
  if (!metadata.time_reference) return;
  if (!metadata.time_reference_rate) metadata.time_reference_rate = file_rate;
  if (metadata.timecode || !metadata.timecode_rate) return;
  const TimecodeRate rate = *metadata.timecode_rate;
  // A time reference counts real seconds; so does a frame number, at the true rate (24000/1001, not 24).
  // Recorders round the first sample of a frame down or up: two samples early still are that frame.
  constexpr std::int64_t kRoundingSamples = 2;
  const std::int64_t hz = metadata.time_reference_rate->hz;
  const std::int64_t frame = mul_div(*metadata.time_reference + kRoundingSamples, rate.frames.numerator,
                                     hz * rate.frames.denominator, Rounding::Floor);
  metadata.timecode = Timecode{frame % frames_per_day(rate)};
}

}  // namespace twopop::media::detail
