#pragma once

#include <vector>

namespace twopop::analysis {

/// A delay measured at a time.
struct DelayPoint {
  double at_s = 0;
  double delay_s = 0;
  double sigma_s = 1e-4;  ///< what it is believed to be good for
};

struct FittedLine {
  double middle_s = 0;        ///< time about which the line is stated
  double delay_s = 0;         ///< at middle_s
  double slope = 0;
  double delay_error_s = 0;   ///< standard error at middle_s
  double slope_error = 0;
  double scatter_s = 0;       ///< weighted rms of the points kept
  int kept = 0;               ///< points on the line
  std::vector<double> share;  ///< 0..1, how much each point counts
};

struct LineBelief {
  double most_slope = 1e-3;
  double prior_slope = 0;
  double prior_sd = 60e-6;  ///< clocks of recorders; keeps short stretches sane
};

/// Line through delays of which some are wrong: the best of all pairs by bounded cost, then reweighted least squares
/// (Tukey's biweight) with the prior as one more observation.
FittedLine fit_line(const std::vector<DelayPoint>& points, const LineBelief& belief);

/// Two-sided 95 % point of Student's t.
double student95(int degrees);

}  // namespace twopop::analysis
