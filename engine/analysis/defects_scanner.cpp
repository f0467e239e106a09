#include "analysis/defects.h"
#include "analysis/detail/defects_detectors.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kNothingDb = -120.0;
double decibels(double power) { return power > 1e-12 ? 10.0 * std::log10(power) : kNothingDb; }

/// What every channel has at once, to within `near` samples, becomes one defect of all. `defects` are sorted by time.
std::vector<Defect> merge_channels(std::vector<Defect> defects, int channels, std::int64_t near) {
  std::vector<Defect> out;
  std::vector<bool> taken(defects.size());
  for (std::size_t i = 0; i < defects.size(); ++i) {
    if (taken[i]) continue;
    Defect all = defects[i];
    std::vector<std::size_t> same{i};
    for (std::size_t k = i + 1; all.channel >= 0 && k < defects.size() && (defects[k].range.begin - all.range.begin).value <= near; ++k)
      if (!taken[k] && defects[k].kind == all.kind && std::llabs((defects[k].range.end - all.range.end).value) <= near &&
          std::none_of(same.begin(), same.end(), [&](std::size_t s) { return defects[s].channel == defects[k].channel; }))
        same.push_back(k);
    if (all.channel >= 0 && same.size() == static_cast<std::size_t>(channels)) {
      for (const std::size_t s : same) {
        taken[s] = true;
        all.figure = std::max(all.figure, defects[s].figure);
        all.count = std::max(all.count, defects[s].count);
        all.range.end = std::max(all.range.end, defects[s].range.end);
      }
      all.channel = -1;
    }
    out.push_back(all);
  }
  return out;
}

struct ChannelScan {
  explicit ChannelScan(SampleRate rate) : tops(rate), gaps(rate), clicks(rate), hum(rate), bandwidth(rate) {}
  detail::FlatTops tops;
  detail::Gaps gaps;
  detail::Clicks clicks;
  detail::Hum hum;
  detail::Bandwidth bandwidth;
  std::vector<float> power;     // mean square of each 10 ms, its own mean taken off
  std::vector<float> sum_of_squares;  // as it is
  double sum = 0.0, squares = 0.0;
  float peak = 0.0f;
};

}  // namespace

struct DefectScanner::Impl {
  SampleRate rate;
  int channels;
  DefectOptions options;
  SamplePosition begin;
  std::int64_t frame, stretch, margin;
  AudioBuffer<float> held;      // margin before, the stretch, margin after
  std::int64_t filled = 0;      // samples behind the front margin
  std::int64_t judged = 0, pushed = 0;
  std::vector<ChannelScan> scans;
  std::vector<float> products;  // left x right of each 10 ms
  std::vector<Defect> defects;

  Impl(SampleRate r, int c, DefectOptions o, SamplePosition b)
      : rate(r), channels(c), options(std::move(o)), begin(b), frame(std::max(1, r.hz / 100)) {
    // Whole frames of every detector (10 and 20 ms), and as much around them as any of them looks at.
    const std::int64_t click_frame = std::max(1, r.hz / 50);
    stretch = 8 * std::max(click_frame, 2 * frame);
    if (stretch % click_frame != 0 || stretch % frame != 0) frame = click_frame / 2, stretch = 16 * frame;
    margin = std::max<std::int64_t>(r.hz / 20, 4 * std::max(1, r.hz / 1500) + 8);
    held = AudioBuffer<float>(c, margin + stretch + margin);
    for (int i = 0; i < c; ++i) scans.emplace_back(r);
  }

  void push(AudioView<const float> block) {
    for (std::int64_t at = 0; at < block.frames();) {
      const std::int64_t count = std::min(block.frames() - at, stretch + margin - filled);
      for (int c = 0; c < channels; ++c) std::copy_n(block.channel(c) + at, count, held.channel(c) + margin + filled);
      filled += count;
      pushed += count;
      at += count;
      if (filled == stretch + margin) judge(stretch);
    }
  }

  void judge(std::int64_t count) {
    for (int c = 0; c < channels; ++c) {
      const detail::Stretch s{held.channel(c) + margin, count, margin, begin + SampleCount{judged}};
      ChannelScan& scan = scans[static_cast<std::size_t>(c)];
      scan.tops.judge(s);
      scan.gaps.judge(s);
      scan.clicks.judge(s);
      scan.hum.judge(s);
      scan.bandwidth.judge(s);
      measure_levels(scan, s);
    }
    if (channels == 2) measure_products(count);
    judged += count;
    for (int c = 0; c < channels; ++c) {
      float* x = held.channel(c);
      std::copy(x + count, x + margin + filled, x);
    }
    filled -= count;
  }

