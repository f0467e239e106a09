#include "dsp/pan.h"

#include "core/exact_math.h"
#include "core/lanes.h"
#include "core/result.h"

#include <algorithm>
#include <cmath>

namespace twopop::dsp {

namespace {

constexpr double kMinus3Db = 0.70710678118654752;

enum Speaker { L, R, C, Lfe, BackL, BackR, SideL, SideR };

/// Index of a speaker in a layout; -1 if it has none. The one surround pair of 5.1 counts as back and as side.
int index_of(Layout layout, Speaker speaker) {
  switch (layout) {
    case Layout::Mono: return speaker == C ? 0 : -1;
    case Layout::Stereo: return speaker == L || speaker == R ? static_cast<int>(speaker) : -1;
    case Layout::Surround51: return speaker == SideL ? 4 : speaker == SideR ? 5 : static_cast<int>(speaker);
    case Layout::Surround71: return static_cast<int>(speaker);
  }
  return -1;
}

bool is_surround(Layout layout) { return layout == Layout::Surround51 || layout == Layout::Surround71; }

struct Column {
  GainMatrix& matrix;
  Layout layout;
  int input;
  void add(Speaker speaker, double gain) const {
    const int output = index_of(layout, speaker);
    if (output >= 0) matrix.gains[static_cast<std::size_t>(output * matrix.inputs + input)] += static_cast<float>(gain);
  }
};

/// Gains of the two ends of an arc for x = 0 .. 1 along it; exact at both ends and equal in the middle.
std::pair<double, double> along(double x) {
  x = std::clamp(x, 0.0, 1.0);
  if (x == 0.5) return {kMinus3Db, kMinus3Db};
  return {exact::cos_turns(x / 4), exact::sin_turns(x / 4)};
}

void place_in_stereo(const Column& column, double left_right, double gain) {
  const auto [left, right] = along((left_right + 1) / 2);
  column.add(L, gain * left);
  column.add(R, gain * right);
}

/// Front: L - C - R, and with divergence L - R. Sides (7.1) and backs: left to right. Power is shared along front_back.
void place_in_surround(const Column& column, const PanSettings& s, double left_right, double gain) {
  const bool sides = column.layout == Layout::Surround71;
  const double depth = std::clamp(s.front_back, 0.0, 1.0) * (sides ? 2 : 1);
  const auto [front, behind] = along(std::min(depth, 1.0));
  const auto [side, back] = sides ? along(depth - 1) : std::pair{0.0, 1.0};
  const double divergence = std::clamp(s.divergence, 0.0, 1.0);
  const auto [with_centre, without] = along(divergence);
  const auto outer = along(std::fabs(left_right));  // of the centre, of the near side
  const auto pair = along((left_right + 1) / 2);
  // The centre's share moves to left and right as divergence grows; power stays 1.
  const double centre = outer.first * with_centre, spread = outer.first * without;
  const double near = outer.second;
  double left = spread * kMinus3Db, right = left;
  (left_right < 0 ? left : right) = std::sqrt(near * near + left * left);
  column.add(C, gain * front * centre);
  column.add(L, gain * front * left);
  column.add(R, gain * front * right);
  if (sides) {
    column.add(SideL, gain * behind * side * pair.first);
    column.add(SideR, gain * behind * side * pair.second);
  }
  column.add(BackL, gain * behind * back * pair.first);
  column.add(BackR, gain * behind * back * pair.second);
  if (s.lfe.value > -100) column.add(Lfe, gain * exact::gain_of_db(s.lfe.value));
}

GainMatrix zeros(Layout from, Layout to) {
  GainMatrix m{channel_count(to), channel_count(from), {}};
  m.gains.assign(static_cast<std::size_t>(m.outputs * m.inputs), 0.0f);
  return m;
}

/// Gains of left and right of a balance: the far side falls, the near one stays.
std::pair<double, double> balance(double left_right) {
  const auto [keep, unused] = along(std::fabs(left_right));
  (void)unused;
  return left_right > 0 ? std::pair{keep, 1.0} : std::pair{1.0, keep};
}

}  // namespace

GainMatrix pan(Layout from, Layout to, const PanSettings& s) {
  if (to == Layout::Mono) return downmix(from, to);
  const double left_right = std::clamp(s.left_right, -1.0, 1.0);
  GainMatrix m = zeros(from, to);
  if (from == Layout::Mono) {
    const Column column{m, to, 0};
    if (to == Layout::Stereo) place_in_stereo(column, left_right, 1);
    else place_in_surround(column, s, left_right, 1);
    return m;
  }
  if (from == Layout::Stereo && is_surround(to)) {
    const double width = 1 - std::fabs(left_right);
    PanSettings side = s;
    place_in_surround({m, to, 0}, side, left_right - width, 1);
    place_in_surround({m, to, 1}, side, left_right + width, 1);
    return m;
  }
  m = downmix(from, to);
  const auto [left, right] = balance(left_right);
  const auto [front, back] = along(std::clamp(s.front_back, 0.0, 1.0));
  for (int o = 0; o < m.outputs; ++o) {
    double gain = 1;
    for (const Speaker speaker : {L, BackL, SideL})
      if (o == index_of(to, speaker)) gain = left;
    for (const Speaker speaker : {R, BackR, SideR})
      if (o == index_of(to, speaker)) gain = right;
    if (is_surround(to) && o <= index_of(to, C)) gain *= front;
    (void)back;
    for (int i = 0; i < m.inputs; ++i) m.gains[static_cast<std::size_t>(o * m.inputs + i)] *= static_cast<float>(gain);
  }
  return m;
}

GainMatrix downmix(Layout from, Layout to) {
  GainMatrix m = zeros(from, to);
  if (from == to) {
    for (int c = 0; c < m.inputs; ++c) m.gains[static_cast<std::size_t>(c * m.inputs + c)] = 1;
    return m;
  }
  if (from == Layout::Mono) {
    const Column column{m, to, 0};
    if (to == Layout::Stereo) place_in_stereo(column, 0, 1);
    else column.add(C, 1);
    return m;
  }
  for (const Speaker speaker : {L, R, C, Lfe, BackL, BackR, SideL, SideR}) {
    const int input = index_of(from, speaker);
    if (input < 0 || (from == Layout::Surround51 && (speaker == SideL || speaker == SideR))) continue;
    const Column column{m, to, input};
    const bool is_left = speaker == L || speaker == BackL || speaker == SideL;
    const bool front = speaker == L || speaker == R;
    if (to == Layout::Mono) {
      // BS.775-3 annex 4, 1/0: L and R at -3 dB, C at 0 dB, surrounds at -6 dB.
      if (speaker != Lfe) column.add(C, speaker == C ? 1 : front ? kMinus3Db : 0.5);
    } else if (to == Layout::Stereo) {
      if (speaker == Lfe) continue;
      if (speaker == C) column.add(L, kMinus3Db), column.add(R, kMinus3Db);
      else column.add(is_left ? L : R, front ? 1 : kMinus3Db);
    } else if (from == Layout::Surround71 && to == Layout::Surround51) {
      if (speaker == C || speaker == Lfe || front) column.add(speaker, 1);
      else column.add(is_left ? BackL : BackR, kMinus3Db);
    } else if (from == Layout::Surround51 && (speaker == BackL || speaker == BackR)) {
      column.add(is_left ? SideL : SideR, 1);  // the one pair of 5.1 stands beside the listener
    } else {
      column.add(speaker, 1);
    }
  }
  return m;
}

namespace {

template <bool Add>
void mix(const GainMatrix& m, AudioView<const float> in, AudioView<float> out) noexcept {
  const std::int64_t n = out.frames();
  for (int o = 0; o < m.outputs; ++o) {
    float* to = out.channel(o);
    if (!Add) std::fill(to, to + n, 0.0f);
    for (int c = 0; c < m.inputs; ++c) {
      const float gain = m.at(o, c);
      if (gain == 0) continue;
      const float* from = in.channel(c);
      std::int64_t i = 0;
      for (; i + 8 <= n; i += 8) store(to + i, load<Float8>(to + i) + gain * load<Float8>(from + i));
      for (; i < n; ++i) to[i] += gain * from[i];
    }
  }
}

}  // namespace

void apply(const GainMatrix& matrix, AudioView<const float> in, AudioView<float> out) noexcept { mix<false>(matrix, in, out); }
void add(const GainMatrix& matrix, AudioView<const float> in, AudioView<float> out) noexcept { mix<true>(matrix, in, out); }

}  // namespace twopop::dsp
