#include "media/detail/frame_grid.h"
#include "media/detail/picture_decoder.h"
#include "media/picture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace twopop::media {
namespace {

struct Stamp {
  std::int64_t ticks, length;
  bool key;
};

/// Nothing where a packet has no time stamp.
Result<std::optional<std::vector<Stamp>>> stamps_of_packets(const std::filesystem::path& path) {
  TWOPOP_TRY(const detail::av::Input input, detail::av::open(path));
  AVStream* stream = detail::av::video_stream(*input);
  if (!stream) return Error{Code::NotFound, fmt::format("{}: there is no picture in it", path.string()), "name a video file"};
  for (unsigned i = 0; i < input->nb_streams; ++i)
    if (input->streams[i] != stream) input->streams[i]->discard = AVDISCARD_ALL;
  const detail::av::Packet packet = detail::av::make_packet();
  std::vector<Stamp> stamps;
  bool complete = true;
  while (complete && av_read_frame(input.get(), packet.get()) >= 0) {
    // Frames outside the edit list are decoded for others' sake but never shown.
    if (packet->stream_index == stream->index && !(packet->flags & AV_PKT_FLAG_DISCARD)) {
      complete = packet->pts != AV_NOPTS_VALUE;
      stamps.push_back({packet->pts, packet->duration, (packet->flags & AV_PKT_FLAG_KEY) != 0});
    }
    av_packet_unref(packet.get());
  }
  if (!complete) return std::optional<std::vector<Stamp>>();
  return std::optional(std::move(stamps));
}

Result<std::vector<Stamp>> stamps_of_frames(const std::filesystem::path& path) {
  TWOPOP_TRY(auto decoder, detail::PictureDecoder::open(path, 0));
  std::vector<Stamp> stamps;
  while (const AVFrame* frame = decoder.next()) {
    const std::int64_t last = stamps.empty() ? 0 : stamps.back().ticks + std::max<std::int64_t>(1, stamps.back().length);
    stamps.push_back({frame->best_effort_timestamp == AV_NOPTS_VALUE ? last : frame->best_effort_timestamp, frame->pkt_duration,
                      frame->key_frame != 0});
  }
  return stamps;
}

/// The rate of the even grid on which all frames lie within a tick, or nearly all are a step of it apart; else the mean rate.
void find_rate(FrameTimes& times) {
  const std::int64_t n = times.count();
  const double tick_s = static_cast<double>(times.tick_numerator) / static_cast<double>(times.tick_denominator);
  if (n < 2) {
    if (n == 1)
      if (const auto known = detail::rate_of_step(static_cast<double>(times.end_ticks) * tick_s)) times.frames = *known;
    return;
  }
  const double span = static_cast<double>(times.ticks.back() - times.ticks.front());
  const double step = span / static_cast<double>(n - 1);
  const auto known = detail::rate_of_step(step * tick_s);
  const auto off_grid = [&](double grid) {
    double most = 0;
    for (std::int64_t i = 0; i < n; ++i)
      most = std::max(most, std::fabs(static_cast<double>(times.ticks[static_cast<std::size_t>(i)]) - grid * static_cast<double>(i)));
    return most;
  };
  if (known && off_grid(1 / (known->hz() * tick_s)) <= std::max(1.5, 0.1 * step)) {
    times.frames = *known;
    return;
  }
  times.variable_rate = off_grid(step) > std::max(1.5, 0.1 * step);
  if (times.variable_rate) {
    std::vector<std::int64_t> steps;
    for (std::size_t i = 1; i < times.ticks.size(); ++i) steps.push_back(times.ticks[i] - times.ticks[i - 1]);
    const detail::Spacing spacing = detail::spacing_of(std::move(steps));
    if (const auto grid = detail::rate_of_step(static_cast<double>(spacing.step) * tick_s); grid && spacing.mostly_even) {
      times.frames = *grid;
      return;
    }
  }
  const std::int64_t top = (n - 1) * times.tick_denominator, bottom = (times.ticks.back() - times.ticks.front()) * times.tick_numerator;
  if (bottom <= 0) return;
  std::int64_t a = top / std::gcd(top, bottom), b = bottom / std::gcd(top, bottom);
  while (a > INT32_MAX || b > INT32_MAX) {
    a = (a + 1) / 2;
    b = std::max<std::int64_t>(1, (b + 1) / 2);
  }
  times.frames = {static_cast<std::int32_t>(a), static_cast<std::int32_t>(b)};
}

}  // namespace

SamplePosition FrameTimes::position_of(std::int64_t frame, SampleRate rate) const {
  return {mul_div(ticks[static_cast<std::size_t>(frame)] * tick_numerator, rate.hz, tick_denominator, Rounding::Ceiling)};
}

std::int64_t FrameTimes::frame_at(SamplePosition at, SampleRate rate) const {
  if (ticks.empty()) return -1;
  const std::int64_t tick = mul_div(at.value, tick_denominator, static_cast<std::int64_t>(rate.hz) * tick_numerator, Rounding::Floor);
  const auto after = std::upper_bound(ticks.begin(), ticks.end(), tick);
  return std::max<std::int64_t>(0, after - ticks.begin() - 1);
}

Result<FrameTimes> frame_times(const std::filesystem::path& path) {
  TWOPOP_TRY(auto decoder, detail::PictureDecoder::open(path, 1));
  FrameTimes times;
  times.tick_numerator = decoder.stream().time_base.num;
  times.tick_denominator = decoder.stream().time_base.den;
  TWOPOP_TRY(auto from_packets, stamps_of_packets(path));
  std::vector<Stamp> stamps;
  if (from_packets) {
    stamps = *std::move(from_packets);
  } else {
    TWOPOP_TRY(stamps, stamps_of_frames(path));
  }
  if (stamps.empty())
    return Error{Code::Damaged, fmt::format("{}: its picture has no frames", path.string()), "copy the file again from its source"};
  std::stable_sort(stamps.begin(), stamps.end(), [](const Stamp& a, const Stamp& b) { return a.ticks < b.ticks; });
  const std::int64_t first = stamps.front().ticks;
  times.start_s = detail::av::seconds(first, decoder.stream().time_base);
  for (const Stamp& stamp : stamps) {
    if (stamp.key) times.key_frames.push_back(times.count());
    times.ticks.push_back(stamp.ticks - first);
  }
  std::int64_t last_length = stamps.back().length;
  if (last_length <= 0) last_length = times.count() > 1 ? times.ticks.back() - times.ticks[times.ticks.size() - 2] : 1;
  times.end_ticks = times.ticks.back() + last_length;
  find_rate(times);
  return times;
}

}  // namespace twopop::media