  void measure_levels(ChannelScan& scan, const detail::Stretch& s) const {
    for (std::int64_t at = 0; at < s.count; at += frame) {
      const std::int64_t count = std::min(frame, s.count - at);
      double sum = 0.0, squares = 0.0;
      for (std::int64_t i = at; i < at + count; ++i) {
        const double x = static_cast<double>(s.x[i]);
        sum += x;
        squares += x * x;
        scan.peak = std::max(scan.peak, std::fabs(s.x[i]));
      }
      scan.sum += sum;
      scan.squares += squares;
      const double n = static_cast<double>(count), mean = sum / n;
      scan.power.push_back(static_cast<float>(std::max(0.0, squares / n - mean * mean)));
      scan.sum_of_squares.push_back(static_cast<float>(squares / n));
    }
  }

  void measure_products(std::int64_t stretch_count) {
    const float *l = held.channel(0) + margin, *r = held.channel(1) + margin;
    for (std::int64_t at = 0; at < stretch_count; at += frame) {
      const std::int64_t count = std::min(frame, stretch_count - at);
      double sum = 0.0;
      for (std::int64_t i = at; i < at + count; ++i) sum += static_cast<double>(l[i]) * static_cast<double>(r[i]);
      products.push_back(static_cast<float>(sum / static_cast<double>(count)));
    }
  }

  SamplePosition frame_begin(std::size_t index) const {
    return begin + SampleCount{std::min(pushed, static_cast<std::int64_t>(index) * frame)};
  }

  bool spoken(std::size_t index) const {
    const SamplePosition middle = frame_begin(index) + SampleCount{frame / 2};
    const auto after = std::upper_bound(options.speech.begin(), options.speech.end(), middle,
                                        [](SamplePosition at, const SampleRange& r) { return at < r.begin; });
    return after != options.speech.begin() && std::prev(after)->contains(middle);
  }

  void tell_levels(const ChannelScan& scan, ChannelFacts& facts) const;
  void find_silence();
  void find_phase(SoundFacts& facts);
};

/// Noise floor and speech level: by the ranges of speech where they are known, by the distribution otherwise.
void DefectScanner::Impl::tell_levels(const ChannelScan& scan, ChannelFacts& facts) const {
  std::vector<float> quiet, all;
  double speech = 0.0;
  std::int64_t speech_frames = 0;
  for (std::size_t i = 0; i < scan.power.size(); ++i) {
    if (!options.speech.empty() && spoken(i)) {
      speech += static_cast<double>(scan.power[i]);
      ++speech_frames;
    } else if (scan.power[i] > 1e-11f) {  // digital silence is no noise floor
      quiet.push_back(scan.power[i]);
    }
  }
  if (quiet.empty()) return;
  std::sort(quiet.begin(), quiet.end());
  auto at = [&](double share) { return static_cast<double>(quiet[static_cast<std::size_t>(share * static_cast<double>(quiet.size() - 1))]); };
  double noise;
  if (options.speech.empty()) {
    noise = at(0.10);
    // What lies above the middle (in dB) between floor and peaks is taken for speech.
    const double threshold = std::sqrt(noise * at(0.95));
    for (const float p : quiet)
      if (static_cast<double>(p) > threshold) speech += static_cast<double>(p), ++speech_frames;
  } else {
    noise = at(0.5);
  }
  facts.noise_floor = {decibels(noise)};
  if (speech_frames == 0) return;
  const double level = speech / static_cast<double>(speech_frames);
  facts.speech_level = {decibels(level)};
  if (level > 2.0 * noise) facts.snr = Decibels{decibels((level - noise)) - decibels(noise)};
}

void DefectScanner::Impl::find_silence() {
  constexpr float kSilent = 1e-7f;  // -70 dBFS
  const std::size_t count = scans[0].power.size(), least = static_cast<std::size_t>(2 * rate.hz / frame);
  std::size_t run = 0;
  double sum = 0.0;
  for (std::size_t i = 0; i <= count; ++i) {
    float loudest = 0.0f;
    if (i < count)
      for (const ChannelScan& scan : scans) loudest = std::max(loudest, scan.power[i]);
    if (i < count && loudest < kSilent) {
      ++run;
      sum += static_cast<double>(loudest);
      continue;
    }
    if (run >= least || (run > 0 && run == count))
      defects.push_back({DefectKind::Silence, {frame_begin(i - run), frame_begin(i)}, -1, decibels(sum / static_cast<double>(run)), 1});
    run = 0;
    sum = 0.0;
  }
}

