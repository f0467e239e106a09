#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/result.h"
#include "core/time.h"

#include <functional>
#include <tuple>
#include <vector>

namespace twopop::dsp {

/// A stretch of a source that is heard as it is, joined to the one before it by a crossfade.
struct SplicePiece {
  SamplePosition source_begin{};  ///< in the source
  SampleCount length{};           ///< both crossfades included
  SampleCount fade_in{};          ///< overlap with the end of the piece before; 0 is a butt joint
  double correlation = 0;         ///< of the two sounds in the overlap, 0 .. 1: sets the crossfade's law

  constexpr auto operator<=>(const SplicePiece&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(
        field("source_begin_samples", &SplicePiece::source_begin, "Where the piece starts in its source", {0}),
        field("length_samples", &SplicePiece::length, "Length with both crossfades", {1}),
        field("fade_in_samples", &SplicePiece::fade_in, "Overlap with the piece before", {0}),
        field("correlation", &SplicePiece::correlation, "Of the sounds in the overlap; sets the crossfade's law", {0, 1}));
  }
};

/// Pieces one after another: what a loop, a fitted piece of music and a filled gap have in common.
/// Piece n+1 starts `fade_in` (its own) before piece n ends. Neighbouring overlaps do not touch.
struct SpliceList {
  std::vector<SplicePiece> pieces;
  bool cyclic = false;  ///< after the last piece comes the first again, joined over its fade_in

  bool operator==(const SpliceList&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("pieces", &SpliceList::pieces, "In the order in which they are heard"),
                           field("cyclic", &SpliceList::cyclic, "The first follows the last"));
  }
};

/// Fails with InvalidArgument, naming the piece, where overlaps touch or a piece leaves a source of `source_length`.
Result<void> check(const SpliceList& list, SampleCount source_length);

/// Length of the list played once; of one turn where cyclic.
SampleCount length_of(const SpliceList& list);

/// Fills `out` with the source from `begin`: all of it lies within the source. Channels as in `out`.
using SourceReader = std::function<Result<void>(SamplePosition begin, AudioView<float> out)>;

/// The parts of the source that are needed for `range` of the list's own time, in the order in which they are read.
std::vector<SampleRange> source_ranges(const SpliceList& list, SampleRange range);

/// The joined sound over [begin, begin + out.frames()) of the list's own time (0 = start of its first piece).
/// Silence outside a list that is not cyclic. A pure function of position: any split into ranges gives the same bits.
///
/// Crossfades hold the power of a sum of sounds with the stated correlation constant: gains a, b with
/// a^2 + b^2 + 2 c a b = 1 (Fink, Holters, Zoelzer, "Signal-matched power-complementary cross-fading", DAFx 2016).
Result<void> render_splices(const SpliceList& list, SamplePosition begin, const SourceReader& source, AudioView<float> out);

}  // namespace twopop::dsp
