#include "analysis/sync_fine.h"

#include "analysis/sync_fft.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <numbers>
#include <optional>

namespace twopop::analysis {
namespace {

using Bin = std::complex<float>;
constexpr double kTop_hz = 16000;
constexpr double kLow_hz = 120;
constexpr double kLongBlock_s = 0.4;

/// Sums over the blocks of one window.
struct WindowSums {
  double at_s = 0;  // reference second of its weight
  std::vector<Bin> cross;
  std::vector<float> reference, file;  // power
  std::vector<float> chance;           // squared products: what unrelated sound would give
};

/// Cuts sound into windowed blocks and transforms them, each shifted to where it was asked for to a fraction of a sample.
class BlockSpectra {
 public:
  BlockSpectra(SampleSource& source, double block_s)
      : source_(source), rate_(source.rate().hz), fft_(even(block_s * rate_)), window_(static_cast<std::size_t>(fft_.size())) {
    for (int i = 0; i < fft_.size(); ++i) window_[static_cast<std::size_t>(i)] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / fft_.size()));
  }
  double rate() const { return rate_; }
  int bins() const { return fft_.size() / 2 + 1; }

  /// Spectra of blocks centred at `centres_s` (seconds of this source, rising), `keep` bins each.
  Result<void> transform(const std::vector<double>& centres_s, int keep, std::vector<std::vector<Bin>>& out) {
    out.resize(centres_s.size());
    if (centres_s.empty()) return {};
    const int size = fft_.size();
    const std::int64_t first = begin_of(centres_s.front()), last = begin_of(centres_s.back()) + size;
    buffer_.resize(static_cast<std::size_t>(last - first));
    TWOPOP_CHECK(source_.read({first}, buffer_));
    for (std::size_t b = 0; b < centres_s.size(); ++b) {
      const double exact = centres_s[b] * rate_ - size / 2.0;
      const std::int64_t whole = begin_of(centres_s[b]);
      const float* from = buffer_.data() + (whole - first);
      const auto time = fft_.time();
      for (int i = 0; i < size; ++i) time[static_cast<std::size_t>(i)] = from[i] * window_[static_cast<std::size_t>(i)];
      fft_.forward();
      const auto bins = fft_.bins();
      out[b].resize(static_cast<std::size_t>(keep));
      // The block starts `early` samples before the place asked for: what is in it lies that much later.
      const double early = exact - static_cast<double>(whole);
      const std::complex<double> turn = std::polar(1.0, 2 * std::numbers::pi * early / size);
      std::complex<double> phase = 1;
      for (int k = 0; k < keep; ++k) {
        const Bin p(static_cast<float>(phase.real()), static_cast<float>(phase.imag()));
        const Bin x = bins[static_cast<std::size_t>(k)];
        out[b][static_cast<std::size_t>(k)] = {x.real() * p.real() - x.imag() * p.imag(), x.real() * p.imag() + x.imag() * p.real()};
        phase = {phase.real() * turn.real() - phase.imag() * turn.imag(), phase.real() * turn.imag() + phase.imag() * turn.real()};
      }
    }
    return {};
  }

 private:
  static int even(double size) { return std::max(64, 2 * static_cast<int>(std::lround(size / 2))); }
  std::int64_t begin_of(double centre_s) const { return static_cast<std::int64_t>(std::floor(centre_s * rate_ - fft_.size() / 2.0 + 1e-9)); }

  SampleSource& source_;
  double rate_;
  RealFft fft_;
  std::vector<float> window_;
  std::vector<float> buffer_;
};

struct Layout {
  double block_s = kLongBlock_s;
  double window_s = 6;
  std::vector<double> starts;  // reference seconds
  std::vector<double> centres(double start) const {
    std::vector<double> c;
    const int blocks = std::max(1, static_cast<int>((window_s - block_s) / (block_s / 2) + 1.001));
    for (int b = 0; b < blocks; ++b) c.push_back(start + block_s / 2 + b * block_s / 2);
    return c;
  }
};

