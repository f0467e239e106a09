#pragma once

#include "analysis/sync.h"

namespace twopop::analysis {

/// Offset that timecode proposes: reference and file each know their start of day.
struct TimecodeClaim {
  double offset_s = 0;
  std::string source;  ///< "bext time reference", "tmcd track"
};

enum class TimecodeVerdict { Absent, Proved, Refuted, Unproved };

struct Reconciled {
  bool placed = false;
  TimecodeVerdict verdict = TimecodeVerdict::Absent;
  double offset_s = 0;       ///< at reference second 0, as in SyncResult
  double drift_ppm = 0;
  double difference_s = 0;   ///< timecode minus waveform, where both speak
  double confidence = 0;
  std::string method;        ///< "waveform" or "timecode"
  std::string reason;        ///< one sentence with the figures
};

/// The rule: the waveform decides where it is sure; timecode within half a frame of it is proved, farther off refuted.
/// Where the waveform found nothing, timecode is taken only if its device was proved on another clip (`device_proved`), by the
/// error measured there (`device_error_s`: timecode minus waveform).
Reconciled reconcile(const SyncResult& waveform, const std::optional<TimecodeClaim>& timecode, double frame_s = 0.04,
                     std::optional<double> device_error_s = std::nullopt);

/// Whether a faint match (height under 30, at most two windows) lies more than a second from where the timecode has it, less the
/// error of its device, measured on other files: then it is chance.
bool clock_refutes(const SyncResult& waveform, const TimecodeClaim& timecode, double device_error_s);

}  // namespace twopop::analysis
