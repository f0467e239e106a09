#include "dsp/dehum.h"

#include "core/exact_math.h"
#include "dsp/fft.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

namespace twopop::dsp {
namespace {

constexpr double kSearchHz = 0.5, kSearchStepHz = 0.01;
constexpr int kHarmonicsFound = 30;
constexpr double kStandsOutDb = 10.0;   // a harmonic counts from here
constexpr double kStrongDb = 16.0;      // one of these, or two that stand out, make a hum
constexpr double kHighestHz = 2000.0;

/// Low-rate copy: windowed-sinc average, every `factor`-th sample. For finding only.
struct LowRate {
  std::vector<float> samples;
  double rate = 0;
};

LowRate lowered(AudioView<const float> clip, SampleRate rate) {
  const int factor = std::max(1, rate.hz / 5000), reach = 6 * factor;
  LowRate low{{}, static_cast<double>(rate.hz) / factor};
  std::vector<double> taps;
  double sum = 0;
  for (int k = -reach; k <= reach; ++k) {
    const double x = 0.85 * k / factor;
    taps.push_back((k == 0 ? 1.0 : exact::sin(exact::kPi * x) / (exact::kPi * x)) * (0.5 + 0.5 * exact::cos(exact::kPi * k / (reach + 1))));
    sum += taps.back();
  }
  const float* x = clip.channel(0);
  for (std::int64_t at = 0; at < clip.frames(); at += factor) {
    double y = 0;
    for (int k = -reach; k <= reach; ++k)
      if (at + k >= 0 && at + k < clip.frames()) y += taps[static_cast<std::size_t>(k + reach)] * static_cast<double>(x[at + k]);
    low.samples.push_back(static_cast<float>(y / sum));
  }
  return low;
}

/// Power spectrum of what is nearly always there: a low percentile over the clip's windows (about 2.7 s each).
struct Steady {
  std::vector<double> power;  // mean square per bin of a sine's main lobe peak: A^2 / 2
  double hz_per_bin = 0;
  double at(double hz) const {
    // Greatest of the three bins around: the lobe is four bins wide.
    const auto k = static_cast<std::size_t>(hz / hz_per_bin + 0.5);
    double most = 0;
    for (std::size_t i = k > 0 ? k - 1 : 0; i <= k + 1 && i < power.size(); ++i) most = std::max(most, power[i]);
    return most;
  }
  /// Median of what lies 3 to 14 Hz beside.
  double around(double hz) const {
    std::vector<double> beside;
    for (double d = 3; d <= 14; d += hz_per_bin)
      for (double f : {hz - d, hz + d})
        if (f > 0 && f / hz_per_bin + 0.5 < static_cast<double>(power.size())) beside.push_back(power[static_cast<std::size_t>(f / hz_per_bin + 0.5)]);
    if (beside.empty()) return 0;
    std::nth_element(beside.begin(), beside.begin() + static_cast<std::ptrdiff_t>(beside.size() / 2), beside.end());
    return beside[beside.size() / 2];
  }
  /// Where the lobe near `hz` peaks: a parabola through three bins in dB.
  double peak_hz(double hz) const {
    auto k = static_cast<std::size_t>(hz / hz_per_bin + 0.5);
    if (k < 2 || k + 2 >= power.size()) return hz;
    if (power[k - 1] > power[k] && power[k - 1] > power[k + 1]) --k;
    else if (power[k + 1] > power[k]) ++k;
    const double a = exact::log(power[k - 1] + 1e-30), b = exact::log(power[k] + 1e-30), c = exact::log(power[k + 1] + 1e-30);
    const double bend = a - 2 * b + c;
    return hz_per_bin * (static_cast<double>(k) + (bend < 0 ? std::clamp(0.5 * (a - c) / bend, -0.5, 0.5) : 0.0));
  }
  double prominence_db(double hz) const { return 10 * exact::log10((at(hz) + 1e-22) / (around(hz) + 1e-22)); }
};

Steady steady_spectrum(const LowRate& low) {
  int size = 16384;
  while (size > 4096 && static_cast<std::size_t>(size) > low.samples.size()) size /= 2;
  Steady out;
  out.hz_per_bin = low.rate / size;
  RealFft<float> fft(size);
  std::vector<float> window(static_cast<std::size_t>(size)), work(window);
  double sum = 0;
  for (int i = 0; i < size; ++i) window[static_cast<std::size_t>(i)] = static_cast<float>(0.5 - 0.5 * exact::cos_turns((i + 0.5) / size)), sum += window[static_cast<std::size_t>(i)];
  std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(fft.bins()));
  std::vector<std::vector<float>> frames;
  for (std::size_t at = 0; at + static_cast<std::size_t>(size) <= low.samples.size(); at += static_cast<std::size_t>(size / 2)) {
    for (std::size_t i = 0; i < window.size(); ++i) work[i] = low.samples[at + i] * window[i];
    fft.forward(work.data(), spectrum.data());
    std::vector<float> power;
    const auto used = static_cast<std::size_t>(std::min<double>(fft.bins(), (kHighestHz + 40) / out.hz_per_bin));
    for (std::size_t k = 0; k < used; ++k) power.push_back(static_cast<float>(2.0 * static_cast<double>(std::norm(spectrum[k])) / (sum * sum)));
    frames.push_back(std::move(power));
    if (frames.size() >= 400) break;
  }
  if (frames.empty()) return out;
  std::vector<float> column;
  for (std::size_t k = 0; k < frames[0].size(); ++k) {
    column.clear();
    for (const auto& f : frames) column.push_back(f[k]);
    const auto at = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 3);
    std::nth_element(column.begin(), at, column.end());
    out.power.push_back(static_cast<double>(*at));
  }
  return out;
}

