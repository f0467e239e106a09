#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace twopop::dsp {

/// What a Standard MIDI File says of time: enough to check a file and to know its beats exactly.
struct MidiFacts {
  struct Tempo {
    std::int64_t tick = 0;
    std::int32_t microseconds_per_quarter = 500000;
  };
  struct Meter {
    std::int64_t tick = 0;
    int beats = 4, unit = 4;
  };
  struct Note {
    std::int64_t tick = 0;
    int channel = 0, key = 0, velocity = 0;
  };
  int format = 0, tracks = 0;
  int ticks_per_quarter = 480;       ///< 0 where the file counts SMPTE frames
  double seconds_per_tick_smpte = 0; ///< where it does
  std::int64_t last_tick = 0;
  std::vector<Tempo> tempi;          ///< sorted; the first at tick 0
  std::vector<Meter> meters;
  std::vector<Note> notes;           ///< note starts, sorted by tick
  std::string title;

  double seconds_at(std::int64_t tick) const;
  double duration_s() const { return seconds_at(last_tick); }
  /// Times of all quarter notes from the start to the last tick, in seconds.
  std::vector<double> quarters_s() const;
};

/// Reads a Standard MIDI File (RP-001), formats 0 and 1. Fails with Damaged, naming the byte where it breaks.
Result<MidiFacts> parse_midi(std::span<const std::byte> bytes);

}  // namespace twopop::dsp
