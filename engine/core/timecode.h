#pragma once

#include "core/result.h"
#include "core/time.h"

#include <string>
#include <string_view>

namespace twopop {

enum class DropFrame { No, Yes };

/// How frames are counted and labelled (SMPTE ST 12-1).
struct TimecodeRate {
  FrameRate frames{};
  DropFrame drop = DropFrame::No;
  constexpr auto operator<=>(const TimecodeRate&) const = default;
};

/// A label of a frame: frames since 00:00:00:00 at a rate. 24 hours wrap.
struct Timecode {
  std::int64_t frame = 0;
  constexpr auto operator<=>(const Timecode&) const = default;
};

/// Frames in 24 hours of timecode at this rate.
std::int64_t frames_per_day(TimecodeRate rate);

/// "01:00:10:12", drop-frame with ';' before the frames: "01:00:10;12".
std::string to_string(Timecode timecode, TimecodeRate rate);

/// Reads HH:MM:SS:FF, with ':' ';' or '.' before the frames. Refuses labels that the rate does
/// not have: frames beyond the rate, and the labels that drop-frame leaves out.
Result<Timecode> parse_timecode(std::string_view text, TimecodeRate rate);

/// Drop-frame exists for 29.97 and 59.94 only.
Result<TimecodeRate> timecode_rate(FrameRate frames, DropFrame drop);

/// "23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94", "59.94df", "60".
Result<TimecodeRate> parse_timecode_rate(std::string_view text);
std::string to_string(TimecodeRate rate);

/// First sample of the frame, counted from the frame labelled `start`.
SamplePosition position_of(Timecode timecode, Timecode start, TimecodeRate rate, SampleRate samples);
/// Label of the frame on screen at a position counted from the frame labelled `start`.
Timecode timecode_at(SamplePosition at, Timecode start, TimecodeRate rate, SampleRate samples);

}  // namespace twopop
