// Sync: accuracy on made 30-minute pairs, refusal of what does not match, the film kit, and speed of whole processes.
// Usage: sync_bench [accuracy|refusal|film|speed ...] [--variants N] [--minutes M] [--seed S]; all four without a name.

#include "analysis/conform.h"
#include "analysis/sync.h"
#include "analysis/sync_group.h"
#include "core/random.h"
#include "corpus.h"
#include "media/media.h"
#include "kits/sound.h"
#include "process.h"

#include <cmath>
#include <fstream>
#include <set>

namespace {

using namespace twopop;
using namespace twopop::analysis;
namespace fs = std::filesystem;
using namespace twopop::kits;

struct Material {
  std::vector<Sound> lines, noises;
  std::vector<Room> rooms;
  std::vector<std::string> room_names;
};

Material gather(const fs::path& corpus) {
  Material m;
  std::vector<fs::path> files;
  for (const char* folder : {"kathleen_en", "asterisk_en", "librispeech_en", "ljspeech_en", "fillets_cs", "mfa"})
    for (const auto& entry : fs::directory_iterator(corpus / "speech" / folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    Sound line = load(file);
    if (line.empty()) continue;
    const float gain = static_cast<float>(0.05 / std::sqrt(active_power(line)));
    for (float& x : line) x *= gain;
    m.lines.push_back(std::move(line));
  }
  for (const char* name : {"blanket_city.ogg", "blanket_coffee-shop.ogg", "blanket_rain.ogg", "usc_hum.mp3", "usc_water.mp3", "blanket_birds.ogg"})
    m.noises.push_back(load(corpus / "ambience" / name));
  // Rooms of the corpus whose largest peak is one and the same over all frequencies and over those of voices. (In the others
  // several arrivals are of one height, 0.2 to 10 ms apart: there is no truth to 0.05 ms to measure against.)
  for (const char* name : {"speechbrain_rir1.flac", "speechbrain_rir4.flac"}) {
    m.rooms.push_back(load_room(corpus / "rir" / name));
    m.room_names.push_back(name);
  }
  return m;
}

struct Pair {
  Sound reference, file;
  double offset_s = 0, drift_ppm = 0;
  std::string room;
};

/// A recorder's dry line against a camera in a room, 0 dB of field noise over the active speech, its own clock.
Pair make_pair(const Material& m, double minutes, std::uint64_t seed) {
  RandomStream random(seed, 0x73796e63);
  Pair pair;
  const std::size_t length = static_cast<std::size_t>(minutes * 60 * 48000);
  Sound programme;
  programme.reserve(length + 48000 * 30);
  while (programme.size() < length) {  // the lines in an order that never repeats, pauses of 0.1 to 2 s
    const Sound& line = m.lines[random.below(static_cast<std::uint32_t>(m.lines.size()))];
    programme.insert(programme.end(), line.begin(), line.end());
    programme.insert(programme.end(), static_cast<std::size_t>(random.uniform(4800, 96000)), 0.0f);
  }
  programme.resize(length);
  const std::size_t room = random.below(static_cast<std::uint32_t>(m.rooms.size()));
  pair.room = m.room_names[room];
  Sound camera = convolved(programme, m.rooms[room].response);
  const double speech = active_power(camera);
  const std::size_t kind = random.below(static_cast<std::uint32_t>(m.noises.size()));
  const Sound& noise = m.noises[kind];
  const float gain = static_cast<float>(std::sqrt(speech / mean_power(noise)));
  const std::size_t start = random.below(static_cast<std::uint32_t>(noise.size()));
  for (std::size_t i = 0; i < camera.size(); ++i) camera[i] += gain * noise[(start + i) % noise.size()];
  // The recorder has a floor of its own, 50 dB down.
  for (std::size_t i = 0; i < programme.size(); ++i) programme[i] += 2.7e-4f * uniform11(philox(seed, 9, i)[0]);
  // Output sample n of the camera is reference second n / 48000 / (1 + ppm) + offset, and the room's direct sound before it.
  pair.drift_ppm = random.uniform(-100, 100);
  pair.offset_s = random.uniform(5, 120);
  const double ratio = 1 / (1 + pair.drift_ppm * 1e-6);
  const std::int64_t count = static_cast<std::int64_t>(static_cast<double>(length) - pair.offset_s * 48000 - random.uniform(0, 60) * 48000);
  pair.file = resampled(camera, k48, k48, (ratio - 1) * 1e6, pair.offset_s * 48000 + static_cast<double>(m.rooms[room].direct), count);
  pair.reference = std::move(programme);
  return pair;
}

int accuracy(const fs::path& corpus, int variants, double minutes, std::uint64_t first_seed) {
  std::printf("accuracy: %d made pairs of %.0f minutes; camera in a room, 0 dB of noise, drift within +-100 ppm\n", variants, minutes);
  const Material material = gather(corpus);
  double worst_ms = 0, worst_ppm = 0;
  int placed = 0;
  for (int v = 0; v < variants; ++v) {
    const Pair pair = make_pair(material, minutes, first_seed + static_cast<std::uint64_t>(v));
    const auto reference = source_of(pair.reference, k48), file = source_of(pair.file, k48);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = sync_pair(*reference, *file);
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (!result) {
      std::printf("  %s\n", result.error().sentence().c_str());
      return 1;
    }
    const double length_s = static_cast<double>(pair.file.size()) / 48000;
    const auto error_ms = [&](double file_s) {
      const double truth = file_s / (1 + pair.drift_ppm * 1e-6) + pair.offset_s;
      return (result->file_second(truth) - file_s) * 1e3;
    };
    const double ends[3] = {error_ms(0), error_ms(length_s / 2), error_ms(length_s)};
    const double ppm = result->drift_ppm - pair.drift_ppm;
    const double worst = std::max({std::abs(ends[0]), std::abs(ends[1]), std::abs(ends[2])});
    placed += result->placed;
    worst_ms = std::max(worst_ms, worst);
    worst_ppm = std::max(worst_ppm, std::abs(ppm));
    std::printf("  seed %3llu %-38s %s  error %+.4f %+.4f %+.4f ms  drift %+8.3f ppm, error %+.4f (+-%.4f)  height %6.1f shared %.2f foreground %.2f  steps %zu  %.2f s\n",
                static_cast<unsigned long long>(first_seed + static_cast<std::uint64_t>(v)), pair.room.c_str(), result->placed ? "placed " : "REFUSED", ends[0], ends[1],
                ends[2], pair.drift_ppm, ppm, result->drift_interval_ppm, result->score, result->shared, result->foreground, result->steps.size(), took);
    if (!result->placed) std::printf("           %s\n", result->reason.c_str());
    std::fflush(stdout);
  }
  std::printf("  placed %d of %d, worst %.4f ms and %.4f ppm (wanted 0.05 and 0.05): %s\n", placed, variants, worst_ms, worst_ppm,
              placed == variants && worst_ms <= 0.05 && worst_ppm <= 0.05 ? "met" : "NOT MET");
  return 0;
}

int refusal(const fs::path& corpus) {
  std::printf("refusal: recordings that are not in the picture\n");
  const fs::path references[] = {corpus / "film/picture/locked_cut.mp4", corpus / "film/longtake/camera.m4a"};
  std::vector<fs::path> files;
  for (const char* folder : {"speech", "music", "ambience", "noise", "foley", "multi", "pairs", "video", "film/adr"})
    for (const auto& entry : fs::recursive_directory_iterator(corpus / folder))
      // The film's faces were shot from video/grid: those clips are in the picture.
      if (entry.is_regular_file() && entry.path().string().find("video/grid") == std::string::npos && media::probe(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& path : references) {
    int tried = 0, placed = 0;
    double most = 0;
    for (const fs::path& file : files) {
      const auto result = sync_files(path, file);
      if (!result) continue;
      ++tried;
      most = std::max(most, result->confidence);
      if (!result->placed) continue;
      ++placed;
      std::printf("  PLACED %s: %s\n", file.string().c_str(), result->reason.c_str());
    }
    std::printf("  against %s: %d tried, %d placed, highest confidence %.3f\n", path.filename().c_str(), tried, placed, most);
    std::fflush(stdout);
  }
  return 0;
}

/// The film kit's truth, as its README states it.
struct Device {
  double start_s, ppm;
  double file_second(double set_s) const { return (set_s - start_s) * (1 + ppm * 1e-6); }
};

int film(const fs::path& corpus) {
  const fs::path kit = corpus / "film";
  const Device recorder{3.783, 40};
  const double clip_at[] = {7.0, 12.36, 18.92, 24.08, 30.6}, cut_at[] = {4.4, 7.16, 15.92, 18.68, 21.44};
  double worst = 0;
  std::printf("film kit: rushes against the recorder (what an EDL leads to)\n");
  for (int i = 0; i < 5; ++i) {
    const auto result = sync_files(kit / fmt::format("rushes/A001_C00{}.mp4", i + 1), kit / "sound/REC_0001.wav");
    if (!result) return 1;
    double error = 0;
    for (const double t : {0.0, 3.0}) error = std::max(error, std::abs(result->file_second(t) - recorder.file_second(clip_at[i] + t)) * 1e3);
    worst = std::max(worst, result->placed ? error : 1e9);
    std::printf("  A001_C00%d  %s  worst error %.3f ms  drift %+.1f (+-%.1f) ppm  height %.1f\n", i + 1, result->placed ? "placed" : "REFUSED", error, result->drift_ppm,
                result->drift_interval_ppm, result->score);
  }
  std::printf("film kit: the cut's guide sound alone\n");
  auto guide = open_source(kit / "picture/locked_cut.mp4");
  std::vector<std::unique_ptr<SampleSource>> open;
  std::vector<ConformSource> sources;
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) names.push_back(fmt::format("rushes/A001_C00{}.mp4", i + 1));
  names.push_back("sound/REC_0001.wav");
  for (const std::string& name : names) {
    auto source = open_source(kit / name);
    if (!source) return 1;
    open.push_back(*std::move(source));
    sources.push_back({name, open.back().get()});
  }
  ConformOptions options;
  options.frame_s = 0.04;
  if (!guide) return 1;
  const auto conformed = conform_by_sound(**guide, sources, options);
  if (!conformed) return 1;
  int found = 0;
  for (const ConformSegment& segment : conformed->segments) {
    if (segment.source < 0) continue;
    const double middle = (segment.cut_begin_s + segment.cut_end_s) / 2;
    double error = 1e9;
    for (int i = 0; i < 5; ++i) {
      if (middle < cut_at[i] || middle > cut_at[i] + 2.76) continue;
      error = 0;
      for (const double t : {segment.cut_begin_s, segment.cut_end_s}) {
        const double camera = t - cut_at[i] + 0.12;
        const double truth = segment.source == 5 ? recorder.file_second(clip_at[i] + camera) : segment.source == i ? camera : 1e6;
        error = std::max(error, std::abs(segment.source_begin_s + (t - segment.cut_begin_s) * (1 + segment.drift_ppm * 1e-6) - truth) * 1e3);
      }
    }
    ++found;
    worst = std::max(worst, error);
    std::printf("  %7.3f to %7.3f s  %-22s worst error %.3f ms\n", segment.cut_begin_s, segment.cut_end_s, sources[static_cast<std::size_t>(segment.source)].name.c_str(), error);
  }
  std::printf("  %d stretches (10 true ones), worst of all %.3f ms (wanted 1)\n", found, worst);
  std::printf("long take: offsets and drift against the camera\n");
  const std::pair<const char*, Device> devices[] = {{"boom.flac", {-11.482, 85}}, {"lav_1.flac", {4.906, -37}}, {"lav_2.flac", {123.777, -37}}};
  for (const auto& [name, device] : devices) {
    const auto result = sync_files(kit / "longtake/camera.m4a", kit / "longtake" / name);
    if (!result) return 1;
    double error = 0;
    for (const double t : {result->overlap_begin_s, result->overlap_end_s}) error = std::max(error, std::abs(result->file_second(t) - device.file_second(t)) * 1e3);
    std::printf("  %-10s %s  worst error %.3f ms  drift error %+.4f (+-%.4f) ppm\n", name, result->placed ? "placed" : "REFUSED", error, result->drift_ppm - device.ppm,
                result->drift_interval_ppm);
  }
  return 0;
}

Result<void> write_wav(const fs::path& path, const Sound& sound) {
  media::WavWriter::Settings settings;
  settings.rate = k48;
  TWOPOP_TRY(const auto writer, media::WavWriter::create(path, settings));
  for (std::size_t at = 0; at < sound.size(); at += 65536) {
    const std::int64_t count = static_cast<std::int64_t>(std::min<std::size_t>(65536, sound.size() - at));
    AudioBuffer<float> stereo(2, count);
    std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>(at), count, stereo.channel(0));
    std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>(at), count, stereo.channel(1));
    TWOPOP_CHECK(writer->write(stereo.view()));
  }
  return writer->finish();
}

