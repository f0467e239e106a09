#pragma once

#include "core/audio.h"
#include "core/time.h"

#include <cstdint>
#include <vector>

namespace twopop::analysis::detail {

/// A short-time spectrum in bands: row n is centred on sample n * hop. Values are mean squared amplitudes of the band.
struct BandFrames {
  std::int64_t frames = 0;
  int bands = 0;
  std::int64_t hop = 0;
  std::vector<float> power;       ///< frames x bands
  std::vector<double> centre_hz;  ///< of each band

  const float* row(std::int64_t n) const { return power.data() + n * bands; }
  float* row(std::int64_t n) { return power.data() + n * bands; }
};

struct BandLayout {
  double lowest_hz = 60, highest_hz = 16000;
  double bands_per_octave = 3;
};

/// Mean of all channels.
std::vector<float> mono_of(AudioView<const float> sound);

/// Power of two nearest to `seconds`, at least 64.
int frame_size_for(double seconds, SampleRate rate);

/// Hann frames of `size` samples every `hop`, gathered in bands that hold at least one bin each; the sound is taken to be
/// silent outside. A sine of amplitude a gives a^2/2 in its band.
BandFrames band_frames(const float* mono, std::int64_t length, SampleRate rate, int size, std::int64_t hop, const BandLayout& layout);

/// Calls visit(frame, magnitudes, bins) for each frame: linear spectra, squared magnitude as above.
template <class Visit>
void each_spectrum(const float* mono, std::int64_t length, int size, std::int64_t hop, Visit visit);

}  // namespace twopop::analysis::detail

#include "dsp/fft.h"

#include <cmath>
#include <numbers>

namespace twopop::analysis::detail {

template <class Visit>
void each_spectrum(const float* mono, std::int64_t length, int size, std::int64_t hop, Visit visit) {
  dsp::RealFft<float> fft(size);
  std::vector<float> window(static_cast<std::size_t>(size)), frame(window.size());
  double sum = 0;
  for (int i = 0; i < size; ++i) {
    const double w = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / size);
    window[static_cast<std::size_t>(i)] = static_cast<float>(w);
    sum += w * w;
  }
  // Parseval: two sides, window's energy.
  const float scale = static_cast<float>(2 / (sum * size));
  std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(fft.bins()));
  std::vector<float> power(spectrum.size());
  const std::int64_t frames = length / hop + 1;
  for (std::int64_t n = 0; n < frames; ++n) {
    const std::int64_t begin = n * hop - size / 2;
    for (int i = 0; i < size; ++i) {
      const std::int64_t at = begin + i;
      frame[static_cast<std::size_t>(i)] = at < 0 || at >= length ? 0.0f : mono[at] * window[static_cast<std::size_t>(i)];
    }
    fft.forward(frame.data(), spectrum.data());
    for (std::size_t k = 0; k < power.size(); ++k) power[k] = scale * std::norm(spectrum[k]);
    visit(n, power.data(), static_cast<int>(power.size()));
  }
}

}  // namespace twopop::analysis::detail
