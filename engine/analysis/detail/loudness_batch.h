#pragma once

#include "analysis/loudness.h"

#include <atomic>

namespace twopop::analysis::detail {

/// What is measured, checked.
struct LoudnessJob {
  SampleRate rate{};
  int channels = 0;
  PeakDetail peaks = PeakDetail::Maximum;
  std::vector<double> weights;
};

/// A part of a range: `segments` equal stretches (the last may be shorter) that run through the filter's lanes side by side.
struct LoudnessBatch {
  SampleRange range{};
  SampleCount segment{};
  int segments = 1;
  bool ends_in_silence = false;
};

Result<LoudnessJob> job_of(SampleRate rate, int channels, const LoudnessOptions& options);
std::vector<LoudnessBatch> batches_of(const LoudnessJob& job, SampleRange range, Following following);
/// `greatest` is the greatest true peak known of the whole range, by whichever thread; only what can exceed it is computed.
Result<LoudnessBlocks> measure_batch(const LoudnessBatch& batch, const LoudnessJob& job, const SampleFeed& feed,
                                     std::atomic<float>& greatest);

}  // namespace twopop::analysis::detail
