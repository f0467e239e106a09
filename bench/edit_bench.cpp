// From a committed change of one clip's gain to all chunks of the new mix being readable: a 30-minute film of 16 tracks
// with 1,900 clips, every strip with high-pass, three bells and a compressor, its cache warm. At the end the mix is compared
// chunk by chunk with one rendered from nothing.
//
//     edit_bench [edits, 50] [minutes, 30] [threads, 0]
#include "core/random.h"
#include "media/media.h"
#include "phases/film.h"
#include "session/store.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace {

using namespace twopop;
namespace fs = std::filesystem;

constexpr SampleRate kRate{48000};
constexpr int kTracks = 16;
constexpr int kRecordings = 4;
constexpr double kRecordingMinutes = 10;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double cpu() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().sentence().c_str());
  std::exit(1);
}
void must(Result<void> result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().sentence().c_str());
  std::exit(1);
}

/// Noise in bursts about as long as syllables.
void write_recording(const fs::path& path, std::uint64_t seed) {
  auto writer = must(media::WavWriter::create(path, {.rate = kRate, .channels = 1, .channel_mask = 0, .bext = std::nullopt, .ixml = {}}));
  const std::int64_t block = 48000, total = static_cast<std::int64_t>(kRecordingMinutes * 60) * kRate.hz;
  AudioBuffer<float> sound(1, block);
  for (std::int64_t at = 0; at < total; at += block) {
    for (std::int64_t i = 0; i < block; ++i) {
      const std::int64_t n = at + i;
      const float burst = uniform01(philox(seed, 2, static_cast<std::uint64_t>(n / 9600))[0]);
      sound.channel(0)[i] = 0.3f * burst * burst * uniform11(philox(seed, 1, static_cast<std::uint64_t>(n / 4))[static_cast<std::size_t>(n % 4)]);
    }
    must(writer->write(std::as_const(sound).view()));
  }
  must(writer->finish());
}

session::Document film(const fs::path& folder, int minutes) {
  session::Document document;
  document.name = "edit bench";
  document.picture.length = samples(60.0 * minutes, kRate);
  for (int i = 0; i < kRecordings; ++i) {
    session::Media& media = document.media[fmt::format("m{}", i)];
    media.path = (folder / fmt::format("recording{}.wav", i)).string();
    write_recording(media.path, static_cast<std::uint64_t>(i));
    media.name = fs::path(media.path).filename();
    media.fingerprint = to_string(must(media::fingerprint(media.path)));
    media.bytes = static_cast<std::int64_t>(fs::file_size(media.path));
    media.kind = session::MediaKind::Recording;
    media.duration_s = kRecordingMinutes * 60;
    media.rate_hz = kRate.hz;
    media.channels = 1;
    for (int at = 0; at < minutes; at += static_cast<int>(kRecordingMinutes)) {
      session::Placement& placement = document.dialogue.placements[fmt::format("p{}-{}", i, at)];
      placement.media = fmt::format("m{}", i);
      placement.film = {SamplePosition{} + samples(60.0 * at, kRate), SamplePosition{} + samples(60.0 * std::min<double>(at + kRecordingMinutes, minutes), kRate)};
      placement.method = "person";
    }
  }
  RandomStream random(1, 1);
  for (int t = 0; t < kTracks; ++t) {
    const std::string track = fmt::format("track{:02}", t);
    for (double at = random.uniform(0, 10); at + 10 < 60.0 * minutes;) {
      session::DialogueClip clip;
      const double length = random.uniform(3, 9);
      const int stretch = static_cast<int>(at / 60 / kRecordingMinutes) * static_cast<int>(kRecordingMinutes);
      clip.placement = fmt::format("p{}-{}", random.below(kRecordings), stretch);
      const double out = std::min(at + length, 60 * (stretch + kRecordingMinutes));
      clip.film = {SamplePosition{} + samples(at, kRate), SamplePosition{} + samples(out, kRate)};
      clip.track = track;
      clip.fade_in.length = clip.fade_out.length = samples(0.02, kRate);
      clip.gain = {random.uniform(-12, 0)};
      document.dialogue.clips[fmt::format("c{:02}-{:04}", t, static_cast<int>(at))] = clip;
      at = out + random.uniform(4, 14);
    }
    session::Strip& strip = document.mix.strips[track];
    strip.pan = random.uniform(-0.8, 0.8);
    strip.gain = {-6.0};
    strip.eq["hp"] = {0, session::BandKind::HighPass, 80, 0.7071, {}, true, ""};
    for (int b = 1; b <= 3; ++b)
      strip.eq[fmt::format("b{}", b)] = {b, session::BandKind::Bell, 150.0 * std::pow(5.0, b), 1.0, {random.uniform(-4, 4)}, true, ""};
    strip.compressor.on = true;
  }
  document.mix.master.gain = {-3.0};
  return document;
}

