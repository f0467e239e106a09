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
constexpr double kJoin_s = 0.005;  // of a cross-fade, to each side
constexpr std::size_t kBlock = 1024;

Error bad(std::string what) { return {Code::InvalidArgument, "stretch: " + what, "use a map that rises with a slope between 1/8 and 8"}; }

bool steep(const WarpPoint& a, const WarpPoint& b) {
  const double slope = static_cast<double>(b.target - a.target) / static_cast<double>(b.source - a.source);
  return slope > kMostSlope || slope < 1 / kMostSlope;
}

/// Stretched as a whole, to settings.length frames.
Result<AudioBuffer<float>> stretch_whole(AudioView<const float> clip, SampleRate rate, const WarpMap& map, const StretchSettings& settings) {
  const std::int64_t n = clip.frames(), length = settings.length.value;
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

/// A stretch of the clip between two pauses that no engine could stretch, and where it is heard.
struct Piece {
  std::int64_t source_begin = 0, source_end = 0, target_begin = 0, target_end = 0;
  std::int64_t fade_in = 0, fade_out = 0;
  WarpMap map{};  ///< from its own begin

  void add(std::int64_t source, std::int64_t target) {
    const WarpPoint point{source - source_begin, target - target_begin};
    if (map.empty() || (point.source > map.back().source && point.target > map.back().target)) map.push_back(point);
  }
};

/// Both sides of a steep pause keep their pace; what is too much between them is left out, under a cross-fade, and what is missing is silence.
std::vector<Piece> pieces_of(const WarpMap& map, std::int64_t frames, std::int64_t length, SampleRate rate) {
  const std::int64_t join = samples(kJoin_s, rate).value;
  std::vector<Piece> pieces(1);
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (i > 0 && steep(map[i - 1], map[i])) {
      const WarpPoint &from = map[i - 1], &to = map[i];
      const std::int64_t source = to.source - from.source, target = to.target - from.target, kept = std::min(source, target) / 2;
      const bool shorter = target < source;
      const std::int64_t over = shorter ? std::min(join, (source - target) / 2) : 0, fade = shorter ? 2 * over : std::min(join, kept);
      Piece& before = pieces.back();
      before.source_end = from.source + kept + over;
      before.target_end = from.target + kept + over;
      before.fade_out = fade;
      before.add(before.source_end, before.target_end);
      pieces.push_back({to.source - kept - over, 0, to.target - kept - over, 0, fade, 0, {{0, 0}}});
    }
    pieces.back().add(map[i].source, map[i].target);
  }
  pieces.back().source_end = frames;
  pieces.back().target_end = length;
  return pieces;
}

Result<AudioBuffer<float>> stretch_in_pieces(AudioView<const float> clip, SampleRate rate, const WarpMap& map, StretchSettings settings) {
  AudioBuffer<float> out(clip.channels(), settings.length.value);
  for (const Piece& piece : pieces_of(map, clip.frames(), out.frames(), rate)) {
    const std::int64_t begin = std::max<std::int64_t>(0, piece.source_begin), end = std::min(clip.frames(), piece.source_end);
    settings.length = {piece.target_end - piece.target_begin};
    if (begin != piece.source_begin || end <= begin || settings.length.value <= 0) continue;  // beyond the clip, or the result
    TWOPOP_TRY(const AudioBuffer<float> made, stretch_whole(clip.sub(begin, end - begin), rate, piece.map, settings));
    const auto faded = [&](std::int64_t i, std::int64_t fade) { return i < fade ? exact::sin(exact::kPi / 2 * (static_cast<double>(i) + 0.5) / static_cast<double>(fade)) : 1.0; };
    for (std::int64_t i = std::max<std::int64_t>(0, -piece.target_begin); i < made.frames() && piece.target_begin + i < out.frames(); ++i) {
      const auto gain = static_cast<float>(faded(i, piece.fade_in) * faded(made.frames() - 1 - i, piece.fade_out));
      for (int c = 0; c < out.channels(); ++c) out.channel(c)[piece.target_begin + i] += gain * made.channel(c)[i];
    }
  }
  return out;
}

}  // namespace

double warp_forward(const WarpMap& map, double source) {
  return warp(map, source, [](const WarpPoint& p) { return p.source; }, [](const WarpPoint& p) { return p.target; });
}

double warp_back(const WarpMap& map, double target) {
  return warp(map, target, [](const WarpPoint& p) { return p.target; }, [](const WarpPoint& p) { return p.source; });
}

Result<AudioBuffer<float>> stretch(AudioView<const float> clip, SampleRate rate, const WarpMap& map, const StretchSettings& given) {
  StretchSettings settings = given;
  bool pauses = false;
  for (std::size_t i = 1; i < map.size(); ++i) {
    const WarpPoint &a = map[i - 1], &b = map[i];
    if (b.source <= a.source || b.target <= a.target) return bad(fmt::format("point {} ({} -> {}) does not lie after the one before it", i, b.source, b.target));
    if (!steep(a, b)) continue;
    if (map.size() == 2) return bad(fmt::format("slope {:.3f} before source sample {}", static_cast<double>(b.target - a.target) / static_cast<double>(b.source - a.source), b.source));
    pauses = true;
  }
  if (settings.length.value < 0) return bad(fmt::format("length {}", settings.length.value));
  if (settings.length.value == 0) settings.length = {std::max<std::int64_t>(0, std::llround(warp_forward(map, static_cast<double>(clip.frames()))))};
  return pauses ? stretch_in_pieces(clip, rate, map, settings) : stretch_whole(clip, rate, map, settings);
}

}  // namespace twopop::dsp
