#pragma once

#include "dsp/fft.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <vector>

/// Scores of processed speech against the clean original, for benches.
namespace twopop::bench {

using Samples = std::vector<float>;

/// Scale-invariant signal to distortion ratio in dB (Le Roux, Wisdom, Erdogan and Hershey, ICASSP 2019).
inline double si_sdr(const Samples& clean, const Samples& processed) {
  double cp = 0, cc = 0;
  for (std::size_t i = 0; i < clean.size(); ++i) cp += double(clean[i]) * processed[i], cc += double(clean[i]) * clean[i];
  const double a = cp / cc;
  double target = 0, rest = 0;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const double t = a * clean[i], e = processed[i] - t;
    target += t * t, rest += e * e;
  }
  return 10 * std::log10(target / (rest + 1e-20));
}

/// Segmental signal to noise ratio: mean over 32 ms frames with speech, each held within -10 .. 35 dB.
inline double segmental_snr(const Samples& clean, const Samples& processed, int rate) {
  const std::size_t n = static_cast<std::size_t>(rate) * 32 / 1000;
  double total = 0;
  for (float x : clean) total += double(x) * x;
  const double active = total / double(clean.size()) * double(n) * 1e-3;
  double sum = 0, count = 0;
  for (std::size_t at = 0; at + n <= clean.size(); at += n) {
    double s = 0, e = 0;
    for (std::size_t i = at; i < at + n; ++i) s += double(clean[i]) * clean[i], e += std::pow(double(processed[i]) - clean[i], 2);
    if (s < active) continue;
    sum += std::clamp(10 * std::log10(s / (e + 1e-20)), -10.0, 35.0), ++count;
  }
  return count > 0 ? sum / count : 0;
}

/// Band-limited interpolation to another rate, for measuring only.
inline Samples to_rate(const Samples& x, double from, double to) {
  Samples out(static_cast<std::size_t>(double(x.size()) * to / from));
  const double cut = std::min(1.0, to / from) * 0.95;
  const int reach = static_cast<int>(24 / cut);
  // The filter at 1/512 sample, so that its sines are worked out once.
  constexpr int kPhases = 512;
  const int taps = 2 * reach + 1;
  std::vector<float> filter(static_cast<std::size_t>((kPhases + 1) * taps));
  for (int f = 0; f <= kPhases; ++f)
    for (int k = 0; k < taps; ++k) {
      const double d = double(f) / kPhases + reach - k, w = 0.5 + 0.5 * std::cos(std::numbers::pi * d / (reach + 1));
      filter[std::size_t(f * taps + k)] = float(w * cut * (d == 0 ? 1.0 : std::sin(std::numbers::pi * d * cut) / (std::numbers::pi * d * cut)));
    }
  const auto n = std::int64_t(x.size());
  for (std::size_t o = 0; o < out.size(); ++o) {
    const double t = double(o) * from / to;
    const auto centre = static_cast<std::int64_t>(t);
    const float* h = filter.data() + std::int64_t(std::lround((t - double(centre)) * kPhases)) * taps;
    float sum = 0;
    for (std::int64_t i = std::max<std::int64_t>(0, centre - reach); i <= std::min(n - 1, centre + reach); ++i)
      sum += x[std::size_t(i)] * h[i - centre + reach];
    out[o] = sum;
  }
  return out;
}

struct Intelligibility {
  double stoi = 0, estoi = 0;
};