void DefectScanner::Impl::find_phase(SoundFacts& facts) {
  const ChannelScan &l = scans[0], &r = scans[1];
  double ll = 0.0, rr = 0.0, lr = 0.0;
  for (std::size_t i = 0; i < products.size(); ++i) {
    ll += static_cast<double>(l.sum_of_squares[i]);
    rr += static_cast<double>(r.sum_of_squares[i]);
    lr += static_cast<double>(products[i]);
  }
  if (ll <= 0.0 || rr <= 0.0) return;
  facts.correlation = lr / std::sqrt(ll * rr);
  facts.dual_mono = facts.correlation > 0.99999 && std::fabs(decibels(ll) - decibels(rr)) < 0.05;
  // Windows of 1 s, one after another.
  const std::size_t window = static_cast<std::size_t>(rate.hz / frame);
  std::size_t run = 0;
  double worst = 0.0, sum = 0.0;
  auto close = [&](std::size_t end) {
    if (run >= 2) defects.push_back({DefectKind::OutOfPhase, {frame_begin((end - run) * window), frame_begin(end * window)}, -1, sum / static_cast<double>(run), 1});
    run = 0;
    sum = 0.0;
  };
  const std::size_t windows = products.size() / window;
  for (std::size_t w = 0; w < windows; ++w) {
    double a = 0.0, b = 0.0, c = 0.0;
    for (std::size_t i = w * window; i < (w + 1) * window; ++i) {
      a += static_cast<double>(l.sum_of_squares[i]);
      b += static_cast<double>(r.sum_of_squares[i]);
      c += static_cast<double>(products[i]);
    }
    const double n = static_cast<double>(window), correlation = a > 0.0 && b > 0.0 ? c / std::sqrt(a * b) : 0.0;
    worst = std::min(worst, correlation);
    if (correlation < -0.4 && a / n > 1e-5 && b / n > 1e-5) {
      ++run;
      sum += correlation;
    } else {
      close(w);
    }
  }
  close(windows);
}

DefectScanner::DefectScanner(SampleRate rate, int channels, DefectOptions options, SamplePosition begin)
    : impl_(std::make_unique<Impl>(rate, channels, std::move(options), begin)) {
  TWOPOP_ASSERT(channels > 0 && rate.hz >= 1000);
}
DefectScanner::~DefectScanner() = default;
DefectScanner::DefectScanner(DefectScanner&&) noexcept = default;

void DefectScanner::push(AudioView<const float> block) { impl_->push(block); }

SoundFacts DefectScanner::finish() {
  Impl& m = *impl_;
  SoundFacts facts;
  facts.rate = m.rate;
  facts.range = {m.begin, m.begin + SampleCount{m.pushed}};
  // The rest, with silence after it.
  const std::int64_t rest = m.pushed - m.judged;
  for (int c = 0; c < m.channels; ++c)
    std::fill(m.held.channel(c) + m.margin + m.filled, m.held.channel(c) + m.held.frames(), 0.0f);
  const std::int64_t first = std::min(rest, m.stretch);
  if (first > 0) m.judge(first);
  if (rest > first) {
    for (int c = 0; c < m.channels; ++c)
      std::fill(m.held.channel(c) + m.margin + m.filled, m.held.channel(c) + m.held.frames(), 0.0f);
    m.judge(rest - first);
  }
  for (int c = 0; c < m.channels; ++c) {
    ChannelScan& scan = m.scans[static_cast<std::size_t>(c)];
    ChannelFacts channel;
    if (m.pushed > 0) {
      const double n = static_cast<double>(m.pushed);
      channel.peak = {std::max(kNothingDb, level_of(static_cast<double>(scan.peak)).value)};
      channel.rms = {decibels(scan.squares / n)};
      channel.dc = scan.sum / n;
      if (std::fabs(channel.dc) > 0.003)  // -50 dBFS
        m.defects.push_back({DefectKind::DcOffset, facts.range, c, level_of(channel.dc).value, 1});
    }
    m.tell_levels(scan, channel);
    scan.tops.finish(c, m.defects);
    scan.gaps.finish(c, m.defects);
    scan.clicks.finish(c, m.defects);
    scan.hum.finish(c, channel, m.defects);
    scan.bandwidth.finish(c, facts.range, channel, m.defects);
    facts.channels.push_back(channel);
  }
  m.find_silence();
  if (m.channels == 2) m.find_phase(facts);
  facts.defects = std::move(m.defects);
  std::stable_sort(facts.defects.begin(), facts.defects.end(),
                   [](const Defect& a, const Defect& b) { return a.range.begin < b.range.begin; });
  if (m.channels > 1) facts.defects = merge_channels(std::move(facts.defects), m.channels, m.rate.hz / 500);
  return facts;
}

}  // namespace twopop::analysis