/// What a script with scipy does: both files to 8 kHz, one correlation of the whole. It cannot see drift.
constexpr const char* kScipy = R"(
import sys, numpy, scipy.io.wavfile, scipy.signal
def load(path):
    rate, x = scipy.io.wavfile.read(path)
    x = x.mean(axis=1) if x.ndim > 1 else x
    return scipy.signal.resample_poly((x / 2147483648.0).astype(numpy.float32), 1, rate // 8000)
a, b = load(sys.argv[1]), load(sys.argv[2])
c = scipy.signal.correlate(a, b, method='fft')
print('offset', (int(numpy.argmax(numpy.abs(c))) - (len(b) - 1)) / 8000.0)
)";

int speed(const fs::path& corpus, double minutes, std::uint64_t seed) {
  std::printf("speed: two stereo WAVs of %.0f minutes, drift included, whole processes\n", minutes);
  const Pair pair = make_pair(gather(corpus), minutes, seed);
  const fs::path folder = fs::temp_directory_path() / fmt::format("twopop_sync_bench_{}", getpid());
  fs::create_directories(folder);
  const std::string a = folder / "reference.wav", b = folder / "file.wav";
  if (!write_wav(a, pair.reference) || !write_wav(b, pair.file)) return 1;
  const bench::Cost ours = bench::median_cost(3, [&] { return bench::run_process({bench::own_path(), "--one", a, b}, folder / "ours.txt"); });
  bench::print_cost("ours", ours, ours);
  std::ofstream(folder / "peer.py") << kScipy;
  const auto peer_run = [&](const char* python) { return bench::run_process({python, folder / "peer.py", a, b}, folder / "peer.txt"); };
  const char* python = bench::run_process({"/usr/bin/python3", "-c", "import scipy.signal"}).failed ? "python3" : "/usr/bin/python3";
  if (!bench::run_process({python, "-c", "import scipy.signal"}).failed) {
    const bench::Cost peer = bench::median_cost(1, [&] { return peer_run(python); });
    bench::print_cost("scipy, 8 kHz, no drift", peer, ours);
  } else {
    std::printf("  scipy is not on this machine: no peer\n");
  }
  std::printf("  truth: offset %.6f s, drift %.4f ppm\n", pair.offset_s, pair.drift_ppm);
  for (const char* who : {"ours.txt", "peer.txt"}) {
    std::ifstream in(folder / who);
    for (std::string line; std::getline(in, line);) std::printf("  %s: %s\n", who, line.c_str());
  }
  fs::remove_all(folder);
  return 0;
}