/// Samples [begin, end) against e^(-2 pi i f t), Hann-weighted; the amplitude and phase of the sine that fits best.
/// Time runs from `origin`.
std::complex<double> fit(const float* x, std::int64_t begin, std::int64_t end, std::int64_t origin, double turns_per_sample) {
  const double n = static_cast<double>(end - begin);
  const auto turn = [](double t) { return std::complex<double>(exact::cos_turns(t), -exact::sin_turns(t)); };
  std::complex<double> rotation = turn(turns_per_sample), phase = turn(turns_per_sample * static_cast<double>(begin - origin));
  std::complex<double> window_rotation = turn(1.0 / n), window_phase = turn(0.5 / n), sum = 0;
  for (std::int64_t i = begin; i < end; ++i) {
    const double wx = (0.5 - 0.5 * window_phase.real()) * static_cast<double>(x[i]);
    sum += wx * phase;
    phase = {phase.real() * rotation.real() - phase.imag() * rotation.imag(), phase.real() * rotation.imag() + phase.imag() * rotation.real()};
    window_phase = {window_phase.real() * window_rotation.real() - window_phase.imag() * window_rotation.imag(),
                    window_phase.real() * window_rotation.imag() + window_phase.imag() * window_rotation.real()};
  }
  return sum * (4.0 / n);
}

struct Block {
  std::int64_t begin, end;
  double turns = 0;                        // of the fundamental per sample
  std::vector<std::complex<double>> sines; // per active harmonic, phase from begin
};

double turns_of(std::complex<double> z) {
  // atan2 by the half-angle series of exact arithmetic is not needed: a ratio of halves is small and of known sign.
  const double r = std::sqrt(z.real() * z.real() + z.imag() * z.imag());
  if (r == 0) return 0;
  // Newton on sin and cos: three steps from a coarse octant.
  double t = z.real() >= 0 ? 0.0 : 0.5;
  for (int i = 0; i < 6; ++i) {
    const double c = exact::cos_turns(t), s = exact::sin_turns(t);
    const double across = (z.imag() * c - z.real() * s) / r, along = (z.real() * c + z.imag() * s) / r;
    t += across / (std::max(along, 0.3) * exact::kTwoPi);
  }
  return t > 0.5 ? t - 1 : t;
}

}  // namespace

