#pragma once

#include "deliver/spec.h"
#include "phases/effect_kinds.h"
#include "session/document.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// What the pages of the phases show beside the document: how takes fit, how a performance lies, where music is spliced.
namespace twopop::server {

/// What effects and synthesised beds can be set to.
struct KindTables {
  std::vector<phases::EffectKind> effects, synths;
  static constexpr auto fields() {
    return std::make_tuple(field("effects", &KindTables::effects, "Steps of an effect's chain"), field("synths", &KindTables::synths, "Synthesisers of ambience"));
  }
};

/// A delivery specification, as it is offered.
struct SpecificationInfo {
  std::string id, name, source, standing;
  Lufs target{};
  Lu tolerance{};
  DbTp ceiling{};
  bool dialogue_gated = false;
  std::optional<Lufs> little_dialogue, max_short_term, max_momentary;
  std::optional<Lu> greatest_range;
  static constexpr auto fields() {
    using S = SpecificationInfo;
    return std::make_tuple(field("id", &S::id, "Name in the session"), field("name", &S::name, "Name for people"), field("source", &S::source, "Where its figures stand"),
                           field("standing", &S::standing, "seen, quoted or general: how sure the figures are"), field("target_lufs", &S::target, "Loudness it asks for"), field("tolerance_lu", &S::tolerance, "How far off it passes"),
                           field("ceiling_dbtp", &S::ceiling, "Greatest true peak"), field("dialogue_gated", &S::dialogue_gated, "Whether the target is for dialogue"),
                           field("little_dialogue_lufs", &S::little_dialogue, "Target for the programme where there is hardly any dialogue"), field("max_short_term_lufs", &S::max_short_term, "Greatest short-term loudness"),
                           field("max_momentary_lufs", &S::max_momentary, "Greatest momentary loudness"), field("greatest_range_lu", &S::greatest_range, "Greatest loudness range"));
  }
};

/// How an ADR take lies against its line.
struct TakeFitInfo {
  session::Id take;
  bool same_words = false;
  double score = 0, before_ms = 0, after_ms = 0, least_stretch = 1, most_stretch = 1;
  double take_level_dbfs = -120;
  std::string reason;
  session::Span where;
  std::vector<double> take_s, line_s;
  static constexpr auto fields() {
    using F = TakeFitInfo;
    return std::make_tuple(field("take", &F::take, "The take"), field("same_words", &F::same_words, "False: refused"), field("score", &F::score, "0 to 1: how alike they are along the path"),
                           field("before_ms", &F::before_ms, "Distance from the line as it was spoken, laid where it fits best"), field("after_ms", &F::after_ms, "Distance that 95 % of its speech stays within once stretched"),
                           field("least_stretch", &F::least_stretch, "Most squeezed"), field("most_stretch", &F::most_stretch, "Most drawn out"), field("take_level_dbfs", &F::take_level_dbfs, "Of its speech"),
                           field("reason", &F::reason, "The figures in a sentence"), field("film", &F::where, "Where it is heard"), field("take_s", &F::take_s, "Points of the map: seconds of the take"),
                           field("line_s", &F::line_s, "The same points: seconds of the line"));
  }
};

/// A hit of a Foley performance.
struct PerformedHit {
  session::Id cue;
  SamplePosition played{}, heard{};
  double moved_ms = 0, level_dbfs = -120;
  static constexpr auto fields() {
    using H = PerformedHit;
    return std::make_tuple(field("cue", &H::cue, "Cue it plays; empty: none"), field("played_samples", &H::played, "Where the artist hit"), field("heard_samples", &H::heard, "Where it is heard"),
                           field("moved_ms", &H::moved_ms, "Moved onto its cue by"), field("level_dbfs", &H::level_dbfs, "RMS of its loudest 50 ms"));
  }
};
struct PerformedInfo {
  std::vector<PerformedHit> hits;
  std::vector<session::Id> unplayed;
  int left_over = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("hits", &PerformedInfo::hits, "In order of time"), field("unplayed", &PerformedInfo::unplayed, "Cues that it has no hit for"), field("left_over", &PerformedInfo::left_over, "Hits that no cue asks for"));
  }
};

/// A join within a fitted piece of music.
struct SpliceInfo {
  SamplePosition at{};
  double leave_s = 0, enter_s = 0, likeness = 0, correlation = 0, shift_ms = 0;
  static constexpr auto fields() {
    using S = SpliceInfo;
    return std::make_tuple(field("at_samples", &S::at, "Film position of the middle of its crossfade"), field("leave_s", &S::leave_s, "Second of the piece that is left"), field("enter_s", &S::enter_s, "Second that comes instead"),
                           field("likeness", &S::likeness, "0 to 1: of what would have come to what comes"), field("correlation", &S::correlation, "Of the waveforms in the crossfade"), field("shift_ms", &S::shift_ms, "Moved to align them"));
  }
};
struct CueFitInfo {
  double piece_s = 0, tempo_bpm = 0, worst_likeness = 1, absorbed_ms = 0;
  SampleCount fade_in{}, fade_out{};
  std::vector<SpliceInfo> splices;
  static constexpr auto fields() {
    using F = CueFitInfo;
    return std::make_tuple(field("piece_s", &F::piece_s, "Length of the piece"), field("tempo_bpm", &F::tempo_bpm, "Tempo that was tracked"), field("worst_likeness", &F::worst_likeness, "Of its joins"),
                           field("absorbed_ms", &F::absorbed_ms, "What no choice of joins could take up"), field("fade_in_samples", &F::fade_in, "Where it does not start as the piece does"),
                           field("fade_out_samples", &F::fade_out, "Where it does not end as the piece does"), field("splices", &F::splices, "In order of time"));
  }
};

/// What came of a sheet that was taken in.
struct SheetOutcome {
  std::int64_t revision = 0;
  int added = 0, changed = 0;
  std::vector<std::string> warnings;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &SheetOutcome::revision, "Revision that holds it", {0, 1e15}), field("added", &SheetOutcome::added, "Cues added"), field("changed", &SheetOutcome::changed, "Cues changed"),
                           field("warnings", &SheetOutcome::warnings, "Rows that could not be taken, with their lines"));
  }
};

}  // namespace twopop::server
