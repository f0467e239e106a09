// Loudness, range, maxima and true peak of a 30-minute stereo WAV, as whole processes: ours, ffmpeg's ebur128=peak=true and
// libebur128 with all its modes. Usage: loudness_bench [FOLDER [MINUTES [RUNS]]]; the files are made there (default: $TMPDIR) and removed.

#include "analysis/loudness.h"
#include "corpus.h"
#include "process.h"
#include "programme.h"

#include <ebur128.h>

#include <cmath>
#include <string_view>

namespace {

using namespace twopop;

/// What the kernel says of this process.
std::string status_line(const std::string& key) {
  std::string found;
  if (FILE* file = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, file))
      if (std::string_view(line).starts_with(key)) found = line + key.size();
    std::fclose(file);
  }
  return found;
}

int measure_ours(const std::string& file, int threads) {
  analysis::LoudnessOptions options;
  options.threads = threads;
  const auto blocks = analysis::measure_loudness(file, 0, options);
  if (!blocks) {
    std::printf("%s\n", blocks.error().sentence().c_str());
    return 1;
  }
  const analysis::LoudnessFigures f = analysis::loudness_figures(*blocks);
  std::printf("I %.3f LUFS  LRA %.2f LU  M %.2f  S %.2f LUFS  TP %.2f dBTP\n", f.integrated.value, f.range.value, f.max_momentary.value,
              f.max_short_term.value, f.true_peak.value);
  std::printf("    greatest memory held:%s", status_line("VmHWM:").c_str());
  return 0;
}

int measure_with_libebur128(const std::string& file) {
  auto reader = media::Reader::open(file);
  if (!reader) return 1;
  const int channels = (*reader)->channels();
  ebur128_state* state = ebur128_init(static_cast<unsigned>(channels), static_cast<unsigned long>((*reader)->rate().hz),
                                      EBUR128_MODE_M | EBUR128_MODE_S | EBUR128_MODE_I | EBUR128_MODE_LRA |
                                          EBUR128_MODE_SAMPLE_PEAK | EBUR128_MODE_TRUE_PEAK);
  AudioBuffer<float> block(channels, 48000);
  std::vector<float> interleaved(static_cast<std::size_t>(channels) * 48000);
  for (std::int64_t at = 0;; at += block.frames()) {
    const auto got = (*reader)->read({at}, block.view());
    if (!got) return 1;
    for (std::int64_t i = 0; i < *got; ++i)
      for (int c = 0; c < channels; ++c) interleaved[static_cast<std::size_t>(i * channels + c)] = block.channel(c)[i];
    ebur128_add_frames_float(state, interleaved.data(), static_cast<std::size_t>(*got));
    if (*got < block.frames()) break;
  }
  double integrated = 0, range = 0, most = 0;
  ebur128_loudness_global(state, &integrated);
  ebur128_loudness_range(state, &range);
  for (int c = 0; c < channels; ++c) {
    double peak = 0;
    ebur128_true_peak(state, static_cast<unsigned>(c), &peak);
    most = std::max(most, peak);
  }
  std::printf("I %.3f LUFS  LRA %.2f LU  TP %.2f dBTP\n", integrated, range, 20.0 * std::log10(most));
  ebur128_destroy(&state);
  return 0;
}

void print_file(const std::string& path, const char* prefix) {
  if (FILE* file = std::fopen(path.c_str(), "r")) {
    char line[512];
    while (std::fgets(line, sizeof line, file)) std::printf("%s%s", prefix, line);
    std::fclose(file);
  }
}

void compare(const char* title, const std::string& wav, int runs) {
  std::printf("%s\n", title);
  const std::string self = bench::own_path(), out = wav + ".txt";
  auto ours_with = [&](const char* threads) {
    return bench::median_cost(std::max(runs, 5), [&] { return bench::run_process({self, "--ours", wav, threads}, out); });
  };
  const bench::Cost two = ours_with("2");
  bench::print_cost("ours, 2 threads", two, two);
  print_file(out, "    ");
  const bench::Cost one = ours_with("1");
  bench::print_cost("ours, 1 thread", one, one);
  const bench::Cost library = bench::median_cost(runs, [&] { return bench::run_process({self, "--libebur128", wav}, out); });
  bench::print_cost("libebur128, all modes", library, two);
  print_file(out, "    ");
  const bench::Cost ffmpeg = bench::median_cost(runs, [&] {
    return bench::run_process({"ffmpeg", "-nostdin", "-nostats", "-hide_banner", "-i", wav, "-af", "ebur128=peak=true", "-f", "null", "-"});
  });
  bench::print_cost("ffmpeg ebur128=peak=true", ffmpeg, two);
  std::filesystem::remove(out);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "--ours") return measure_ours(arguments[1], std::atoi(arguments[2].c_str()));
  if (arguments.size() == 2 && arguments[0] == "--libebur128") return measure_with_libebur128(arguments[1]);
  const std::filesystem::path folder = arguments.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(arguments[0]);
  const double minutes = arguments.size() > 1 ? std::atof(arguments[1].c_str()) : 30.0;
  const int runs = arguments.size() > 2 ? std::atoi(arguments[2].c_str()) : 3;
  const std::filesystem::path shared = test::shared_folder();
  if (shared.empty()) {
    std::printf("needs the recordings in ../shared (or TWOPOP_SHARED)\n");
    return 77;
  }
  const std::filesystem::path wav = folder / "loudness_bench.wav";
  for (const bool noise : {false, true}) {
    const auto made = noise ? bench::write_clipped_noise(wav, minutes) : bench::write_programme(wav, shared / "corpus", minutes);
    if (!made) {
      std::printf("%s\n", made.error().sentence().c_str());
      return 1;
    }
    compare(fmt::format("{} minutes of {}, 48 kHz, stereo, 24 bits", minutes, noise ? "clipped noise" : "speech, music and ambience").c_str(),
            wav, runs);
    std::filesystem::remove(wav);
  }
  return 0;
}