Hum find_hum(AudioView<const float> clip, SampleRate rate) {
  Hum hum;
  if (clip.channels() == 0 || clip.frames() < 2 * static_cast<std::int64_t>(rate.hz) || rate.hz < 4000) return hum;
  const Steady steady = steady_spectrum(lowered(clip, rate));
  if (steady.power.empty()) return hum;
  double best = -1;
  for (double mains : {50.0, 60.0}) {
    for (double f = mains - kSearchHz; f <= mains + kSearchHz; f += kSearchStepHz) {
      double score = 0;
      for (int k = 1; k <= 12; ++k) score += std::clamp(steady.prominence_db(f * k) - 6.0, 0.0, 30.0);
      if (score > best) best = score, hum.fundamental_hz = f;
    }
  }
  // Then every harmonic that stands out says where it is; the higher it is the more it knows.
  for (int pass = 0; pass < 2; ++pass) {
    double pull = 0, weight = 0;
    for (int k = 1; k <= 12; ++k) {
      const double over = steady.prominence_db(hum.fundamental_hz * k);
      if (over < kStandsOutDb || steady.at(hum.fundamental_hz * k) < 1e-12) continue;
      const double trust = k * std::min(over, 40.0);
      pull += trust * steady.peak_hz(hum.fundamental_hz * k) / k, weight += trust;
    }
    if (weight > 0) hum.fundamental_hz = pull / weight;
  }
  int standing = 0;
  double power = 0, most = 0;
  for (int k = 1; k <= kHarmonicsFound && hum.fundamental_hz * k < std::min(kHighestHz, 0.45 * rate.hz); ++k) {
    const double prominence = steady.prominence_db(hum.fundamental_hz * k), p = steady.at(hum.fundamental_hz * k);
    const bool stands = prominence >= kStandsOutDb && p > 1e-12;
    hum.level_dbfs.push_back(stands ? 10 * exact::log10(p) : -200.0);
    if (!stands) continue;
    ++standing, power += p, most = std::max(most, prominence);
  }
  hum.present = standing >= 2 || most >= kStrongDb;
  hum.prominence = {most};
  if (hum.present) hum.level = {10 * exact::log10(power)};
  else hum.fundamental_hz = 0, hum.level_dbfs.clear();
  return hum;
}

