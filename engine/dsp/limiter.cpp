#include "dsp/limiter.h"

#include "core/exact_math.h"
#include "core/lanes.h"
#include "dsp/coefficients.h"
#include "dsp/detail/check_limits.h"
#include "dsp/detail/tiny.h"
#include "dsp/true_peak.h"

#include <algorithm>
#include <cmath>

namespace twopop::dsp {

namespace {

constexpr std::int64_t kStretch = 256;       // frames worked on at once
constexpr std::int64_t kMargin = 32;          // the gain stays down so many frames on either side of a peak
constexpr double kUnit = 0x1p40;             // gains are summed in whole numbers of 2^-40
constexpr double kNothing = 1e-7;            // a gain so close to 1 is 1

/// Greatest of the last `window` values at each of the n last places of x, in place: x holds window - 1 values before them.
/// By doubling: after step s each place has seen 2^s values.
void sliding_least(std::vector<float>& x, std::int64_t window, std::int64_t n) {
  std::int64_t seen = 1;
  const std::int64_t length = window - 1 + n;
  float* const data = x.data();
  while (seen < window) {
    const std::int64_t step = std::min(seen, window - seen);
    std::int64_t i = length;
    for (; i - 8 >= step; i -= 8) store(data + i - 8, lesser_of(load<Float8>(data + i - 8), load<Float8>(data + i - 8 - step)));
    for (; i > step; --i) data[i - 1] = lesser_of(data[i - 1], data[i - 1 - step]);
    seen += step;
  }
}

}  // namespace

struct Limiter::Impl {
  int channels = 1;
  float ceiling = 1;
  double recovery = 0;
  std::int64_t mean_1 = 1, mean_2 = 1;  // lengths of the running means
  std::int64_t smooth = 1;              // of both together
  std::int64_t window = 1;              // over which the wanted gain is held
  std::int64_t delay = 0;

  // What is remembered, one after another in `memory`.
  struct Scalars {
    double reduction = 0;         // 1 - gain after recovery
    std::int64_t sum_1 = 0, sum_2 = 0;
    std::int64_t at_rest = 0;     // frames since anything differed from a gain of 1
    std::int64_t place_1 = 0, place_2 = 0, place_delay = 0;
  };
  std::vector<std::byte> memory;
  Scalars* scalars = nullptr;
  std::int64_t* ring_1 = nullptr;  // the last mean_1 recovered gains, in units
  std::int64_t* ring_2 = nullptr;  // the last mean_2 sums of those
  float* wanted_past = nullptr;    // the last window - 1 wanted gains
  float* sound_past = nullptr;     // the last TruePeak::kContext frames, for the detector, a channel after another
  float* delayed = nullptr;        // `delay` frames, a channel after another

  std::vector<float> sound, wanted;  // scratch

  void lay_out(const ProcessSpec& spec) {
    channels = spec.channels;
    const auto per_channel = static_cast<std::size_t>(channels);
    const std::size_t longs = static_cast<std::size_t>(mean_1 + mean_2);
    const std::size_t floats = static_cast<std::size_t>(window - 1) + per_channel * static_cast<std::size_t>(TruePeak::kContext + delay);
    memory.assign(sizeof(Scalars) + longs * sizeof(std::int64_t) + floats * sizeof(float), std::byte{});
    std::byte* at = memory.data();
    scalars = new (at) Scalars;
    ring_1 = reinterpret_cast<std::int64_t*>(at + sizeof(Scalars));
    ring_2 = ring_1 + mean_1;
    wanted_past = reinterpret_cast<float*>(ring_2 + mean_2);
    sound_past = wanted_past + (window - 1);
    delayed = sound_past + static_cast<std::ptrdiff_t>(per_channel) * TruePeak::kContext;
    sound.assign(static_cast<std::size_t>(TruePeak::kContext + kStretch), 0.0f);
    wanted.assign(static_cast<std::size_t>(window - 1 + kStretch), 1.0f);
    rest();
  }

  void rest() {
    const auto unit = static_cast<std::int64_t>(kUnit);
    *scalars = {};
    std::fill(ring_1, ring_1 + mean_1, unit);
    std::fill(ring_2, ring_2 + mean_2, unit * mean_1);
    scalars->sum_1 = unit * mean_1;
    scalars->sum_2 = unit * mean_1 * mean_2;
    scalars->at_rest = window + smooth;
    std::fill(wanted_past, wanted_past + window - 1, 1.0f);
    std::fill(sound_past, sound_past + channels * (TruePeak::kContext + delay), 0.0f);
  }

