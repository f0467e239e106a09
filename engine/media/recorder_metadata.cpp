#include "media/detail/recorder_metadata.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

namespace twopop::media::detail {
namespace {

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
