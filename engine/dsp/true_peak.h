#pragma once

#include <cstdint>

namespace twopop::dsp {

/// Peaks of the continuous signal between samples, for control: the oversampling of ITU-R BS.1770-5, annex 2, in two steps.
/// 4 phases of 24 taps say where a peak may come near the ceiling; there 8 phases of 192 taps, and a parabola through the
/// highest point and its neighbours, say how high it is. For measuring a programme use analysis/loudness.h.
struct TruePeak {
  static constexpr int kTaps = 192;
  /// A peak is known once so many frames after it have come.
  static constexpr std::int64_t kAhead = kTaps / 2 + 1;
  /// Frames before a stretch that above() reads.
  static constexpr std::int64_t kContext = kTaps + 2;

  /// [block] x: kContext frames, then n more. For each of the frames that lie kAhead before the last n: raises peak[i] to the
  /// greatest magnitude from that frame up to the next, where it is above `ceiling`; leaves it, or raises it to something below
  /// the ceiling, where it is not.
  static void above(const float* x, std::int64_t n, float ceiling, float* peak) noexcept;
};

}  // namespace twopop::dsp
