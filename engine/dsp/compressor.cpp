#include "dsp/compressor.h"

#include "core/exact_math.h"
#include "core/lanes.h"
#include "dsp/coefficients.h"
#include "dsp/detail/check_limits.h"
#include "dsp/detail/tiny.h"

#include <algorithm>
#include <cmath>

namespace twopop::dsp {

namespace {

constexpr std::int64_t kStretch = 256;   // gains are made so many at a time; memory is settled at its multiples
constexpr double kOctaveDb = 6.020599913279624;
constexpr double kNothing = 1e-7;        // octaves: 6e-7 dB, a gain error of -143 dB

}  // namespace

DbFs static_curve(const CompressorSettings& s, DbFs in) {
  const double over = (in - s.threshold).value, half = s.knee.value / 2;
  const double bent = std::clamp(over + half, 0.0, s.knee.value);
  const double reduction = (1 - 1 / s.ratio) * ((s.knee.value > 0 ? bent * bent / (2 * s.knee.value) : 0) + std::max(over - half, 0.0));
  return in + Decibels{s.make_up.value - reduction};
}

struct CompressorKernel {
  /// Turns n levels (amplitudes) into the reduction that the static curve wants, in octaves. False if it is 0 throughout.
  static bool want(const Compressor& c, float* level, std::int64_t n) {
    Float8 most{};
    for (std::int64_t i = 0; i < n; i += 8) most = greater_of(load<Float8>(level + i), most);
    if (greatest_of(most) <= c.knee_start_) {
      std::fill(level, level + n, 0.0f);
      return false;
    }
    const Float8 zero{};
    const Float8 whole_knee = zero + 2 * c.half_knee_;
    for (std::int64_t i = 0; i < n; i += 8) {
      const Float8 x = load<Float8>(level + i);
      const Float8 over = exact::fast_log2(x) - c.threshold_;
      const Float8 bent = lesser_of(greater_of(over + c.half_knee_, zero), whole_knee);
      const Float8 reduction = c.slope_ * (c.bend_ * (bent * bent) + greater_of(over - c.half_knee_, zero));
      Int8 bits;
      std::memcpy(&bits, &reduction, sizeof bits);
      bits &= x > c.knee_start_;
      store(level + i, bits);
    }
    return true;
  }

  /// Branching smoother: the wanted reduction becomes the smoothed one. Both branches are worked out; the greater is the right
  /// one where attack is the faster, since a (y - x) > r (y - x) for y < x and a < r.
  template <bool AttackIsFaster>
  static void smooth(Compressor& c, float* wanted, std::int64_t n) {
    double y = c.state_.reduction;
    const double a = c.attack_, r = c.release_, ax = 1 - a, rx = 1 - r;
    for (std::int64_t i = 0; i < n; ++i) {
      const double x = static_cast<double>(wanted[i]);
      const double down = a * y + ax * x, back = r * y + rx * x;
      y = AttackIsFaster ? greater_of(down, back) : lesser_of(down, back);
      wanted[i] = static_cast<float>(y);
    }
    c.state_.reduction = y;
  }
  /// Four whose attack is the faster, one in each lane.
  struct Four {
    Compressor* const* compressors;
    float* const* wanted;
    Double4 y, a, r, ax, rx;

