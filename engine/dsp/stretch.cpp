#include "dsp/stretch.h"

#include "core/exact_math.h"

#include <rubberband/RubberBandStretcher.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace twopop::dsp {
namespace {

double along(double x, double x0, double y0, double x1, double y1) { return y0 + (x - x0) * (y1 - y0) / (x1 - x0); }

template <class From, class To>
double warp(const WarpMap& map, double x, From from, To to) {
  if (map.empty()) return x;
  if (map.size() == 1) return x - static_cast<double>(from(map[0])) + static_cast<double>(to(map[0]));
  std::size_t i = 1;
  while (i + 1 < map.size() && static_cast<double>(from(map[i])) < x) ++i;
  const WarpPoint &a = map[i - 1], &b = map[i];
  return along(x, static_cast<double>(from(a)), static_cast<double>(to(a)), static_cast<double>(from(b)), static_cast<double>(to(b)));
}

constexpr double kMostSlope = 8.0;
constexpr std::size_t kBlock = 1024;

}  // namespace

double warp_forward(const WarpMap& map, double source) {
  return warp(map, source, [](const WarpPoint& p) { return p.source; }, [](const WarpPoint& p) { return p.target; });
}

double warp_back(const WarpMap& map, double target) {
  return warp(map, target, [](const WarpPoint& p) { return p.target; }, [](const WarpPoint& p) { return p.source; });
}

Result<AudioBuffer<float>> stretch(AudioView<const float> clip, SampleRate rate, const WarpMap& map, const StretchSettings& settings) {
  const auto bad = [](std::string what) { return Error{Code::InvalidArgument, "stretch: " + what, "use a map that rises with a slope between 1/8 and 8"}; };
  for (std::size_t i = 1; i < map.size(); ++i) {
    const auto source = map[i].source - map[i - 1].source, target = map[i].target - map[i - 1].target;
    if (source <= 0 || target <= 0) return bad(fmt::format("point {} ({} -> {}) does not lie after the one before it", i, map[i].source, map[i].target));
    const double slope = static_cast<double>(target) / static_cast<double>(source);
    if (slope > kMostSlope || slope < 1 / kMostSlope) return bad(fmt::format("slope {:.3f} before source sample {}", slope, map[i].source));
  }
  const std::int64_t n = clip.frames();
  if (settings.length.value < 0) return bad(fmt::format("length {}", settings.length.value));
  const std::int64_t length = settings.length.value > 0 ? settings.length.value : std::max<std::int64_t>(0, std::llround(warp_forward(map, static_cast<double>(n))));
  if (n == 0 || clip.channels() == 0 || length == 0) return AudioBuffer<float>(clip.channels(), length);

  // What the map asks of each end: source 0 may lie at another target, so what is rendered is [begin, end) of the target.
  const double begin = warp_forward(map, 0), end = warp_forward(map, static_cast<double>(n));
  const double ratio = (end - begin) / static_cast<double>(n);
  if (!(ratio < kMostSlope) || !(ratio > 1 / kMostSlope)) return bad(fmt::format("{} samples to {:.0f}", n, end - begin));

  using Stretcher = RubberBand::RubberBandStretcher;
  const int options = Stretcher::OptionProcessOffline | Stretcher::OptionEngineFiner | Stretcher::OptionThreadingNever |
                      Stretcher::OptionChannelsTogether | Stretcher::OptionPitchHighQuality |
                      (settings.keep_formants ? Stretcher::OptionFormantPreserved : Stretcher::OptionFormantShifted);
  Stretcher engine(static_cast<std::size_t>(rate.hz), static_cast<std::size_t>(clip.channels()), options, ratio,
                   exact::exp2(settings.pitch_semitones / 12));
  engine.setMaxProcessSize(kBlock);
  engine.setExpectedInputDuration(static_cast<std::size_t>(n));
  std::map<std::size_t, std::size_t> keys;
  for (const WarpPoint& p : map)
    if (p.source > 0 && p.source < n) {
      const double target = static_cast<double>(p.target) - begin;
      if (target > 0 && target < end - begin) keys[static_cast<std::size_t>(p.source)] = static_cast<std::size_t>(std::llround(target));
    }
  // The engine adds both ends itself, from the ratio.
  if (!keys.empty()) engine.setKeyFrameMap(keys);
  std::vector<const float*> in(static_cast<std::size_t>(clip.channels()));
  const auto each_block = [&](auto&& use) {
    for (std::int64_t at = 0; at < n; at += static_cast<std::int64_t>(kBlock)) {
      const auto count = static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(kBlock), n - at));
      for (int c = 0; c < clip.channels(); ++c) in[static_cast<std::size_t>(c)] = clip.channel(c) + at;
      use(count, at + static_cast<std::int64_t>(count) >= n);
    }
  };
  each_block([&](std::size_t count, bool last) { engine.study(in.data(), count, last); });

  AudioBuffer<float> out(clip.channels(), length);
  std::int64_t at = std::llround(begin);  // target sample that the engine hands out next
  AudioBuffer<float> got(clip.channels(), static_cast<std::int64_t>(kBlock));
  std::vector<float*> to(static_cast<std::size_t>(clip.channels()));
  for (int c = 0; c < clip.channels(); ++c) to[static_cast<std::size_t>(c)] = got.channel(c);
  const auto collect = [&] {
    for (int ready = engine.available(); ready > 0; ready = engine.available()) {
      const auto count = static_cast<std::int64_t>(engine.retrieve(to.data(), std::min(static_cast<std::size_t>(ready), kBlock)));
      if (count == 0) return;
      const std::int64_t from = std::max<std::int64_t>(0, -at), until = std::min(count, length - at);
      for (int c = 0; c < clip.channels() && until > from; ++c)
        std::copy(got.channel(c) + from, got.channel(c) + until, out.channel(c) + at + from);
      at += count;
    }
  };
  each_block([&](std::size_t count, bool last) {
    engine.process(in.data(), count, last);
    collect();
  });
  collect();
  return out;
}

}  // namespace twopop::dsp
