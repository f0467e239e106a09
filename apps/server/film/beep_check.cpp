#include "film/beep_check.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace twopop::server {
namespace {

constexpr double kEarliest_s = -0.3, kLatest_s = 0.8;
constexpr double kLeastScore = 0.12;     // of white noise of the same length a matched filter finds 0.1 at most
constexpr double kAboveOthers = 1.5;     // best shift against every shift that does not touch it
constexpr double kAround_ms = 4;         // how far one beep may lie from the row's common shift

/// Sums of a stretch of the take turned down by the beep's pitch, and of its energy: any window in two subtractions.
class Demodulated {
 public:
  Demodulated(AudioView<const float> take, SampleRate rate, double hz, std::int64_t begin, std::int64_t end) : begin_(begin) {
    tone_.reserve(static_cast<std::size_t>(end - begin + 1));
    energy_.reserve(tone_.capacity());
    std::complex<double> sum = 0;
    double energy = 0;
    tone_.push_back(sum);
    energy_.push_back(energy);
    const double step = -2 * std::numbers::pi * hz / rate.hz;
    for (std::int64_t i = begin; i < end; ++i) {
      const double x = i >= 0 && i < take.frames() ? static_cast<double>(take.at(0, i)) : 0.0;
      sum += x * std::polar(1.0, step * static_cast<double>(i - begin));
      energy += x * x;
      tone_.push_back(sum);
      energy_.push_back(energy);
    }
  }

  /// Amplitude of the tone in [at, at + length), from 0 to 1 of all that is there.
  double share(std::int64_t at, std::int64_t length) const {
    const double energy = sum(energy_, at, length);
    // A sine of amplitude a has energy a^2 n / 2 and correlates to a n / 2.
    return energy > 1e-12 ? std::min(1.0, magnitude(at, length) * std::sqrt(2.0 / (energy * static_cast<double>(length)))) : 0.0;
  }
  double magnitude(std::int64_t at, std::int64_t length) const { return std::abs(sum(tone_, at, length)); }
  double magnitude(double at, std::int64_t length) const {
    const double whole = std::floor(at), part = at - whole;
    const auto i = static_cast<std::int64_t>(whole);
    return (1 - part) * magnitude(i, length) + part * magnitude(i + 1, length);
  }

 private:
  template <class T>
  T sum(const std::vector<T>& sums, std::int64_t at, std::int64_t length) const {
    const auto last = static_cast<std::int64_t>(sums.size()) - 1;
    return sums[static_cast<std::size_t>(std::clamp<std::int64_t>(at + length - begin_, 0, last))] - sums[static_cast<std::size_t>(std::clamp<std::int64_t>(at - begin_, 0, last))];
  }
  std::int64_t begin_;
  std::vector<std::complex<double>> tone_;
  std::vector<double> energy_;
};

/// Where a beep starts near `at`: the window that has the beep wholly lies halfway between two shifted ones that have the same of it.
double balanced(const Demodulated& sound, double at, std::int64_t length, double around) {
  const double flank = static_cast<double>(length) * 0.4;
  const auto lean = [&](double t) { return sound.magnitude(t + flank, length) - sound.magnitude(t - flank, length); };
  double low = at - around, high = at + around;
  // Before the middle the later window has more of the beep, behind it the earlier one.
  if (lean(low) < 0 || lean(high) > 0) return at;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (lean(middle) > 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

}  // namespace

std::optional<BeepFinding> find_beeps(AudioView<const float> take, SampleRate rate, const BeepRow& row) {
  const auto length = static_cast<std::int64_t>(std::lround(row.length_ms * rate.hz / 1000));
  if (row.expected.size() < 2 || length < 16 || row.hz * 2 > rate.hz) return std::nullopt;
  const auto earliest = static_cast<std::int64_t>(kEarliest_s * rate.hz), latest = static_cast<std::int64_t>(kLatest_s * rate.hz);
  const auto [first, last] = std::minmax_element(row.expected.begin(), row.expected.end());
  const auto begin = static_cast<std::int64_t>(*first) + earliest - 2 * length, end = static_cast<std::int64_t>(*last) + latest + 3 * length;
  if (*first < 0 || end - begin > std::int64_t{60} * rate.hz) return std::nullopt;
  const Demodulated sound(take, rate, row.hz, begin, end);

  // A beep's envelope is as wide as the beep: a sixteenth of it is a fine step.
  const std::int64_t step = std::max<std::int64_t>(1, length / 16);
  std::vector<std::pair<std::int64_t, double>> rows;
  for (std::int64_t shift = earliest; shift <= latest; shift += step) {
    double least = 1;
    for (const double at : row.expected) least = std::min(least, sound.share(static_cast<std::int64_t>(std::lround(at)) + shift, length));
    rows.emplace_back(shift, least);
  }
  const auto best = std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  double other = 0;
  for (const auto& [shift, score] : rows)
    if (std::abs(shift - best->first) > length * 5 / 4) other = std::max(other, score);
  if (best->second < kLeastScore || best->second < kAboveOthers * other) return std::nullopt;

  BeepFinding finding;
  finding.score = best->second;
  const double around = kAround_ms * rate.hz / 1000 + static_cast<double>(step);
  for (const double at : row.expected)
    finding.errors_ms.push_back((balanced(sound, at + static_cast<double>(best->first), length, around) - at) * 1000 / rate.hz);
  finding.error_ms = median(finding.errors_ms);
  const auto [least, most] = std::minmax_element(finding.errors_ms.begin(), finding.errors_ms.end());
  finding.spread_ms = *most - *least;
  return finding;
}

}  // namespace twopop::server
