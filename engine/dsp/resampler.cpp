#include "dsp/resampler.h"

#include "core/exact_math.h"
#include "core/lanes.h"
#include "dsp/fft.h"

#include <algorithm>
#include <complex>
#include <map>
#include <mutex>
#include <vector>

namespace twopop::dsp {

namespace {

using Fixed = RateMap::Fixed;

constexpr double kBeta = 16.3;               // Kaiser window of -157 dB
constexpr int kHalfSpan = 124;               // of the long sinc, in samples of the lower rate
constexpr double kTransition = 0.0836;       // its width, of the lower Nyquist frequency: 150 dB / (2.285 pi 2 kHalfSpan)
constexpr int kTaps = 20, kPhases = 512;     // of the short one

double kaiser(double x) {  // x in -1 .. 1
  const double inside = 1 - x * x;
  return inside <= 0 ? (inside < 0 ? 0.0 : 1 / exact::bessel_i0(kBeta)) : exact::bessel_i0(kBeta * std::sqrt(inside)) / exact::bessel_i0(kBeta);
}
double sinc(double x) { return x == 0 ? 1.0 : exact::sin_turns(x / 2) / (exact::kPi * x); }

/// The short sinc as a parabola in each phase: tap k at fraction (phase + (1 + u)/2) / kPhases is c0 + u (c1 + u c2),
/// u = -1 .. 1, through Chebyshev's points; off by less than 5e-9. It passes up to half the Nyquist frequency of what it reads,
/// and the images start as far above it.
struct ShortSinc {
  static constexpr int kRow = 3 * kTaps;
  std::vector<double> rows = std::vector<double>(std::size_t{kPhases} * kRow);

  static double tap(int k, double fraction) {
    const double t = k - (kTaps / 2 - 1) - fraction;
    return sinc(t) * kaiser(t / (kTaps / 2));
  }
  ShortSinc() {
    constexpr double kNode = 0.86602540378443865;  // of the third Chebyshev polynomial: -kNode, 0, kNode
    for (int phase = 0; phase < kPhases; ++phase)
      for (int k = 0; k < kTaps; ++k) {
        const auto at = [&](double u) { return tap(k, (phase + (1 + u) / 2) / kPhases); };
        const double before = at(-kNode), here = at(0), after = at(kNode);
        double* to = rows.data() + phase * kRow + k;
        to[0] = here;
        to[kTaps] = (after - before) / (2 * kNode);
        to[2 * kTaps] = ((after - here) + (before - here)) / (2 * kNode * kNode);
      }
  }
  static const ShortSinc& shared() {
    static const ShortSinc table;
    return table;
  }

  /// Coefficients at a fraction of 64 bits.
  void at(std::uint64_t fraction, std::array<Double4, kTaps / 4>& taps) const {
    constexpr int kBits = 55;
    static_assert(kPhases == 1 << (64 - kBits));
    const double* row = rows.data() + (fraction >> kBits) * kRow;
    const Double4 u = splat4(static_cast<double>(static_cast<std::int64_t>(fraction & ((std::uint64_t{1} << kBits) - 1))) * 0x1p-54 - 1);
    for (std::size_t k = 0; k < taps.size(); ++k) {
      const Double4 slope = fused(load<Double4>(row + 2 * kTaps + 4 * k), u, load<Double4>(row + kTaps + 4 * k));
      taps[k] = fused(slope, u, load<Double4>(row + 4 * k));
    }
  }
};

/// The spectrum, repeated with its mirror image as far as `out` goes, times a real response.
void shape(const std::vector<std::complex<double>>& spectrum, const std::vector<double>& response, std::vector<std::complex<double>>& out) {
  const double* from = reinterpret_cast<const double*>(spectrum.data());
  double* to = reinterpret_cast<double*>(out.data());
  const std::size_t once = spectrum.size(), size = 2 * (once - 1);
  std::size_t k = 0;
  for (; k + 4 <= once; k += 4) {
    const Double4 gain = load<Double4>(response.data() + k);
    store(to + 2 * k, load<Double4>(from + 2 * k) * __builtin_shufflevector(gain, gain, 0, 0, 1, 1));
    store(to + 2 * k + 4, load<Double4>(from + 2 * k + 4) * __builtin_shufflevector(gain, gain, 2, 2, 3, 3));
  }
  for (; k < once; ++k) out[k] = response[k] * spectrum[k];
  for (; k < out.size(); ++k) {
    to[2 * k] = response[k] * from[2 * (size - k)];
    to[2 * k + 1] = -response[k] * from[2 * (size - k) + 1];
  }
}

}  // namespace

/// The long sinc for one ratio, as a spectrum, and the grid of blocks.
struct Resampler::Filter {
  int up;             ///< the rate is multiplied by this: 2, or 1 where the output's is at most half of the source's
  std::int64_t half;  ///< source samples that it reaches to either side
  int size;           ///< of the transform of a block of the source
  std::int64_t hop;   ///< source samples that a block serves
  RealFft<double> to_bins, from_bins;
  std::vector<double> response;  ///< real: the sinc is symmetric about the block's own time