Layout lay_out(double begin, double end, int most) {
  Layout layout;
  const double span = end - begin;
  if (span < 1.6) layout.block_s = std::max(0.1, span / 4);
  layout.window_s = std::min(span, std::clamp(span / 5, std::min(1.0, span), span > 240 ? 6.0 : 4.0));
  const int count = std::clamp(static_cast<int>(span / layout.window_s + 1e-6), 1, most);
  for (int i = 0; i < count; ++i) layout.starts.push_back(begin + (count == 1 ? (span - layout.window_s) / 2 : (span - layout.window_s) * i / (count - 1)));
  return layout;
}

/// Running mean over 2 x half + 1 bins.
void smooth(const std::vector<float>& in, int half, std::vector<float>& out) {
  const int n = static_cast<int>(in.size());
  out.resize(in.size());
  double sum = 0;
  int low = 0, high = -1;
  for (int k = 0; k < n; ++k) {
    while (high < std::min(n - 1, k + half)) sum += in[static_cast<std::size_t>(++high)];
    while (low < k - half) sum -= in[static_cast<std::size_t>(low++)];
    out[static_cast<std::size_t>(k)] = static_cast<float>(sum / (high - low + 1));
  }
}

/// The correlation of a weighted spectrum around lag 0, four times finer than its bins allow.
class Correlator {
 public:
  Correlator(int bins, double block_s) : block_s_(block_s), bins_(bins) {
    int size = 256;
    while (size < 8 * bins) size *= 2;
    fft_ = RealFft(size);
  }
  double step_s() const { return block_s_ / fft_.size(); }

  void load(const std::vector<Bin>& spectrum) {
    const auto bins = fft_.bins();
    std::fill(bins.begin(), bins.end(), Bin());
    for (int k = 0; k < bins_; ++k) bins[static_cast<std::size_t>(k)] = spectrum[static_cast<std::size_t>(k)];
    fft_.inverse();
  }
  float at(std::int64_t i) const {
    const std::int64_t n = fft_.size();
    return fft_.time()[static_cast<std::size_t>(((i % n) + n) % n)];
  }

  struct Peak {
    double delay_s = 0;
    double height = 0;  ///< over the root mean square of the lags up to 50 ms away
    float value = 0;
  };
  /// Largest value within `reach_s` of `around_s`; of either sign where `sign` is 0.
  Peak peak(double around_s, double reach_s, int sign) const {
    const std::int64_t middle = std::llround(around_s / step_s()), reach = std::max<std::int64_t>(2, std::llround(reach_s / step_s()));
    std::int64_t best = middle;
    float most = -1;
    for (std::int64_t i = middle - reach; i <= middle + reach; ++i) {
      const float v = sign == 0 ? std::abs(at(i)) : static_cast<float>(sign) * at(i);
      if (v > most) most = v, best = i;
    }
    const double y0 = std::abs(at(best - 1)), y1 = std::abs(at(best)), y2 = std::abs(at(best + 1));
    const double bend = y0 - 2 * y1 + y2;
    const double fraction = bend < 0 ? std::clamp(0.5 * (y0 - y2) / bend, -1.0, 1.0) : 0;
    double squares = 0;
    std::int64_t count = 0;
    const std::int64_t far = std::min<std::int64_t>(std::llround(0.05 / step_s()), fft_.size() / 4), near = std::llround(0.002 / step_s());
    for (std::int64_t i = best - far; i <= best + far; i += 2) {
      if (std::abs(i - best) < near) continue;
      squares += static_cast<double>(at(i)) * at(i);
      ++count;
    }
    Peak p;
    p.value = at(best);
    p.delay_s = (static_cast<double>(best) + fraction) * step_s();
    p.height = squares > 0 ? y1 / std::sqrt(squares / static_cast<double>(count)) : 0;
    return p;
  }

 private:
  double block_s_;
  int bins_;
  RealFft fft_{256};
};

/// Multiplies a cross-spectrum by exp(i 2 pi k delay / block): takes a delay out.
void turn(std::vector<Bin>& spectrum, double delay_s, double block_s) {
  const std::complex<double> step = std::polar(1.0, 2 * std::numbers::pi * delay_s / block_s);
  std::complex<double> phase = 1;
  for (Bin& bin : spectrum) {
    const Bin p(static_cast<float>(phase.real()), static_cast<float>(phase.imag()));
    bin = {bin.real() * p.real() - bin.imag() * p.imag(), bin.real() * p.imag() + bin.imag() * p.real()};
    phase = {phase.real() * step.real() - phase.imag() * step.imag(), phase.real() * step.imag() + phase.imag() * step.real()};
  }
}

