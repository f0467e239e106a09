#include "analysis/sync_coarse.h"

#include "analysis/sync_fft.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>

namespace twopop::analysis {
namespace {

constexpr double kWindow_s = 4.0;
constexpr int kFft = 1 << 15;
constexpr int kPeaks = 6;         // kept for each window
constexpr int kApart = 40;        // track samples (10 ms) between two peaks
constexpr double kPeakFrom = 4.2;  // standard deviations
constexpr double kTolerance_s = 0.004;

struct Window {
  std::int64_t begin = 0, length = 0;  // in the shorter track
  double norm = 0;
};

struct Peak {
  std::int64_t lag = 0;  // sample of the longer track at which the window's first sample lies
  float r = 0;
};

struct Found {
  std::vector<Peak> peaks;
  double squares = 0;
  std::int64_t count = 0;
};

void keep(std::vector<Peak>& peaks, Peak candidate) {
  for (Peak& p : peaks)
    if (std::abs(p.lag - candidate.lag) < kApart) {
      if (std::abs(candidate.r) > std::abs(p.r)) p = candidate;
      return;
    }
  peaks.push_back(candidate);
  std::sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) {
    return std::abs(a.r) != std::abs(b.r) ? std::abs(a.r) > std::abs(b.r) : a.lag < b.lag;
  });
  if (peaks.size() > kPeaks) peaks.pop_back();
}

/// Energy of a track, summed from its start every 64 samples.
class Energy {
 public:
  explicit Energy(const TrackSamples& samples) : size_(static_cast<std::int64_t>(samples.size())) {
    sums_.reserve(samples.size() / kGrain + 2);
    double sum = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i % kGrain == 0) sums_.push_back(sum);
      sum += static_cast<double>(samples[i]) * samples[i];
    }
    sums_.push_back(sum);
  }
  double between(std::int64_t begin, std::int64_t end) const { return at(end) - at(begin); }
  double mean() const { return size_ ? sums_.back() / static_cast<double>(size_) : 0; }

 private:
  static constexpr std::int64_t kGrain = 64;
  double at(std::int64_t i) const {
    i = std::clamp<std::int64_t>(i, 0, size_);
    return sums_[static_cast<std::size_t>(std::min<std::int64_t>((i + kGrain / 2) / kGrain, static_cast<std::int64_t>(sums_.size()) - 1))];
  }
  std::int64_t size_;
  std::vector<double> sums_;
};

void load(const TrackSamples& from, std::int64_t begin, std::span<float> to) {
  const std::int64_t size = static_cast<std::int64_t>(from.size());
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::int64_t at = begin + static_cast<std::int64_t>(i);
    to[i] = at >= 0 && at < size ? static_cast<float>(from[static_cast<std::size_t>(at)]) : 0.0f;
  }
}

struct Scan {
  float most = 0;  // magnitude
  double squares = 0;
};

Scan scanned(std::span<const float> values) {
  typedef float Lanes __attribute__((vector_size(32)));
  typedef float Anywhere __attribute__((vector_size(32), aligned(4), may_alias));
  typedef std::int32_t Bits __attribute__((vector_size(32)));
  constexpr Bits kNoSign = {0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff};
  Lanes sum{}, most{};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    const Lanes v = *reinterpret_cast<const Anywhere*>(values.data() + i);
    sum += v * v;
    const Lanes size = reinterpret_cast<Lanes>(reinterpret_cast<Bits>(v) & kNoSign);
    most = size > most ? size : most;
  }
  Scan scan;
  for (int lane = 0; lane < 8; ++lane) {
    scan.squares += sum[lane];
    scan.most = std::max(scan.most, most[lane]);
  }
  for (; i < values.size(); ++i) {
    scan.squares += static_cast<double>(values[i]) * values[i];
    scan.most = std::max(scan.most, std::abs(values[i]));
  }
  return scan;
}

struct LagRange {
  std::int64_t first = 0, last = 0;
};

