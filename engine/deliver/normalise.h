#pragma once

#include "analysis/loudness.h"
#include "core/result.h"
#include "media/media.h"

#include <filesystem>

namespace twopop::deliver {

struct NormaliseSettings {
  Lufs target{-23.0};
  DbTp ceiling{-1.0};
  media::SampleFormat format = media::SampleFormat::Pcm24;
  int threads = 2;
};

struct Normalised {
  Decibels gain{};                    ///< the one gain that was given
  Lu missed{};                        ///< target minus loudness reached: above 0 where the ceiling left no more gain
  analysis::LoudnessFigures before, after;
};

/// The gain that brings a measured sound to its target, or to the ceiling where that comes first. Sound without loudness
/// (silence, less than 400 ms) gets none.
Normalised plan_normalisation(const analysis::LoudnessBlocks& measured, const NormaliseSettings& settings);

/// Writes a sound with one linear gain that brings it to its target: nothing is compressed or limited. Where its peaks
/// would pass the ceiling, the ceiling holds and `missed` says by how much the target does not. The WAV carries the
/// figures in its bext chunk. For a mix with a limiter see deliver/master.h. Fails as reading and writing do, and with
/// InvalidArgument if `to` is `from`.
Result<Normalised> normalise(const std::filesystem::path& from, const std::filesystem::path& to, const NormaliseSettings& settings = {});

}  // namespace twopop::deliver
