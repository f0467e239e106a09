#include "dsp/synth.h"

#include "core/exact_math.h"
#include "core/random.h"
#include "dsp/fft.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace twopop::dsp {
namespace {

/// Streams of the generator: what is drawn for what.
constexpr std::uint64_t kNoise = 0x10, kGust = 0x20, kHowl = 0x30, kDrops = 0x40;

double decibels_to_power(double db) { return exact::pow10(db / 10); }

/// Smooth random curve through -1 .. 1: values drawn every `period_s`, eased between.
double wander(std::uint32_t seed, std::uint64_t stream, double time_s, double period_s) {
  const double x = time_s / period_s, low = std::floor(x), t = x - low;
  const auto value = [&](double k) { return static_cast<double>(uniform11(philox(seed, stream, static_cast<std::uint64_t>(static_cast<std::int64_t>(k)))[0])); };
  const double ease = t * t * (3 - 2 * t);
  return value(low) + ease * (value(low + 1) - value(low));
}

/// Noise made frame by frame: frame n lies at n * hop, windows overlap by half and their squares add to one, so that
/// independent frames add to a steady power. Frames are numbered from position 0.
class FrameNoise {
 public:
  FrameNoise(const SynthSettings& settings, SampleRate rate)
      : settings_(settings), rate_(rate), size_(rate.hz > 64000 ? 4096 : rate.hz > 24000 ? 2048 : 1024), fft_(size_), window_(static_cast<std::size_t>(size_)),
        samples_(window_.size()), spectrum_(static_cast<std::size_t>(fft_.bins())), shape_(spectrum_.size()) {
    for (int i = 0; i < size_; ++i) window_[static_cast<std::size_t>(i)] = static_cast<float>(exact::sin_turns((i + 0.5) / (2.0 * size_)));
  }

  /// Adds the noise. `power(frame time, bin frequency)` is the wanted power per bin, of any scale; `level(frame time)` the
  /// mean square of the frame.
  template <class Power, class Level>
  void add(SamplePosition begin, AudioView<float> out, Power power, Level level) {
    const std::int64_t hop = size_ / 2;
    const std::int64_t first = floor_div(begin.value - size_ + 1, hop), last = floor_div(begin.value + out.frames() - 1, hop);
    for (std::int64_t n = first; n <= last; ++n) {
      const double time = (static_cast<double>(n) + 1) * static_cast<double>(hop) / rate_.hz;
      double sum = 0;
      for (std::size_t k = 1; k + 1 < shape_.size(); ++k) {
        const double p = power(time, static_cast<double>(k) * rate_.hz / size_);
        sum += p;
        shape_[k] = static_cast<float>(p);
      }
      shape_.front() = shape_.back() = 0;
      // Uniform noise of mean square 1/3 through gains g has, by Parseval, (1/3) * mean of g^2 over all bins of both sides.
      const double scale = sum > 0 ? level(time) * 3 * size_ / (2 * sum) : 0;
      for (float& g : shape_) g = static_cast<float>(std::sqrt(static_cast<double>(g) * scale));
      for (int c = 0; c < out.channels(); ++c) add_frame(n, c, begin, out);
    }
  }

 private:
  static std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

  void add_frame(std::int64_t n, int channel, SamplePosition begin, AudioView<float> out) {
    const auto own = static_cast<float>(std::sqrt(settings_.width)), common = static_cast<float>(std::sqrt(1 - settings_.width));
    for (int i = 0; i < size_; i += 4) {
      const std::uint64_t position = static_cast<std::uint64_t>(n) * static_cast<std::uint64_t>(size_ / 4) + static_cast<std::uint64_t>(i / 4);
      const auto a = philox(settings_.seed, kNoise, position), b = philox(settings_.seed, kNoise + 1 + static_cast<std::uint64_t>(channel), position);
      for (int k = 0; k < 4; ++k)
        samples_[static_cast<std::size_t>(i + k)] = common * uniform11(a[static_cast<std::size_t>(k)]) + own * uniform11(b[static_cast<std::size_t>(k)]);
    }
    fft_.forward(samples_.data(), spectrum_.data());
    for (std::size_t k = 0; k < spectrum_.size(); ++k) spectrum_[k] *= shape_[k];
    fft_.inverse(spectrum_.data(), samples_.data());
    const std::int64_t start = n * (size_ / 2) - begin.value;
    const std::int64_t from = std::max<std::int64_t>(0, -start), to = std::min<std::int64_t>(size_, out.frames() - start);
    for (std::int64_t i = from; i < to; ++i) out.at(channel, start + i) += window_[static_cast<std::size_t>(i)] * samples_[static_cast<std::size_t>(i)];
  }

