#include "dsp/equaliser.h"

#include "core/lanes.h"
#include "dsp/detail/tiny.h"

#include <algorithm>
#include <utility>

namespace twopop::dsp {

namespace {

constexpr std::int64_t kSettle = 4096;  // memory is settled whenever so many samples have passed
constexpr std::int64_t kStretch = 512;  // samples in double between groups
static_assert(kSettle % kStretch == 0);

}  // namespace

/// Runs groups of four bands over up to M sounds at once.
struct EqualiserKernel {
  using Lanes = Equaliser::Lanes;
  struct Loaded {
    Double4 a11, a12, a21, a22, c1, c2, d;
    explicit Loaded(const Lanes& l)
        : a11(load<Double4>(l.a11)), a12(load<Double4>(l.a12)), a21(load<Double4>(l.a21)), a22(load<Double4>(l.a22)),
          c1(load<Double4>(l.c1)), c2(load<Double4>(l.c2)), d(load<Double4>(l.d)) {}
  };
  struct Memory {
    Double4 s1, s2, out;
  };

  /// Band b works in lane 3 - b on the sample b steps back; what it makes moves down one lane for the next step.
  static inline void step(const Loaded& c, Memory& m, double x) {
    const Double4 in = __builtin_shufflevector(m.out, splat4(x), 1, 2, 3, 7);
    m.out = (c.c1 * m.s1 + c.c2 * m.s2) + c.d * in;
    const Double4 s1 = (c.a11 * m.s1 + c.a12 * m.s2) + in;
    m.s2 = (c.a21 * m.s1 + c.a22 * m.s2) + in;
    m.s1 = s1;
  }
  /// The same where some bands have no sample yet or none any more: their memory stays.
  static inline void partial_step(const Loaded& c, Memory& m, const double* x, std::int64_t n, std::int64_t t) {
    const Memory before = m;
    step(c, m, t < n ? x[t] : 0.0);
    for (int band = 0; band < 4; ++band)
      if (t - band < 0 || t - band >= n) {
        m.s1[3 - band] = before.s1[3 - band];
        m.s2[3 - band] = before.s2[3 - band];
      }
  }

  /// Steps 3 .. n - 1, with everything in registers.
  template <std::size_t M, std::size_t... J>
  static inline void steps(const std::array<const Lanes*, M>& lanes, std::array<Memory, M>& memory, const std::array<double*, M>& x, std::int64_t n,
                           std::index_sequence<J...>) {
    const Loaded c[M] = {Loaded(*lanes[J])...};
    Memory m[M] = {memory[J]...};
    double* const y[M] = {x[J]...};
    for (std::int64_t t = 3; t < n; ++t) ((step(c[J], m[J], y[J][t]), y[J][t - 3] = m[J].out[0]), ...);
    ((memory[J] = m[J]), ...);
  }

  /// state[j]: s1 then s2 of a group; x[j]: n samples, in place.
  template <std::size_t M>
  static void run(const std::array<const Lanes*, M>& lanes, const std::array<double*, M>& state, const std::array<double*, M>& x, std::int64_t n) {
    std::array<Memory, M> memory;
    for (std::size_t j = 0; j < M; ++j) memory[j] = {load<Double4>(state[j]), load<Double4>(state[j] + 4), Double4{}};
    const std::int64_t head = std::min<std::int64_t>(3, n);
    for (std::size_t j = 0; j < M; ++j) {
      const Loaded c(*lanes[j]);
      for (std::int64_t t = 0; t < head; ++t) partial_step(c, memory[j], x[j], n, t);
    }
    steps(lanes, memory, x, n, std::make_index_sequence<M>());
    for (std::size_t j = 0; j < M; ++j) {
      const Loaded c(*lanes[j]);
      for (std::int64_t t = head; t < 3; ++t) partial_step(c, memory[j], x[j], n, t);
      for (std::int64_t t = std::max<std::int64_t>(3, n); t < n + 3; ++t) {
        partial_step(c, memory[j], x[j], n, t);
        x[j][t - 3] = memory[j].out[0];
      }
      store(state[j], memory[j].s1);
      store(state[j] + 4, memory[j].s2);
    }
  }

  static void widen(const float* from, double* to, std::int64_t n) {
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4) store(to + i, to_double(load<Float4>(from + i)));
    for (; i < n; ++i) to[i] = static_cast<double>(from[i]);
  }
  static void narrow(const double* from, float* to, std::int64_t n) {
    std::int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
      const Float4 low = to_float(load<Double4>(from + i)), high = to_float(load<Double4>(from + i + 4));
      store(to + i, detail::without_denormals(__builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7)));
    }
    for (; i < n; ++i) to[i] = detail::without_denormals(static_cast<float>(from[i]));
  }

  struct Sound {
    Equaliser* equaliser;
    int channel;
    float* samples;
    double* state(std::size_t group) const {
      return equaliser->state_.data() + 1 + 8 * (static_cast<std::size_t>(channel) * equaliser->groups_.size() + group);
    }
  };

  /// n <= kStretch samples of M sounds whose equalisers have equally many groups.
  template <std::size_t M>
  static void stretch(const std::array<Sound, M>& sounds, std::int64_t n) {
    alignas(32) double scratch[M][kStretch];
    std::array<double*, M> x;
    for (std::size_t j = 0; j < M; ++j) {
      x[j] = scratch[j];
      widen(sounds[j].samples, x[j], n);
    }
    for (std::size_t g = 0; g < sounds[0].equaliser->groups_.size(); ++g) {
      std::array<const Lanes*, M> lanes;
      std::array<double*, M> state;
      for (std::size_t j = 0; j < M; ++j) {
        lanes[j] = &sounds[j].equaliser->groups_[g];
        state[j] = sounds[j].state(g);
      }
      run<M>(lanes, state, x, n);
    }
    for (std::size_t j = 0; j < M; ++j) narrow(x[j], sounds[j].samples, n);
  }

  /// Moves the position on; settles the memory where it is due.
  static void advance(Equaliser& e, std::int64_t n) {
    const std::int64_t position = static_cast<std::int64_t>(e.state_[0]) + n;
    e.state_[0] = static_cast<double>(position % kSettle);
    if (position == kSettle)
      for (std::size_t i = 1; i < e.state_.size(); ++i) e.state_[i] = detail::settled(e.state_[i]);
  }
  /// How far it may go from here in one stretch.
  static std::int64_t room(const Equaliser& e) { return std::min(kStretch, kSettle - static_cast<std::int64_t>(e.state_[0])); }
};

