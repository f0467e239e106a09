#pragma once

#include "deliver/spec.h"

#include <functional>

namespace twopop::deliver {

/// What the limiter did over a film.
struct LimiterWork {
  Decibels deepest{};        ///< greatest reduction
  double share_over_1_db = 0, share_over_3_db = 0;  ///< of the film's length
};

struct MasterMeasure {
  FilmFigures figures;
  LimiterWork limiter;
};

struct MasterSolution {
  Decibels gain{};
  MasterMeasure measure;     ///< at that gain
  bool changed = false;
  Lu missed{};               ///< target minus loudness, where the target could not be met without squashing; else 0
  int rounds = 0;            ///< renderings of the master that were needed
};

/// Limits of what the limiter may do before it is called squashing: single peaks may lose this much, and
/// no more than this share of the film may lose more than 3 dB.
inline constexpr Decibels kDeepestReduction{9.0};
inline constexpr double kGreatestShareOver3Db = 0.01;
bool squashes(const LimiterWork& work);

/// Finds the one linear gain with which the film meets its target, the limiter in place. `measure` renders and measures
/// at a gain. Starts from `present`, and leaves it if the film is within 0.05 LU of its target under the ceiling. Where
/// target and ceiling cannot both be met without squashing, gives the loudest gain that does not squash and how much is missed.
Result<MasterSolution> solve_master(const Specification& spec, Decibels present, const std::function<Result<MasterMeasure>(Decibels)>& measure);

}  // namespace twopop::deliver
