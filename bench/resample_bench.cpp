// Sample-rate conversion: ours against soxr VHQ, one thread, mono and stereo. Quality: what tones up to 0.91 of the lower Nyquist
// frequency have with them that is no sine, and the level at 0.5 % above the new Nyquist frequency.
#include "core/exact_math.h"
#include "core/random.h"
#include "dsp/resampler.h"

#include <soxr.h>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <vector>

namespace {

using namespace twopop;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

AudioBuffer<float> ours(AudioView<const float> in, const dsp::Resampler& resampler, std::int64_t frames) {
  AudioBuffer<float> out(in.channels(), frames);
  constexpr std::int64_t kChunk = 1 << 18;
  for (std::int64_t at = 0; at < frames; at += kChunk) resampler.render({at}, in, {0}, out.view().sub(at, std::min(kChunk, frames - at)));
  return out;
}

AudioBuffer<float> soxr_vhq(AudioView<const float> in, double source, double session, std::int64_t frames) {
  AudioBuffer<float> out(in.channels(), frames);
  std::vector<const float*> from;
  std::vector<float*> to;
  for (int c = 0; c < in.channels(); ++c) from.push_back(in.channel(c)), to.push_back(out.channel(c));
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
  std::size_t used = 0, made = 0;
  soxr_oneshot(source, session, static_cast<unsigned>(in.channels()), from.data(), static_cast<std::size_t>(in.frames()), &used, to.data(),
               static_cast<std::size_t>(frames), &made, &io, &quality, nullptr);
  return out;
}

using Convert = std::function<AudioBuffer<float>(AudioView<const float>, std::int64_t)>;

struct Quality {
  double tones_db = -400, leak_db = -400;
};

Quality quality_of(const Convert& convert, double source, double session) {
  Quality q;
  const double lower = std::min(source, session) / 2;
  const auto frames = static_cast<std::int64_t>(source), out_frames = static_cast<std::int64_t>(session);
  const auto run = [&](double hz, bool keep) {
    AudioBuffer<float> in(1, frames);
    for (std::int64_t i = 0; i < frames; ++i) in.channel(0)[i] = static_cast<float>(exact::sin_turns(hz / source * static_cast<double>(i)));
    const auto out = convert(in.view(), out_frames);
    // What is left after the best sine of that frequency: neither engine is charged for a delay or a gain.
    const double turns = hz / session;
    double a = 0, b = 0, error = 0;
    const std::int64_t begin = out_frames / 4, end = out_frames * 3 / 4;
    for (int round = 0; round < 3; ++round) {  // later rounds take out what the first left for want of orthogonality
      double da = 0, db = 0;
      for (std::int64_t i = begin; i < end; ++i) {
        const double s = exact::sin_turns(turns * static_cast<double>(i)), c = exact::cos_turns(turns * static_cast<double>(i));
        const double left = static_cast<double>(out.channel(0)[i]) - a * s - b * c;
        da += left * s;
        db += left * c;
      }
      a += 2 * da / static_cast<double>(end - begin);
      b += 2 * db / static_cast<double>(end - begin);
    }
    for (std::int64_t i = begin; i < end; ++i) {
      const double x = static_cast<double>(out.channel(0)[i]);
      const double left = x - (keep ? a * exact::sin_turns(turns * static_cast<double>(i)) + b * exact::cos_turns(turns * static_cast<double>(i)) : 0);
      error += left * left;
    }
    return 10 * std::log10(2 * error / static_cast<double>(end - begin) + 1e-40);
  };
  for (const double part : {0.01, 0.2, 0.5, 0.8, 0.91}) q.tones_db = std::max(q.tones_db, run(part * lower, true));
  if (session < 0.99 * source) q.leak_db = run(1.005 * lower, false);
  return q;
}

double best_cpu(const std::function<void()>& work) {
  std::vector<double> times;
  for (int i = 0; i < 3; ++i) {
    const double begin = cpu_seconds();
    work();
    times.push_back(cpu_seconds() - begin);
  }
  std::sort(times.begin(), times.end());
  return times[1];
}

void compare(double source, double session, double ppm, int channels) {
  const double seconds = 60;
  const auto frames = static_cast<std::int64_t>(seconds * source), out_frames = static_cast<std::int64_t>(seconds * session);
  AudioBuffer<float> in(channels, frames);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i) in.channel(c)[i] = 0.3f * uniform11(philox(1, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]);
  const double drifted = source * (1 + ppm * 1e-6);
  const auto resampler = dsp::Resampler::create(dsp::RateMap::from({static_cast<std::int32_t>(source)}, {static_cast<std::int32_t>(session)}, ppm));
  if (!resampler) return;
  const Convert our_way = [&](AudioView<const float> x, std::int64_t n) { return ours(x, *resampler, n); };
  const Convert their_way = [&](AudioView<const float> x, std::int64_t n) { return soxr_vhq(x, drifted, session, n); };
  const double our_cpu = best_cpu([&] { our_way(in.view(), out_frames); });
  const double their_cpu = best_cpu([&] { their_way(in.view(), out_frames); });
  const Quality we = quality_of(our_way, drifted, session), they = quality_of(their_way, drifted, session);
  std::printf("%6.0f -> %6.0f %+5.0f ppm, %d ch: %5.0f ch x real time (soxr VHQ %5.0f, ratio %.2f); tones %6.1f dB (%6.1f), leak %6.1f dB (%6.1f)\n",
              source, session, ppm, channels, seconds * channels / our_cpu, seconds * channels / their_cpu, their_cpu / our_cpu, we.tones_db, they.tones_db,
              we.leak_db, they.leak_db);
  std::fflush(stdout);
}

}  // namespace

int main() {
  for (const int channels : {1, 2}) {
    compare(44100, 48000, 0, channels);
    compare(48000, 44100, 0, channels);
    compare(48000, 48000, 50, channels);
    compare(96000, 48000, 0, channels);
    compare(192000, 48000, 0, channels);
    compare(16000, 48000, 0, channels);
  }
}