int one(const char* a, const char* b) {
  const auto result = sync_files(a, b);
  if (!result) {
    std::printf("%s\n", result.error().sentence().c_str());
    return 1;
  }
  std::printf("offset %.6f s, drift %.4f +- %.4f ppm, placed %d, %s\n", result->offset_s, result->drift_ppm, result->drift_interval_ppm, result->placed, result->reason.c_str());
  if (std::FILE* status = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, status))
      if (std::string_view(line).starts_with("VmHWM")) std::printf("greatest memory held: %s", line + 6);
    std::fclose(status);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 4 && std::string_view(arguments[1]) == "--one") return one(arguments[2], arguments[3]);
  std::set<std::string> parts;
  int variants = 20;
  double minutes = 30;
  std::uint64_t seed = 1;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    const auto number = [&] { return i + 1 < count ? std::atof(arguments[++i]) : 0.0; };
    if (word == "--variants") variants = static_cast<int>(number());
    else if (word == "--minutes") minutes = number();
    else if (word == "--seed") seed = static_cast<std::uint64_t>(number());
    else parts.insert(word);
  }
  const fs::path shared = test::shared_folder();
  if (shared.empty()) {
    std::printf("needs the recordings in ../shared (or TWOPOP_SHARED)\n");
    return 0;
  }
  const fs::path corpus = shared / "corpus";
  const auto wanted = [&](const char* part) { return parts.empty() || parts.contains(part); };
  if (wanted("film") && film(corpus)) return 1;
  if (wanted("refusal") && refusal(corpus)) return 1;
  if (wanted("accuracy") && accuracy(corpus, variants, minutes, seed)) return 1;
  if (wanted("speed") && speed(corpus, minutes, seed)) return 1;
  return 0;
}
