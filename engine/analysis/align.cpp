#include "analysis/align.h"

#include "analysis/align_features.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace twopop::analysis {
namespace {

constexpr double kFloorDb = 22;           // of the features
constexpr double kOverNoiseDb = 10, kLeastDepthDb = 6;
constexpr double kDefaultScore = 0.45;    // bench/adr_bench.cpp: same sentence 0.50 and more, others 0.42 at most
constexpr double kMost_s = 150;
constexpr float kPauseMatch = 0.25f;      // two pauses: neither alike nor unlike
constexpr float kPauseAgainstSpeech = 0.9f;
constexpr float kPauseSkip = 0.12f;       // a frame of pause on one side alone
constexpr float kSpeechSkip = 1.6f;       // a frame of speech that the other does not say
constexpr float kBend = 0.06f;            // for each step that is not one to one

/// Steps in frames of the line and of the take. Within speech the slope stays between 4/5 and 5/4.
struct Step {
  int line, take;
};
constexpr Step kSteps[] = {{1, 1}, {5, 4}, {4, 5}, {1, 0}, {0, 1}};

struct Path {
  std::vector<std::pair<std::int64_t, std::int64_t>> points;  // line frame, take frame; rising
  double score = 0;         // mean likeness where both speak
  double skipped = 0;       // share of speech frames passed over
  bool found = false;
};

class Warper {
 public:
  Warper(const VoiceFrames& line, const VoiceFrames& take) : line_(line), take_(take), n_(line.count()), m_(take.count()) {
    // Long sounds are searched within a band about the straight line.
    reach_ = std::max<std::int64_t>(300, std::abs(n_ - m_) + 100);
    if (n_ <= 1500 && m_ <= 1500) reach_ = n_ + m_;
    width_ = std::min(m_ + 1, 2 * reach_ + 1);
  }

  Path run() {
    Path path;
    if (n_ < 10 || m_ < 10) return path;
    cost_.assign(static_cast<std::size_t>((n_ + 1) * width_), std::numeric_limits<float>::infinity());
    from_.assign(cost_.size(), -1);
    *at(0, 0) = 0;
    for (std::int64_t i = 0; i <= n_; ++i) {
      const std::int64_t first = begin(i), last = std::min(m_, first + width_ - 1);
      for (std::int64_t j = first; j <= last; ++j) {
        if (i == 0 && j == 0) continue;
        float best = std::numeric_limits<float>::infinity();
        signed char which = -1;
        for (signed char s = 0; s < 5; ++s) {
          const Step& step = kSteps[s];
          const float* before = at(i - step.line, j - step.take);
          if (!before || !(*before < best)) continue;
          const float c = *before + price(i, j, step);
          if (c < best) best = c, which = s;
        }
        *at(i, j) = best;
        from_[index(i, j)] = which;
      }
    }
    const float* end = at(n_, m_);
    if (!end || !std::isfinite(*end)) return path;
    path.found = true;
    double likeness = 0, both = 0, skipped = 0, spoken = 0;
    std::int64_t i = n_, j = m_;
    path.points.push_back({i, j});
    while (i > 0 || j > 0) {
      const Step step = kSteps[from_[index(i, j)]];
      if (step.line > 0 && step.take > 0) {
        const int k = std::max(step.line, step.take);
        for (int q = 0; q < k; ++q) {
          const std::int64_t a = i - 1 - q * step.line / k, b = j - 1 - q * step.take / k;
          const bool sa = line_.spoken[a], sb = take_.spoken[b];
          if (sa && sb) likeness += 1 - distance(a, b), ++both;
          if (sa || sb) ++spoken;
          if (sa != sb) skipped += 0.5;
        }
      } else {
        const bool speech = step.line > 0 ? line_.spoken[i - 1] : take_.spoken[j - 1];
        if (speech) ++skipped, ++spoken;
      }
      i -= step.line, j -= step.take;
      path.points.push_back({i, j});
    }
    std::reverse(path.points.begin(), path.points.end());
    path.score = both > 0 ? likeness / both : 0;
    path.skipped = spoken > 0 ? skipped / spoken : 1;
    return path;
  }

