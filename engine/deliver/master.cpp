#include "deliver/master.h"

namespace twopop::deliver {
namespace {

constexpr double kCloseEnoughLu = 0.05;
constexpr int kMostRounds = 8;

Decibels hundredths(double x) { return {std::round(x * 100) / 100}; }

double missing(const Specification& spec, const MasterMeasure& m) { return (judged_target(spec, m.figures) - judged_loudness(spec, m.figures)).value; }

}  // namespace

bool squashes(const LimiterWork& work) { return work.deepest > kDeepestReduction || work.share_over_3_db > kGreatestShareOver3Db; }

Result<MasterSolution> solve_master(const Specification& spec, Decibels present, const std::function<Result<MasterMeasure>(Decibels)>& measure) {
  MasterSolution solution;
  solution.gain = present;
  TWOPOP_TRY(solution.measure, measure(present));
  solution.rounds = 1;
  // A silent film has no loudness; there is nothing to bring to a target.
  if (!std::isfinite(missing(spec, solution.measure))) return solution;

  std::optional<Decibels> loudest_clean, quietest_squashed;
  const auto note = [&](Decibels gain, const MasterMeasure& m) {
    auto& bound = squashes(m.limiter) ? quietest_squashed : loudest_clean;
    if (!bound || (squashes(m.limiter) ? gain < *bound : gain > *bound)) bound = gain;
  };
  note(solution.gain, solution.measure);
  while (solution.rounds < kMostRounds) {
    const double off = missing(spec, solution.measure);
    const bool squashed = squashes(solution.measure.limiter);
    if (!squashed && std::fabs(off) <= kCloseEnoughLu) break;
    Decibels next = hundredths(solution.gain.value + off);
    if (quietest_squashed && next >= *quietest_squashed) {
      // The target lies where the limiter squashes: close in on the loudest gain that does not.
      if (loudest_clean && (*quietest_squashed - *loudest_clean).value <= 0.1) {
        next = *loudest_clean;
        if (next == solution.gain) break;
      } else {
        next = loudest_clean ? hundredths((loudest_clean->value + quietest_squashed->value) / 2) : hundredths(quietest_squashed->value - 3);
      }
    }
    if (next == solution.gain) break;
    TWOPOP_TRY(solution.measure, measure(next));
    solution.gain = next;
    ++solution.rounds;
    note(solution.gain, solution.measure);
  }
  if (squashes(solution.measure.limiter) && loudest_clean) {
    solution.gain = *loudest_clean;
    TWOPOP_TRY(solution.measure, measure(solution.gain));
  }
  const double off = missing(spec, solution.measure);
  if (std::fabs(off) > kCloseEnoughLu) solution.missed = {off};
  solution.changed = solution.gain != present;
  return solution;
}

}  // namespace twopop::deliver
