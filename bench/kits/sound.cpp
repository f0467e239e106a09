#include "kits/sound.h"

#include "analysis/sync_fft.h"
#include "dsp/resampler.h"
#include "media/media.h"

#include <algorithm>
#include <cmath>
#include <complex>

namespace twopop::kits {

Sound resampled(const Sound& in, SampleRate from, SampleRate to, double drift_ppm, double offset_samples, std::int64_t length) {
  const auto resampler = dsp::Resampler::create(dsp::RateMap::from(from, to, drift_ppm, offset_samples));
  TWOPOP_ASSERT(resampler.ok());
  Sound out(static_cast<std::size_t>(length));
  constexpr std::int64_t kBlock = 1 << 20;
  for (std::int64_t at = 0; at < length; at += kBlock) {
    const std::int64_t count = std::min(kBlock, length - at);
    const SampleRange needs = resampler->needs({{at}, {at + count}});
    Sound source(static_cast<std::size_t>(needs.length().value));
    for (std::int64_t i = 0; i < needs.length().value; ++i) {
      const std::int64_t j = needs.begin.value + i;
      source[static_cast<std::size_t>(i)] = j >= 0 && j < static_cast<std::int64_t>(in.size()) ? in[static_cast<std::size_t>(j)] : 0.0f;
    }
    resampler->render({at}, AudioView<const float>(source.data(), needs.length().value), needs.begin, AudioView<float>(out.data() + at, count));
  }
  return out;
}

Sound load(const std::filesystem::path& path, int channel) {
  const auto reader = media::Reader::open(path);
  if (!reader) return {};
  const auto all = media::read_all(path);
  if (!all) return {};
  Sound mono(static_cast<std::size_t>(all->frames()));
  for (int c = 0; c < all->channels(); ++c)
    if (channel < 0 || c == channel)
      for (std::size_t i = 0; i < mono.size(); ++i) mono[i] += all->channel(c)[i] / (channel < 0 ? static_cast<float>(all->channels()) : 1.0f);
  const SampleRate rate = (*reader)->rate();
  if (rate == k48) return mono;
  return resampled(mono, rate, k48, 0, 0, static_cast<std::int64_t>(static_cast<double>(mono.size()) * 48000 / rate.hz));
}

double active_power(const Sound& sound) {
  std::vector<double> frames;
  for (std::size_t i = 0; i + 2400 <= sound.size(); i += 2400) {
    double sum = 0;
    for (std::size_t k = 0; k < 2400; ++k) sum += static_cast<double>(sound[i + k]) * sound[i + k];
    frames.push_back(sum / 2400);
  }
  if (frames.empty()) return 1e-12;
  const double least = *std::max_element(frames.begin(), frames.end()) * 0.003;
  double sum = 1e-12;
  int count = 1;
  for (const double f : frames)
    if (f > least) sum += f, ++count;
  return sum / count;
}

double mean_power(const Sound& sound) {
  double power = 1e-12;
  for (const float x : sound) power += static_cast<double>(x) * x / static_cast<double>(sound.size());
  return power;
}

Sound convolved(const Sound& in, const Sound& response) {
  constexpr int kSize = 1 << 18;
  analysis::RealFft fft(kSize);
  const auto spectrum_of = [&](const float* from, std::size_t count) {
    std::fill(fft.time().begin(), fft.time().end(), 0.0f);
    std::copy_n(from, count, fft.time().begin());
    fft.forward();
    return std::vector<std::complex<float>>(fft.bins().begin(), fft.bins().end());
  };
  const auto h = spectrum_of(response.data(), response.size());
  Sound out(in.size() + response.size());
  const std::size_t step = kSize - response.size();
  for (std::size_t at = 0; at < in.size(); at += step) {
    const std::size_t count = std::min(step, in.size() - at);
    const auto x = spectrum_of(in.data() + at, count);
    for (std::size_t k = 0; k < x.size(); ++k) fft.bins()[k] = x[k] * h[k];
    fft.inverse();
    for (std::size_t i = 0; i < std::min<std::size_t>(kSize, out.size() - at); ++i) out[at + i] += fft.time()[i] / kSize;
  }
  out.resize(in.size());
  return out;
}

Room load_room(const std::filesystem::path& path) {
  Room room;
  room.response = load(path, 0);
  constexpr int kSize = 1 << 18;
  analysis::RealFft fft(kSize);
  std::fill(fft.time().begin(), fft.time().end(), 0.0f);
  std::copy(room.response.begin(), room.response.end(), fft.time().begin());
  fft.forward();
  for (std::size_t k = 0; k < fft.bins().size(); ++k) {
    const double hz = static_cast<double>(k) * 48000 / kSize;
    if (hz < 150 || hz > 8000) fft.bins()[k] = 0;
  }
  fft.inverse();
  const auto& time = fft.time();
  for (std::size_t i = 0; i < room.response.size(); ++i)
    if (std::abs(time[i]) > std::abs(time[room.direct])) room.direct = i;
  for (std::size_t i = 0; i < room.response.size(); ++i)
    if (std::abs(time[i]) > 0.8f * std::abs(time[room.direct]))
      room.doubt_ms = std::max(room.doubt_ms, std::abs(static_cast<double>(i) - static_cast<double>(room.direct)) / 48);
  return room;
}

Sound in_room(const Sound& in, const Room& room) {
  Sound ahead = in;
  ahead.resize(in.size() + room.direct);
  Sound out = convolved(ahead, room.response);
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(room.direct));
  out.resize(in.size());
  return out;
}

std::vector<Stretch> active_stretches(const Sound& clean, double bridge_s) {
  constexpr std::size_t kFrame = 480;
  const double least = active_power(clean) * 1e-3;
  std::vector<Stretch> out;
  for (std::size_t i = 0; i + kFrame <= clean.size(); i += kFrame) {
    double power = 0;
    // 30 ms about the frame: single clicks of a mouth do not count.
    for (std::size_t k = i < kFrame ? 0 : i - kFrame; k < std::min(clean.size(), i + 2 * kFrame); ++k) power += static_cast<double>(clean[k]) * clean[k];
    if (power / (3 * kFrame) < least) continue;
    const double begin = static_cast<double>(i) / 48000;
    if (!out.empty() && begin - out.back().end_s <= bridge_s) out.back().end_s = begin + 0.01;
    else out.push_back({begin, begin + 0.01});
  }
  std::erase_if(out, [](const Stretch& s) { return s.length_s() < 0.06; });
  return out;
}

double total_s(const std::vector<Stretch>& stretches) {
  double sum = 0;
  for (const Stretch& s : stretches) sum += s.length_s();
  return sum;
}

std::vector<Stretch> united(std::vector<Stretch> stretches, double wider_s) {
  for (Stretch& s : stretches) s.begin_s -= wider_s, s.end_s += wider_s;
  std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) { return a.begin_s < b.begin_s; });
  std::vector<Stretch> out;
  for (const Stretch& s : stretches) {
    if (!out.empty() && s.begin_s <= out.back().end_s) out.back().end_s = std::max(out.back().end_s, s.end_s);
    else out.push_back(s);
  }
  return out;
}

double shared_s(const std::vector<Stretch>& a, const std::vector<Stretch>& b) {
  double sum = 0;
  for (const Stretch& x : a)
    for (const Stretch& y : b) sum += std::max(0.0, std::min(x.end_s, y.end_s) - std::max(x.begin_s, y.begin_s));
  return sum;
}

}  // namespace twopop::kits