/// Bands of at least 50 Hz and about a sixth of an octave, in bins.
std::vector<int> band_edges(int keep, double block_s) {
  std::vector<int> edges{std::min(keep, std::max(2, static_cast<int>(kLow_hz * block_s)))};
  while (edges.back() < keep)
    edges.push_back(std::min(keep, edges.back() + std::max(static_cast<int>(50 * block_s), static_cast<int>(edges.back() * 0.12))));
  return edges;
}

using Spectra = std::vector<std::vector<Bin>>;

constexpr float kSilence = 1e-12f;  // mean power of a bin: dither of 24 bits lies under it

float band_power(const std::vector<Bin>& block, int from, int to) {
  float sum = 0;
  for (int k = from; k < to; ++k) {
    const Bin x = block[static_cast<std::size_t>(k)];
    sum += x.real() * x.real() + x.imag() * x.imag();
  }
  return sum / static_cast<float>(to - from);
}

/// The steady background of each band: the low tenth of its blocks.
struct Background {
  std::vector<float> floors;
  float over = 2.5f;  ///< how far above it a cell must rise to count; 0 where there is nothing but a steady sound
};

Background background_of(const Spectra& blocks, const std::vector<int>& edges) {
  Background background;
  const std::size_t bands = edges.size() - 1;
  background.floors.assign(bands, 0.0f);
  std::vector<float> sorted;
  std::size_t heard = 0, above = 0;
  for (std::size_t b = 0; b < bands; ++b) {
    sorted.clear();
    for (const auto& block : blocks)
      if (const float p = band_power(block, edges[b], edges[b + 1]); p > kSilence) sorted.push_back(p);
    if (sorted.empty()) continue;
    const auto tenth = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 10);
    std::nth_element(sorted.begin(), tenth, sorted.end());
    background.floors[b] = *tenth;
    heard += sorted.size();
    for (const float p : sorted)
      if (p > 2 * background.over * background.floors[b]) ++above;
  }
  if (above * 100 < heard) background.over = 0;
  return background;
}

/// Flattens blocks band by band and leaves out what does not rise above the background, as in SyncTrack.
/// Returns the power left in each block.
std::vector<double> leave_foreground(Spectra& blocks, const std::vector<int>& edges, const Background& background) {
  std::vector<double> left(blocks.size(), 0.0);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    std::fill_n(blocks[i].begin(), edges[0], Bin());
    for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
      const float p = band_power(blocks[i], edges[b], edges[b + 1]);
      const float gate = p <= kSilence ? 0.0f : std::max(0.0f, 1 - background.over * background.floors[b] / p);
      const float scale = gate > 0 ? gate / std::sqrt(p) : 0.0f;
      for (int k = edges[b]; k < edges[b + 1]; ++k) blocks[i][static_cast<std::size_t>(k)] *= scale;
      left[i] += gate * gate * static_cast<float>(edges[b + 1] - edges[b]);
    }
  }
  return left;
}

/// Background of a source around a stretch (seconds of the source), from blocks up to `around_s` away.
Result<Background> background_around(SampleSource& source, BlockSpectra& spectra, double begin_s, double end_s, double around_s, int keep, const std::vector<int>& edges) {
  const double length_s = static_cast<double>(source.length().value) / source.rate().hz;
  const double from = std::max(0.0, begin_s - around_s), to = std::min(length_s, end_s + around_s);
  std::vector<double> centres;
  for (double at = from + kLongBlock_s / 2; at < to - kLongBlock_s / 2; at += kLongBlock_s * 0.75) centres.push_back(at);
  if (centres.empty()) centres.push_back((from + to) / 2);
  Spectra blocks;
  TWOPOP_CHECK(spectra.transform(centres, keep, blocks));
  return background_of(blocks, edges);
}

