#pragma once

#include "kits/kit.h"

#include "session/document.h"

namespace twopop::kits {

/// What a built film is worth against its truth.
struct Figures {
  // Sync: of recorders and cameras, over every stretch that each was placed under.
  double worst_recorder_ms = 0, worst_camera_ms = 0;
  double worst_overhang_s = 0;           ///< a placement reaches this far beyond its shot
  double worst_drift_ppm = 0;
  int drifts = 0, drifts_covered = 0;    ///< with an interval; of them those whose interval holds the truth
  int drifts_long = 0;                   ///< estimated over a minute or more
  double worst_long_drift_ppm = 0;
  int wanted = 0, refused = 0;           ///< pairs of shot and recording that heard it; of them not placed
  int misplaced = 0;                     ///< placed under a shot where it does not belong, strangers included
  // Dialogue.
  double speech_s = 0, covered = 0;      ///< true speech; share of it under dialogue clips
  int false_clips = 0;                   ///< clips in which nobody speaks
  double false_s = 0;                    ///< time of clips further than 0.5 s from any speech
  // ADR.
  int takes = 0, wrongly_accepted = 0, wrongly_refused = 0;
  double adr_median_ms = 0, adr_worst_ms = 0;  ///< between the ADR stem and the clean performance: half and 90 % of windows
  // Delivery.
  double loudness_error_lu = 0, ceiling_excess_db = 0, decoded_excess_db = -99, stems_error_dbfs = -200;
  std::int64_t rendered_again = 0;
  int bad_files = 0, bad_without_finding = 0;
  double build_s = 0;
  std::vector<std::string> troubles;     ///< a sentence for each figure that does not hold

  bool met() const { return troubles.empty(); }
};

/// Runs `twopop new --from`, `build` and `build` again in `folder` (which holds raw/) and compares with the truth.
Figures check_kit(const Kit& kit, const std::filesystem::path& folder, const std::filesystem::path& twopop, int threads = 2);

/// A line of a table, and its head.
std::string figures_head();
std::string figures_line(const Figures& figures);

/// Of stems/adr.wav against the clean film: distance of each window's envelope, ms.
std::vector<double> envelope_lags_ms(const Sound& heard, const Sound& clean, const std::vector<Stretch>& where);

}  // namespace twopop::kits