  explicit Filter(double step) : Filter(step, std::max(step, 1.0)) {}

  /// First source sample of a block's transform.
  std::int64_t begin_of(std::int64_t block) const { return block * hop - half - kMargin; }
  static constexpr std::int64_t kMargin = kTaps / 2;  // source samples that the short sinc reads beyond a block

 private:
  Filter(double step, double widening)
      : up(step >= 2 ? 1 : 2), half(static_cast<std::int64_t>(std::ceil(kHalfSpan * widening))), size(transform_size(half)),
        hop((size - 2 * half - 2 * (kMargin + kTaps)) / 16 * 16), to_bins(size), from_bins(size * up) {
    // Impulse response at the raised rate, centred on sample 0 and wrapped round.
    const int length = size * up;
    const double cutoff = (1 - kTransition / 2) / widening / up;  // of the raised Nyquist frequency
    const auto reach = static_cast<int>(half * up);
    std::vector<double> sinc_taps(static_cast<std::size_t>(length), 0.0);
    double sum = 0;
    for (int i = -reach; i <= reach; ++i) {
      const double tap = cutoff * sinc(cutoff * i) * kaiser(static_cast<double>(i) / reach);
      sinc_taps[static_cast<std::size_t>(i < 0 ? i + length : i)] = tap;
      sum += tap;
    }
    for (double& tap : sinc_taps) tap *= up / sum;
    std::vector<std::complex<double>> bins(static_cast<std::size_t>(from_bins.bins()));
    RealFft<double>(from_bins).forward(sinc_taps.data(), bins.data());
    for (const auto& bin : bins) response.push_back(bin.real());
  }
  static int transform_size(std::int64_t half) {
    int size = 1024;
    while (size < 8 * half) size *= 2;
    return size;
  }
};

RateMap RateMap::from(SampleRate source, SampleRate session, double drift_ppm, double offset_samples) {
  const Fixed base = ((Fixed{source.hz} << 64) + session.hz / 2) / session.hz;
  const auto drift = static_cast<std::int64_t>(std::floor(drift_ppm * 1e-6 * 0x1p62 + 0.5));
  const double whole = std::floor(offset_samples);
  RateMap map;
  map.step = base + (((base >> 16) * drift) >> 46);
  map.offset = (static_cast<Fixed>(static_cast<std::int64_t>(whole)) << 64) + static_cast<Fixed>((offset_samples - whole) * 0x1p64);
  return map;
}

double RateMap::position_of(SamplePosition output) const {
  const Fixed at = offset + step * output.value;
  return static_cast<double>(static_cast<std::int64_t>(at >> 64)) + static_cast<double>(static_cast<std::uint64_t>(at)) * 0x1p-64;
}

Result<Resampler> Resampler::create(const RateMap& map) {
  const double step = static_cast<double>(map.step) * 0x1p-64;
  if (!(step >= 1.0 / 64 && step <= 64))
    return Error{Code::InvalidArgument, fmt::format("a source of {} samples for one of the session", step), "rates may differ by a factor of 64"};
  return Resampler(map, filter_of(std::max(step, 1.0)));
}

/// Every clip of a recording has a resampler, and a filter takes 0.2 MB: those of one step share it.
std::shared_ptr<const Resampler::Filter> Resampler::filter_of(double step) {
  if (step == 1) {
    static const auto raising = std::make_shared<const Filter>(1.0);
    return raising;
  }
  static std::mutex mutex;
  static std::map<double, std::weak_ptr<const Filter>> known;
  const std::lock_guard lock(mutex);
  auto& slot = known[step];
  std::shared_ptr<const Filter> filter = slot.lock();
  if (!filter) {
    filter = std::make_shared<const Filter>(step);
    slot = filter;
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  }
  return filter;
}

std::int64_t Resampler::block_of(SamplePosition output) const {
  return mul_div(static_cast<std::int64_t>((map_.offset + map_.step * output.value) >> 64), 1, filter_->hop, Rounding::Floor);
}

SampleRange Resampler::needs(SampleRange range) const {
  if (range.empty()) return {};
  const SamplePosition last = range.end - SampleCount{1};
  if (map_.is_shift()) {
    const SampleCount by{static_cast<std::int64_t>(map_.offset >> 64)};
    return {range.begin + by, range.end + by};
  }
  return {{filter_->begin_of(block_of(range.begin))}, {filter_->begin_of(block_of(last)) + filter_->size}};
}

namespace {

/// Copies source samples [begin, begin + n) of a channel as double; silence outside the view.
void read(AudioView<const float> source, SamplePosition source_begin, int channel, std::int64_t begin, std::span<double> out) {
  const std::int64_t first = begin - source_begin.value, n = static_cast<std::int64_t>(out.size());
  const std::int64_t from = std::clamp<std::int64_t>(-first, 0, n), to = std::clamp<std::int64_t>(source.frames() - first, from, n);
  std::fill(out.begin(), out.begin() + from, 0.0);
  const float* x = source.channel(channel) + first;
  for (std::int64_t i = from; i < to; ++i) out[static_cast<std::size_t>(i)] = static_cast<double>(x[i]);
  std::fill(out.begin() + to, out.end(), 0.0);
}

}  // namespace

void Resampler::render(SamplePosition begin, AudioView<const float> source, SamplePosition source_begin, AudioView<float> out) const {
  const std::int64_t frames = out.frames();
  if (frames == 0) return;
  if (map_.is_shift()) {
    const std::int64_t first = begin.value + static_cast<std::int64_t>(map_.offset >> 64) - source_begin.value;
    for (int c = 0; c < out.channels(); ++c)
      for (std::int64_t i = 0; i < frames; ++i)
        out.at(c, i) = first + i >= 0 && first + i < source.frames() ? source.at(c, first + i) : 0.0f;
    return;
  }
  const Filter& f = *filter_;
  const ShortSinc& table = ShortSinc::shared();
  const auto channels = static_cast<std::size_t>(out.channels());
  const auto size = static_cast<std::size_t>(f.size), raised_size = size * static_cast<std::size_t>(f.up);
  RealFft<double> to_bins = f.to_bins, from_bins = f.from_bins;
  std::vector<double> samples(size), raised(raised_size * channels);
  std::vector<std::complex<double>> bins(size / 2 + 1), raised_bins(raised_size / 2 + 1);

  std::int64_t done = 0;
  while (done < frames) {
    const std::int64_t block = block_of(begin + SampleCount{done});
    for (std::size_t c = 0; c < channels; ++c) {
      read(source, source_begin, static_cast<int>(c), f.begin_of(block), samples);
      to_bins.forward(samples.data(), bins.data());
      shape(bins, f.response, raised_bins);  // zeros between samples repeat the spectrum
      from_bins.inverse(raised_bins.data(), raised.data() + c * raised_size);
    }
    const std::int64_t end_of_block = (block + 1) * f.hop;
    const std::int64_t raised_begin = f.begin_of(block) * f.up + kTaps / 2 - 1;
    Fixed at = map_.offset + map_.step * (begin.value + done);
    for (; done < frames && static_cast<std::int64_t>(at >> 64) < end_of_block; ++done, at += map_.step) {
      const Fixed raised_at = f.up == 2 ? at << 1 : at;
      std::array<Double4, kTaps / 4> taps;
      table.at(static_cast<std::uint64_t>(raised_at), taps);
      const double* x = raised.data() + (static_cast<std::int64_t>(raised_at >> 64) - raised_begin);
      for (std::size_t c = 0; c < channels; ++c, x += raised_size) {
        Double4 sum = taps[0] * load<Double4>(x);
        for (std::size_t k = 1; k < taps.size(); ++k) sum = fused(taps[k], load<Double4>(x + 4 * k), sum);
        out.at(static_cast<int>(c), done) = static_cast<float>(sum_of(sum));
      }
    }
  }
}

}  // namespace twopop::dsp
