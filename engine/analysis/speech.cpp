#include "analysis/speech.h"

#include "analysis/detail/speech_features.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

using analysis::detail::SpeechFrameList;

/// Weights of the logistic model, fitted to read, spontaneous and Czech speech in ambiences, rain, sea, knocks, cloth and
/// music at 0 to 25 dB. The tests beside this file measure in part on recordings of the same collections: what they show is that
/// the detector works, not how it does on others. `bench/speech_bench` fits and measures on material that is kept apart.
constexpr analysis::detail::SpeechFeatureVector kWeights{0.641f, -1.216f, -0.019f, 0.188f, 1.086f, 1.711f, -0.477f, 0.910f, 6.288f, 4.556f, 0.888f, -1.646f, -0.312f, -15.203f, 16.566f};
constexpr float kBias = -2.475f;
/// Neighbouring frames share most of their evidence: their log-odds count for this much each.
constexpr double kEvidence = 0.30;
constexpr double kToSpeech = 0.01, kToPause = 0.01;  // chance of a change per 10 ms
constexpr double kSureOnce = 0.75;                   // a range must reach this somewhere
constexpr int kHangover = 20;                        // frames of ITU-T P.56's 200 ms

constexpr float kGrowLevel = 0.5f;                   // 5 dB over the floor, mean of the bands
constexpr std::ptrdiff_t kLeastQuiet = 20;           // frames that tell a background
constexpr int kGrowGap = 30, kGrowMost = 300;        // frames

struct Run {
  int begin, end;  // frames
};

/// What is kept of the features of every frame.
struct Evidence {
  std::vector<double> odds;      // for speech
  std::vector<float> over_near;  // level over the background, see kOverNear
};

/// Ten minutes at a time: the features of a film of two hours would take more room than its sound.
Evidence weigh(const SpeechFrameList& frames, const std::vector<bool>& mute) {
  constexpr std::size_t kStretch = 60000;
  Evidence evidence;
  evidence.odds.reserve(frames.size()), evidence.over_near.reserve(frames.size());
  for (std::size_t begin = 0; begin < frames.size(); begin += kStretch)
    for (const auto& features : analysis::detail::speech_features(frames, mute, begin, std::min(frames.size(), begin + kStretch))) {
      double x = kBias;
      for (std::size_t k = 0; k < kWeights.size(); ++k) x += kWeights[k] * features[k];
      evidence.odds.push_back(std::exp(kEvidence * std::clamp(x, -12.0, 12.0)));
      evidence.over_near.push_back(features[analysis::detail::kOverNear]);
    }
  return evidence;
}

std::vector<float> probabilities(const std::vector<double>& odds) {
  const std::size_t n = odds.size();
  const auto step = [](double& speech, double likelihood) {
    const double moved = (speech * (1 - kToPause) + (1 - speech) * kToSpeech);
    speech = moved * likelihood / (moved * likelihood + 1 - moved);
  };
  std::vector<float> out(n);
  double p = 0.3;
  for (std::size_t i = 0; i < n; ++i) step(p, odds[i]), out[i] = static_cast<float>(p);
  double q = 0.5;  // what the future says, as a probability on even terms
  for (std::size_t i = n; i-- > 0;) {
    const double both = out[i] * q, neither = (1 - out[i]) * (1 - q);
    out[i] = static_cast<float>(both / (both + neither));
    const double yes = q * odds[i], no = 1 - q;
    const double speech = yes * (1 - kToPause) + no * kToPause, pause = no * (1 - kToSpeech) + yes * kToSpeech;
    q = std::clamp(speech / (speech + pause), 1e-9, 1 - 1e-9);
  }
  return out;
}

/// From a frame where somebody surely speaks on: as far as sound stands out of the background without a longer pause.
/// Whispered, swallowed and reverberant words beside a clear one are found so.
int grown(const std::vector<float>& over_near, int from, int step) {
  const int n = static_cast<int>(over_near.size());
  int last = from;
  for (int i = from + step; i >= 0 && i < n && std::abs(i - last) <= kGrowGap && std::abs(i - from) <= kGrowMost; i += step)
    if (over_near[i] >= kGrowLevel) last = i;
  return last;
}