 private:
  std::int64_t begin(std::int64_t i) const { return std::clamp<std::int64_t>(i * m_ / n_ - reach_, 0, std::max<std::int64_t>(0, m_ + 1 - width_)); }
  std::size_t index(std::int64_t i, std::int64_t j) const { return static_cast<std::size_t>(i * width_ + j - begin(i)); }
  float* at(std::int64_t i, std::int64_t j) {
    if (i < 0 || j < 0 || i > n_ || j > m_) return nullptr;
    const std::int64_t first = begin(i);
    return j >= first && j < first + width_ ? &cost_[static_cast<std::size_t>(i * width_ + j - first)] : nullptr;
  }
  /// 0 (the same) to 2 (opposite).
  float distance(std::int64_t a, std::int64_t b) const {
    const auto &x = line_.shape[static_cast<std::size_t>(a)], &y = take_.shape[static_cast<std::size_t>(b)];
    float dot = 0;
    for (std::size_t k = 0; k < x.size(); ++k) dot += x[k] * y[k];
    return 1 - dot;
  }
  float local(std::int64_t a, std::int64_t b) const {
    const bool sa = line_.spoken[a], sb = take_.spoken[b];
    if (!sa && !sb) return kPauseMatch;
    if (sa != sb) return kPauseAgainstSpeech;
    const float apart = std::fabs(line_.loudness[static_cast<std::size_t>(a)] - take_.loudness[static_cast<std::size_t>(b)]);
    return distance(a, b) + 0.01f * std::min(apart, 20.0f);
  }
  float price(std::int64_t i, std::int64_t j, const Step& step) const {
    if (step.take == 0) return line_.spoken[i - 1] ? kSpeechSkip : kPauseSkip;
    if (step.line == 0) return take_.spoken[j - 1] ? kSpeechSkip : kPauseSkip;
    const int k = std::max(step.line, step.take);
    float sum = 0;
    for (int q = 0; q < k; ++q) sum += local(i - 1 - q * step.line / k, j - 1 - q * step.take / k);
    // Both lengths are paid for, so that bending is no cheaper than going straight.
    return sum * static_cast<float>(step.line + step.take) / static_cast<float>(2 * k) * 2 + (step.line != step.take ? kBend * static_cast<float>(k) : 0.0f);
  }

  const VoiceFrames &line_, &take_;
  std::int64_t n_, m_, reach_ = 0, width_ = 0;
  std::vector<float> cost_;
  std::vector<signed char> from_;
};

/// Line time (frames, fractional) at each take frame, smoothed within speech so that stretching does not waver.
std::vector<double> line_at_take(const Path& path, std::int64_t take_frames) {
  std::vector<double> sum(static_cast<std::size_t>(take_frames + 1), 0.0), count(sum);
  for (std::size_t k = 1; k < path.points.size(); ++k) {
    const auto [i0, j0] = path.points[k - 1];
    const auto [i1, j1] = path.points[k];
    for (std::int64_t j = j0; j <= j1; ++j) {
      const double t = j1 > j0 ? static_cast<double>(j - j0) / static_cast<double>(j1 - j0) : 0.5;
      sum[static_cast<std::size_t>(j)] += static_cast<double>(i0) + t * static_cast<double>(i1 - i0);
      ++count[static_cast<std::size_t>(j)];
    }
  }
  std::vector<double> y(sum.size());
  for (std::size_t j = 0; j < y.size(); ++j) y[j] = count[j] > 0 ? sum[j] / count[j] : (j > 0 ? y[j - 1] + 1 : 0);
  return y;
}

std::vector<double> smoothed(const std::vector<double>& y, int reach) {
  std::vector<double> out(y.size());
  const auto n = static_cast<std::int64_t>(y.size());
  for (std::int64_t j = 0; j < n; ++j) {
    const std::int64_t r = std::min({static_cast<std::int64_t>(reach), j, n - 1 - j});
    double sum = 0;
    for (std::int64_t k = j - r; k <= j + r; ++k) sum += y[static_cast<std::size_t>(k)];
    out[static_cast<std::size_t>(j)] = sum / static_cast<double>(2 * r + 1);
  }
  return out;
}

/// The curve again, its slope held within the limits wherever the take speaks: tracked outwards from the middle of each
/// stretch of speech. What it cannot follow there the pauses take up.
std::vector<double> held(const std::vector<double>& y, std::vector<bool> spoken, double least, double most) {
  const auto n = static_cast<std::int64_t>(y.size());
  spoken.resize(y.size(), false);
  // Closures within a word belong to it.
  for (std::int64_t j = 0, last = -1000; j < n; ++j) {
    if (!spoken[j]) continue;
    if (j - last <= 8)
      for (std::int64_t k = last; k < j; ++k) spoken[k] = true;
    last = j;
  }
  std::vector<double> out = y;
  double reached = -1;
  for (std::int64_t j = 0; j < n;) {
    if (!spoken[j]) {
      ++j;
      continue;
    }
    std::int64_t end = j;
    while (end < n && spoken[end]) ++end;
    const std::int64_t middle = (j + end) / 2;
    for (std::int64_t k = middle; k + 1 < end; ++k) out[k + 1] = out[k] + std::clamp(y[k + 1] - out[k], least, most);
    for (std::int64_t k = middle; k > j; --k) out[k - 1] = out[k] - std::clamp(out[k] - y[k - 1], least, most);
    if (out[j] < reached) {
      out[j] = reached;
      for (std::int64_t k = j; k + 1 < end; ++k) out[k + 1] = out[k] + std::clamp(y[k + 1] - out[k], least, most);
    }
    reached = out[end - 1] + 0.2;
    j = end;
  }
  // Pauses: straight from where one stretch ends to where the next begins.
  for (std::int64_t j = 0; j < n;) {
    if (spoken[j]) {
      ++j;
      continue;
    }
    std::int64_t end = j;
    while (end < n && !spoken[end]) ++end;
    if (j > 0 && end < n) {
      for (std::int64_t k = j; k < end; ++k)
        out[k] = out[j - 1] + (out[end] - out[j - 1]) * static_cast<double>(k - j + 1) / static_cast<double>(end - j + 1);
    } else if (j > 0) {
      for (std::int64_t k = j; k < end; ++k) out[k] = out[k - 1] + 1;
    } else if (end < n) {
      for (std::int64_t k = end; k-- > j;) out[k] = out[k + 1] - 1;
    }
    j = end;
  }
  return out;
}

/// Points of a curve that stay when everything within `tolerance` of a straight piece is left out.
void simplify(const std::vector<double>& y, std::size_t a, std::size_t b, double tolerance, std::vector<std::size_t>& keep) {
  double worst = 0;
  std::size_t at = a;
  for (std::size_t j = a + 1; j < b; ++j) {
    const double straight = y[a] + (y[b] - y[a]) * static_cast<double>(j - a) / static_cast<double>(b - a);
    if (std::fabs(y[j] - straight) > worst) worst = std::fabs(y[j] - straight), at = j;
  }
  if (worst <= tolerance) return;
  simplify(y, a, at, tolerance, keep);
  keep.push_back(at);
  simplify(y, at, b, tolerance, keep);
}

}  // namespace

