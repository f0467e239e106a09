// A mix of 16 mono tracks of 10 minutes (24 bits, 48 kHz; recordings of the corpus, looped): on each a high-pass, three bells, a compressor
// and a pan; sum and limiter; to a stereo 24-bit WAV. Whole processes: ours on the segments of the restart grid, and ffmpeg's
// filter graph with the same responses and time constants. Usage: mix_bench [FOLDER [MINUTES [RUNS]]]; the files are made there (default:
// $TMPDIR) and removed.

#include "corpus.h"
#include "media/media.h"
#include "mix_chain.h"
#include "process.h"

#include "core/exact_math.h"

#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>

namespace {

using namespace twopop;
using bench::kTracks;

constexpr std::int64_t kSegment = 1 << 20;  // as signal/node.h
constexpr std::int64_t kBlock = 2048;   // fits the first-level cache for kTogether tracks
constexpr std::int64_t kRead = 16384;   // frames of every track that are read at once
constexpr int kTogether = 8;  // tracks whose recursions share vectors

std::string track_path(const std::string& folder, int track) { return fmt::format("{}/track{:02}.wav", folder, track); }

// ---- ours -------------------------------------------------------------------------------------------------------------

/// Everything that one thread needs to render any segment.
struct Mixer {
  std::vector<std::unique_ptr<media::Reader>> readers;
  std::vector<dsp::Equaliser> equalisers;
  std::vector<dsp::Compressor> compressors;
  std::vector<dsp::GainMatrix> pans;
  dsp::Limiter limiter{bench::limiter()};
  AudioBuffer<float> tracks{kTracks, kRead}, sum{2, kBlock};
  std::int64_t length = 0, strips_pre_roll = 0;

  static Result<std::unique_ptr<Mixer>> open(const std::string& folder) {
    auto m = std::make_unique<Mixer>();
    const dsp::ProcessSpec mono{.rate = bench::kRate, .channels = 1, .max_block = kBlock};
    for (int t = 0; t < kTracks; ++t) {
      TWOPOP_TRY(auto reader, media::Reader::open(track_path(folder, t)));
      m->length = std::max(m->length, reader->length().value);
      m->readers.push_back(std::move(reader));
      const bench::Strip strip = bench::strip_of(t);
      m->equalisers.emplace_back(strip.eq);
      m->compressors.emplace_back(strip.compressor);
      m->pans.push_back(dsp::pan(Layout::Mono, Layout::Stereo, strip.pan));
      TWOPOP_CHECK(m->equalisers.back().prepare(mono));
      TWOPOP_CHECK(m->compressors.back().prepare(mono));
      m->strips_pre_roll = std::max(m->strips_pre_roll, (m->equalisers.back().pre_roll() + m->compressors.back().pre_roll()).value);
    }
    TWOPOP_CHECK(m->limiter.prepare({.rate = bench::kRate, .channels = 2, .max_block = kBlock}));
    return m;
  }