/// Short-time objective intelligibility (Taal, Hendriks, Heusdens and Jensen 2011) and its extended form (Jensen and Taal
/// 2016): 10 kHz, 256-sample frames, 15 third-octave bands from 150 Hz, 384 ms segments, frames 40 dB under the loudest
/// of the clean signal left out.
inline Intelligibility intelligibility(const Samples& clean_any, const Samples& processed_any, double rate) {
  constexpr int kFrame = 256, kHop = 128, kSize = 512, kBands = 15, kSegment = 30;
  const Samples clean = to_rate(clean_any, rate, 10000), processed = to_rate(processed_any, rate, 10000);
  std::vector<float> window(kFrame);
  for (int i = 0; i < kFrame; ++i) window[std::size_t(i)] = float(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 1) / (kFrame + 1)));
  std::vector<double> energy;
  for (std::size_t at = 0; at + kFrame <= clean.size(); at += kHop) {
    double e = 0;
    for (int i = 0; i < kFrame; ++i) e += std::pow(double(clean[at + std::size_t(i)]) * window[std::size_t(i)], 2);
    energy.push_back(10 * std::log10(e + 1e-20));
  }
  if (energy.empty()) return {};
  const double loudest = *std::max_element(energy.begin(), energy.end());
  // Frames with speech are joined again by overlap-add.
  Samples c, p;
  std::size_t kept = 0;
  for (std::size_t k = 0; k < energy.size(); ++k) {
    if (energy[k] < loudest - 40) continue;
    c.resize(kept * kHop + kFrame, 0.0f), p.resize(kept * kHop + kFrame, 0.0f);
    for (std::size_t i = 0; i < kFrame; ++i) {
      c[kept * kHop + i] += clean[k * kHop + i] * window[i];
      p[kept * kHop + i] += processed[k * kHop + i] * window[i];
    }
    ++kept;
  }
  dsp::RealFft<float> fft(kSize);
  const auto bands_of = [&](const Samples& x) {
    std::vector<std::array<double, kBands>> out;
    std::vector<float> work(kSize);
    std::vector<std::complex<float>> spectrum(std::size_t(fft.bins()));
    for (std::size_t at = 0; at + kFrame <= x.size(); at += kHop) {
      std::fill(work.begin(), work.end(), 0.0f);
      for (std::size_t i = 0; i < kFrame; ++i) work[i] = x[at + i] * window[i];
      fft.forward(work.data(), spectrum.data());
      std::array<double, kBands> bands{};
      for (int b = 0; b < kBands; ++b) {
        const double centre = 150 * std::pow(2.0, b / 3.0);
        const int low = int(std::lround(centre * std::pow(2.0, -1.0 / 6) * kSize / 10000)), high = int(std::lround(centre * std::pow(2.0, 1.0 / 6) * kSize / 10000));
        for (int k = low; k < high; ++k) bands[std::size_t(b)] += std::norm(spectrum[std::size_t(k)]);
        bands[std::size_t(b)] = std::sqrt(bands[std::size_t(b)]);
      }
      out.push_back(bands);
    }
    return out;
  };
  const auto cb = bands_of(c), pb = bands_of(p);
  if (cb.size() < kSegment) return {};
  const auto correlation = [](const std::vector<double>& a, const std::vector<double>& b) {
    double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) ma += a[i], mb += b[i];
    ma /= double(a.size()), mb /= double(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) ab += (a[i] - ma) * (b[i] - mb), aa += (a[i] - ma) * (a[i] - ma), bb += (b[i] - mb) * (b[i] - mb);
    return ab / std::sqrt(aa * bb + 1e-20);
  };
  double sum = 0, count = 0, extended = 0, segments = 0;
  for (std::size_t end = kSegment; end <= cb.size(); ++end, ++segments) {
    std::vector<std::vector<double>> x(kBands), y(kBands);
    for (std::size_t b = 0; b < kBands; ++b) {
      double xx = 0, yy = 0;
      for (std::size_t k = end - kSegment; k < end; ++k) {
        x[b].push_back(cb[k][b]), y[b].push_back(pb[k][b]);
        xx += cb[k][b] * cb[k][b], yy += pb[k][b] * pb[k][b];
      }
      const double alpha = std::sqrt(xx / (yy + 1e-20));
      std::vector<double> clipped;
      for (std::size_t k = 0; k < kSegment; ++k) clipped.push_back(std::min(alpha * y[b][k], x[b][k] * (1 + std::pow(10.0, 15.0 / 20))));
      sum += correlation(x[b], clipped), ++count;
    }
    const auto normalise = [](std::vector<std::vector<double>>& m) {
      for (auto& row : m) {
        double mean = 0, square = 0;
        for (double v : row) mean += v;
        mean /= double(row.size());
        for (double& v : row) v -= mean, square += v * v;
        for (double& v : row) v /= std::sqrt(square + 1e-20);
      }
    };
    normalise(x), normalise(y);
    for (std::size_t k = 0; k < kSegment; ++k) {
      std::vector<double> a, b;
      for (std::size_t band = 0; band < kBands; ++band) a.push_back(x[band][k]), b.push_back(y[band][k]);
      extended += correlation(a, b) / kSegment;
    }
  }
  return {sum / count, extended / segments};
}

}  // namespace twopop::bench
