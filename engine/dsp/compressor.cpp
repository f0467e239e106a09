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

  /// Branching smoother. Both branches are worked out; the greater is the right one where attack is the faster, since
  /// a*(y-x) > r*(y-x) for y < x and a < r. `wanted` becomes the smoothed reduction.
  template <bool AttackIsFaster, int M>
  static void smooth(const std::array<Compressor*, M>& c, const std::array<float*, M>& wanted, std::int64_t n) {
    double y[M], a[M], r[M], ax[M], rx[M];
    for (std::size_t j = 0; j < M; ++j) {
      y[j] = c[j]->state_.reduction;
      a[j] = c[j]->attack_, r[j] = c[j]->release_;
      ax[j] = 1 - a[j], rx[j] = 1 - r[j];
    }
    for (std::int64_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < M; ++j) {
        const double x = static_cast<double>(wanted[j][i]);
        const double down = a[j] * y[j] + ax[j] * x, back = r[j] * y[j] + rx[j] * x;
        y[j] = AttackIsFaster ? greater_of(down, back) : lesser_of(down, back);
        wanted[j][i] = static_cast<float>(y[j]);
      }
    for (std::size_t j = 0; j < M; ++j) c[j]->state_.reduction = y[j];
  }

  /// level[j]: kStretch amplitudes of which n count, turned into gains.
  template <int M>
  static void gains(const std::array<Compressor*, M>& c, const std::array<float*, M>& level, std::int64_t n) {
    std::array<Compressor*, M> busy{};
    std::array<float*, M> wanted{};
    std::size_t count = 0;
    for (std::size_t j = 0; j < M; ++j) {
      for (std::int64_t i = n; i % 8 != 0; ++i) level[j][i] = 0;
      if (want(*c[j], level[j], n) || c[j]->state_.reduction != 0) {
        busy[count] = c[j];
        wanted[count++] = level[j];
      } else {
        std::fill(level[j], level[j] + n, exact::fast_exp2(splat8(c[j]->make_up_))[0]);
      }
    }
    const auto attack_is_faster = [&](std::size_t j) { return busy[j]->attack_ <= busy[j]->release_; };
    if (M == 2 && count == 2 && attack_is_faster(0) && attack_is_faster(1)) {
      smooth<true, M>(busy, wanted, n);
    } else {
      for (std::size_t j = 0; j < count; ++j) {
        if (attack_is_faster(j)) smooth<true, 1>({busy[j]}, {wanted[j]}, n);
        else smooth<false, 1>({busy[j]}, {wanted[j]}, n);
      }
    }
    for (std::size_t j = 0; j < count; ++j)
      for (std::int64_t i = 0; i < n; i += 8) store(wanted[j] + i, exact::fast_exp2(busy[j]->make_up_ - load<Float8>(wanted[j] + i)));
    for (std::size_t j = 0; j < M; ++j) advance(*c[j], n);
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

void Compressor::process_pair(Compressor& a, AudioView<float> a_io, Compressor& b, AudioView<float> b_io) noexcept {
  if (a.state_.position != b.state_.position) {
    a.process(a_io);
    b.process(b_io);
    return;
  }
  alignas(32) float a_gain[kStretch];
  alignas(32) float b_gain[kStretch];
  for (std::int64_t done = 0; done < a_io.frames();) {
    const std::int64_t n = std::min(a_io.frames() - done, CompressorKernel::room(a));
    CompressorKernel::levels(a_io, done, a_gain, n);
    CompressorKernel::levels(b_io, done, b_gain, n);
    CompressorKernel::gains<2>({&a, &b}, {a_gain, b_gain}, n);
    CompressorKernel::multiply(a_gain, a_io, done, n);
    CompressorKernel::multiply(b_gain, b_io, done, n);
    done += n;
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
