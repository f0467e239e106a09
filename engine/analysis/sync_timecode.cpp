#include "analysis/sync_timecode.h"

#include <cmath>

namespace twopop::analysis {

Reconciled reconcile(const SyncResult& waveform, const std::optional<TimecodeClaim>& timecode, double frame_s, std::optional<double> device_error_s) {
  Reconciled r;
  r.drift_ppm = waveform.drift_ppm;
  if (waveform.placed) {
    r.placed = true;
    r.offset_s = waveform.offset_s;
    r.confidence = waveform.confidence;
    r.method = "waveform";
    r.reason = waveform.reason;
    if (!timecode) return r;
    r.difference_s = timecode->offset_s - waveform.offset_s;
    // Half a frame, and what the camera's start may lie off its own label.
    const bool agrees = std::abs(r.difference_s) <= frame_s / 2 + 0.002;
    r.verdict = agrees ? TimecodeVerdict::Proved : TimecodeVerdict::Refuted;
    r.reason += agrees ? fmt::format("; {} agrees within {:.1f} ms", timecode->source, std::abs(r.difference_s) * 1e3)
                       : fmt::format("; {} is wrong by {:+.3f} s, the waveform decides", timecode->source, r.difference_s);
    return r;
  }
  if (!timecode) {
    r.reason = waveform.reason;
    return r;
  }
  r.verdict = TimecodeVerdict::Unproved;
  r.offset_s = timecode->offset_s;
  if (!device_error_s) {
    r.reason = fmt::format("{} proposes {:.3f} s, but nothing proves it: {}", timecode->source, timecode->offset_s, waveform.reason);
    return r;
  }
  r.placed = true;
  r.offset_s -= *device_error_s;
  r.drift_ppm = 0;
  r.confidence = 0.8;
  r.method = "timecode";
  r.reason = fmt::format("by {}, corrected by {:+.3f} s as measured on other files of the device; by its sound: {}", timecode->source, -*device_error_s, waveform.reason);
  return r;
}

bool clock_refutes(const SyncResult& waveform, const TimecodeClaim& timecode, double device_error_s) {
  const bool faint = waveform.score < 30 && waveform.windows_used < 3;
  return waveform.placed && faint && std::abs(timecode.offset_s - device_error_s - waveform.offset_s) > 1;
}

}  // namespace twopop::analysis