  /// Gains for n <= kStretch frames of `in` from `from` on.
  void gains(AudioView<const float> in, std::int64_t from, std::int64_t n, float* out) noexcept {
    float* const now = wanted.data() + (window - 1);
    std::fill(now, now + n, 0.0f);
    for (int c = 0; c < channels; ++c) {
      float* past = sound_past + c * TruePeak::kContext;
      std::copy(past, past + TruePeak::kContext, sound.begin());
      std::copy(in.channel(c) + from, in.channel(c) + from + n, sound.begin() + TruePeak::kContext);
      TruePeak::above(sound.data(), n, ceiling, now);
      std::copy(sound.begin() + n, sound.begin() + n + TruePeak::kContext, past);
    }
    bool over = false;
    for (std::int64_t i = 0; i < n; ++i) {
      over |= now[i] > ceiling;
      now[i] = now[i] > ceiling ? ceiling / now[i] : 1.0f;
    }
    if (!over && scalars->at_rest >= window + smooth) {
      std::fill(out, out + n, 1.0f);
      return;
    }
    std::copy(wanted_past, wanted_past + window - 1, wanted.begin());
    std::copy(wanted.begin() + n, wanted.begin() + n + window - 1, wanted_past);
    sliding_least(wanted, window, n);
    const double scale = 1 / (kUnit * static_cast<double>(mean_1) * static_cast<double>(mean_2));
    Scalars s = *scalars;
    for (std::int64_t i = 0; i < n; ++i) {
      const double wants = 1 - static_cast<double>(now[i]);
      s.reduction *= recovery;
      if (s.reduction < kNothing) s.reduction = 0;
      s.reduction = greater_of(wants, s.reduction);
      s.at_rest = s.reduction == 0 ? s.at_rest + 1 : 0;
      const auto held = static_cast<std::int64_t>((1 - s.reduction) * kUnit);
      s.sum_1 += held - ring_1[s.place_1];
      ring_1[s.place_1] = held;
      if (++s.place_1 == mean_1) s.place_1 = 0;
      s.sum_2 += s.sum_1 - ring_2[s.place_2];
      ring_2[s.place_2] = s.sum_1;
      if (++s.place_2 == mean_2) s.place_2 = 0;
      out[i] = static_cast<float>(static_cast<double>(s.sum_2) * scale);
    }
    if (s.at_rest > window + smooth) s.at_rest = window + smooth;
    *scalars = s;
  }

  /// Delays and multiplies.
  void apply(AudioView<float> io, std::int64_t from, std::int64_t n, const float* gain) noexcept {
    std::int64_t place = scalars->place_delay;
    for (int c = 0; c < channels; ++c) {
      float* ring = delayed + c * delay;
      float* x = io.channel(c) + from;
      place = scalars->place_delay;
      for (std::int64_t i = 0; i < n; ++i) {
        const float old = ring[place];
        ring[place] = x[i];
        if (++place == delay) place = 0;
        x[i] = detail::without_denormals(old * gain[i]);
      }
    }
    scalars->place_delay = place;
  }
};

Limiter::Limiter(LimiterSettings settings) : settings_(settings), impl_(std::make_unique<Impl>()) {}
Limiter::Limiter(Limiter&&) noexcept = default;
Limiter& Limiter::operator=(Limiter&&) noexcept = default;
Limiter::~Limiter() = default;

Result<void> Limiter::prepare(const ProcessSpec& spec) {
  TWOPOP_CHECK(detail::check_limits(settings_, "limiter"));
  Impl& m = *impl_;
  m.ceiling = static_cast<float>(exact::gain_of_db(settings_.ceiling.value));
  m.recovery = smoothing(settings_.release_ms * 1e-3, spec.rate);
  const std::int64_t look_ahead = std::max<std::int64_t>(4, samples(settings_.look_ahead_ms * 1e-3, spec.rate).value);
  m.mean_1 = (look_ahead + 1) / 2;
  m.mean_2 = look_ahead + 1 - m.mean_1;
  m.smooth = m.mean_1 + m.mean_2 - 1;
  m.window = m.smooth + 2 * kMargin;
  // A peak is known kAhead frames after it; its gain is fully down smooth - 1 frames later, and kMargin frames before it is due.
  m.delay = TruePeak::kAhead + m.smooth - 1 + kMargin;
  m.lay_out(spec);
  return {};
}

void Limiter::process(AudioView<float> io) noexcept {
  alignas(32) float gain[kStretch];
  for (std::int64_t done = 0; done < io.frames();) {
    const std::int64_t n = std::min(kStretch, io.frames() - done);
    impl_->gains(io, done, n, gain);
    impl_->apply(io, done, n, gain);
    done += n;
  }
}

void Limiter::process_gain(AudioView<const float> sum, float* gain_out) noexcept {
  for (std::int64_t done = 0; done < sum.frames();) {
    const std::int64_t n = std::min(kStretch, sum.frames() - done);
    impl_->gains(sum, done, n, gain_out + done);
    done += n;
  }
}

void Limiter::reset() noexcept { impl_->rest(); }
SampleCount Limiter::latency() const noexcept { return {impl_->delay}; }

SampleCount Limiter::pre_roll() const noexcept {
  const double frames = exact::log(1 / kNothing) / -exact::log(std::max(impl_->recovery, 1e-9));
  return {static_cast<std::int64_t>(std::ceil(frames)) + impl_->window + impl_->smooth + impl_->delay + TruePeak::kContext};
}

std::span<std::byte> Limiter::state() noexcept { return impl_->memory; }

}  // namespace twopop::dsp
