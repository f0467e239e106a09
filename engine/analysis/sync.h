#pragma once

#include "analysis/sync_shelf.h"

#include <optional>
#include <string>
#include <vector>

/// Where one recording lies against another: offset, clock drift, dropped samples.
///
/// Convention: an event at second t of the reference is at second (t - offset_s) x (1 + drift_ppm x 1e-6) of the file
/// (plus the steps before t, see SyncStep). A file that starts 2 s into the reference has offset_s = 2.
namespace twopop::analysis {

/// Samples lost (negative) or inserted (positive) by the file's recorder.
struct SyncStep {
  double at_s = 0;    ///< reference second
  double step_s = 0;  ///< by how much later, from there on, everything is in the file
};

/// A stretch of sound by itself: how much later than the line says the file has it.
struct SyncWindow {
  double at_s = 0;    ///< reference second
  double left_s = 0;
  bool on_line = false;  ///< stands out by itself and agrees with the line
};

struct SyncOptions {
  double max_drift_ppm = 300;
  /// Where the file is believed to lie (timecode, a person): only within `expected_within_s` of it is searched.
  std::optional<double> expected_offset_s;
  double expected_within_s = 2.0;
  /// Least confidence at which a match is called placed.
  double placed_from = 0.5;
  bool find_steps = true;
  int threads = 2;
};

constexpr std::size_t kMostSyncWindows = 64;

struct SyncRunnerUp {
  double offset_s = 0;
  double score = 0;
};

struct SyncResult {
  bool placed = false;
  double offset_s = 0;
  double offset_interval_s = 0;        ///< half width, 95 %, at the middle of the overlap
  double drift_ppm = 0;
  double drift_interval_ppm = 0;       ///< half width, 95 %
  double residual_rms_ms = 0;          ///< of the windows about the line
  double confidence = 0;               ///< probability that both recorded the same moment here; calibrated, see docs/sync.md
  double score = 0;                    ///< height of the match in standard deviations of a chance match
  double shared = 0;                   ///< 0..1: correlation of the two after the match, loud passages counting most
  double foreground = 0;               ///< how much of what is loud in one is loud in the other at the same time, beyond chance (sync_foreground.h)
  double waveform = 0;                 ///< mean correlation of the waveforms where both are loud
  std::optional<SyncRunnerUp> runner_up;
  double overlap_begin_s = 0, overlap_end_s = 0;  ///< reference seconds
  int windows_used = 0, windows_tried = 0;        ///< windows on the line, windows measured
  bool inverted = false;               ///< the file's polarity is opposite
  std::vector<SyncStep> steps;
  std::vector<SyncWindow> windows;     ///< kMostSyncWindows at most, in their order; with steps, of the longest stretch without one
  std::string reason;                  ///< one sentence: why it was refused, or what it rests on

  /// Second of the file at a second of the reference.
  double file_second(double reference_s) const;
  /// Second of the reference at a second of the file (steps included).
  double reference_second(double file_s) const;
};

/// Places `file` against `reference`. Fails only where a source cannot be read; no match is a result that is not placed.
///
/// Coarse search over all lags by whitened correlation at 4 kHz of windows of the shorter one, block by block; then
/// averaged cross-spectra in windows along the line found, weighted by coherence (generalised cross-correlation,
/// Knapp and Carter 1976), a robust line through their delays, repeated with the line taken out.
/// Memory: about 16 kB a second of sound, whatever the rate.
Result<SyncResult> sync_pair(SampleSource& reference, SampleSource& file, const SyncOptions& options = {});

/// Files on disk. Of files with several channels the mean is tried, then each channel; the best stays.
Result<SyncResult> sync_files(const std::filesystem::path& reference, const std::filesystem::path& file, const SyncOptions& options = {});
/// The same for one pair after the other of files that come again.
Result<SyncResult> sync_files(const std::filesystem::path& reference, const std::filesystem::path& file, SourceShelf& shelf, const SyncOptions& options = {});

}  // namespace twopop::analysis
