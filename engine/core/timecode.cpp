#include "core/timecode.h"

#include <array>
#include <charconv>

namespace twopop {
namespace {

/// Labels left out at the start of each minute that is no multiple of ten (ST 12-1, 5.2.2).
std::int64_t dropped_per_minute(TimecodeRate rate) {
  return rate.drop == DropFrame::Yes ? rate.frames.nominal() / 15 : 0;
}

}  // namespace

std::int64_t frames_per_day(TimecodeRate rate) {
  const std::int64_t nominal = rate.frames.nominal();
  return nominal * 86400 - dropped_per_minute(rate) * 9 * 144;
}

std::string to_string(Timecode timecode, TimecodeRate rate) {
  const std::int64_t nominal = rate.frames.nominal();
  const std::int64_t day = frames_per_day(rate);
  std::int64_t n = timecode.frame % day;
  if (n < 0) n += day;
  if (const std::int64_t drop = dropped_per_minute(rate)) {
    const std::int64_t per_minute = nominal * 60 - drop;
    const std::int64_t per_ten = nominal * 600 - drop * 9;
    const std::int64_t tens = n / per_ten;
    const std::int64_t rest = n % per_ten;
    n += drop * 9 * tens;
    if (rest >= nominal * 60) n += drop * ((rest - nominal * 60) / per_minute + 1);
  }
  const std::int64_t frames = n % nominal;
  const std::int64_t s = n / nominal;
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", s / 3600, s / 60 % 60, s % 60, rate.drop == DropFrame::Yes ? ';' : ':',
                     frames);
}

Result<Timecode> parse_timecode(std::string_view text, TimecodeRate rate) {
  const auto refuse = [&](std::string_view why) {
    return Error{Code::InvalidArgument, fmt::format("timecode '{}': {}", text, why),
                 fmt::format("write it as HH:MM:SS:FF at {} frames per second", to_string(rate))};
  };
  std::array<std::int64_t, 4> part{};
  const char* p = text.data();
  const char* const end = p + text.size();
  for (std::size_t i = 0; i < 4; ++i) {
    if (p == end || *p < '0' || *p > '9') return refuse("not four numbers");
    const auto [next, status] = std::from_chars(p, end, part[i]);
    if (status != std::errc{} || next - p > 2) return refuse("a number has more than two digits");
    p = next;
    if (i == 3) break;
    const bool separator = p != end && (*p == ':' || (i == 2 && (*p == ';' || *p == '.' || *p == ',')));
    if (!separator) return refuse("its parts are not divided by ':'");
    ++p;
  }
  if (p != end) return refuse("something follows the frames");
  const auto [h, m, s, f] = part;
  const std::int64_t nominal = rate.frames.nominal();
  if (h > 23 || m > 59 || s > 59) return refuse("no such time of day");
  if (f >= nominal) return refuse(fmt::format("frames run from 0 to {}", nominal - 1));
  const std::int64_t drop = dropped_per_minute(rate);
  if (drop && s == 0 && m % 10 != 0 && f < drop) return refuse("drop-frame counting leaves this label out");
  const std::int64_t minutes = h * 60 + m;
  return Timecode{(minutes * 60 + s) * nominal + f - drop * (minutes - minutes / 10)};
}

Result<TimecodeRate> timecode_rate(FrameRate frames, DropFrame drop) {
  if (frames.numerator <= 0 || frames.denominator <= 0)
    return Error{Code::InvalidArgument, fmt::format("frame rate {}/{}", frames.numerator, frames.denominator)};
  if (drop == DropFrame::Yes && frames != frame_rates::k29_97 && frames != frame_rates::k59_94)
    return Error{Code::InvalidArgument, fmt::format("drop-frame at {:.3f} frames per second", frames.hz()),
                 "only 29.97 and 59.94 have drop-frame timecode"};
  return TimecodeRate{frames, drop};
}

namespace {
struct NamedRate {
  std::string_view name;
  TimecodeRate rate;
};
constexpr std::array kNamedRates{
    NamedRate{"23.976", {frame_rates::k23_976, DropFrame::No}}, NamedRate{"24", {frame_rates::k24, DropFrame::No}},
    NamedRate{"25", {frame_rates::k25, DropFrame::No}},         NamedRate{"29.97", {frame_rates::k29_97, DropFrame::No}},
    NamedRate{"29.97df", {frame_rates::k29_97, DropFrame::Yes}}, NamedRate{"30", {frame_rates::k30, DropFrame::No}},
    NamedRate{"50", {frame_rates::k50, DropFrame::No}},         NamedRate{"59.94", {frame_rates::k59_94, DropFrame::No}},
    NamedRate{"59.94df", {frame_rates::k59_94, DropFrame::Yes}}, NamedRate{"60", {frame_rates::k60, DropFrame::No}},
};
}  // namespace

Result<TimecodeRate> parse_timecode_rate(std::string_view text) {
  for (const NamedRate& known : kNamedRates)
    if (known.name == text) return known.rate;
  return Error{Code::InvalidArgument, fmt::format("frame rate '{}'", text),
               "use one of 23.976, 24, 25, 29.97, 29.97df, 30, 50, 59.94, 59.94df, 60"};
}

std::string to_string(TimecodeRate rate) {
  for (const NamedRate& known : kNamedRates)
    if (known.rate == rate) return std::string(known.name);
  return fmt::format("{}/{}", rate.frames.numerator, rate.frames.denominator);
}

SamplePosition position_of(Timecode timecode, Timecode start, TimecodeRate rate, SampleRate samples) {
  return sample_of_frame(timecode.frame - start.frame, rate.frames, samples);
}

Timecode timecode_at(SamplePosition at, Timecode start, TimecodeRate rate, SampleRate samples) {
  return {frame_of_sample(at, rate.frames, samples) + start.frame};
}

}  // namespace twopop
