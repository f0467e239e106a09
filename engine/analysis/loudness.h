#pragma once

#include "analysis/loudness_blocks.h"
#include "core/audio.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace twopop::analysis {

/// Loudness of nothing, or of what never passes the gate.
inline constexpr double kNoLoudness = -std::numeric_limits<double>::infinity();

/// Weights of channels in loudness (ITU-R BS.1770-5, tables 3 and 4): front 1, surround between 60 and 120 degrees 1.41, LFE 0.
std::vector<double> channel_weights(Layout layout);
/// By speaker mask (WAVE_FORMAT_EXTENSIBLE); without one, 1 for one to three channels, quad, 5.0, 5.1 and 7.1 by their
/// number, and 1 each for anything else.
std::vector<double> channel_weights(int channels, std::uint32_t mask);

/// How much is learnt of true peaks. The greatest of all is exact either way.
enum class PeakDetail {
  Maximum,     ///< only where a bound leaves a chance for a new maximum: nearly free
  EveryBlock,  ///< exact for each 100 ms too
};

struct LoudnessOptions {
  std::vector<double> weights;  ///< one a channel; empty: by number of channels
  PeakDetail peaks = PeakDetail::Maximum;
  int threads = 1;              ///< the figures do not depend on it
};

/// Sound before a stretch that must be heard for its loudness to be that of an endless run: 0.2 s, after which the
/// K filter's memory is below 1e-19 of what was in it, and the tail of the true-peak interpolator.
SampleCount loudness_pre_roll(SampleRate rate);

/// Whether the sound goes on after a stretch. True peaks are counted where the interpolator's newest sample lies (six
/// samples late), so that a stretch needs nothing from what follows it; at the end of all, silence follows.
enum class Following { More, Silence };

/// Fills all channels of a view from a position on; silence where there is no sound.
using SampleFeed = std::function<Result<void>(SamplePosition begin, AudioView<float> out)>;
/// Makes a feed for one thread.
using OpenFeed = std::function<Result<SampleFeed>()>;

/// Measures a range of sound that can be read from anywhere: from each feed several places are read in turn.
/// Reads loudness_pre_roll before the range, too. Memory does not grow with the range, but for the summary.
/// Fails as the feed does, and with InvalidArgument for rates outside 8 .. 384 kHz or weights that are not one a channel.
Result<LoudnessBlocks> measure_loudness(SampleRate rate, int channels, SampleRange range, const OpenFeed& open,
                                        const LoudnessOptions& options = {}, Following following = Following::Silence);

/// Measures samples in memory: the first `lead` frames are what was heard before (loudness_pre_roll of it, or none at
/// the start of all), the stretch begins after them, at `begin`.
Result<LoudnessBlocks> measure_loudness(AudioView<const float> samples, SampleRate rate, SamplePosition begin = {},
                                        SampleCount lead = {}, const LoudnessOptions& options = {},
                                        Following following = Following::Silence);

/// Measures an audio stream of a file. Weights come from its speaker mask unless given. WAV is read from many places
/// at once; coded sound is decoded once, forwards.
Result<LoudnessBlocks> measure_loudness(const std::filesystem::path& file, int audio_stream = 0, const LoudnessOptions& options = {});

/// Figures of a whole programme.
struct LoudnessFigures {
  Lufs integrated{kNoLoudness};
  Lu range{};
  Lufs max_momentary{kNoLoudness};
  Lufs max_short_term{kNoLoudness};
  DbTp true_peak{kNoLoudness};
  DbFs sample_peak{kNoLoudness};
};
LoudnessFigures loudness_figures(const LoudnessBlocks& blocks);

/// Programme loudness (BS.1770-5 annex 1; EBU R 128): mean over 400 ms blocks every 100 ms that are above -70 LUFS and
/// above 10 LU under the mean of those. Part blocks at the ends are dropped. kNoLoudness if no block passes.
Lufs integrated_loudness(const LoudnessBlocks& blocks);

/// Dialogue loudness: mean over the 400 ms blocks of which at least half lies in the given ranges (sorted, not
/// overlapping) and which are above -70 LUFS. No relative gate, as in BS.1770-1 with a speech gate, which is what
/// dialogue-gated specifications measure.
Lufs dialogue_loudness(const LoudnessBlocks& blocks, std::span<const SampleRange> speech);

/// Loudness range (EBU Tech 3342): between the 10th and 95th percentile of the short-term loudness every 100 ms that is
/// above -70 LUFS and above 20 LU under its mean. 0 where less than 3 s can be measured.
Lu loudness_range(const LoudnessBlocks& blocks);

/// Greatest loudness of any 400 ms, and of any 3 s, in steps of 10 ms (EBU Tech 3341). Sounds shorter than the window are measured
/// as if silence came before and after them.
Lufs max_momentary(const LoudnessBlocks& blocks);
Lufs max_short_term(const LoudnessBlocks& blocks);

/// Loudness in sliding windows, one value each `every_steps` steps of 10 ms; value i is of the window that ends with step
/// first_step + (i + 1) * every_steps - 1. Before the first whole window the missing part counts as silence.
std::vector<float> momentary_series(const LoudnessBlocks& blocks, int every_steps = 10);
std::vector<float> short_term_series(const LoudnessBlocks& blocks, int every_steps = 10);
/// Programme loudness of everything up to each place, at the same places as the others with 10 steps.
std::vector<float> integrated_series(const LoudnessBlocks& blocks);

}  // namespace twopop::analysis