Result<void> Equaliser::prepare(const ProcessSpec& spec) {
  if (settings_.bands.size() > static_cast<std::size_t>(kMostBands))
    return Error{Code::InvalidArgument, fmt::format("{} bands in one equaliser, {} at most", settings_.bands.size(), kMostBands), "split it in two"};
  rate_ = spec.rate;
  coefficients_.clear();
  pre_roll_ = {};
  for (std::size_t b = 0; b < settings_.bands.size(); ++b) {
    auto designed = design(settings_.bands[b], spec.rate);
    if (!designed) {
      Error error = designed.error();
      error.message = fmt::format("band {}: {}", b + 1, error.message);
      return error;
    }
    coefficients_.push_back(*designed);
    pre_roll_ = pre_roll_ + settling(*designed, {150});
  }
  groups_.assign((coefficients_.size() + 3) / 4, Lanes{});
  for (std::size_t b = 0; b < groups_.size() * 4; ++b) {
    const SvfCoefficients c = b < coefficients_.size() ? coefficients_[b] : SvfCoefficients{};
    Lanes& l = groups_[b / 4];
    const std::size_t at = 3 - b % 4;
    l.a11[at] = c.a11, l.a12[at] = c.a12, l.a21[at] = c.a21, l.a22[at] = c.a22;
    l.c1[at] = c.c1, l.c2[at] = c.c2, l.d[at] = c.d;
  }
  state_.assign(1 + 8 * groups_.size() * static_cast<std::size_t>(spec.channels), 0.0);
  return {};
}

void Equaliser::process(AudioView<float> io) noexcept {
  if (groups_.empty()) return;
  for (std::int64_t done = 0; done < io.frames();) {
    const std::int64_t n = std::min(io.frames() - done, EqualiserKernel::room(*this));
      const auto sound = [&](int c) { return EqualiserKernel::Sound{this, c, io.channel(c) + done}; };
    int c = 0;
    for (; c + 4 <= io.channels(); c += 4) EqualiserKernel::stretch<4>({sound(c), sound(c + 1), sound(c + 2), sound(c + 3)}, n);
    for (; c + 2 <= io.channels(); c += 2) EqualiserKernel::stretch<2>({sound(c), sound(c + 1)}, n);
    if (c < io.channels()) EqualiserKernel::stretch<1>({sound(c)}, n);
    EqualiserKernel::advance(*this, n);
    done += n;
  }
}

void Equaliser::process_together(std::span<Equaliser* const> equalisers, std::span<const AudioView<float>> io) noexcept {
  std::size_t i = 0;
  while (i < equalisers.size()) {
    Equaliser& first = *equalisers[i];
    std::size_t alike = 1;
    while (alike < 4 && i + alike < equalisers.size() && equalisers[i + alike]->groups_.size() == first.groups_.size() &&
           (first.groups_.empty() || equalisers[i + alike]->state_[0] == first.state_[0]))
      ++alike;
    const std::size_t count = alike == 3 ? 2 : alike;
    if (count == 1 || first.groups_.empty()) {
      for (std::size_t j = 0; j < count; ++j) equalisers[i + j]->process(io[i + j]);
      i += count;
      continue;
    }
    for (std::int64_t done = 0; done < io[i].frames();) {
      const std::int64_t n = std::min(io[i].frames() - done, EqualiserKernel::room(first));
      const auto sound = [&](std::size_t j) { return EqualiserKernel::Sound{equalisers[i + j], 0, io[i + j].channel(0) + done}; };
      if (count == 4) EqualiserKernel::stretch<4>({sound(0), sound(1), sound(2), sound(3)}, n);
      else EqualiserKernel::stretch<2>({sound(0), sound(1)}, n);
      for (std::size_t j = 0; j < count; ++j) EqualiserKernel::advance(*equalisers[i + j], n);
      done += n;
    }
    i += count;
  }
}

void Equaliser::reset() noexcept { std::fill(state_.begin(), state_.end(), 0.0); }

std::span<std::byte> Equaliser::state() noexcept { return std::as_writable_bytes(std::span(state_)); }

Decibels Equaliser::response_at(double frequency_hz) const { return response(coefficients_, frequency_hz, rate_); }

}  // namespace twopop::dsp