/// Correlates windows against the stretch of lags [first, last) of the longer track.
std::vector<Found> correlate(const TrackSamples& longer, const Energy& energy, const TrackSamples& shorter,
                             const std::vector<Window>& windows, const std::vector<LagRange>& ranges, std::int64_t first, std::int64_t last) {
  std::vector<Found> found(windows.size());
  if (first >= last || windows.empty()) return found;
  RealFft fft(kFft);
  const std::size_t bins = fft.bins().size();
  std::vector<std::vector<std::complex<float>>> spectra;
  std::int64_t longest = 1;
  for (const Window& w : windows) {
    const auto time = fft.time();
    std::fill(time.begin(), time.end(), 0.0f);
    load(shorter, w.begin, time.first(static_cast<std::size_t>(w.length)));
    fft.forward();
    spectra.emplace_back(fft.bins().begin(), fft.bins().end());
    longest = std::max(longest, w.length);
  }
  std::vector<std::complex<float>> segment(bins);
  const std::int64_t step = kFft - longest;
  for (std::int64_t base = first; base < last; base += step) {
    load(longer, base, fft.time());
    fft.forward();
    std::copy(fft.bins().begin(), fft.bins().end(), segment.begin());
    for (std::size_t w = 0; w < windows.size(); ++w) {
      const std::int64_t from = std::max(base, ranges[w].first), to = std::min({base + step, last, ranges[w].last});
      if (from >= to) continue;
      const auto product = fft.bins();
      for (std::size_t k = 0; k < bins; ++k) {
        const std::complex<float> a = segment[k], b = spectra[w][k];
        product[k] = {a.real() * b.real() + a.imag() * b.imag(), a.imag() * b.real() - a.real() * b.imag()};
      }
      fft.inverse();
      const auto r = fft.time();
      Found& f = found[w];
      const double least = 0.25 * energy.mean() * static_cast<double>(windows[w].length);
      for (std::int64_t lag = from; lag < to; lag += kApart) {
        const std::int64_t end = std::min(lag + kApart, to);
        const std::span<const float> some = r.subspan(static_cast<std::size_t>(lag - base), static_cast<std::size_t>(end - lag));
        const Scan scan = scanned(some);
        const double squares = scan.squares;
        const double local = std::max(energy.between(lag, lag + windows[w].length), least);
        const double scale = 1.0 / (kFft * std::sqrt(local * windows[w].norm));
        f.squares += squares * scale * scale;
        f.count += end - lag;
        const float height = static_cast<float>(scan.most * scale);
        if (f.peaks.size() >= kPeaks && height <= std::abs(f.peaks.back().r)) continue;
        const auto at = std::find_if(some.begin(), some.end(), [&](float v) { return std::abs(v) == scan.most; });
        keep(f.peaks, {lag + (at - some.begin()), *at < 0 ? -height : height});
      }
    }
  }
  return found;
}

/// Whole blocks to each thread, so that the split does not show.
std::vector<Found> correlate_threaded(const TrackSamples& longer, const Energy& energy, const TrackSamples& shorter,
                                      const std::vector<Window>& windows, const std::vector<LagRange>& ranges, std::int64_t first, std::int64_t last,
                                      std::int64_t length, int threads) {
  const std::int64_t step = kFft - length;
  threads = std::max(1, threads);
  const std::int64_t blocks = (last - first + step - 1) / step, each = (blocks + threads - 1) / threads;
  std::vector<std::future<std::vector<Found>>> parts;
  for (int t = 0; t < threads; ++t) {
    const std::int64_t from = first + each * step * t, to = std::min(last, first + each * step * (t + 1));
    parts.push_back(std::async(threads > 1 ? std::launch::async : std::launch::deferred,
                               [&, from, to] { return correlate(longer, energy, shorter, windows, ranges, from, to); }));
  }
  std::vector<Found> all(windows.size());
  for (auto& part : parts) {
    const std::vector<Found> some = part.get();
    for (std::size_t w = 0; w < all.size(); ++w) {
      all[w].squares += some[w].squares;
      all[w].count += some[w].count;
      for (const Peak& p : some[w].peaks) keep(all[w].peaks, p);
    }
  }
  return all;
}

/// Standard deviation of the lags of one window. Of a few lags only (a search near an expected place) what is known of
/// chance heights of white windows is held against what was measured.
double chance_sigma(const Found& found, std::int64_t length) {
  const double expected = 1.0 / (2 * 1730.0 * static_cast<double>(length) / kTrackRate);
  if (found.count < 8) return std::sqrt(expected);
  const double measured = found.squares / static_cast<double>(found.count);
  return std::sqrt(found.count < 20000 ? std::max(expected, std::min(measured, 4 * expected)) : std::max(measured, 1e-12));
}

struct Vote {
  double shorter_s = 0, longer_s = 0, height = 0;  // window's middle, its place in the longer track
};

/// Windows in an order that spreads: middle first, then halves of halves.
std::vector<std::size_t> spread_order(std::size_t count) {
  std::vector<std::size_t> order;
  std::vector<bool> taken(count);
  for (std::size_t step = 1; order.size() < count; step *= 2)
    for (std::size_t i = 0; i < step; ++i) {
      const std::size_t at = (2 * i + 1) * count / (2 * step);
      if (at < count && !taken[at]) {
        taken[at] = true;
        order.push_back(at);
      }
      if (step > 4 * count) break;
    }
  return order;
}

}  // namespace

