#pragma once

#include "core/audio.h"
#include "core/time.h"

#include <array>
#include <vector>

namespace twopop::analysis {

struct BeatSettings {
  double slowest_bpm = 50;
  double fastest_bpm = 220;
  double usual_bpm = 120;   ///< where a tempo and its double fit alike, the one nearer to this is taken
  double tightness = 100;   ///< how firmly beats keep to the tempo (Ellis 2007: alpha)
};

struct BeatTrack {
  double tempo_bpm = 0;               ///< 0 where there is nothing to follow
  std::vector<SamplePosition> beats;
  /// Mean onset strength on beats over the mean between them: under about 1.5 there is no clear beat.
  double clarity = 0;
  int beats_per_bar = 4;              ///< 3 or 4
  int first_downbeat = 0;             ///< index of the first beat that starts a bar
};

/// Tempo by autocorrelation of the onset envelope, beats by dynamic programming (D. Ellis, "Beat tracking by dynamic
/// programming", JNMR 2007); bars by where harmony changes.
BeatTrack track_beats(AudioView<const float> music, SampleRate rate, const BeatSettings& settings = {});

/// What is heard between two beats: harmony (chroma) and timbre (MFCC), and its level.
struct BeatFeature {
  std::array<float, 12> chroma{};
  std::array<float, 13> mfcc{};
  float level_db = -120;
};

/// One feature for each beat interval of `beats` (the last one runs to the end).
std::vector<BeatFeature> beat_features(AudioView<const float> music, SampleRate rate, const std::vector<SamplePosition>& beats);

}  // namespace twopop::analysis
