#pragma once

#include "analysis/sync.h"
#include "analysis/sync_coarse.h"
#include "analysis/sync_line.h"
#include "analysis/sync_source.h"

#include <algorithm>

namespace twopop::analysis {

struct FineOptions {
  double reach_s = 0.02;        ///< how far from the line a window's delay is looked for
  double prior_sd = 60e-6;      ///< crystals of recorders: what a short overlap is told about drift
  int most_windows = 96;
  int threads = 2;
  bool keep_drift = false;      ///< hold the line's own slope (segments of a device whose drift is known)
};

/// Where one window by itself says that the file is.
struct SeenWindow {
  double at_s = 0;    ///< reference second
  double file_s = 0;
  bool on_line = false;
};

struct FineResult {
  ClockLine line;
  FittedLine fit;               ///< of what was left around the line
  std::vector<SeenWindow> seen;  ///< all windows, in their order
  double height = 0;            ///< of the common peak, in standard deviations of the lags around it
  double shared = 0;
  bool inverted = false;
  int windows = 0;
  int used = 0;                 ///< windows that stand out by themselves, on the line
  double begin_s = 0, end_s = 0;  ///< overlap, reference seconds
};

/// Averaged cross-spectra of windows along the line, at the files' own rates up to 16 kHz; their delays from generalised
/// cross-correlation weighted by coherence; a robust line through them, repeated with the line taken out.
/// `begin_s`, `end_s` limit the stretch (reference seconds).
Result<FineResult> refine(SampleSource& reference, SampleSource& file, const ClockLine& line, double begin_s, double end_s, const FineOptions& options);

/// Windows beside a line, given as the file's second at a second of the reference: evenly spread, kMostSyncWindows at most.
template <class Line>
std::vector<SyncWindow> windows_beside(const std::vector<SeenWindow>& seen, const Line& file_second) {
  std::vector<SyncWindow> windows;
  const std::size_t kept = std::min(seen.size(), kMostSyncWindows);
  for (std::size_t i = 0; i < kept; ++i) {
    const SeenWindow& w = seen[i * seen.size() / kept];
    windows.push_back({w.at_s, w.file_s - file_second(w.at_s), w.on_line});
  }
  return windows;
}

/// How well the two match along a line, every `hop_s` from `begin_s` to `end_s` (reference seconds): -1..1, the correlation of
/// blocks of 0.1 s between 150 Hz and 10 kHz, each frequency counting alike. Says where a match begins and ends.
Result<std::vector<float>> match_along(SampleSource& reference, SampleSource& file, const ClockLine& line, double begin_s, double end_s, double hop_s, bool inverted);

}  // namespace twopop::analysis
