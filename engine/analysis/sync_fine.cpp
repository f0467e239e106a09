#include "analysis/sync_fine.h"

#include "analysis/detail/block_spectra.h"
#include "analysis/detail/correlator.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <numbers>
#include <optional>

namespace twopop::analysis {
namespace {

using namespace detail;

constexpr double kTop_hz = 16000;

/// Sums over the blocks of one window.
struct WindowSums {
  double at_s = 0;  // reference second of its weight
  std::vector<Bin> cross;
  std::vector<float> reference, file;  // power
  std::vector<float> chance;           // squared products: what unrelated sound would give
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
    const ClockLine measured_along = line;
    move_line(line, fit.middle_s, fit.delay_s, fit.slope);

    result.fit = fit;
    // A window counts where it stands out by itself, near as much as the others do.
    std::vector<double> sorted = heights;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    const double enough = std::clamp(0.4 * sorted[sorted.size() / 2], 3.5, 12.0);
    result.used = 0;
    result.seen.clear();
    for (std::size_t w = 0; w < points.size(); ++w) {
      const bool on_line = fit.share[w] > 0.2 && heights[w] > enough;
      result.used += on_line;
      result.seen.push_back({points[w].at_s, measured_along.file_at(points[w].at_s) + points[w].delay_s, on_line});
    }
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

}  // namespace twopop::analysis