/// Adds a delay of the file, stated at a reference second, and a slope to a line.
void move_line(ClockLine& line, double at_s, double delay_s, double slope) {
  const double file_s = line.file_at(at_s) + delay_s;
  line.slope += slope;
  line.offset_s = at_s - file_s / (1 + line.slope);
}

Result<std::vector<WindowSums>> measure(SampleSource& reference, SampleSource& file, const ClockLine& line, const Layout& layout, int threads) {
  BlockSpectra of_reference(reference, layout.block_s), of_file(file, layout.block_s);
  const int keep = std::min({of_reference.bins(), of_file.bins(), static_cast<int>(kTop_hz * layout.block_s) + 1});
  const std::vector<int> edges = band_edges(keep, layout.block_s);
  const std::size_t bins = static_cast<std::size_t>(keep);
  std::vector<WindowSums> sums;
  // The background of a short stretch is that of the recording around it (a pause has none of its own); of a long one that of
  // 12 s or more of windows together.
  std::optional<Background> reference_background, file_background;
  const double begin = layout.starts.front(), end = layout.starts.back() + layout.window_s;
  if (end - begin < 24) {
    TWOPOP_TRY(reference_background, background_around(reference, of_reference, begin, end, 12, keep, edges));
    TWOPOP_TRY(file_background, background_around(file, of_file, line.file_at(begin), line.file_at(end), 12, keep, edges));
  }
  const std::size_t group = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(12.0 / layout.window_s)));
  for (std::size_t first = 0; first < layout.starts.size(); first += group) {
    const std::size_t last = std::min(first + group, layout.starts.size());
    std::vector<std::vector<double>> centres;
    for (std::size_t w = first; w < last; ++w) centres.push_back(layout.centres(layout.starts[w]));
    const auto read = [&](BlockSpectra& from, bool is_file, Spectra& all, std::vector<double>& left) -> Result<void> {
      Spectra some;
      for (std::vector<double> at : centres) {
        if (is_file)
          for (double& c : at) c = line.file_at(c);
        TWOPOP_CHECK(from.transform(at, keep, some));
        for (auto& block : some) all.push_back(std::move(block));
      }
      const std::optional<Background>& known = is_file ? file_background : reference_background;
      left = leave_foreground(all, edges, known ? *known : background_of(all, edges));
      return {};
    };
    Spectra x, y;
    std::vector<double> x_left, y_left;
    auto reading = std::async(threads > 1 ? std::launch::async : std::launch::deferred, [&] { return read(of_reference, false, x, x_left); });
    Result<void> read_file = read(of_file, true, y, y_left);
    TWOPOP_CHECK(reading.get());
    TWOPOP_CHECK(std::move(read_file));
    std::size_t block = 0;
    for (const std::vector<double>& at : centres) {
      WindowSums w;
      w.cross.assign(bins, Bin());
      w.reference.assign(bins, 0);
      w.file.assign(bins, 0);
      w.chance.assign(bins, 0);
      double weight = 1e-30, moment = 1e-30 * at[at.size() / 2];
      for (std::size_t b = 0; b < at.size(); ++b, ++block) {
        for (std::size_t k = 0; k < bins; ++k) {
          const Bin p = x[block][k], q = y[block][k];
          w.cross[k] += Bin(p.real() * q.real() + p.imag() * q.imag(), p.real() * q.imag() - p.imag() * q.real());
          const float pp = p.real() * p.real() + p.imag() * p.imag(), qq = q.real() * q.real() + q.imag() * q.imag();
          w.reference[k] += pp;
          w.file[k] += qq;
          w.chance[k] += pp * qq;
        }
        const double both = std::sqrt(x_left[block] * y_left[block]);
        weight += both;
        moment += both * at[b];
      }
      w.at_s = moment / weight;
      sums.push_back(std::move(w));
    }
  }
  return sums;
}

}  // namespace