std::vector<Run> runs_of_speech(const std::vector<float>& p, const std::vector<float>& over_near, const SpeechSettings& settings) {
  std::vector<Run> runs;
  const int n = static_cast<int>(p.size());
  for (int i = 0; i < n; ++i) {
    if (p[i] < settings.threshold) continue;
    int begin = i;
    float most = 0;
    while (i < n && p[i] >= settings.threshold) most = std::max(most, p[i++]);
    if (most < std::max(kSureOnce, settings.threshold) || (i - begin) * 0.01 < settings.least_s) continue;
    begin = grown(over_near, begin, -1);
    const int end = grown(over_near, i - 1, 1) + 1;
    if (!runs.empty() && begin - runs.back().end <= kHangover) runs.back() = {std::min(begin, runs.back().begin), std::max(end, runs.back().end)};
    else runs.push_back({begin, end});
    while (runs.size() > 1 && runs.back().begin - runs[runs.size() - 2].end <= kHangover) {
      const Run last = runs.back();
      runs.pop_back();
      runs.back() = {std::min(runs.back().begin, last.begin), std::max(runs.back().end, last.end)};
    }
  }
  return runs;
}

std::int64_t sample_of(int frame, SampleRate rate) { return mul_div(frame, rate.hz, 100, Rounding::Nearest); }

std::vector<SampleRange> ranges_of(const std::vector<Run>& runs, SampleRate rate, SampleCount length, double before_s,
                                   double after_s, double bridge_s) {
  std::vector<SampleRange> out;
  for (const Run& run : runs) {
    // Frame i stands for the 10 ms around i x 10 ms.
    const std::int64_t half = rate.hz / 200;
    const SamplePosition begin{std::max<std::int64_t>(0, sample_of(run.begin, rate) - half - samples(before_s, rate).value)};
    const SamplePosition end{std::min(length.value, sample_of(run.end - 1, rate) + half + samples(after_s, rate).value)};
    if (!out.empty() && begin - out.back().end <= samples(std::max(0.0, bridge_s - before_s - after_s), rate)) out.back().end = std::max(out.back().end, end);
    else out.push_back({begin, end});
  }
  return out;
}

/// Which frames tell the background: far enough from speech that neither breath nor room tail is in them.
std::vector<bool> background(const std::vector<float>& p, const std::vector<Run>& runs) {
  std::vector<bool> quiet(p.size(), true);
  for (const Run& run : runs)
    for (int i = std::max(0, run.begin - 15); i < std::min(static_cast<int>(p.size()), run.end + 30); ++i) quiet[i] = false;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] > 0.4f) quiet[i] = false;
  return quiet;
}

void measure_background(const SpeechFrameList& frames, std::vector<bool> quiet, SpeechMeasure& measure) {
  // Too little between the words (a clip cut tight to them): the quietest tenth of 90 ms averages stands in, and
  // what picking the quietest takes off is put back.
  double bias = 1.0;
  const auto n = static_cast<std::ptrdiff_t>(frames.size());
  if (n > 0 && std::count(quiet.begin(), quiet.end(), true) < kLeastQuiet) {
    bias = 1.8;
    std::vector<float> smooth, sorted;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      float sum = 0;
      const std::ptrdiff_t begin = std::max<std::ptrdiff_t>(0, i - 4), end = std::min(n, i + 5);
      for (std::ptrdiff_t k = begin; k < end; ++k) sum += frames[k].power;
      smooth.push_back(sum / static_cast<float>(end - begin));
    }
    sorted = smooth;
    std::nth_element(sorted.begin(), sorted.begin() + n / 10, sorted.end());
    for (std::ptrdiff_t i = 0; i < n; ++i) quiet[i] = smooth[i] <= sorted[n / 10];
  }
  std::array<double, kSpeechBands> power{};
  double whole = 0, count = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!quiet[i]) continue;
    ++count;
    whole += frames[i].power;
    for (std::size_t b = 0; b < kSpeechBands; ++b) power[b] += std::pow(10.0, 0.1 * frames[i].band_db(static_cast<int>(b)));
  }
  if (count == 0) count = 1;
  for (std::size_t b = 0; b < kSpeechBands; ++b)
    measure.noise_floor_dbfs[b] = static_cast<float>(std::max(-120.0, 10.0 * std::log10(bias * power[b] / count + 1e-30)));
  measure.noise_level = {std::max(-120.0, 10.0 * std::log10(bias * whole / count + 1e-30))};
}

}  // namespace

struct SpeechDetector::Impl {
  Impl(SampleRate r, const SpeechSettings& s) : rate(r), settings(s), frames(r) {}
  SampleRate rate;
  SpeechSettings settings;
  analysis::detail::SpeechFrames frames;
};

SpeechDetector::SpeechDetector(SampleRate rate, SpeechSettings settings) : impl_(std::make_unique<Impl>(rate, settings)) {}
SpeechDetector::~SpeechDetector() = default;
SpeechDetector::SpeechDetector(SpeechDetector&&) noexcept = default;
SpeechDetector& SpeechDetector::operator=(SpeechDetector&&) noexcept = default;