std::vector<Hypothesis> coarse_search(const SyncTrack& reference, const SyncTrack& file, const CoarseOptions& options) {
  std::vector<Hypothesis> answers;
  if (reference.samples.empty() || file.samples.empty() || reference.silent || file.silent) return answers;
  const bool file_is_shorter = file.samples.size() <= reference.samples.size();
  const TrackSamples& shorter = file_is_shorter ? file.samples : reference.samples;
  const TrackSamples& longer = file_is_shorter ? reference.samples : file.samples;
  const std::int64_t short_size = static_cast<std::int64_t>(shorter.size()), long_size = static_cast<std::int64_t>(longer.size());
  const Energy short_energy(shorter), long_energy(longer);

  // Windows spread over the shorter track, half overlapping where it is short.
  const std::int64_t length = std::min<std::int64_t>(static_cast<std::int64_t>(kWindow_s * kTrackRate), short_size);
  const std::int64_t count = std::clamp<std::int64_t>(2 * (short_size - length) / length + 1, 1, 32);
  std::vector<Window> windows;
  for (std::int64_t i = 0; i < count; ++i) {
    Window w;
    w.length = length;
    w.begin = count == 1 ? 0 : (short_size - length) * i / (count - 1);
    w.norm = short_energy.between(w.begin, w.begin + length);
    if (w.norm > 0.05 * short_energy.mean() * static_cast<double>(length)) windows.push_back(w);
  }
  if (windows.empty()) return answers;

  // A window may hang over the ends of the longer track by up to two thirds, but not by more than leaves a second.
  const std::int64_t hang = std::min<std::int64_t>(length * 2 / 3, std::max<std::int64_t>(0, length - static_cast<std::int64_t>(kTrackRate)));
  std::vector<LagRange> ranges(windows.size(), {-hang, long_size - length + hang + 1});
  for (LagRange& r : ranges) r.last = std::max(r.last, r.first + 1);
  if (options.expected_offset_s) {
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const double at = static_cast<double>(windows[i].begin) / kTrackRate;
      const double middle = file_is_shorter ? at + *options.expected_offset_s : at - *options.expected_offset_s;
      const double reach = options.expected_within_s + options.max_drift * std::abs(at);
      ranges[i].first = std::max(ranges[i].first, static_cast<std::int64_t>((middle - reach) * kTrackRate));
      ranges[i].last = std::min(ranges[i].last, static_cast<std::int64_t>((middle + reach) * kTrackRate) + 1);
    }
  }

  std::vector<Vote> votes;
  std::vector<int> vote_window;
  std::vector<Hypothesis> found;
  const auto gather = [&] {
    found.clear();
    std::vector<bool> spent(votes.size());
    for (int round = 0; round < options.most; ++round) {
      Hypothesis best;
      std::size_t best_anchor = 0;
      for (std::size_t a = 0; a < votes.size(); ++a) {
        if (spent[a]) continue;
        double squares = 0, of_window = 0;
        int supporters = 0, window = -1;
        const auto close = [&] {
          if (of_window > 0) squares += of_window * of_window, ++supporters;
          of_window = 0;
        };
        for (std::size_t b = 0; b < votes.size(); ++b) {
          if (vote_window[b] != window) close(), window = vote_window[b];
          if (spent[b]) continue;
          const double along = votes[b].shorter_s - votes[a].shorter_s;
          const double off = std::abs(votes[b].longer_s - votes[a].longer_s - along);
          if (off <= kTolerance_s + options.max_drift * std::abs(along)) of_window = std::max(of_window, votes[b].height);
        }
        close();
        // Ties between anchors of one line: the anchor that stands highest.
        const double strength = std::sqrt(squares);
        if (strength > best.strength * (1 + 1e-9) || (strength > best.strength * (1 - 1e-9) && votes[a].height > best.height)) {
          best.strength = strength;
          best.windows = supporters;
          best.height = votes[a].height;
          best_anchor = a;
        }
      }
      if (best.windows == 0) break;
      const Vote anchor = votes[best_anchor];
      for (std::size_t b = 0; b < votes.size(); ++b) {
        const double along = votes[b].shorter_s - anchor.shorter_s;
        if (std::abs(votes[b].longer_s - anchor.longer_s - along) <= kTolerance_s + options.max_drift * std::abs(along)) spent[b] = true;
      }
      const double difference = anchor.longer_s - anchor.shorter_s;
      best.line.offset_s = file_is_shorter ? difference : -difference;
      for (const Window& w : windows) {
        const double middle = static_cast<double>(w.begin + w.length / 2) / kTrackRate + difference;
        if (middle >= 0 && middle * kTrackRate < static_cast<double>(long_size)) ++best.windows_inside;
      }
      found.push_back(best);
    }
  };

  const std::vector<std::size_t> order = spread_order(windows.size());
  constexpr std::size_t kBatch = 8;
  for (std::size_t done = 0; done < order.size(); done += kBatch) {
    std::vector<Window> batch;
    std::vector<LagRange> batch_ranges;
    std::int64_t first = ranges[0].last, last = ranges[0].first;
    for (std::size_t i = done; i < std::min(done + kBatch, order.size()); ++i) {
      batch.push_back(windows[order[i]]);
      batch_ranges.push_back(ranges[order[i]]);
      first = std::min(first, batch_ranges.back().first);
      last = std::max(last, batch_ranges.back().last);
    }
    const std::vector<Found> all = correlate_threaded(longer, long_energy, shorter, batch, batch_ranges, first, last, length, options.threads);
    for (std::size_t w = 0; w < all.size(); ++w) {
      const double sigma = chance_sigma(all[w], batch[w].length);
      for (const Peak& p : all[w].peaks) {
        const double height = std::abs(p.r) / sigma;
        if (height < kPeakFrom) continue;
        votes.push_back({static_cast<double>(batch[w].begin + batch[w].length / 2) / kTrackRate,
                         static_cast<double>(p.lag + batch[w].length / 2) / kTrackRate, height});
        vote_window.push_back(static_cast<int>(done + w));
      }
    }
    gather();
    // Three windows that agree far above chance need no more looking.
    if (!found.empty() && found[0].windows >= 3 && found[0].strength > 20 && found[0].windows * 2 > found[0].windows_inside * static_cast<int>(done + batch.size()) / static_cast<int>(windows.size())) break;
  }
  return found;
}