Result<AudioBuffer<float>> remove_hum(AudioView<const float> clip, SampleRate rate, const DehumSettings& settings) {
  if (rate.hz < 4000) return Error{Code::InvalidArgument, fmt::format("dehum: a rate of {} Hz is too low", rate.hz), "use a rate from 4000 Hz"};
  if (!(settings.fundamental_hz > 20) || !(settings.fundamental_hz < 100) || settings.harmonics < 1 || !(settings.block_s >= 0.5))
    return Error{Code::InvalidArgument,
                 fmt::format("dehum: fundamental {} Hz, {} harmonics, blocks of {} s", settings.fundamental_hz, settings.harmonics, settings.block_s),
                 "use 20 to 100 Hz, one harmonic or more and blocks from 0.5 s"};
  AudioBuffer<float> out(clip.channels(), clip.frames());
  const std::int64_t n = clip.frames(), length = std::min(n, samples(settings.block_s, rate).value), hop = std::max<std::int64_t>(1, length / 2);
  for (int c = 0; c < clip.channels(); ++c) {
    const float* x = clip.channel(c);
    float* y = out.channel(c);
    std::copy(x, x + n, y);
    if (length < rate.hz / 2) continue;

    // Harmonics that stand out of what surrounds them, and no others.
    const Steady steady = steady_spectrum(lowered(clip.select(c, 1), rate));
    std::vector<int> active;
    for (int k = 1; k <= settings.harmonics && settings.fundamental_hz * k < std::min(kHighestHz, 0.45 * rate.hz); ++k)
      if (!steady.power.empty() && steady.prominence_db(settings.fundamental_hz * k) >= kStandsOutDb && steady.at(settings.fundamental_hz * k) > 1e-12) active.push_back(k);
    if (active.empty()) continue;

    std::vector<Block> blocks;
    for (std::int64_t begin = 0;; begin += hop) {
      if (begin + length > n) begin = n - length;
      Block b{begin, begin + length, settings.fundamental_hz / rate.hz, {}};
      // The frequency is refined by how far each harmonic turns between the halves of the block.
      for (int pass = 0; pass < 3; ++pass) {
        double pull = 0, weight = 0;
        const std::int64_t middle = (b.begin + b.end) / 2;
        for (int k : active) {
          const auto early = fit(x, b.begin, middle, b.begin, b.turns * k), late = fit(x, middle, b.end, b.begin, b.turns * k);
          const double strength = std::min(std::norm(early), std::norm(late));
          pull += strength * k * turns_of(late * std::conj(early)) / static_cast<double>(b.end - middle);
          weight += strength * k * k;
        }
        const double change = weight > 0 ? pull / weight : 0;
        b.turns += std::clamp(change, -0.3 / rate.hz, 0.3 / rate.hz);
      }
      blocks.push_back(std::move(b));
      if (begin + length >= n) break;
    }
    // The mains wander slowly; a voice throws single blocks off.
    std::vector<double> turns;
    for (const Block& b : blocks) turns.push_back(b.turns);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const std::size_t reach = std::min({std::size_t{3}, i, blocks.size() - 1 - i});
      std::vector<double> near(turns.begin() + static_cast<std::ptrdiff_t>(i - reach), turns.begin() + static_cast<std::ptrdiff_t>(i + reach + 1));
      std::nth_element(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(reach), near.end());
      blocks[i].turns = near[reach];
      for (int k : active) blocks[i].sines.push_back(fit(x, blocks[i].begin, blocks[i].end, blocks[i].begin, blocks[i].turns * k));
    }
    // A voice that passes over a harmonic must not be taken for a louder hum.
    for (std::size_t h = 0; h < active.size() && blocks.size() >= 4; ++h) {
      std::vector<double> sizes;
      for (const Block& b : blocks) sizes.push_back(std::sqrt(std::norm(b.sines[h])));
      std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2), sizes.end());
      const double limit = 1.4 * sizes[sizes.size() / 2];
      for (Block& b : blocks) {
        const double size = std::sqrt(std::norm(b.sines[h]));
        if (size > limit) b.sines[h] *= limit / size;
      }
    }
    // Each block's sines, faded into the next one's from centre to centre.
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const Block& b = blocks[i];
      const std::int64_t centre = (b.begin + b.end) / 2;
      const std::int64_t before = i > 0 ? (blocks[i - 1].begin + blocks[i - 1].end) / 2 : -1, after = i + 1 < blocks.size() ? (blocks[i + 1].begin + blocks[i + 1].end) / 2 : -1;
      const std::int64_t from = i > 0 ? before : 0, to = i + 1 < blocks.size() ? after : n;
      for (std::size_t h = 0; h < active.size(); ++h) {
        const double step = b.turns * active[h];
        std::complex<double> rotation(exact::cos_turns(step), exact::sin_turns(step));
        std::complex<double> z = b.sines[h] * std::complex<double>(exact::cos_turns(step * static_cast<double>(from - b.begin)), exact::sin_turns(step * static_cast<double>(from - b.begin)));
        for (std::int64_t t = from; t < to; ++t) {
          double w = 1;
          if (t < centre && before >= 0) w = static_cast<double>(t - before) / static_cast<double>(centre - before);
          if (t >= centre && after >= 0) w = static_cast<double>(after - t) / static_cast<double>(after - centre);
          y[t] -= static_cast<float>(w * z.real());
          z = {z.real() * rotation.real() - z.imag() * rotation.imag(), z.real() * rotation.imag() + z.imag() * rotation.real()};
        }
      }
    }
  }
  return out;
}

}  // namespace twopop::dsp