Alignment align_take(AudioView<const float> line, AudioView<const float> take, SampleRate rate, const AlignSettings& settings) {
  Alignment out;
  const auto refuse = [&](std::string why) {
    out.reason = std::move(why);
    return out;
  };
  for (const auto& [what, sound] : {std::pair{"line", line}, std::pair{"take", take}}) {
    const double length = sound.channels() > 0 ? static_cast<double>(sound.frames()) / rate.hz : 0;
    if (length < 0.2 || length > kMost_s) return refuse(fmt::format("the {} is {:.2f} s long; 0.2 to {:.0f} s can be aligned", what, length, kMost_s));
  }
  VoiceDepths depths;
  depths.fill(kFloorDb);
  VoiceFrames a = voice_frames(line, rate, depths), b = voice_frames(take, rate, depths);
  // What noise hides in the one is left out of the other.
  for (std::size_t k = 0; k < depths.size(); ++k) depths[k] = std::clamp(std::min(a.over_background[k], b.over_background[k]) - kOverNoiseDb, kLeastDepthDb, kFloorDb);
  a = voice_frames(line, rate, depths), b = voice_frames(take, rate, depths);
  Path path = Warper(a, b).run();
  if (!path.found) return refuse("no path leads through both");
  const double limit = settings.least_score > 0 ? settings.least_score : kDefaultScore;
  out.score = std::clamp(path.score * (1 - path.skipped), 0.0, 1.0);
  out.same_words = out.score >= limit;

  std::vector<double> y = held(smoothed(line_at_take(path, b.count()), 5), b.spoken, settings.least_slope, settings.most_slope);
  for (std::size_t j = 1; j < y.size(); ++j) y[j] = std::max(y[j], y[j - 1] + 0.02);  // time does not stand still
  std::vector<std::size_t> keep{0};
  simplify(y, 0, y.size() - 1, 0.4, keep);
  keep.push_back(y.size() - 1);
  const double samples_per_frame = rate.hz / 100.0;
  for (const std::size_t j : keep) {
    dsp::WarpPoint p{std::llround(static_cast<double>(j) * samples_per_frame), std::llround(y[j] * samples_per_frame)};
    if (!out.map.empty() && (p.source <= out.map.back().source || p.target <= out.map.back().target)) continue;
    out.map.push_back(p);
  }
  // Slopes over 100 ms within speech.
  double bends = 0, mean = 0;
  int slopes = 0;
  const double offset = (y.front() + y.back()) / 2 - static_cast<double>(y.size() - 1) / 2;
  for (std::size_t j = 0; j + 10 < y.size(); ++j) {
    if (j >= static_cast<std::size_t>(b.count()) || !b.spoken[j]) continue;
    const double slope = (y[j + 10] - y[j]) / 10;
    bends += std::pow(y[j] - static_cast<double>(j) - offset, 2);
    mean += slope, ++slopes;
    const bool speech = b.spoken[std::min(j + 10, b.spoken.size() - 1)] && b.spoken[std::min(j + 5, b.spoken.size() - 1)];
    if (speech) out.most_stretch = std::max(out.most_stretch, slope), out.least_stretch = std::min(out.least_stretch, slope);
  }
  out.mean_shift_s = slopes > 0 ? std::sqrt(bends / slopes) / 100 : 0;
  out.reason = out.same_words ? fmt::format("the words agree (score {:.2f}, limit {:.2f}); stretched by {:.2f} to {:.2f} in speech", out.score, limit, out.least_stretch, out.most_stretch)
                              : fmt::format("the words do not agree (score {:.2f}, limit {:.2f})", out.score, limit);
  return out;
}

}  // namespace twopop::analysis