std::vector<WindowPeak> search_windows(const SyncTrack& windowed, const SyncTrack& other, double length_s, double hop_s, int threads) {
  std::vector<WindowPeak> peaks;
  if (windowed.silent || other.silent || windowed.samples.empty() || other.samples.empty()) return peaks;
  const Energy energy(windowed.samples), other_energy(other.samples);
  const std::int64_t size = static_cast<std::int64_t>(windowed.samples.size()), other_size = static_cast<std::int64_t>(other.samples.size());
  const std::int64_t length = std::min<std::int64_t>(static_cast<std::int64_t>(length_s * kTrackRate), size);
  const std::int64_t hop = std::max<std::int64_t>(1, static_cast<std::int64_t>(hop_s * kTrackRate));
  std::vector<Window> windows;
  for (std::int64_t at = 0; at + length <= size; at += hop) {
    const Window w{at, length, energy.between(at, at + length)};
    if (w.norm > 0.03 * energy.mean() * static_cast<double>(length)) windows.push_back(w);
  }
  const std::int64_t hang = length / 2;
  const LagRange range{-hang, std::max<std::int64_t>(other_size - length + hang + 1, -hang + 1)};
  constexpr std::size_t kBatch = 16;
  for (std::size_t done = 0; done < windows.size(); done += kBatch) {
    const std::vector<Window> batch(windows.begin() + static_cast<std::ptrdiff_t>(done), windows.begin() + static_cast<std::ptrdiff_t>(std::min(done + kBatch, windows.size())));
    const std::vector<LagRange> ranges(batch.size(), range);
    const std::vector<Found> all = correlate_threaded(other.samples, other_energy, windowed.samples, batch, ranges, range.first, range.last, length, threads);
    for (std::size_t w = 0; w < all.size(); ++w) {
      const double sigma = chance_sigma(all[w], length), half = static_cast<double>(length) / 2 / kTrackRate;
      for (const Peak& p : all[w].peaks)
        if (std::abs(p.r) > kPeakFrom * sigma)
          peaks.push_back({static_cast<double>(batch[w].begin) / kTrackRate + half, static_cast<double>(p.lag) / kTrackRate + half, std::abs(p.r) / sigma});
    }
  }
  return peaks;
}