Result<FineResult> refine(SampleSource& reference, SampleSource& file, const ClockLine& given, double begin_s, double end_s, const FineOptions& options) {
  FineResult result;
  ClockLine line = given;
  const double reference_s = static_cast<double>(reference.length().value) / reference.rate().hz;
  const double file_s = static_cast<double>(file.length().value) / file.rate().hz;
  const double begin = std::max({0.0, begin_s, line.reference_at(0)}), end = std::min({reference_s, end_s, line.reference_at(file_s)});
  result.begin_s = begin;
  result.end_s = end;
  result.line = line;
  if (end - begin < 0.25) return result;
  const Layout layout = lay_out(begin, end, options.most_windows);

  for (int reading = 0; reading < 2; ++reading) {
    TWOPOP_TRY(std::vector<WindowSums> windows, measure(reference, file, line, layout, options.threads));
    const ClockLine read_with = line;
    const int keep = static_cast<int>(windows[0].cross.size());
    const int low = std::min(keep - 1, std::max(2, static_cast<int>(kLow_hz * layout.block_s)));
    Correlator correlator(keep, layout.block_s);

    Correlator::Peak common;
    double sigma = 1;
    std::vector<Bin> stack(static_cast<std::size_t>(keep)), turned;
    std::vector<float> weight(static_cast<std::size_t>(keep), 1.0f), coherent(static_cast<std::size_t>(keep));
    std::vector<double> share(windows.size(), 1.0);
    double reach = options.reach_s;
    const double span = std::max(end - begin, 0.5);
    const double middle = (begin + end) / 2;
    for (int round = 0; round < 4; ++round) {
      // All windows together, with the line so far taken out: which frequencies are common.
      std::fill(stack.begin(), stack.end(), Bin());
      std::vector<float> of_reference(stack.size()), of_file(stack.size()), chance(stack.size());
      for (std::size_t w = 0; w < windows.size(); ++w) {
        const float counts = static_cast<float>(share[w]);
        if (counts <= 0) continue;
        turned = windows[w].cross;
        turn(turned, line.file_at(windows[w].at_s) - read_with.file_at(windows[w].at_s), layout.block_s);
        for (std::size_t k = 0; k < turned.size(); ++k) {
          stack[k] += counts * turned[k];
          of_reference[k] += counts * windows[w].reference[k];
          of_file[k] += counts * windows[w].file[k];
          chance[k] += counts * counts * windows[w].chance[k];
        }
      }
      // Coherence over neighbouring bins, less what chance gives.
      const int wide = std::max(1, static_cast<int>(12 * layout.block_s));
      std::vector<float> re(stack.size()), im(stack.size()), re_mean, im_mean, reference_mean, file_mean, chance_mean;
      for (std::size_t k = 0; k < stack.size(); ++k) re[k] = stack[k].real(), im[k] = stack[k].imag();
      smooth(re, wide, re_mean);
      smooth(im, wide, im_mean);
      smooth(of_reference, wide, reference_mean);
      smooth(of_file, wide, file_mean);
      smooth(chance, wide, chance_mean);
      float most = 0;
      for (std::size_t k = 0; k < stack.size(); ++k) {
        const double power = static_cast<double>(reference_mean[k]) * file_mean[k];
        const double by_chance = chance_mean[k] * 1.5 / (2 * wide + 1);  // neighbouring bins of a Hann window are not independent
        const double found = static_cast<double>(re_mean[k]) * re_mean[k] + static_cast<double>(im_mean[k]) * im_mean[k];
        const double msc = power > 1e-20 ? std::clamp((found - by_chance) / std::max(power - by_chance, 1e-20), 0.0, 0.95) : 0.0;
        coherent[k] = static_cast<float>(msc);
        // Flat where there is something in common (phase transform), less where chance could have made it: weights that
        // follow coherence closer (Hannan and Thomson 1973) would lean on a few narrow bands, and slip by their periods.
        const double sure = found > 0 ? std::max(0.0, 1 - 2 * by_chance / found) : 0.0;
        if (power <= 1e-20) weight[k] = 0;
        else if (round == 0) weight[k] = static_cast<float>(1 / std::sqrt(power));
        else weight[k] = static_cast<float>(sure * msc / (msc + 0.02) / std::sqrt(std::max(found, 1e-20)));
        most = std::max(most, weight[k]);
      }
      // Some of every frequency stays, so that a mistaken start can be left again.
      for (std::size_t k = static_cast<std::size_t>(low); k < weight.size(); ++k)
        if (weight[k] > 0 || round > 0) weight[k] += 1e-3f * most;
      // What unrelated sound would give at any lag: the scale of heights.
      double variance = 0;
      for (std::size_t k = 0; k < stack.size(); ++k) variance += 2.0 * weight[k] * weight[k] * chance[k] * 1.5;
      sigma = std::sqrt(std::max(variance, 1e-30));
      turned = stack;
      for (std::size_t k = 0; k < turned.size(); ++k) turned[k] *= weight[k];
      correlator.load(turned);
      common = correlator.peak(0, reach, 0);

      // Offset and slope together, where the correlations of all windows add up most (each alone may prefer a reflection);
      // in half squared standard deviations, which is a log-likelihood, so that the prior on the clock can be added.
      const std::int64_t reach_n = std::llround(reach / correlator.step_s());
      std::vector<std::vector<float>> curves(windows.size());
      const double far_slope = round == 0 ? std::max(2.5e-4 / span, 2e-7) * 2 : 1e-4 / span;
      const std::int64_t margin = static_cast<std::int64_t>(far_slope * span / correlator.step_s()) + 2;
      for (std::size_t w = 0; w < windows.size(); ++w) {
        turned = windows[w].cross;
        turn(turned, line.file_at(windows[w].at_s) - read_with.file_at(windows[w].at_s), layout.block_s);
        for (std::size_t k = 0; k < turned.size(); ++k) turned[k] *= weight[k];
        correlator.load(turned);
        curves[w].resize(static_cast<std::size_t>(2 * (reach_n + margin) + 1));
        for (std::int64_t i = -reach_n - margin; i <= reach_n + margin; ++i)
          curves[w][static_cast<std::size_t>(i + reach_n + margin)] = correlator.at(i);
      }
      double best = -1e300, best_slope = 0, best_delay = 0;
      const int slopes = options.keep_drift || windows.size() < 2 ? 0 : 25;
      std::vector<float> sum(static_cast<std::size_t>(2 * reach_n + 1));
      for (int j = -slopes; j <= slopes; ++j) {
        const double slope = slopes ? far_slope * j / slopes : 0.0;
        std::fill(sum.begin(), sum.end(), 0.0f);
        for (std::size_t w = 0; w < windows.size(); ++w) {
          const std::int64_t move = std::llround(slope * (windows[w].at_s - middle) / correlator.step_s());
          const float* from = curves[w].data() + margin + move;
          for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(share[w]) * from[i];
        }
        const auto most_here = std::max_element(sum.begin(), sum.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
        const double z = std::abs(*most_here) / sigma, unlikely = (line.slope + slope) / options.prior_sd;
        const double belief = 0.5 * z * z - (options.keep_drift ? 0.0 : 0.5 * unlikely * unlikely);
        if (belief > best) {
          best = belief;
          best_slope = slope;
          result.inverted = *most_here < 0;
          best_delay = static_cast<double>(most_here - sum.begin() - reach_n) * correlator.step_s();
        }
      }
      move_line(line, middle, best_delay, best_slope);
      reach = std::min(reach, 0.0006);
    }

    // Each window's own delay close to the common line, to a fraction of a sample, and the line through them.
    std::vector<DelayPoint> points;
    std::vector<double> heights;
    const int sign = result.inverted ? -1 : 1;
    for (const WindowSums& window : windows) {
      turned = window.cross;
      turn(turned, line.file_at(window.at_s) - read_with.file_at(window.at_s), layout.block_s);
      for (std::size_t k = 0; k < turned.size(); ++k) turned[k] *= weight[k];
      correlator.load(turned);
      const Correlator::Peak p = correlator.peak(0, 0.00012, sign);
      // Noise moves a peak of height z by about 1 / (2 pi 2500 Hz z); the room by some 30 us in a second of speech.
      const double noise = 6e-5 / std::max(p.height, 0.3), room = 3e-5 / std::sqrt(std::max(1.0, layout.window_s));
      points.push_back({window.at_s, p.delay_s, std::sqrt(noise * noise + room * room)});
      heights.push_back(p.height);
    }
    const FittedLine fit = fit_line(points, {1e-4, options.keep_drift ? 0.0 : -line.slope, options.keep_drift ? 1e-10 : options.prior_sd});
    move_line(line, fit.middle_s, fit.delay_s, fit.slope);

    result.fit = fit;
    // A window counts where it stands out by itself, near as much as the others do.
    std::vector<double> sorted = heights;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const double enough = std::clamp(0.4 * sorted[sorted.size() / 2], 3.5, 12.0);
    result.used = 0;
    for (std::size_t w = 0; w < points.size(); ++w)
      if (fit.share[w] > 0.2 && heights[w] > enough) ++result.used;
    result.points = points;
    result.line = line;
    result.height = std::abs(static_cast<double>(common.value)) / sigma;
    result.windows = static_cast<int>(windows.size());
    // What the two have in common: coherence over frequency on a logarithmic scale from 150 Hz to 6 kHz.
    double common_sum = 0, all = 0;
    const int from = static_cast<int>(150 * layout.block_s), to = std::min(keep - 1, static_cast<int>(6000 * layout.block_s));
    for (int k = std::max(1, from); k <= to; ++k) {
      common_sum += std::sqrt(static_cast<double>(coherent[static_cast<std::size_t>(k)])) / k;
      all += 1.0 / k;
    }
    result.shared = all > 0 ? common_sum / all : 0;

    // Blocks were read along the old line: read again where its drift let them slip within a window.
    const double slip = std::abs(line.slope - read_with.slope) * layout.window_s;
    if (slip < 40e-6) break;
  }
  return result;
}

Result<std::vector<float>> match_along(SampleSource& reference, SampleSource& file, const ClockLine& line, double begin_s, double end_s, double hop_s, bool inverted) {
  constexpr double kBlock_s = 0.1;
  BlockSpectra of_reference(reference, kBlock_s), of_file(file, kBlock_s);
  const int keep = std::min({of_reference.bins(), of_file.bins(), static_cast<int>(10000 * kBlock_s) + 1});
  const int low = static_cast<int>(150 * kBlock_s);
  std::vector<double> centres, file_centres;
  const int count = std::max(1, static_cast<int>((end_s - begin_s) / hop_s));
  for (int i = 0; i < count; ++i) {
    centres.push_back(begin_s + i * hop_s);
    file_centres.push_back(line.file_at(centres.back()));
  }
  Spectra x, y;
  TWOPOP_CHECK(of_reference.transform(centres, keep, x));
  TWOPOP_CHECK(of_file.transform(file_centres, keep, y));
  // Flattened by the mean spectrum of the stretch, in bands of 50 Hz.
  const auto mean_bands = [&](const Spectra& spectra) {
    std::vector<double> mean(static_cast<std::size_t>(keep / 5 + 1), 1e-12);
    for (const auto& block : spectra)
      for (int k = low; k < keep; ++k) mean[static_cast<std::size_t>(k / 5)] += std::norm(block[static_cast<std::size_t>(k)]);
    return mean;
  };
  const std::vector<double> x_mean = mean_bands(x), y_mean = mean_bands(y);
  std::vector<float> wx(static_cast<std::size_t>(keep)), wy(static_cast<std::size_t>(keep)), both(static_cast<std::size_t>(keep));
  for (int k = low; k < keep; ++k) {
    const std::size_t i = static_cast<std::size_t>(k), band = static_cast<std::size_t>(k / 5);
    wx[i] = static_cast<float>(1 / x_mean[band]);
    wy[i] = static_cast<float>(1 / y_mean[band]);
    both[i] = std::sqrt(wx[i] * wy[i]);
  }
  std::vector<float> match(centres.size());
  for (std::size_t b = 0; b < centres.size(); ++b) {
    float cross = 0, a = 0, c = 0;
    for (std::size_t k = static_cast<std::size_t>(low); k < wx.size(); ++k) {
      const Bin p = x[b][k], q = y[b][k];
      cross += (p.real() * q.real() + p.imag() * q.imag()) * both[k];
      a += (p.real() * p.real() + p.imag() * p.imag()) * wx[k];
      c += (q.real() * q.real() + q.imag() * q.imag()) * wy[k];
    }
    const float whole = std::sqrt(a * c);
    match[b] = whole > 0 ? (inverted ? -cross : cross) / whole : 0.0f;
  }
  return match;
}

}  // namespace twopop::analysis