    Four(Compressor* const* c, float* const* w) : compressors(c), wanted(w) {
      for (int j = 0; j < 4; ++j) y[j] = c[j]->state_.reduction, a[j] = c[j]->attack_, r[j] = c[j]->release_;
      ax = 1 - a;
      rx = 1 - r;
    }
    Float4 step(Float4 in) {
      const Double4 x = to_double(in);
      const Double4 down = a * y + ax * x, back = r * y + rx * x;
      y = greater_of(down, back);
      return to_float(y);
    }
    void four_steps(std::int64_t i) {
      Float4 t[4];
      for (int j = 0; j < 4; ++j) t[j] = load<Float4>(wanted[j] + i);
      transpose(t[0], t[1], t[2], t[3]);
      for (Float4& v : t) v = step(v);
      transpose(t[0], t[1], t[2], t[3]);
      for (int j = 0; j < 4; ++j) store(wanted[j] + i, t[j]);
    }
    void one_step(std::int64_t i) {
      const Float4 out = step(Float4{wanted[0][i], wanted[1][i], wanted[2][i], wanted[3][i]});
      for (int j = 0; j < 4; ++j) wanted[j][i] = out[j];
    }
    void keep() const {
      for (int j = 0; j < 4; ++j) compressors[j]->state_.reduction = y[j];
    }
  };
  /// smooth<true> for M compressors, a multiple of four; two fours hide each other's latency.
  template <std::size_t M>
  static void smooth_together(const std::array<Compressor*, M>& c, const std::array<float*, M>& wanted, std::int64_t n) {
    static_assert(M == 4 || M == 8);
    Four first(c.data(), wanted.data()), second(c.data() + (M - 4), wanted.data() + (M - 4));
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4) {
      first.four_steps(i);
      if constexpr (M == 8) second.four_steps(i);
    }
    for (; i < n; ++i) {
      first.one_step(i);
      if constexpr (M == 8) second.one_step(i);
    }
    first.keep();
    if constexpr (M == 8) second.keep();
  }

  /// level[j]: kStretch amplitudes of which n count, turned into gains.
  template <std::size_t M>
  static void gains(const std::array<Compressor*, M>& c, const std::array<float*, M>& level, std::int64_t n) {
    std::array<bool, M> busy{};
    bool attacks_are_faster = true;
    std::size_t count = 0;
    for (std::size_t j = 0; j < M; ++j) {
      for (std::int64_t i = n; i % 8 != 0; ++i) level[j][i] = 0;
      busy[j] = want(*c[j], level[j], n) || c[j]->state_.reduction != 0;
      count += busy[j];
      attacks_are_faster = attacks_are_faster && c[j]->attack_ <= c[j]->release_;
    }
    if constexpr (M >= 4) {
      if (count >= 2 && attacks_are_faster) {
        smooth_together(c, level, n);  // what rests stays at rest
        count = 0;
      }
    }
    for (std::size_t j = 0; j < M; ++j) {
      if (count > 0 && busy[j]) {
        if (c[j]->attack_ <= c[j]->release_) smooth<true>(*c[j], level[j], n);
        else smooth<false>(*c[j], level[j], n);
      }
      if (busy[j])
        for (std::int64_t i = 0; i < n; i += 8) store(level[j] + i, exact::fast_exp2(c[j]->make_up_ - load<Float8>(level[j] + i)));
      else
        std::fill(level[j], level[j] + n, exact::fast_exp2(splat8(c[j]->make_up_))[0]);
      advance(*c[j], n);
    }
  }

  static void advance(Compressor& c, std::int64_t n) {
    c.state_.position = (c.state_.position + n) % kStretch;
    if (c.state_.position == 0 && c.state_.reduction < kNothing) c.state_.reduction = 0;
  }
  static std::int64_t room(const Compressor& c) { return kStretch - c.state_.position; }

  /// Amplitude of the loudest channel.
  static void levels(AudioView<const float> in, std::int64_t from, float* out, std::int64_t n) {
    for (int c = 0; c < in.channels(); ++c) {
      const float* x = in.channel(c) + from;
      std::int64_t i = 0;
      for (; i + 8 <= n; i += 8) {
        const Float8 here = absolute_of(load<Float8>(x + i));
        store(out + i, c == 0 ? greater_of(here, Float8{}) : greater_of(here, load<Float8>(out + i)));
      }
      for (; i < n; ++i) out[i] = greater_of(std::fabs(x[i]), c == 0 ? 0.0f : out[i]);
    }
  }
  static void multiply(const float* gain, AudioView<float> io, std::int64_t from, std::int64_t n) {
    for (int c = 0; c < io.channels(); ++c) {
      float* x = io.channel(c) + from;
      std::int64_t i = 0;
      for (; i + 8 <= n; i += 8) store(x + i, detail::without_denormals(load<Float8>(x + i) * load<Float8>(gain + i)));
      for (; i < n; ++i) x[i] = detail::without_denormals(x[i] * gain[i]);
    }
  }
};

