#include "dsp/fft.h"
#include "film/views.h"
#include "media/picture.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace twopop::server {
namespace {

constexpr double kLowest_hz = 40, kHighest_hz = 20000;
constexpr double kFloor_db = -90;

struct Colour {
  double r, g, b;
};
/// Dark to bright, so that brightness alone says how loud it is, also to those who do not tell colours apart.
Colour colour_of(double share) {
  static constexpr Colour stops[]{{4, 4, 12}, {38, 18, 92}, {112, 28, 130}, {196, 54, 96}, {246, 130, 46}, {252, 214, 92}, {255, 255, 236}};
  constexpr int last = static_cast<int>(std::size(stops)) - 1;
  const double at = std::clamp(share, 0.0, 1.0) * last;
  const int i = std::min(last - 1, static_cast<int>(at));
  const double f = at - i;
  const auto mix = [&](double a, double b) { return a + f * (b - a); };
  return {mix(stops[i].r, stops[i + 1].r), mix(stops[i].g, stops[i + 1].g), mix(stops[i].b, stops[i + 1].b)};
}

}  // namespace

Result<std::string> spectrogram(SampleCount length, SampleRate rate, SpectrogramSize size, const std::function<Result<AudioBuffer<float>>(SampleRange)>& read) {
  if (size.width < 1 || size.width > 4096 || size.height < 1 || size.height > 2048)
    return Error{Code::InvalidArgument, fmt::format("a spectrogram of {} x {} pixels", size.width, size.height), "choose up to 4096 x 2048"};
  if (length.value < 1) return Error{Code::InvalidArgument, "a spectrogram of nothing", "give an end behind the begin"};
  // Short stretches are looked at in time, long ones in frequency; a window is never much longer than a column.
  int window = 4096;
  while (window > 512 && window > 4 * length.value / size.width) window /= 2;
  dsp::RealFft<float> fft(window);
  std::vector<float> shape(static_cast<std::size_t>(window));
  for (int i = 0; i < window; ++i) shape[static_cast<std::size_t>(i)] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / window));
  const int bins = window / 2 + 1;
  const double top_hz = std::min(kHighest_hz, rate.hz / 2.0);
  // Of each row the bins between its edges, at least one.
  std::vector<std::pair<double, double>> rows(static_cast<std::size_t>(size.height));
  for (int y = 0; y < size.height; ++y) {
    const auto bin_at = [&](double share) { return kLowest_hz * std::pow(top_hz / kLowest_hz, share) * window / rate.hz; };
    rows[static_cast<std::size_t>(y)] = {bin_at(static_cast<double>(size.height - 1 - y) / size.height), bin_at(static_cast<double>(size.height - y) / size.height)};
  }
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  std::vector<double> power(static_cast<std::size_t>(bins));
  std::vector<float> windowed(static_cast<std::size_t>(window));
  std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(bins));
  for (int x = 0; x < size.width; ++x) {
    const std::int64_t begin = mul_div(length.value, x, size.width, Rounding::Floor), end = std::max(begin + 1, mul_div(length.value, x + 1, size.width, Rounding::Floor));
    // A column of a long stretch shows the loudest of a few looks at it.
    const int looks = static_cast<int>(std::clamp<std::int64_t>((end - begin) / window, 1, 4));
    std::fill(power.begin(), power.end(), 0.0);
    for (int look = 0; look < looks; ++look) {
      const std::int64_t middle = begin + (end - begin) * (2 * look + 1) / (2 * looks);
      TWOPOP_TRY(const AudioBuffer<float> sound, read({{middle - window / 2}, {middle - window / 2 + window}}));
      std::vector<double> here(power.size());
      for (int c = 0; c < sound.channels(); ++c) {
        for (int i = 0; i < window; ++i) windowed[static_cast<std::size_t>(i)] = sound.channel(c)[i] * shape[static_cast<std::size_t>(i)];
        fft.forward(windowed.data(), spectrum.data());
        for (std::size_t k = 0; k < here.size(); ++k) here[k] += std::norm(spectrum[k]);
      }
      for (std::size_t k = 0; k < here.size(); ++k) power[k] = std::max(power[k], here[k]);
    }
    // A full-scale sine has an amplitude of window / 4 behind this window.
    const double full = static_cast<double>(window) * window / 16.0;
    for (int y = 0; y < size.height; ++y) {
      const auto [low, high] = rows[static_cast<std::size_t>(y)];
      double value = 0;
      if (high - low < 1) {
        const double at = std::clamp((low + high) / 2, 0.0, static_cast<double>(bins - 1));
        const auto k = std::min(static_cast<std::size_t>(at), power.size() - 2);
        const double f = at - static_cast<double>(k);
        value = power[k] * (1 - f) + power[k + 1] * f;
      } else {
        for (auto k = static_cast<std::size_t>(std::max(0.0, low)); k < std::min(power.size(), static_cast<std::size_t>(high) + 1); ++k) value = std::max(value, power[k]);
      }
      const double db = 10 * std::log10(value / full + 1e-20);
      const Colour colour = colour_of((db - kFloor_db) / -kFloor_db);
      std::uint8_t* pixel = &pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x)) * 3];
      pixel[0] = static_cast<std::uint8_t>(std::lround(colour.r));
      pixel[1] = static_cast<std::uint8_t>(std::lround(colour.g));
      pixel[2] = static_cast<std::uint8_t>(std::lround(colour.b));
    }
  }
  return media::png(size.width, size.height, pixels);
}

}  // namespace twopop::server