  Result<AudioBuffer<float>> segment(std::int64_t index) {
    const std::int64_t delay = limiter.latency().value;
    const std::int64_t begin = index * kSegment, end = std::min(length, begin + kSegment);
    const std::int64_t limited = std::max<std::int64_t>(0, begin - limiter.pre_roll().value);
    const std::int64_t start = std::max<std::int64_t>(0, limited - strips_pre_roll);
    for (int t = 0; t < kTracks; ++t) equalisers[static_cast<std::size_t>(t)].reset(), compressors[static_cast<std::size_t>(t)].reset();
    limiter.reset();
    AudioBuffer<float> out(2, end - begin);
    std::int64_t read_to = start, read_from = start;
    for (std::int64_t at = start; at < end + delay;) {
      if (at == read_to) {
        read_from = at;
        read_to = std::min(at + kRead, at < limited ? limited : end + delay);
        for (std::size_t t = 0; t < kTracks; ++t)
          TWOPOP_CHECK(readers[t]->read({at}, tracks.view().select(static_cast<int>(t), 1).sub(0, read_to - at)));
      }
      const std::int64_t n = std::min(kBlock, read_to - at);
      const AudioView<float> bus = sum.view().sub(0, n);
      for (int c = 0; c < 2; ++c) std::fill_n(bus.channel(c), n, 0.0f);
      for (std::size_t t = 0; t < kTracks; t += kTogether) {
        std::array<AudioView<float>, kTogether> parts;
        std::array<dsp::Equaliser*, kTogether> eq;
        std::array<dsp::Compressor*, kTogether> compressor;
        for (std::size_t j = 0; j < kTogether; ++j) {
          parts[j] = tracks.view().select(static_cast<int>(t + j), 1).sub(at - read_from, n);
          eq[j] = &equalisers[t + j];
          compressor[j] = &compressors[t + j];
        }
        dsp::Equaliser::process_together(eq, parts);
        dsp::Compressor::process_together(compressor, parts);
        if (at < limited) continue;
        for (std::size_t j = 0; j < kTogether; ++j) dsp::add(pans[t + j], parts[j], bus);
      }
      if (at >= limited) {
        limiter.process(bus);
        const std::int64_t from = std::max(at - delay, begin), to = std::min(at - delay + n, end);
        for (int c = 0; c < 2; ++c)
          if (from < to) std::copy_n(bus.channel(c) + (from - at + delay), to - from, out.channel(c) + (from - begin));
      }
      at += n;
    }
    return out;
  }
};

Result<void> mix_ours(const std::string& folder, const std::string& path, int threads) {
  media::WavWriter::Settings settings;
  settings.rate = bench::kRate;
  TWOPOP_TRY(const auto writer, media::WavWriter::create(path, settings));
  std::atomic<std::int64_t> next{0};
  std::mutex mutex;
  std::map<std::int64_t, AudioBuffer<float>> finished;
  std::int64_t written = 0;
  std::optional<Error> failure;
  const auto work = [&] {
    const auto run = [&]() -> Result<void> {
      TWOPOP_TRY(auto mixer, Mixer::open(folder));
      const std::int64_t segments = (mixer->length + kSegment - 1) / kSegment;
      for (std::int64_t s = next++; s < segments; s = next++) {
        TWOPOP_TRY(auto sound, mixer->segment(s));
        const std::scoped_lock lock(mutex);
        finished.emplace(s, std::move(sound));
        for (auto it = finished.begin(); it != finished.end() && it->first == written; it = finished.erase(it), ++written)
          TWOPOP_CHECK(writer->write(it->second.view()));
      }
      return {};
    };
    if (auto result = run(); !result) {
      const std::scoped_lock lock(mutex);
      failure = result.error();
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& thread : others) thread.join();
  if (failure) return *failure;
  return writer->finish();
}

// ---- material -----------------------------------------------------------------------------------------------------------

/// Recordings of the corpus one after another, over and over, each track beginning with another one.
Result<void> write_tracks(const std::string& folder, double minutes) {
  std::vector<std::filesystem::path> files;
  for (const char* kind : {"speech", "music"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared_folder() / "corpus" / kind)) {
      const std::string extension = entry.path().extension();
      if (extension == ".ogg" || extension == ".flac" || extension == ".wav") files.push_back(entry.path());
    }
  std::sort(files.begin(), files.end());
  if (files.empty()) return Error{Code::NotFound, "no recordings in the corpus"};
  const auto frames = static_cast<std::int64_t>(minutes * 60 * bench::kRate.hz);
  for (int t = 0; t < kTracks; ++t) {
    media::WavWriter::Settings settings;
    settings.rate = bench::kRate;
    settings.channels = 1;
    TWOPOP_TRY(const auto writer, media::WavWriter::create(track_path(folder, t), settings));
    std::size_t file = static_cast<std::size_t>(t) * files.size() / kTracks;
    for (std::int64_t at = 0; at < frames; ++file) {
      TWOPOP_TRY(const auto reader, media::Reader::open(files[file % files.size()]));
      AudioBuffer<float> sound(reader->channels(), std::min<std::int64_t>(frames - at, 30 * bench::kRate.hz));
      TWOPOP_TRY(const std::int64_t count, reader->read({0}, sound.view()));
      if (count > 0) TWOPOP_CHECK(writer->write(sound.view().select(0, 1).sub(0, std::min(count, sound.frames()))));
      at += count;
    }
    TWOPOP_CHECK(writer->finish());
  }
  return {};
}

// ---- the same responses --------------------------------------------------------------------------------------------------

std::vector<float> through_ffmpeg(const std::string& folder, const std::vector<float>& x, const std::string& filter) {
  const std::string in = folder + "/probe.f32", out = folder + "/probe_out.f32";
  std::ofstream(in, std::ios::binary).write(reinterpret_cast<const char*>(x.data()), static_cast<std::streamsize>(x.size() * sizeof(float)));
  bench::run_process({"ffmpeg", "-y", "-nostdin", "-f", "f32le", "-ar", "48000", "-ac", "1", "-i", in, "-af", filter, "-f", "f32le", out});
  std::ifstream file(out, std::ios::binary);
  std::vector<float> y(x.size());
  file.read(reinterpret_cast<char*>(y.data()), static_cast<std::streamsize>(y.size() * sizeof(float)));
  std::filesystem::remove(in);
  std::filesystem::remove(out);
  return y;
}

double level_at(const std::vector<float>& impulse_response, double hz) {
  double re = 0, im = 0;
  for (std::size_t i = 0; i < impulse_response.size(); ++i) {
    const double turns = hz / bench::kRate.hz * static_cast<double>(i);
    re += static_cast<double>(impulse_response[i]) * exact::cos_turns(turns);
    im += static_cast<double>(impulse_response[i]) * exact::sin_turns(turns);
  }
  return 10 * std::log10(re * re + im * im);
}

void compare_responses(const std::string& folder) {
  double eq = 0, curve = 0;
  for (int t = 0; t < kTracks; t += 5) {
    const bench::Strip strip = bench::strip_of(t);
    std::vector<float> impulse(48000);
    impulse[0] = 1;
    const auto theirs = through_ffmpeg(folder, impulse, bench::ffmpeg_eq(strip));
    dsp::Equaliser equaliser(strip.eq);
    if (!equaliser.prepare({.rate = bench::kRate})) return;
    equaliser.process(AudioView<float>(impulse.data(), static_cast<std::int64_t>(impulse.size())));
    for (double hz = 20; hz < 20000; hz *= 1.13) eq = std::max(eq, std::fabs(level_at(theirs, hz) - level_at(impulse, hz)));
    // Steps of 2 s: both compressors have settled at the end of each.
    std::vector<float> steps;
    for (int level = -50; level <= 0; level += 2) steps.insert(steps.end(), 96000, static_cast<float>(exact::gain_of_db(level)));
    const auto compressed = through_ffmpeg(folder, steps, bench::ffmpeg_compressor(strip));
    for (int level = -50, i = 1; level <= 0; level += 2, ++i) {
      const double there = 20 * std::log10(static_cast<double>(compressed[static_cast<std::size_t>(i) * 96000 - 100]));
      curve = std::max(curve, std::fabs(there - dsp::static_curve(strip.compressor, {static_cast<double>(level)}).value));
    }
  }
  std::printf("  same chain: equalisers differ by at most %.6f dB (20 Hz .. 20 kHz), static curves by %.6f dB (-50 .. 0 dBFS)\n", eq, curve);
}

int run(const std::string& folder, double minutes, int runs) {
  std::printf("%d tracks, %.1f min, 48 kHz, 24 bits; medians of %d\n", kTracks, minutes, runs);
  if (auto made = write_tracks(folder, minutes); !made) {
    std::printf("%s\n", made.error().sentence().c_str());
    return 1;
  }
  compare_responses(folder);
  const std::string self = bench::own_path(), ours = folder + "/ours.wav", single = folder + "/ours1.wav", theirs = folder + "/theirs.wav";
  std::vector<std::string> ffmpeg{"ffmpeg", "-y", "-nostdin", "-v", "error"};
  for (int t = 0; t < kTracks; ++t) ffmpeg.insert(ffmpeg.end(), {"-i", track_path(folder, t)});
  ffmpeg.insert(ffmpeg.end(), {"-filter_complex", bench::ffmpeg_graph(), "-map", "[out]", "-c:a", "pcm_s24le", theirs});
  // Taken in turn, so that what else the machine does hits both.
  std::vector<bench::Cost> two, peer;
  for (int i = 0; i < runs; ++i) {
    two.push_back(bench::run_process({self, "--ours", folder, ours, "2"}));
    peer.push_back(bench::run_process(ffmpeg));
  }
  const auto median = [&](std::vector<bench::Cost>& costs) {
    std::size_t i = 0;
    return bench::median_cost(runs, [&] { return costs[i++]; });
  };
  const bench::Cost a = median(two), b = median(peer);
  const bench::Cost one = bench::median_cost(1, [&] { return bench::run_process({self, "--ours", folder, single, "1"}); });
  bench::print_cost("ours, 2 threads", a, a);
  bench::print_cost("ours, 1 thread", one, a);
  bench::print_cost("ffmpeg filter graph", b, a);
  const bool same = bench::run_process({"cmp", ours, single}).failed == false;
  std::printf("  1 and 2 threads: %s\n", same ? "the same bytes" : "DIFFERENT");
  return same && !a.failed && !b.failed ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc == 5 && std::string_view(argv[1]) == "--ours") {
    const auto mixed = mix_ours(argv[2], argv[3], std::atoi(argv[4]));
    if (!mixed) std::printf("%s\n", mixed.error().sentence().c_str());
    return mixed ? 0 : 1;
  }
  if (test::shared_folder().empty()) {
    std::printf("needs the recordings in ../shared (or TWOPOP_SHARED)\n");
    return 77;
  }
  const std::filesystem::path base = argc > 1 ? std::filesystem::path(argv[1]) : std::filesystem::temp_directory_path();
  const std::filesystem::path folder = base / fmt::format("mix_bench.{}", getpid());
  std::filesystem::create_directories(folder);
  const int status = run(folder, argc > 2 ? std::atof(argv[2]) : 10, argc > 3 ? std::max(1, std::atoi(argv[3])) : 3);
  std::filesystem::remove_all(folder);
  return status;
}
