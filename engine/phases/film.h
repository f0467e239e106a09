#pragma once

#include "phases/mix/mix.h"
#include "phases/phase.h"

#include <string_view>

/// The six phases walked in their order. Pure functions of a document; whoever calls commits what they propose.
namespace twopop::phases {

/// Changes whenever the sound of a recipe may change without a change of the session: approvals tell the two apart by it.
inline constexpr const char* kEngineVersion = "0.1.0";

/// A film compiled: what every phase hands on, and the mix of it.
struct Whole {
  std::map<std::string, Compiled> compiled;  ///< by phase
  MixGraph mix;
  std::vector<Finding> findings;             ///< met while compiling
  std::map<std::string, const Compiled*> by_name() const;
  MixInput mix_input() const;
};

struct FilmPlace {
  std::filesystem::path folder;  ///< of the film
  signal::Workspace& work;
  DbTp ceiling{-1.0};            ///< of the delivery specification
};

/// Compiles every phase in order. A phase that fails costs its own part: its error becomes a finding.
Result<Whole> compile_film(const session::Document& document, const FilmPlace& place);

struct SpotOutcome {
  session::Document document;        ///< with what was accepted
  std::vector<Proposed> accepted;
  std::vector<Finding> findings;     ///< what was not sure enough, and phases that could not be spotted
};

/// Called before each phase with its name.
using PhaseNotice = std::function<void(std::string_view phase)>;

/// Spots phases in order (or only one), each seeing the earlier ones compiled from what was accepted so far. Proposals under
/// kAcceptConfidence become findings.
Result<SpotOutcome> spot_film(const session::Document& document, const FilmPlace& place, std::string_view only = {},
                              const PhaseNotice& notice = {});

/// Findings of compile and of every phase's review, worst first, then by time.
Result<std::vector<Finding>> review_film(const session::Document& document, const FilmPlace& place, const Whole& whole);
/// Each said once, worst first, then by time.
std::vector<Finding> in_order(std::vector<Finding> findings);

enum class Staleness { NotApproved, UpToDate, DecisionChanged, EngineChanged };
const char* name_of(Staleness staleness);

/// A row of the board.
struct PhaseStatus {
  std::string phase;
  int items = 0, by_person = 0;   ///< decisions in its part of the session
  int open = 0;                   ///< cues to record, things undone
  int findings = 0;
  std::string approved_by, approved_at;
  Staleness staleness = Staleness::NotApproved;
  std::vector<SampleRange> stale; ///< film time, where the sound differs from what was approved
};
Result<std::vector<PhaseStatus>> status_of(const session::Document& document, const FilmPlace& place, const Whole& whole,
                                           const std::vector<Finding>& findings);

/// What an approval of a phase holds today.
Result<session::Approval> approval_of(const session::Document& document, const FilmPlace& place, const Whole& whole, const std::string& phase);

/// The stored signal that stands for a phase: its bus, or the mix.
Result<signal::Signal> sound_of(const Whole& whole, const std::string& phase);

}  // namespace twopop::phases
