#include "dsp/futz.h"

#include "core/exact_math.h"
#include "core/random.h"
#include "dsp/coefficients.h"
#include "dsp/convolver.h"
#include "dsp/svf.h"

#include <cmath>
#include <vector>

namespace twopop::dsp {
namespace {

struct Preset {
  std::vector<FilterSettings> before;  ///< ahead of the saturation
  double drive_db = 0;                 ///< RMS of the clip is brought to -18 dBFS + drive before tanh
  bool saturates = true;
  std::vector<FilterSettings> after;
  double decay_s = 0, darkness = 0.5;  ///< of its room; 0 s: none
  double wet = 0.3;                    ///< share of the room at room = 1
};

FilterSettings high_pass(double hz, double q = 0.7071) { return {FilterKind::HighPass, hz, q, {}}; }
FilterSettings low_pass(double hz, double q = 0.7071) { return {FilterKind::LowPass, hz, q, {}}; }
FilterSettings bell(double hz, double q, double db) { return {FilterKind::Bell, hz, q, Decibels{db}}; }

Preset preset_of(FutzPreset preset) {
  switch (preset) {
    case FutzPreset::Telephone:
      // Telephone band 300 .. 3400 Hz (ITU-T G.712), the receiver's resonance near 1 kHz and 2.5 kHz.
      return {{high_pass(300, 0.9), high_pass(300), low_pass(3400, 0.9), low_pass(3400)}, 8, true, {bell(1000, 2, 3), bell(2500, 3, 4), high_pass(280)}, 0, 0.5, 0};
    case FutzPreset::Radio:
      // A small AM receiver: 4.5 kHz of band (half of the 9 kHz raster), a 10 cm loudspeaker in a box.
      return {{high_pass(180), low_pass(4500), low_pass(5000)}, 6, true, {high_pass(200, 1.2), bell(450, 1.5, 3), bell(1800, 1.2, 3), low_pass(5500)}, 0.25, 0.5, 0.35};
    case FutzPreset::Television:
      // Flat-panel loudspeakers that fire down: nothing under 200 Hz, a nasal 1 kHz, little over 10 kHz.
      return {{high_pass(160)}, 3, true, {high_pass(220, 1.0), bell(900, 1.0, 3), bell(3500, 1.5, 2), low_pass(10000)}, 0.35, 0.5, 0.4};
    case FutzPreset::NextRoom:
      // A partition wall: mass law, 6 dB an octave from low on, and the coincidence dip near 2.5 kHz (ISO 12354-1, annex B).
      return {{low_pass(400, 0.6), bell(2500, 1.5, 3)}, 0, false, {low_pass(1600, 0.5)}, 0.55, 0.8, 0.7};
    case FutzPreset::Megaphone:
      return {{high_pass(500), low_pass(5000)}, 14, true, {high_pass(600, 1.2), bell(1500, 2, 6), bell(2800, 3, 4), low_pass(4500)}, 0.3, 0.4, 0.2};
  }
  return {};
}

double mean_square(AudioView<const float> clip) {
  double sum = 0;
  for (int c = 0; c < clip.channels(); ++c)
    for (std::int64_t i = 0; i < clip.frames(); ++i) sum += static_cast<double>(clip.at(c, i)) * clip.at(c, i);
  return sum / static_cast<double>(std::max<std::int64_t>(1, clip.frames() * clip.channels()));
}

Result<void> filter(AudioView<float> clip, SampleRate rate, const std::vector<FilterSettings>& bands) {
  for (FilterSettings band : bands) {
    band.frequency_hz = std::min(band.frequency_hz, 0.45 * rate.hz);
    TWOPOP_TRY(const SvfCoefficients coefficients, design(band, rate));
    for (int c = 0; c < clip.channels(); ++c) {
      Svf svf(coefficients);
      for (std::int64_t i = 0; i < clip.frames(); ++i) clip.at(c, i) = static_cast<float>(svf.process(clip.at(c, i)));
    }
  }
  return {};
}

}  // namespace

AudioBuffer<float> small_room_response(SampleRate rate, double decay_s, double darkness, std::uint32_t seed) {
  const std::int64_t frames = std::max<std::int64_t>(1, samples(1.2 * decay_s, rate).value);
  AudioBuffer<float> out(1, frames);
  // -60 dB after decay_s, in steps of one sample.
  const double fall = exact::pow10(-3.0 / (decay_s * rate.hz));
  const double dull = 1 - darkness, coefficient = 1 - 0.85 * darkness;
  double level = 1, memory = 0, energy = 0;
  const std::int64_t first = samples(0.002 + 0.01 * decay_s, rate).value;
  for (std::int64_t i = 0; i < frames; ++i, level *= fall) {
    const auto draw = philox(seed, 0xf002, static_cast<std::uint64_t>(i));
    // Reflections come denser as time goes on: sparse ones first, then noise.
    const double density = std::min(1.0, static_cast<double>(i) / (0.03 * rate.hz)) * 0.9 + 0.02;
    const double stroke = i >= first && uniform01(draw[0]) < density ? uniform11(draw[1]) / std::sqrt(density) : 0.0;
    // Air and walls swallow treble: the longer the way, the more.
    memory += (coefficient * (0.4 + 0.6 * dull + 0.6 * darkness * level)) * (stroke * level - memory);
    out.channel(0)[i] = static_cast<float>(memory);
    energy += memory * memory;
  }
  const auto scale = static_cast<float>(1 / std::sqrt(std::max(energy, 1e-30)));
  for (std::int64_t i = 0; i < frames; ++i) out.channel(0)[i] *= scale;
  return out;
}

Result<AudioBuffer<float>> futz(AudioView<const float> clip, SampleRate rate, const FutzSettings& settings) {
  if (!(settings.amount >= 0 && settings.amount <= 1 && settings.room >= 0 && settings.room <= 1 && settings.drive_db >= -20 && settings.drive_db <= 20))
    return Error{Code::InvalidArgument, fmt::format("futz: amount {}, room {}, drive {} dB", settings.amount, settings.room, settings.drive_db),
                 "set amount and room within 0 .. 1, drive within -20 .. 20 dB"};
  const Preset preset = preset_of(settings.preset);
  AudioBuffer<float> wet(clip.channels(), clip.frames());
  for (int c = 0; c < clip.channels(); ++c) std::copy_n(clip.channel(c), clip.frames(), wet.channel(c));
  const double before = mean_square(clip);
  if (before <= 0) return wet;
  TWOPOP_CHECK(filter(wet.view(), rate, preset.before));
  if (preset.saturates) {
    const double level = std::max(mean_square(wet.view()), 1e-20);
    const double drive = exact::gain_of_db(-18 + preset.drive_db + settings.drive_db) / std::sqrt(level);
    for (int c = 0; c < wet.channels(); ++c)
      for (std::int64_t i = 0; i < wet.frames(); ++i) wet.channel(c)[i] = static_cast<float>(exact::tanh(drive * static_cast<double>(wet.channel(c)[i])));
  }
  TWOPOP_CHECK(filter(wet.view(), rate, preset.after));
  const double share = preset.wet * settings.room * 2 > 1 ? 1.0 : preset.wet * settings.room * 2;
  if (preset.decay_s > 0 && share > 0) {
    TWOPOP_TRY(const AudioBuffer<float> room, convolve(wet.view(), small_room_response(rate, preset.decay_s, preset.darkness, settings.seed).view()));
    const auto direct = static_cast<float>(std::sqrt(1 - share)), reflected = static_cast<float>(std::sqrt(share));
    for (int c = 0; c < wet.channels(); ++c)
      for (std::int64_t i = 0; i < wet.frames(); ++i) wet.channel(c)[i] = direct * wet.channel(c)[i] + reflected * room.channel(c)[i];
  }
  // The level stays; how loud the telephone is belongs to the fader.
  const double after = std::max(mean_square(wet.view()), 1e-20);
  const double scale = std::sqrt(before / after) * settings.amount, dry = 1 - settings.amount;
  for (int c = 0; c < wet.channels(); ++c)
    for (std::int64_t i = 0; i < wet.frames(); ++i)
      wet.channel(c)[i] = static_cast<float>(scale * static_cast<double>(wet.channel(c)[i]) + dry * static_cast<double>(clip.at(c, i)));
  return wet;
}

}  // namespace twopop::dsp