void SpeechDetector::push(AudioView<const float> block) { impl_->frames.push(block); }

SpeechMeasure SpeechDetector::finish() {
  const SpeechSettings& s = impl_->settings;
  SpeechMeasure m;
  m.rate = impl_->rate;
  m.length = {impl_->frames.length()};
  const SpeechFrameList frames = impl_->frames.finish();
  const std::vector<bool> mute = analysis::detail::mute_frames(frames);
  const Evidence evidence = weigh(frames, mute);
  m.probability = probabilities(evidence.odds);
  const std::vector<Run> runs = runs_of_speech(m.probability, evidence.over_near, s);
  m.speech = ranges_of(runs, m.rate, m.length, 0, 0, 0);
  m.ranges = ranges_of(runs, m.rate, m.length, s.pad_before_s, s.pad_after_s, s.bridge_s);
  std::vector<bool> quiet = background(m.probability, runs);
  // A recording that is mute here and there has the background of the rest; one that is mute wherever nobody speaks has none.
  std::vector<bool> sounding = quiet;
  for (std::size_t i = 0; i < mute.size(); ++i) sounding[i] = quiet[i] && !mute[i];
  if (std::count(sounding.begin(), sounding.end(), true) >= kLeastQuiet) quiet = std::move(sounding);
  measure_background(frames, std::move(quiet), m);
  double power = 0, count = 0;
  for (const Run& run : runs)
    for (int i = run.begin; i < run.end; ++i) power += frames[i].power, ++count;
  if (count > 0) {
    const double noise = std::pow(10.0, 0.1 * m.noise_level.value);
    m.speech_level = {std::max(-120.0, 10.0 * std::log10(std::max(power / count - noise, 0.05 * power / count) + 1e-30))};
    m.snr = m.speech_level - m.noise_level;
    m.active_share = count / static_cast<double>(frames.size());
  }
  return m;
}

SpeechMeasure measure_speech(AudioView<const float> clip, SampleRate rate, const SpeechSettings& settings) {
  SpeechDetector detector(rate, settings);
  detector.push(clip);
  return detector.finish();
}

std::vector<SampleRange> silence_between(std::span<const SampleRange> ranges, SampleCount length, SampleCount least) {
  std::vector<SampleRange> out;
  SamplePosition at{0};
  const auto close = [&](SamplePosition end) {
    if (end - at >= least && end > at) out.push_back({at, end});
  };
  for (const SampleRange& r : ranges) {
    close(r.begin);
    at = std::max(at, r.end);
  }
  close({length.value});
  return out;
}

ActiveLevel active_speech_level(AudioView<const float> mono, SampleRate rate) {
  // P.56 (12/2011) 7.2 and 7.3: envelope q of two equal exponential averages of |x|, thresholds in steps of 6 dB.
  constexpr int kThresholds = 18;
  constexpr double kMarginDb = 15.9;
  const double g = std::exp(-1.0 / (rate.hz * 0.03));
  const auto hangover = static_cast<std::int64_t>(0.2 * rate.hz);
  std::array<std::int64_t, kThresholds> active{}, hang{};
  hang.fill(hangover);
  double p = 0, q = 0, square = 0;
  for (std::int64_t i = 0; i < mono.frames(); ++i) {
    const double x = mono.at(0, i);
    square += x * x;
    p = g * p + (1 - g) * std::fabs(x);
    q = g * q + (1 - g) * p;
    double threshold = 0.5;
    for (std::size_t j = 0; j < kThresholds; ++j, threshold *= 0.5) {
      if (q >= threshold) ++active[j], hang[j] = 0;
      else if (hang[j] < hangover) ++active[j], ++hang[j];
      else if (j > 0 && active[j] == 0) continue;
    }
  }
  ActiveLevel out;
  double before = 0, before_level = 0;
  bool first = true;
  for (std::size_t j = 0; j < kThresholds; ++j) {  // from the highest threshold down until level - threshold = margin
    if (active[j] == 0) continue;
    const double level = 10 * std::log10(square / static_cast<double>(active[j]) + 1e-30);
    const double threshold = -6.020599913 * static_cast<double>(j + 1);
    const double over = level - threshold - kMarginDb;
    if (over >= 0) {
      const double t = first || over == before ? 1.0 : before / (before - over);
      out.level = {first ? level : before_level + t * (level - before_level)};
      out.activity = square / std::pow(10.0, 0.1 * out.level.value) / static_cast<double>(std::max<std::int64_t>(1, mono.frames()));
      return out;
    }
    before = over, before_level = level, first = false;
  }
  return out;
}

}  // namespace twopop::analysis
