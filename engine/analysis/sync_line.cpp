#include "analysis/sync_line.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace twopop::analysis {
double student95(int degrees) {
  // Table of the t distribution; above 30 the asymptotic expansion about 1.96.
  static constexpr std::array kTable{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                     2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                     2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  if (degrees < 1) return kTable[0];
  if (degrees <= static_cast<int>(kTable.size())) return kTable[static_cast<std::size_t>(degrees - 1)];
  return 1.96 + 2.4 / degrees;
}

FittedLine fit_line(const std::vector<DelayPoint>& points, const LineBelief& belief) {
  FittedLine line;
  line.share.assign(points.size(), 0);
  if (points.empty()) return line;
  const std::size_t n = points.size();

  // Candidates: the prior's slope through each point, and every pair (thinned where there are many); cost = bounded
  // squared distance in units of each point's own error.
  double best_cost = 1e300, intercept = points[0].delay_s, slope = belief.prior_slope;
  const auto consider = [&](double a, double b) {
    const double unlikely = (b - belief.prior_slope) / belief.prior_sd;
    double cost = std::min(unlikely * unlikely, 9.0);
    for (const DelayPoint& p : points) {
      const double r = (p.delay_s - a - b * p.at_s) / p.sigma_s;
      cost += std::min(r * r, 9.0);
    }
    if (cost < best_cost) best_cost = cost, intercept = a, slope = b;
  };
  const std::size_t thin = std::max<std::size_t>(1, n * n / 4000);
  std::size_t counter = 0;
  for (std::size_t i = 0; i < n; ++i) {
    consider(points[i].delay_s - belief.prior_slope * points[i].at_s, belief.prior_slope);
    for (std::size_t j = i + 1; j < n; ++j) {
      if (counter++ % thin) continue;
      const double span = points[j].at_s - points[i].at_s;
      if (std::abs(span) < 1e-6) continue;
      const double b = (points[j].delay_s - points[i].delay_s) / span;
      if (std::abs(b) <= belief.most_slope) consider(points[i].delay_s - b * points[i].at_s, b);
    }
  }

  // Many points know their own scatter better than they were told.
  const bool many = n >= 8;
  for (int round = 0; round < 12; ++round) {
    double scale = 1;
    if (many) {
      std::vector<double> off;
      for (const DelayPoint& p : points) {
        const double r = std::abs(p.delay_s - intercept - slope * p.at_s) / p.sigma_s;
        if (r < 6) off.push_back(r);
      }
      if (off.size() >= 8) {
        std::nth_element(off.begin(), off.begin() + static_cast<std::ptrdiff_t>(off.size() / 2), off.end());
        scale = std::clamp(1.4826 * off[off.size() / 2], 0.05, 2.0);
      }
    }
    double w_sum = 0, t_sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double u = (points[i].delay_s - intercept - slope * points[i].at_s) / (4.685 * scale * points[i].sigma_s);
      line.share[i] = std::abs(u) < 1 ? (1 - u * u) * (1 - u * u) : 0;
      const double w = line.share[i] / (points[i].sigma_s * points[i].sigma_s);
      w_sum += w;
      t_sum += w * points[i].at_s;
    }
    if (w_sum <= 0) break;
    const double middle = t_sum / w_sum;
    double d_sum = 0, tt = 0, td = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double w = line.share[i] / (points[i].sigma_s * points[i].sigma_s), t = points[i].at_s - middle;
      d_sum += w * points[i].delay_s;
      tt += w * t * t;
      td += w * t * points[i].delay_s;
    }
    const double ridge = scale * scale / (belief.prior_sd * belief.prior_sd);
    slope = (td + ridge * belief.prior_slope) / (tt + ridge);
    const double at_middle = d_sum / w_sum;
    intercept = at_middle - slope * middle;

    double chi = 0, shares = 0;
    line.kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double r = (points[i].delay_s - intercept - slope * points[i].at_s) / points[i].sigma_s;
      chi += line.share[i] * r * r;
      shares += line.share[i];
      if (line.share[i] > 0.2) ++line.kept;
    }
    // Biweight lets each point pull a little less than it should: 1.1 makes up for it.
    const double spread = 1.1 * std::sqrt(chi / std::max(1.0, shares - 2));
    const double unit = many && shares > 6 ? spread : std::max(1.0, spread);
    line.middle_s = middle;
    line.delay_s = at_middle;
    line.slope = slope;
    line.delay_error_s = unit / std::sqrt(w_sum);
    line.slope_error = 1 / std::sqrt(tt / (unit * unit) + 1 / (belief.prior_sd * belief.prior_sd));
    line.scatter_s = std::sqrt(chi / w_sum);
  }
  return line;
}

}  // namespace twopop::analysis
