#pragma once

#include "deliver/coded.h"
#include "deliver/mix_measure.h"
#include "deliver/spec.h"
#include "phases/film.h"

#include <functional>

namespace twopop::deliver {

struct BuildPlace {
  std::filesystem::path bundle;  ///< film.twopop
  signal::Workspace& work;
  /// Makes a new document durable as an edit by analysis, with its reason.
  std::function<Result<void>(const session::Document& next, const std::string& reason)> commit;
  /// Called before each stage with what begins.
  std::function<void(const std::string& stage)> stage;
  /// How far a long stage is that is no run of the workspace, which tells by itself: coding.
  std::function<void(const cache::Progress&)> progress{};
  /// Called with what does not keep the build from coming out right but should be known while it goes on: a cache too small for the film.
  std::function<void(const Error&)> warn{};
};

struct Output {
  std::string name;              ///< "mix", "stem dialogue", "film" ...
  std::filesystem::path path;
  bool written = false;          ///< false: it lay there already, made from the same sound
};

struct BuildOutcome {
  session::Document document;    ///< after what was proposed and accepted
  phases::Whole whole;
  std::vector<phases::Proposed> accepted;
  std::vector<phases::Finding> findings;
  std::vector<phases::PhaseStatus> board;
  Specification spec;
  MixMeasure measure;
  Lu missed{};
  std::vector<Check> checks;
  std::optional<CodedSound> coded;
  std::vector<Output> outputs;
};

/// The main job: spots what is undecided, compiles the six phases, renders, brings the mix to its target, writes the
/// deliverables into `out/` and reviews all of it. What is up to date is not made again.
Result<BuildOutcome> build_film(const session::Document& document, const BuildPlace& place);

/// Ceiling that the limiters of a film are set to: a little under the specification's, for what meters disagree on.
DbTp limiter_ceiling(const Specification& spec);

}  // namespace twopop::deliver