std::vector<TrackedPoint> follow(const SyncTrack& reference, const SyncTrack& file, const ClockLine& line, double window_s,
                                 int most_windows, double reach_s, double max_drift) {
  std::vector<TrackedPoint> points;
  const double begin = std::max(0.0, line.reference_at(0)), end = std::min(reference.duration_s, line.reference_at(file.duration_s));
  const double length = std::min(window_s, end - begin);
  if (length < 0.3) return points;
  const int count = std::clamp(static_cast<int>(2 * (end - begin - length) / length) + 1, 1, most_windows);
  const std::int64_t size = static_cast<std::int64_t>(length * kTrackRate);
  // Room for the farthest reach: the clock may run away by half the distance between the ends.
  const double most_reach = std::min(2.0, reach_s + max_drift * (end - begin) / std::max(1, count - 1) * 4);
  int fft_size = 1 << 10;
  while (fft_size < size + 2 * static_cast<std::int64_t>(most_reach * kTrackRate) + 8) fft_size *= 2;
  RealFft fft(fft_size);
  std::vector<std::complex<float>> spectrum(fft.bins().size());
  points.resize(static_cast<std::size_t>(count));
  std::vector<bool> good(points.size());
  const auto measure = [&](std::size_t i, double slip, double reach) {
    const double at = begin + (count == 1 ? 0 : (end - begin - length) * static_cast<double>(i) / (count - 1));
    const std::int64_t r0 = std::llround(at * kTrackRate);
    const double middle = (static_cast<double>(r0) + static_cast<double>(size) / 2) / kTrackRate;
    const double file_middle = line.file_at(middle) + slip;
    const std::int64_t reach_n = static_cast<std::int64_t>(reach * kTrackRate);
    const std::int64_t f0 = std::llround((file_middle - static_cast<double>(size) / 2 / kTrackRate) * kTrackRate);
    const auto time = fft.time();
    std::fill(time.begin(), time.end(), 0.0f);
    load(reference.samples, r0, time.first(static_cast<std::size_t>(size)));
    double norm = 0;
    for (std::int64_t n = 0; n < size; ++n) norm += static_cast<double>(time[static_cast<std::size_t>(n)]) * time[static_cast<std::size_t>(n)];
    fft.forward();
    std::copy(fft.bins().begin(), fft.bins().end(), spectrum.begin());
    std::fill(time.begin(), time.end(), 0.0f);
    load(file.samples, f0 - reach_n, time.first(static_cast<std::size_t>(size + 2 * reach_n)));
    double file_norm = 0;
    for (std::int64_t n = 0; n < size + 2 * reach_n; ++n) file_norm += static_cast<double>(time[static_cast<std::size_t>(n)]) * time[static_cast<std::size_t>(n)];
    file_norm *= static_cast<double>(size) / static_cast<double>(size + 2 * reach_n);
    fft.forward();
    const auto bins = fft.bins();
    for (std::size_t k = 0; k < bins.size(); ++k) bins[k] *= std::conj(spectrum[k]);
    fft.inverse();
    std::int64_t best = 0;
    for (std::int64_t lag = 1; lag <= 2 * reach_n; ++lag)
      if (std::abs(time[static_cast<std::size_t>(lag)]) > std::abs(time[static_cast<std::size_t>(best)])) best = lag;
    double fraction = 0;
    if (best > 0 && best < 2 * reach_n) {
      const double y0 = std::abs(time[static_cast<std::size_t>(best - 1)]), y1 = std::abs(time[static_cast<std::size_t>(best)]), y2 = std::abs(time[static_cast<std::size_t>(best + 1)]);
      const double bend = y0 - 2 * y1 + y2;
      if (bend < 0) fraction = std::clamp(0.5 * (y0 - y2) / bend, -0.5, 0.5);
    }
    const double r = norm > 0 && file_norm > 0 ? std::abs(time[static_cast<std::size_t>(best)]) / (fft_size * std::sqrt(norm * file_norm)) : 0;
    points[i].reference_s = middle;
    points[i].file_s = (static_cast<double>(f0 + best - reach_n) + fraction + static_cast<double>(size) / 2) / kTrackRate;
    points[i].height = r * std::sqrt(2 * 1730.0 * length);
  };
  // From the middle outwards, the prediction carried on from the nearest good point.
  const std::size_t middle = points.size() / 2;
  const double spacing = count > 1 ? (end - begin - length) / (count - 1) : 0;
  double slip = 0;
  int missed = 0;
  const auto step_to = [&](std::size_t i) {
    const double reach = std::min(most_reach, reach_s + max_drift * spacing * (1 + missed));
    measure(i, slip, reach);
    if (points[i].height > 6.0) {
      slip = points[i].file_s - line.file_at(points[i].reference_s);
      missed = 0;
    } else {
      missed = std::min(missed + 1, 3);
    }
  };
  step_to(middle);
  const double slip_middle = points[middle].height > 6.0 ? slip : 0;
  for (std::size_t i = middle + 1; i < points.size(); ++i) step_to(i);
  slip = slip_middle;
  missed = 0;
  for (std::size_t i = middle; i-- > 0;) step_to(i);
  return points;
}

}  // namespace twopop::analysis
