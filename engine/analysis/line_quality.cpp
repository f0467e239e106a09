#include "analysis/line_quality.h"

#include "analysis/defects.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kAround_s = 5.0;        // heard before and after a line for its background
constexpr double kInaudibleDbfs = -75.0; // what is called speech under it is a converter's noise
constexpr double kHumOverNoiseDb = -6.0; // hum this near to the background's level is heard by itself

void report(LineQuality& q, LineFault fault, double figure, const char* unit, std::string reason) {
  LineVerdict& v = q.faults.emplace_back();
  v.fault = fault, v.figure = figure, v.unit = unit;
  v.reason = std::move(reason);
}

}  // namespace

const char* name_of(LineFault fault) {
  switch (fault) {
    case LineFault::None: return "none";
    case LineFault::Noisy: return "noisy";
    case LineFault::Clipped: return "clipped";
    case LineFault::Dropout: return "dropout";
    case LineFault::Hum: return "hum";
    case LineFault::Missing: return "missing";
    case LineFault::Quiet: return "quiet";
  }
  return "";
}

LineQuality measure_line(AudioView<const float> recording, SampleRate rate, SampleRange line, const LineLimits& limits) {
  LineQuality q;
  const SampleRange whole{{0}, {recording.frames()}};
  line = intersection(line, whole);
  if (line.empty() || recording.channels() == 0) {
    q.missing = true;
    report(q, LineFault::Missing, 0, "s", "there is no sound at all");
    return q;
  }
  const SampleCount around = samples(kAround_s, rate);
  const SampleRange heard = intersection({line.begin - around, line.end + around}, whole);
  const AudioView<const float> sound = recording.select(0, 1).sub(heard.begin.value, heard.length().value);
  const SpeechMeasure speech = measure_speech(sound, rate);
  const SampleRange inside{SamplePosition{} + (line.begin - heard.begin), SamplePosition{} + (line.end - heard.begin)};

  // Speech level and ratio of this line, not of what is said around it.
  double power = 0;
  std::int64_t spoken = 0;
  std::vector<SampleRange> words;
  for (const SampleRange& r : speech.speech) {
    const SampleRange cut = intersection(r, inside);
    if (cut.empty()) continue;
    words.push_back(cut);
    spoken += cut.length().value;
    for (std::int64_t i = cut.begin.value; i < cut.end.value; ++i) power += static_cast<double>(sound.at(0, i)) * sound.at(0, i);
  }
  q.noise_level = speech.noise_level;
  float peak = 0;
  for (std::int64_t i = inside.begin.value; i < inside.end.value; ++i) peak = std::max(peak, std::fabs(sound.at(0, i)));
  if (peak > 0) q.peak = level_of(peak);
  q.missing = spoken == 0;
  if (!q.missing) {
    const double mean = power / static_cast<double>(spoken), noise = std::pow(10.0, 0.1 * q.noise_level.value);
    q.speech_level = {10 * std::log10(std::max(mean - noise, 0.05 * mean) + 1e-30)};
    q.snr = q.speech_level - q.noise_level;
    q.missing = q.speech_level.value < kInaudibleDbfs;
  }

  DefectOptions options;
  options.speech = words;
  const SoundFacts facts = scan_defects(sound.sub(inside.begin.value, inside.length().value), rate, options, inside.begin);
  for (const Defect& d : facts.defects) {
    if (d.kind == DefectKind::Clipping) q.clipped_samples += d.count;
    if (d.kind == DefectKind::Dropout) ++q.dropouts, q.dropout_s += seconds(d.range.length(), rate);
    if (d.kind == DefectKind::Hum && !facts.channels.empty()) {
      q.hum = true;
      q.hum_hz = facts.channels[0].hum_hz;
      q.hum_over_noise = facts.channels[0].hum_level - q.noise_level;
    }
  }

  if (q.missing) report(q, LineFault::Missing, 0, "s", "nobody is heard to speak here");
  const double share = static_cast<double>(q.clipped_samples) / static_cast<double>(line.length().value);
  if (share > limits.most_clipped_share)
    report(q, LineFault::Clipped, static_cast<double>(q.clipped_samples), "samples", fmt::format("{} samples are clipped at {:.1f} dBFS", q.clipped_samples, q.peak.value));
  if (q.dropout_s > limits.most_dropout_s)
    report(q, LineFault::Dropout, q.dropout_s * 1000, "ms", fmt::format("sound drops out {} times, {:.0f} ms in all", q.dropouts, q.dropout_s * 1000));
  if (!q.missing && q.snr < limits.least_snr)
    report(q, LineFault::Noisy, q.snr.value, "dB", fmt::format("speech is only {:.1f} dB over the background (limit {:.0f} dB)", q.snr.value, limits.least_snr.value));
  if (q.hum && q.hum_over_noise.value > kHumOverNoiseDb)
    report(q, LineFault::Hum, q.hum_over_noise.value, "dB", fmt::format("hum of {:.1f} Hz lies {:+.1f} dB against the background", q.hum_hz, q.hum_over_noise.value));
  if (!q.missing && q.speech_level < limits.least_level)
    report(q, LineFault::Quiet, q.speech_level.value, "dBFS", fmt::format("speech is at {:.1f} dBFS (limit {:.0f} dBFS)", q.speech_level.value, limits.least_level.value));

  if (!q.missing) {
    q.score = std::clamp((q.snr.value + 3) / 43, 0.02, 1.0);
    q.score *= 1 - std::min(0.6, share * 40) - std::min(0.3, q.dropout_s * 5);
    if (q.speech_level < limits.least_level) q.score *= 0.7;
    if (q.hum && q.hum_over_noise.value > kHumOverNoiseDb) q.score *= 0.9;
    q.score = std::max(q.score, 0.01);
  }
  return q;
}

}  // namespace twopop::analysis