std::unique_ptr<signal::Workspace> workspace(const fs::path& folder, int threads) {
  signal::WorkspaceOptions options;
  options.threads = threads;
  options.cache_budget_bytes = std::uint64_t{16} << 30;
  return must(signal::Workspace::open(folder, std::move(options)));
}

struct Times {
  double commit = 0, compile = 0, make = 0, cpu = 0;
  double all() const { return commit + compile + make; }
};

double median(std::vector<Times> all, double (*of)(const Times&)) {
  std::vector<double> values;
  for (const Times& t : all) values.push_back(of(t));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const int edits = argc > 1 ? std::atoi(argv[1]) : 50, minutes = argc > 2 ? std::atoi(argv[2]) : 30;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 0;
  const fs::path folder = fs::temp_directory_path() / fmt::format("twopop-edit-bench-{}", std::time(nullptr));
  fs::create_directories(folder);
  const session::Document made = film(folder, minutes);
  session::Store store = must(session::Store::create(folder / "film.twopop", made));
  std::printf("%d minutes, %d tracks, %zu clips\n", minutes, kTracks, made.dialogue.clips.size());

  auto work = workspace(folder / "cache", threads);
  const auto compile = [&](signal::Workspace& in) {
    return must(phases::compile_film(*store.head().document, {store.folder(), in}));
  };
  double began = now();
  const phases::Whole first = compile(*work);
  for (const phases::Finding& finding : first.findings) std::printf("finding: %s\n", finding.message.c_str());
  must(work->make({first.mix.mix}, made.extent()));
  std::printf("cold: the whole mix in %.1f s\n", now() - began);
  must(work->store().sync());

  const double cpu_idle = cpu();
  began = now();
  must(work->make({compile(*work).mix.mix}, made.extent()));
  std::printf("compiled and planned again with nothing changed: %.0f ms (%.0f ms of processor)\n", (now() - began) * 1e3, (cpu() - cpu_idle) * 1e3);

  std::vector<std::string> clips;
  for (const auto& [id, clip] : made.dialogue.clips) clips.push_back(id);
  RandomStream random(2, 2);
  std::vector<Times> times;
  std::int64_t chunks_before = work->executor().tallies()[cache::TaskKind::Chunk].rendered;
  for (int i = 0; i < edits; ++i) {
    session::Document after = *store.head().document;
    after.dialogue.clips[clips[random.below(static_cast<std::uint32_t>(clips.size()))]].gain.value -= random.uniform(0.5, 3);
    Times t;
    const double cpu_before = cpu();
    began = now();
    must(store.commit(store.head(), after, "bench", "a clip's gain"));
    t.commit = now() - began;
    began = now();
    const phases::Whole whole = compile(*work);
    t.compile = now() - began;
    began = now();
    must(work->make({whole.mix.mix}, after.extent()));
    t.make = now() - began;
    t.cpu = cpu() - cpu_before;
    times.push_back(t);
  }
  const std::int64_t rendered = work->executor().tallies()[cache::TaskKind::Chunk].rendered - chunks_before;
  const double all = median(times, [](const Times& t) { return t.all(); });
  std::printf("%d edits of one clip's gain, median: %.0f ms (commit %.1f, compile %.1f, make %.1f; %.0f ms of processor), %.1f chunks rendered each\n", edits, all * 1e3,
              median(times, [](const Times& t) { return t.commit; }) * 1e3, median(times, [](const Times& t) { return t.compile; }) * 1e3,
              median(times, [](const Times& t) { return t.make; }) * 1e3, median(times, [](const Times& t) { return t.cpu; }) * 1e3, static_cast<double>(rendered) / edits);

  const phases::Whole last = compile(*work);
  const std::vector<Hash> edited = must(work->contents(last.mix.mix, made.extent()));
  work.reset();
  auto fresh = workspace(folder / "fresh", threads);
  const phases::Whole again = compile(*fresh);
  const std::vector<Hash> full = must(fresh->contents(again.mix.mix, made.extent()));
  std::size_t different = 0;
  for (std::size_t i = 0; i < full.size(); ++i) different += full[i] != edited[i];
  std::printf("against a full render: %zu of %zu chunks differ\n", different, full.size());
  fresh.reset();
  fs::remove_all(folder);
  const bool good = different == 0 && all <= 0.2;
  std::printf("%s\n", good ? "good" : "NOT GOOD");
  return good ? 0 : 1;
}