Result<void> Compressor::prepare(const ProcessSpec& spec) {
  TWOPOP_CHECK(detail::check_limits(settings_, "compressor"));
  const CompressorSettings& s = settings_;
  threshold_ = static_cast<float>(s.threshold.value / kOctaveDb);
  half_knee_ = static_cast<float>(s.knee.value / 2 / kOctaveDb);
  bend_ = s.knee.value > 0 ? static_cast<float>(kOctaveDb / (2 * s.knee.value)) : 0.0f;
  slope_ = static_cast<float>(1 - 1 / s.ratio);
  make_up_ = static_cast<float>(s.make_up.value / kOctaveDb);
  knee_start_ = s.ratio > 1 ? static_cast<float>(exact::gain_of_db(s.threshold.value - s.knee.value / 2)) : std::numeric_limits<float>::infinity();
  attack_ = smoothing(s.attack_ms * 1e-3, spec.rate);
  release_ = smoothing(s.release_ms * 1e-3, spec.rate);
  // From rest the reduction is off by at most all of it, and comes closer by the slower time constant at least.
  const double reach = std::max(0.0, s.make_up.value - static_curve(s, {12}).value + 12.0) / kOctaveDb + 1e-6;
  const double slower_s = std::max(s.attack_ms, s.release_ms) * 1e-3;
  pre_roll_ = {static_cast<std::int64_t>(std::ceil(std::max(exact::log(reach / kNothing), 1.0) * slower_s * spec.rate.hz)) + kStretch};
  reset();
  return {};
}

void Compressor::process(AudioView<float> io) noexcept {
  alignas(32) float gain[kStretch];
  for (std::int64_t done = 0; done < io.frames();) {
    const std::int64_t n = std::min(io.frames() - done, CompressorKernel::room(*this));
    CompressorKernel::levels(io, done, gain, n);
    CompressorKernel::gains<1>({this}, {gain}, n);
    CompressorKernel::multiply(gain, io, done, n);
    done += n;
  }
}

void Compressor::process_together(std::span<Compressor* const> compressors, std::span<const AudioView<float>> io) noexcept {
  const auto run = [&]<std::size_t M>(std::size_t begin, std::integral_constant<std::size_t, M>) {
    std::array<Compressor*, M> c;
    alignas(32) float gain[M][kStretch];
    std::array<float*, M> gains;
    for (std::size_t j = 0; j < M; ++j) c[j] = compressors[begin + j], gains[j] = gain[j];
    for (std::int64_t done = 0; done < io[begin].frames();) {
      const std::int64_t n = std::min(io[begin].frames() - done, CompressorKernel::room(*c[0]));
      for (std::size_t j = 0; j < M; ++j) CompressorKernel::levels(io[begin + j], done, gain[j], n);
      CompressorKernel::gains<M>(c, gains, n);
      for (std::size_t j = 0; j < M; ++j) CompressorKernel::multiply(gain[j], io[begin + j], done, n);
      done += n;
    }
  };
  for (std::size_t i = 0; i < compressors.size();) {
    std::size_t alike = 1;
    while (i + alike < compressors.size() && compressors[i + alike]->state_.position == compressors[i]->state_.position) ++alike;
    if (alike >= 8) run(i, std::integral_constant<std::size_t, 8>()), i += 8;
    else if (alike >= 4) run(i, std::integral_constant<std::size_t, 4>()), i += 4;
    else compressors[i]->process(io[i]), ++i;
  }
}

void Compressor::process_gain(AudioView<const float> key, float* out) noexcept {
  alignas(32) float gain[kStretch];
  for (std::int64_t done = 0; done < key.frames();) {
    const std::int64_t n = std::min(key.frames() - done, CompressorKernel::room(*this));
    CompressorKernel::levels(key, done, gain, n);
    CompressorKernel::gains<1>({this}, {gain}, n);
    std::copy(gain, gain + n, out + done);
    done += n;
  }
}

void Compressor::reset() noexcept { state_ = {}; }

}  // namespace twopop::dsp
