#pragma once

#include "analysis/speech.h"

#include <string>
#include <vector>

namespace twopop::analysis {

enum class LineFault { None, Noisy, Clipped, Dropout, Hum, Missing, Quiet };
const char* name_of(LineFault fault);

/// A fault with the figure that shows it.
struct LineVerdict {
  LineFault fault = LineFault::None;
  double figure = 0;    ///< in `unit`
  const char* unit = "";
  std::string reason;   ///< one sentence with figure and limit
};

/// One line of dialogue as recorded, measured within its range.
struct LineQuality {
  Decibels snr{0.0};
  DbFs speech_level{-120.0};
  DbFs noise_level{-120.0};
  DbFs peak{-120.0};
  std::int64_t clipped_samples = 0;   ///< in runs of at least 3 at the recording's own ceiling
  int dropouts = 0;                   ///< stretches of digital silence or repeats within speech, 1 ms and more
  double dropout_s = 0;
  bool hum = false;
  double hum_hz = 0;
  Decibels hum_over_noise{0.0};
  bool missing = false;               ///< nobody is heard to speak
  std::vector<LineVerdict> faults;    ///< worst first; empty: the line can stay
  /// 0 (unusable) to 1 (clean): for choosing among microphones.
  double score = 0;
};

struct LineLimits {
  Decibels least_snr{12.0};
  double most_clipped_share = 0.0005;  ///< of the line's samples
  double most_dropout_s = 0.005;
  DbFs least_level{-50.0};
};

/// Measures the stretch `line` of a recording; what lies up to 5 s around it tells the background. Channel 0 counts.
LineQuality measure_line(AudioView<const float> recording, SampleRate rate, SampleRange line, const LineLimits& limits = {});

}  // namespace twopop::analysis