  const SynthSettings& settings_;
  SampleRate rate_;
  int size_;
  RealFft<float> fft_;
  std::vector<float> window_, samples_;
  std::vector<std::complex<float>> spectrum_;
  std::vector<float> shape_;
};

void white(const SynthSettings& s, SamplePosition begin, AudioView<float> out) {
  // Uniform noise of peak 1 has an RMS of 1/sqrt(3).
  const double peak = std::sqrt(3 * decibels_to_power(s.level_dbfs));
  const auto own = static_cast<float>(peak * std::sqrt(s.width)), common = static_cast<float>(peak * std::sqrt(1 - s.width));
  const auto draw = [&](std::uint64_t stream, std::int64_t at) {
    return uniform11(philox(s.seed, stream, static_cast<std::uint64_t>(at) >> 2)[static_cast<std::size_t>(at & 3)]);
  };
  for (int c = 0; c < out.channels(); ++c)
    for (std::int64_t i = 0; i < out.frames(); ++i)
      out.at(c, i) = common * draw(kNoise, begin.value + i) + own * draw(kNoise + 1 + static_cast<std::uint64_t>(c), begin.value + i);
}

void pink(const SynthSettings& s, SampleRate rate, SamplePosition begin, AudioView<float> out) {
  const double power = decibels_to_power(s.level_dbfs);
  FrameNoise(s, rate).add(begin, out, [](double, double f) { return f < 15 ? 0.0 : 1 / f; }, [&](double) { return power; });
}

/// Gusts in dB around the mean: slow swells with quicker ones on them.
double gust_db(const SynthSettings& s, double time) {
  const double n = 0.6 * wander(s.seed, kGust, time, 9.7 - 4 * s.strength) + 0.3 * wander(s.seed, kGust + 1, time, 3.1 - s.strength) +
                   0.25 * wander(s.seed, kGust + 2, time, 0.9 - 0.3 * s.strength);
  return 14 * s.gustiness * n;
}

/// Mean power of the gusts over some minutes, so that the level set is the level heard.
double mean_gust_power(const SynthSettings& s) {
  double sum = 0;
  constexpr int kPoints = 600;
  for (int i = 0; i < kPoints; ++i) sum += decibels_to_power(gust_db(s, i * 0.311));
  return sum / kPoints;
}

void wind(const SynthSettings& s, SampleRate rate, SamplePosition begin, AudioView<float> out) {
  const double power = decibels_to_power(s.level_dbfs) / mean_gust_power(s);
  FrameNoise(s, rate).add(
      begin, out,
      [&](double time, double f) {
        const double gust = exact::pow10(gust_db(s, time) / 20);
        // Broad rumble: the stronger the gust, the higher it reaches (Farnell, ch. 41).
        const double corner = s.frequency_hz * (0.25 + 0.5 * s.brightness) * (0.5 + s.strength) * gust;
        const double x = f / corner;
        double p = 1 / (1 + x * x * x * x) * (f / (f + 30));
        // Two whistles whose pitch follows the gust and wanders; a breeze does not whistle.
        for (int k = 0; k < 2; ++k) {
          const double centre = s.frequency_hz * (k == 0 ? 0.6 : 1.3) * (0.7 + 0.4 * gust) * (1 + 0.2 * wander(s.seed, kHowl + static_cast<std::uint64_t>(k), time, 2.3 + k));
          const double y = (f - centre) / (0.06 * centre);
          p += s.howl * s.strength * s.strength * (k == 0 ? 4.0 : 1.5) * gust / (1 + y * y);
        }
        return p;
      },
      [&](double time) { return power * decibels_to_power(gust_db(s, time)); });
}

/// Single drops: decaying bubbles (Farnell, ch. 37), some in every cell of 5 ms.
void drops(const SynthSettings& s, SampleRate rate, double power, SamplePosition begin, AudioView<float> out) {
  const std::int64_t cell = rate.hz / 200, longest = rate.hz / 30;
  const double per_second = 15 + 900 * s.strength * s.strength, per_cell = per_second * static_cast<double>(cell) / rate.hz;
  // A drop a u^3 e^(-t/tau) sin has a^2 u^6 tau / 4 of energy; u is even in 0 .. 1, tau in 1 .. 4 ms, and each
  // channel gets half of it.
  const double amplitude = std::sqrt(power / (per_second * (1.0 / 7) * 0.0025 / 4 * 0.5));
  const auto floor_div = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); };
  for (std::int64_t n = floor_div(begin.value - longest, cell); n * cell < begin.value + out.frames(); ++n) {
    const int count = static_cast<int>(per_cell + uniform01(philox(s.seed, kDrops, static_cast<std::uint64_t>(n))[0]));
    for (int k = 0; k < count; ++k) {
      const auto draw = philox(s.seed, kDrops + 1 + static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(n));
      const auto more = philox(s.seed, kDrops + 0x1000 + static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(n));
      const std::int64_t start = n * cell + static_cast<std::int64_t>(uniform01(draw[0]) * static_cast<float>(cell));
      const double u = uniform01(draw[1]), tau = 0.001 + 0.003 * uniform01(draw[2]), pitch = uniform01(draw[3]);
      const double highest = std::min(0.42 * rate.hz, 3000 + 7000 * s.brightness), f = 900 + (highest - 900) * pitch * pitch;
      const double side = s.width * (uniform01(more[0]) - 0.5) + 0.5;
      const double decay = exact::exp(-1 / (tau * rate.hz)), turn = f / rate.hz;
      const double re = decay * exact::cos_turns(turn), im = decay * exact::sin_turns(turn);
      double x = amplitude * u * u * u, y = 0;
      const std::int64_t length = std::min(longest, static_cast<std::int64_t>(9 * tau * rate.hz));
      const double left = std::sqrt(1 - side), right = std::sqrt(side);
      for (std::int64_t i = 0; i < length; ++i) {
        const std::int64_t at = start + i - begin.value;
        if (at >= out.frames()) break;
        if (at >= 0)
          for (int c = 0; c < out.channels(); ++c)
            out.at(c, at) += static_cast<float>(y * (out.channels() == 1 ? 0.7071067811865476 : c % 2 == 0 ? left : right));
        const double next = x * re - y * im;
        y = x * im + y * re;
        x = next;
      }
    }
  }
}

void rain(const SynthSettings& s, SampleRate rate, SamplePosition begin, AudioView<float> out) {
  const double power = decibels_to_power(s.level_dbfs), in_drops = 0.6 * s.drops;
  const double centre = 1500 + 4500 * s.brightness;
  FrameNoise(s, rate).add(
      begin, out,
      [&](double, double f) {
        const double x = f / centre;
        // A hump around the centre over a slow fall: many small drops far away.
        return x * x / ((1 + x * x) * (1 + 0.3 * x * x)) + 0.02 / (1 + f / 300);
      },
      [&](double time) { return (1 - in_drops) * power * (1 + 0.15 * wander(s.seed, kGust, time, 4)); });
  if (in_drops > 0) drops(s, rate, in_drops * power, begin, out);
}

/// Phase in turns at a position: whole seconds apart, so that hours lose nothing.
double turns_at(double frequency_hz, std::int64_t position, SampleRate rate) {
  const std::int64_t whole = position / rate.hz, rest = position % rate.hz;
  const double a = frequency_hz * static_cast<double>(whole);
  return (a - std::floor(a)) + frequency_hz * static_cast<double>(rest) / rate.hz;
}

void sine(const SynthSettings& s, SampleRate rate, SamplePosition begin, AudioView<float> out) {
  const double peak = exact::pow10(s.level_dbfs / 20);
  const std::int64_t end = s.kind == SynthKind::TwoPop ? samples(s.length_s, rate).value : std::numeric_limits<std::int64_t>::max();
  for (std::int64_t i = 0; i < out.frames(); ++i) {
    const std::int64_t at = begin.value + i;
    const bool heard = s.kind != SynthKind::TwoPop || (at >= 0 && at < end);
    const float value = heard ? static_cast<float>(peak * exact::sin_turns(turns_at(s.frequency_hz, at, rate))) : 0.0f;
    for (int c = 0; c < out.channels(); ++c) out.at(c, i) = value;
  }
}

template <class Member>
Result<void> within(const Field<SynthSettings, Member>& field, const SynthSettings& settings) {
  if constexpr (std::is_arithmetic_v<Member>) {
    const double value = static_cast<double>(settings.*field.member);
    if (!(value >= field.limits.least && value <= field.limits.most))
      return Error{Code::InvalidArgument, fmt::format("synthesiser: {} is {}", field.key, value),
                   fmt::format("set it within {} .. {}", field.limits.least, field.limits.most)};
  }
  return {};
}

}  // namespace

Result<void> render_synth(const SynthSettings& settings, SampleRate rate, SamplePosition begin, AudioView<float> out) {
  Result<void> valid;
  std::apply([&](const auto&... field) { ((valid.ok() ? static_cast<void>(valid = within(field, settings)) : static_cast<void>(0)), ...); }, SynthSettings::fields());
  if (!valid) return valid;
  if (rate.hz < 8000 || rate.hz > 192000)
    return Error{Code::InvalidArgument, fmt::format("synthesiser at {} Hz", rate.hz), "use a rate of 8000 to 192000 Hz"};
  for (int c = 0; c < out.channels(); ++c) std::fill_n(out.channel(c), out.frames(), 0.0f);
  switch (settings.kind) {
    case SynthKind::Sine:
    case SynthKind::TwoPop: sine(settings, rate, begin, out); break;
    case SynthKind::White: white(settings, begin, out); break;
    case SynthKind::Pink: pink(settings, rate, begin, out); break;
    case SynthKind::Wind: wind(settings, rate, begin, out); break;
    case SynthKind::Rain: rain(settings, rate, begin, out); break;
  }
  return {};
}

}  // namespace twopop::dsp
